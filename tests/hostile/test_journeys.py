"""Journeys of hypothesis's own making over a living desk, with hostile requests in between."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.crash.books import Books
from tests.desk import BASE_URL
from tests.hostile.attack import FORM_TYPE, Answer, Attack
from tests.hostile.bodies import Body
from tests.hostile.canary import GUEST
from tests.hostile.doors import DOORS
from tests.hostile.forms import filled
from tests.hostile.judge import FORM, ORDER, Judge
from tests.hostile.log import Log
from tests.hostile.plan import SEED, plan, tell
from tests.hostile.scene import FREE_EVENT, MEMBERSHIP, PAID_EVENT, Scene
from tests.hostile.tally import Tally
from tests.hostile.webhook import signed, told

JOURNEYS, STEPS = 25, 20
NUMBERS = st.integers(100, 104)
SLUGS = st.sampled_from([MEMBERSHIP, PAID_EVENT, FREE_EVENT])


class Journey(RuleBasedStateMachine):
    """Guests with a few form keys, who do everything in any order."""

    scene: Scene
    log: Log
    tally: Tally

    @initialize()
    def begin(self) -> None:
        self.scene.reset()
        self.log.lines.clear()
        self.judge = Judge(self.scene, self.log)

    @rule(slug=SLUGS, number=NUMBERS, others=st.integers(0, 1), fragment=st.booleans())
    def place(self, slug: str, number: int, others: int, fragment: bool) -> None:
        """The same key twice is one order; with other answers it is a question."""
        fields = filled(self.scene.catalogue[slug], owner=GUEST, number=number, others=others)
        self._send(slug, fields, fragment=fragment)

    @rule(slug=SLUGS, number=NUMBERS, other=NUMBERS)
    def replace(self, slug: str, number: int, other: int) -> None:
        """Other answers under the same key, in the place of the order that is open."""
        offer = self.scene.catalogue[slug]
        fields = filled(offer, owner=GUEST, number=other) | {"key": filled(offer, owner=GUEST, number=number)["key"]}
        order_id = self.scene.desk.application.identity.order_id(offer_id=slug, form_key=fields["key"])
        self._send(slug, fields | {"do": "replace", "replaces": order_id})

    @rule(number=NUMBERS)
    def draft(self, number: int) -> None:
        """First become a member, and come back to the form that was kept."""
        fields = filled(self.scene.catalogue[PAID_EVENT], owner=GUEST, number=number)
        answer = self._send(PAID_EVENT, fields | {"do": "join"})
        draft = urlsplit(answer.location).query.removeprefix("draft=")
        membership = filled(self.scene.catalogue[MEMBERSHIP], owner=GUEST, number=number)
        self._send(MEMBERSHIP, membership | {"draft": draft})
        for resource, parameters, query in (
            ("/{lang}/draft/{draft}", {"lang": "en", "draft": draft}, None),
            (FORM, {"lang": "nl", "slug": PAID_EVENT}, {"draft": [draft]}),
        ):
            self._look(Attack(resource=resource, parameters=parameters, query=query, headers={}))

    @precondition(lambda self: self.scene.till.open_sessions())
    @rule(data=st.data(), later=st.booleans(), twice=st.booleans())
    def pay(self, data: st.DataObject, later: bool, twice: bool) -> None:
        """Pay on Stripe's page, of which a webhook tells, once or twice."""
        session = data.draw(st.sampled_from(self.scene.till.open_sessions()))
        (self.scene.till.pay_later if later else self.scene.till.pay)(session)
        body = Body(content=told(session))
        signature = signed(body, at=int(self.scene.desk.clock().timestamp()))
        news = Attack(
            method="POST",
            resource="/webhooks/stripe",
            headers={"content-type": "application/json", "stripe-signature": signature},
            body=body.content,
        )
        for _ in range(1 + twice):
            assert self._look(news).status == 200

    @rule()
    def settle(self) -> None:
        """The workers do what is queued."""
        self.judge.work()

    @rule(data=st.data(), do=st.sampled_from(["pay", "release", "again", ""]), fragment=st.booleans())
    def visit(self, data: st.DataObject, do: str, fragment: bool) -> None:
        """Look at an order, or do something with it."""
        identity = self.scene.desk.application.identity
        orders = [right for right in self.scene.rights if "zebra" not in right and identity.order_of_link(right)]
        parameters = {"lang": data.draw(st.sampled_from(["nl", "en"])), "token": data.draw(st.sampled_from(orders))}
        attack = Attack(
            resource=ORDER, parameters=parameters, query={"fragment": ["1"]} if fragment else None, headers={}
        )
        if do:
            attack = replace(attack, method="POST", headers={"content-type": FORM_TYPE}, body=f"do={do}")
        assert self._look(attack).status < 400

    @rule(minutes=st.sampled_from([1, 10, 40, 600]))
    def wait(self, minutes: int) -> None:
        """Time passes, and the sweep comes by."""
        self.scene.desk.clock.advance(minutes=minutes)
        self.scene.desk.sweep()

    @rule()
    def stripe_refuses(self) -> None:
        """The next session is not opened, in words that repeat an address."""
        self.scene.till.drawer.refusals = 1

    @rule(data=st.data(), door=st.sampled_from([door for door, (_, part) in DOORS.items() for _ in range(part)]))
    def attack(self, data: st.DataObject, door: str) -> None:
        attacks, _ = DOORS[door]
        self._look(data.draw(attacks(self.scene)))

    @invariant()
    def books_agree(self) -> None:
        if hasattr(self, "judge"):
            assert not Books(self.scene.desk).faults()

    def teardown(self) -> None:
        if hasattr(self, "judge"):
            self.judge.work()

    def _send(self, slug: str, fields: dict[str, str], *, fragment: bool = False) -> Answer:
        return self._look(
            Attack(
                method="POST",
                resource=FORM,
                parameters={"lang": "nl", "slug": slug},
                query={"fragment": ["1"]} if fragment else None,
                headers={"content-type": FORM_TYPE, "origin": BASE_URL},
                body=urlencode(fields),
            )
        )

    def _look(self, attack: Attack) -> Answer:
        answer = self.judge.look(attack)
        self.scene.learn(GUEST)
        self.tally.count(attack, answer)
        return answer


def test_journeys(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    bound = seed(SEED)(type("BoundJourney", (Journey,), {"scene": Scene(), "log": log, "tally": tally}))
    run_state_machine_as_test(bound, settings=plan(JOURNEYS, steps=STEPS))
    with capsys.disabled():
        tell(f"journeys, seed {SEED}: {tally.told()}")
    assert tally.share(FORM) > 0.2
    assert tally.orders > JOURNEYS
