"""Desks with a bug put in on purpose: each must be noticed, or what notices nothing proves nothing."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.adapters.dynamodb.records import REFUND
from chalicelib.adapters.dynamodb.shelves import SeatTableShelf
from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.adapters.dynamodb.write import Write
from chalicelib.domain.email import Delivery, Email
from chalicelib.domain.offer import Offer
from chalicelib.domain.seat import SeatMove
from tests.desk import TABLE, Desk, strict_desk


class DividedUnit(TableUnitOfWork):
    """The bug: what belongs together is written in several commits."""

    def parts(self, writes: list[Write]) -> list[list[Write]]:
        return [[write] for write in writes]

    def commit(self) -> None:
        for number, part in enumerate(self.parts(list(self._writes))):
            self._writes[:] = part
            self._token = f"{self._token}-{number}"[-36:]
            if part:
                super().commit()


class LateTicketsUnit(DividedUnit):
    """The bug: the tickets come into the outbox in a second commit."""

    def parts(self, writes: list[Write]) -> list[list[Write]]:
        return list(reversed(_apart(writes, "EMAIL#ticket-")))


class SeatsFirstUnit(DividedUnit):
    """The bug: seats are taken and given back in a commit of their own, before the order."""

    def parts(self, writes: list[Write]) -> list[list[Write]]:
        return _apart(writes, "SEATS#")


class SeatsLastUnit(DividedUnit):
    """The bug: seats are taken and given back in a commit of their own, after the order."""

    def parts(self, writes: list[Write]) -> list[list[Write]]:
        return list(reversed(_apart(writes, "SEATS#")))


class LateRefundUnit(DividedUnit):
    """The bug: the command to give money back is written in a commit of its own, after the order."""

    def parts(self, writes: list[Write]) -> list[list[Write]]:
        commands = [write for write in writes if _place(write)[1].startswith(REFUND.sort(""))]
        return [[write for write in writes if write not in commands], commands]


class GenerousSeats(SeatTableShelf):
    """The bug: there is always room."""

    def move(self, move: SeatMove, *, capacity: int | None, astray: bool = False) -> None:
        super().move(move, capacity=None, astray=astray)


class GenerousUnit(TableUnitOfWork):
    """The bug: seats are taken without a condition."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever the store gives
        self.seats = GenerousSeats(table=TABLE, stage=self._writes.append)


class CarelessUnit(TableUnitOfWork):
    """The bug: seats are taken by the offer as it was read, whatever was made of it since."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever the store gives

        def trusting(noun: Offer) -> None:
            """Nothing is looked at again."""

        self.offers.unchanged = trusting  # type: ignore[method-assign]  # the bug itself


class GreedySeats(SeatTableShelf):
    """The bug: nothing comes back."""

    def move(self, move: SeatMove, *, capacity: int | None, astray: bool = False) -> None:
        if move.taken >= 0:
            super().move(move, capacity=capacity, astray=astray)


class GreedyUnit(TableUnitOfWork):
    """The bug: an order that is let go keeps its seats."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever the store gives
        self.seats = GreedySeats(table=TABLE, stage=self._writes.append)


class ForgetfulUnit(TableUnitOfWork):
    """The bug: a claimed email is written down as sent before it is sent."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever the store gives
        update = self.emails.update

        def early(email: Email) -> Email:
            return update(email.sent(message_id="") if email.delivery is Delivery.SENDING else email)

        self.emails.update = early  # type: ignore[method-assign,assignment]  # the bug itself


class LeaselessUnit(TableUnitOfWork):
    """The bug: a claim has no end."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever the store gives
        update = self.emails.update

        def endless(email: Email) -> Email:
            return update(replace(email, due=None) if email.delivery is Delivery.SENDING else email)

        self.emails.update = endless  # type: ignore[method-assign,assignment]


def desk_with(unit: type[TableUnitOfWork]) -> Desk:
    desk = strict_desk()

    class BuggyStore(TableStore):
        """A store whose units of work have the bug."""

        def unit_of_work(self) -> TableUnitOfWork:
            return unit(self._client, table=self._table, token=self._new_token())

    desk.store = BuggyStore(desk.client, table=TABLE, new_token=desk.application.new_token)
    desk.application.store = desk.store
    return desk


def _apart(writes: list[Write], prefix: str) -> list[list[Write]]:
    """The writes under such a key, and all others."""
    chosen = [write for write in writes if any(each.startswith(prefix) for each in _place(write))]
    return [chosen, [write for write in writes if write not in chosen]]


def _place(write: Write) -> tuple[str, str]:
    (action,) = write.action.values()
    key = action.get("Item") or action["Key"]
    return key["pk"]["S"], key["sk"]["S"]
