"""Bugs in what an order is made of: its seats, its version, its key, and all that is written with it."""

from __future__ import annotations

from chalicelib.adapters.dynamodb.shelves import (
    CodeTableShelf,
    HoldTableShelf,
    LivingTableShelf,
    SeatTableShelf,
    TableShelf,
)
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.domain.order import Order
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import SEATING, State
from chalicelib.flows import change_order, confirm_order, register
from tests.torture.bugs.bug import bug
from tests.torture.bugs.change import Cell, Cut
from tests.torture.bugs.commit import earlier, later

_STILL = "still(noun.version, table=self._table, conflict=conflict, item=self._record.write(after))"
_KEPT = "kept(self._record.write(after), table=self._table)"
_ABSENT = "absent(self._record.write(noun), table=self._table, conflict=conflict)"
_WRITES = "table.TransactWriteItems"


def _unguarded(kind: str) -> Cut:
    """Nouns of one kind are written whatever became of them since they were read."""
    return Cut(LivingTableShelf.update, (_STILL, f"({_KEPT} if self._record.kind == {kind!r} else {_STILL})"))


def _put_anyway(kind: str) -> Cut:
    """Nouns of one kind are put in the place of what is there already."""
    put = "kept(self._record.write(noun), table=self._table)"
    return Cut(TableShelf.add, (_ABSENT, f"({put} if self._record.kind == {kind!r} else {_ABSENT})"))


ORDERS = (
    bug(
        "seats-without-condition",
        "seats are taken without asking whether there are as many",
        Cut(SeatTableShelf.move, ("elif move.taken > 0 and capacity is not None:", "elif False:")),
        stories="late money without seats",
    ),
    bug(
        "seats-beyond-the-last",
        "the condition on seats leaves room for one more",
        Cut(SeatTableShelf.move, ("_number(capacity - move.taken)", "_number(capacity - move.taken + 1)")),
        elsewhere="tests/adapters/test_store_seats.py::test_a_move_is_made_if_there_are_seats_for_it_and_else_nothing_is",
    ),
    bug(
        "seats-back-unchecked",
        "a counter gives back what it does not have",
        Cut(SeatTableShelf.move, ("if move.taken <= 0 and not astray:", "if False:")),
        stories="expired hold; cancelled for half",
        elsewhere="tests/adapters/test_store_seats.py::test_a_move_is_made_if_there_are_seats_for_it_and_else_nothing_is",
    ),
    bug(
        "seats-never-back",
        "an order that ends keeps its seats in the counter",
        Cut(change_order.stage_seats, ("for move in moves:", "for move in (m for m in moves if m.taken >= 0):")),
        stories="expired hold",
    ),
    bug(
        "seats-before-the-order",
        "seats are moved in a commit of their own, before the order's",
        earlier("SEATS#"),
        stories="congress for three; expired hold",
        at=_WRITES,
    ),
    bug(
        "seats-after-the-order",
        "seats are moved in a commit of their own, after the order's",
        later("SEATS#"),
        stories="congress for three; free meeting",
        at=_WRITES,
    ),
    bug(
        "offer-as-it-was",
        "seats are taken by the offer as it was read, whatever it says by now",
        Cut(change_order.stage_seats, ("unit.offers.unchanged(offer)", "pass")),
        elsewhere="tests/flows/test_register_event.py::test_a_capacity_that_is_lowered_in_between_counts",
    ),
    bug(
        "order-without-version",
        "an order is written whatever became of it since it was read",
        _unguarded("order"),
        stories="two secretaries",
        elsewhere="tests/adapters/test_store_changes.py::test_a_stale_version_changes_nothing",
    ),
    bug(
        "order-put-anyway",
        "an order is put in the place of the one with the same key",
        _put_anyway("order"),
        elsewhere="tests/adapters/test_store_contract.py::test_adding_twice_is_a_conflict_of_its_own_kind",
    ),
    bug(
        "code-put-anyway",
        "two orders may have one code",
        Cut(
            CodeTableShelf.add,
            ('absent(item, table=self._table, conflict=CodeTaken("code", code))', "kept(item, table=self._table)"),
        ),
        elsewhere="tests/flows/test_register.py::test_a_taken_code_gives_way_to_the_next",
    ),
    bug(
        "email-put-anyway",
        "an email is put in the place of one that may have been sent",
        _put_anyway("email"),
        elsewhere="tests/adapters/test_store_contract.py::test_adding_twice_is_a_conflict_of_its_own_kind",
    ),
    bug(
        "payment-put-anyway",
        "a payment is booked in the place of the one that is booked",
        _put_anyway("payment"),
        elsewhere="tests/adapters/test_store_ledger.py::test_what_happened_once_is_never_booked_over",
    ),
    bug(
        "entry-put-anyway",
        "an entry is put in the place of the one that is there",
        _put_anyway("entry"),
        elsewhere="tests/adapters/test_store_ledger.py::test_what_happened_once_is_never_booked_over",
    ),
    bug(
        "refund-put-anyway",
        "a command to refund is put in the place of the one that is there",
        _put_anyway("refund"),
        elsewhere="tests/adapters/test_store_ledger.py::test_what_happened_once_is_never_booked_over",
    ),
    bug(
        "membership-put-anyway",
        "a membership is put in the place of the one that is there",
        _put_anyway("membership"),
        elsewhere="tests/adapters/test_store_contract.py::test_adding_twice_is_a_conflict_of_its_own_kind",
    ),
    bug(
        "attendance-put-anyway",
        "a free seat goes to whoever has one by another order already",
        Cut(confirm_order.confirm_order, ("free=free", "free=False")),
        elsewhere="tests/flows/test_register_event.py::test_of_two_free_registrations_of_one_person_at_once_one_is_refused",
    ),
    bug(
        "attendance-refused-to-who-paid",
        "who has paid is not confirmed while somebody else has given him a seat",
        Cut(
            confirm_order.confirm_order,
            ("free=free", "free=True"),
        ),
        stories="a seat twice",
    ),
    bug(
        "key-of-the-moment",
        "the same form sent again has another key",
        Cut(register.register, ("form_key=form_key)", "form_key=f'{form_key}{now}')")),
        stories="membership; congress for three; free meeting",
        at=f"{_WRITES} stripe.checkout.sessions.create",
    ),
    bug(
        "key-ends-with-its-order",
        "an order that was let go does not pass its key on",
        Cut(register.register, ("if order.state is not State.EXPIRED:", "if True:")),
        stories="begun anew; order replaced",
    ),
    bug(
        "double-click-refused",
        "the second half of a double click is refused for want of the seat that the first half has",
        Cut(register._place_once, ("except (OrderExists, RegistrationRefused):", "except OrderExists:")),
        elsewhere="tests/flows/test_register_event.py::test_the_other_half_of_a_double_click_has_the_very_last_seats",
    ),
    bug(
        "double-click-breaks",
        "the second half of a double click does not look for the order of the first",
        Cut(register._place_once, ("except (OrderExists, RegistrationRefused):", "except RegistrationRefused:")),
    ),
    bug(
        "known-not-asked",
        "nobody is asked whether he has a seat already",
        Cut(register._place, ("refuse_known(decision.attendees, store=store)", "pass")),
        elsewhere="tests/flows/test_register_event.py::test_whoever_is_confirmed_is_not_registered_again",
    ),
    bug(
        "collision-is-the-end",
        "a transaction that collided with another is not tried again",
        Cut(TableUnitOfWork.commit, ("if attempt == TRIES:", "if True:")),
        at=_WRITES,
        elsewhere="tests/adapters/test_store_faults.py::test_a_collision_that_passes_is_tried_again",
    ),
    bug(
        "token-of-each-try",
        "each try of a commit has a request token of its own",
        Cut(
            TableUnitOfWork.commit,
            ("ClientRequestToken=self._token", "ClientRequestToken=f'{self._token}{attempt}'[-36:]"),
        ),
        at=_WRITES,
        elsewhere="tests/adapters/test_store_faults.py::test_every_try_carries_the_same_token",
    ),
    bug(
        "holds-without-limit",
        "unpaid orders are counted, and never too many",
        Cut(HoldTableShelf.move, ("if move.change > 0 and most is not None:", "if False:")),
        elsewhere="tests/flows/test_holds.py::test_so_many_may_be_open_and_the_next_is_told_how_long_it_takes",
    ),
    bug(
        "holds-never-back",
        "an order that is paid or let go counts as unpaid for ever",
        Cut(
            change_order.stage_holds,
            (
                "for move in order.hold_moves(before):",
                "for move in (m for m in order.hold_moves(before) if m.change >= 0):",
            ),
        ),
        stories="membership",
    ),
    bug(
        "holds-after-the-order",
        "unpaid orders are counted in a commit of their own, after the order's",
        later("HOLDS#"),
        stories="membership",
        at=_WRITES,
    ),
    bug(
        "code-after-the-order",
        "the code of an order is written in a commit of its own, after the order's",
        later("CODE#"),
        stories="membership",
        at=_WRITES,
    ),
    bug(
        "attendees-after-the-order",
        "buyer and attendees are written in a commit of their own, after the order's",
        later("BUYER", "ATTENDEE#"),
        stories="congress for three",
        at=_WRITES,
    ),
    bug(
        "attendances-after-the-order",
        "who comes is written in a commit of its own, after the order's",
        later("ATTENDANCE#"),
        stories="congress for three",
        at=_WRITES,
    ),
    bug(
        "membership-after-the-order",
        "a membership begins in a commit of its own, after the order's",
        later("MEMBERSHIP#"),
        stories="membership",
        at=_WRITES,
    ),
    bug(
        "late-money-takes-no-seats",
        "late money confirms an order whose seats were let go, without taking them again",
        Cut(
            Order.turned,
            ("seated = self.seating is not Seating.NONE and not seats_gone", "seated = self.seating is Seating.HELD"),
        ),
        stories="late money with seats",
    ),
    bug(
        "delayed-money-lets-seats-go",
        "an order whose money is on its way lets its seats go",
        Cell(SEATING, State.PROCESSING, Seating.RELEASED),
        stories="delayed money",
    ),
)
