"""The garden: all plants put into one season, looked for by reconciliation, repaired, and looked for again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from chalicelib.domain.difference import Difference
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundState
from chalicelib.domain.state import State
from chalicelib.rendering.difference_words import difference_words
from chalicelib.rendering.texts import Texts
from tests.ledgers.audit import Audit
from tests.ledgers.fair import CONGRESS, MEETING, MEMBERSHIP, WORKSHOP
from tests.ledgers.plants import (
    EVENT,
    FREE,
    MEMBER,
    NOWHERE,
    PLANTS,
    REFUNDED,
    ROOMY,
    SPOILT,
    Expected,
    Ground,
    Plant,
    choose,
)
from tests.ledgers.season import Season

type Line = tuple[str, Expected]


class Garden:
    """`grow` plants and reports what reconciliation found; `clear` repairs. Both give what is wrong, in words."""

    def __init__(self, season: Season, plants: tuple[Plant, ...] = PLANTS) -> None:
        self.plants = plants
        self.season, self.world = season, season.world
        self.ground = Ground(self.world)
        self.planted: list[Line] = []
        self._repairs: list[tuple[object, Order]] = []
        self._before = self._known()

    def grow(self) -> list[str]:
        """All of them at once, and one weekly round."""
        for plant, order in choose(self.plants, self._orders()):
            expected = plant.plant(self.ground, order) if plant.repair else self.ground.watch(plant.plant, order)
            self.planted += [(plant.name, each) for each in expected]
            if plant.repair:
                self._repairs.append((plant.repair, order))
        self._reconcile()
        witness = self.world.witness
        # what nobody can read stands in the log, as its sentence says
        witness.unexpected = [each for each in witness.unexpected if SPOILT not in each]
        return [*self._compare(), *self._read()]

    def clear(self) -> list[str]:
        """Somebody sees to each of them: nothing is left, and the books are right again."""
        self.ground.put_back()
        for repair, order in self._repairs:
            assert callable(repair)
            repair(self.ground, order)
        self._reconcile()
        left = self._known().keys() ^ self._before.keys()
        wrong = [f"still reported, or not any more: {each}" for each in sorted(left)]
        return wrong + Audit(self.world, ended=True, nowhere=NOWHERE).findings()

    def _reconcile(self) -> None:
        self.season.settle()
        self.season.compare()

    def _known(self) -> dict[tuple[str, str], Difference]:
        return {(each.code, each.kind.value): each for each in self.world.application.store.differences()}

    def _compare(self) -> list[str]:
        found = self._known().keys() - self._before.keys()
        wanted = {(each.code, each.kind.value) for _, each in self.planted}
        wrong = [f"not reported: {pair}" for pair in sorted(wanted - found)]
        wrong += [f"reported, and not planted: {pair}" for pair in sorted(found - wanted)]
        gone = self._before.keys() - self._known().keys()
        return wrong + [f"not reported any more: {pair}" for pair in sorted(gone)]

    def _read(self) -> list[str]:
        """Each sentence names its amounts, in both languages."""
        known, wrong, renderer = self._known(), list[str](), self.world.application.renderer
        for name, expected in self.planted:
            difference = known.get((expected.code, expected.kind.value))
            for language in Language if difference else ():
                assert difference is not None
                texts = renderer.texts(language)
                sentence = difference_words(difference, texts=texts, language=language)
                wrong += [
                    f"{name}: no {each} in: {sentence}"
                    for each in _named(expected, texts, language)
                    if each not in sentence
                ]
        return wrong

    def sentences(self) -> Iterable[tuple[str, str, str]]:
        """What each plant is reported as: its name, the kind, the sentence in Dutch."""
        known, texts = self._known(), self.world.application.renderer.texts(Language.NL)
        for name, expected in self.planted:
            found = known.get((expected.code, expected.kind.value))
            said = difference_words(found, texts=texts, language=Language.NL) if found else "not reported"
            yield name, expected.kind.value, said

    def _orders(self) -> dict[str, list[Order]]:
        """Orders with which nothing is the matter, by kind."""
        found: dict[str, list[Order]] = defaultdict(list)
        reported = {code for code, _ in self._before}
        store, audit = self.world.application.store, Audit(self.world)
        for order_id in audit.orders:
            order = store.unit_of_work().orders.get(order_id)
            assert order is not None
            if order.code not in reported:
                found[self._kind(order)].append(order)
        found[ROOMY] = [order for order in found[EVENT] if order.offer_id == WORKSHOP][:1]
        found[EVENT] = [order for order in found[EVENT] if order not in found[ROOMY]]
        return found

    def _kind(self, order: Order) -> str:
        ledger = self.world.application.store.ledger(order.id)
        if order.state is State.CONFIRMED and order.offer_id == MEETING:
            return FREE
        plain = order.state is State.PAID and [each.amount_cents for each in ledger.payments] == [order.total_cents]
        if plain and [each.state for each in ledger.refunds] == [RefundState.SUCCEEDED] and not ledger.disputes:
            return REFUNDED
        if plain and not ledger.refunds and not ledger.disputes:
            return {MEMBERSHIP: MEMBER, WORKSHOP: EVENT, CONGRESS: EVENT}[order.offer_id]
        return ""


# What is stored in one word, and how a person is told of it.
SAID = {
    "released": {Language.NL: "vrijgegeven", Language.EN: "let go"},
    "confirmed": {Language.NL: "bevestigd", Language.EN: "confirmed"},
    "processing": {Language.NL: "betaling onderweg", Language.EN: "payment under way"},
}


def _named(expected: Expected, texts: Texts, language: Language) -> list[str]:
    words = [SAID[word][language] if word in SAID else word for word in expected.words]
    return [texts.euro(cents) for cents in expected.cents] + words
