"""Holds: whose unpaid orders an order counts among, and what becomes of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.hold import HoldCount, HolderKind, HoldMove, holders_of, kind_of
from chalicelib.domain.identity import Identity
from chalicelib.domain.limit import Limit, Limits
from chalicelib.domain.state import State
from tests.adapters.samples import EVENT_ORDER, NOW, ORDER

IDENTITY = Identity("a-secret-key-of-this-test-0123456789")
LIMIT = Limit(name="address", most=1, period=timedelta(minutes=1))
LIMITS = Limits(
    address=LIMIT,
    recipient=LIMIT,
    form=LIMIT,
    lookup=LIMIT,
    most_holds_address=30,
    most_holds_recipient=4,
    mail_pause=timedelta(0),
)


def test_a_buyer_is_known_by_his_network_and_by_his_address_for_mail() -> None:
    holders = holders_of(address="192.0.2.1", recipient="Ada@Voorbeeld.nl", limits=LIMITS, identity=IDENTITY)
    assert [(kind_of(holder.key), holder.most) for holder in holders] == [
        (HolderKind.ADDRESS, 30),
        (HolderKind.RECIPIENT, 4),
    ]
    assert not any(secret in holder.key for holder in holders for secret in ("192.0.2", "voorbeeld", "Voorbeeld"))
    same = holders_of(address="192.0.2.1", recipient="ada@voorbeeld.nl", limits=LIMITS, identity=IDENTITY)
    assert same == holders, "an address for mail is the same however it is written"


def test_without_a_limit_nobody_is_counted() -> None:
    off = replace(LIMITS, most_holds_address=0, most_holds_recipient=0)
    assert holders_of(address="192.0.2.1", recipient="ada@voorbeeld.nl", limits=off, identity=IDENTITY) == ()


def test_an_order_that_is_placed_counts_once_more_for_each_of_its_holders() -> None:
    moves = EVENT_ORDER.hold_moves(None)
    assert {(move.holder, move.change) for move in moves} == {(holder, 1) for holder in EVENT_ORDER.holders}
    assert EVENT_ORDER.hold_moves(EVENT_ORDER) == ()


def test_an_order_that_is_held_for_longer_tells_its_holders_until_when() -> None:
    renewed = EVENT_ORDER.renewed(now=NOW + timedelta(minutes=9))
    assert EVENT_ORDER.holders
    assert renewed.hold_moves(EVENT_ORDER) == tuple(
        HoldMove(holder=holder, change=0, held_until=renewed.hold_until) for holder in sorted(EVENT_ORDER.holders)
    )


@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
@pytest.mark.parametrize("seats_gone", [False, True])
def test_whichever_way_it_is_unpaid_no_more_it_counts_no_more(state: State, seats_gone: bool) -> None:
    after = EVENT_ORDER.turned(state, seats_gone=seats_gone)
    assert after.holders == ()
    assert {(move.holder, move.change) for move in after.hold_moves(EVENT_ORDER)} == {
        (holder, -1) for holder in EVENT_ORDER.holders
    }
    assert ORDER.let_go().holders == ()


def test_after_the_hold_that_was_made_last_there_is_surely_room() -> None:
    count = HoldCount(holder="address-1", open=2, held_until=NOW + timedelta(minutes=35))
    assert count.minutes_left(now=NOW) == 37
    assert count.minutes_left(now=NOW + timedelta(minutes=36, seconds=30)) == 1
    assert count.minutes_left(now=NOW + timedelta(hours=3)) == 1
