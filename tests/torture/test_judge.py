"""The judge himself: whatever is put wrong in a world that ended well, he says so."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable

import pytest

from tests.desk import TABLE
from tests.torture.catalogue import STORIES_BY_NAME, habits_of
from tests.torture.play import Case, play, violations
from tests.torture.world import World

type Wrong = Callable[[World], None]


def _item(world: World, kind: str, name: str, value: dict[str, object]) -> None:
    """Another value in the first item of a kind, as if it had been written so."""
    items = world.engine.raw(TABLE)
    key = next(key for key, item in items.items() if item["record"]["S"] == kind)
    items[key] = {**items[key], name: value}


def _paid_elsewhere(world: World) -> None:
    stripe = world.stripe
    asked = copy.deepcopy(stripe.books.sessions()[0].asked)
    asked["expires_at"] = stripe.now() + 3600
    stripe.act("pay", stripe.books.open_session(asked, now=stripe.now(), public_url="https://x").id)


def _open_session(world: World) -> None:
    stripe = world.stripe
    asked = copy.deepcopy(stripe.books.sessions()[0].asked)
    asked["expires_at"] = stripe.now() + 3600
    stripe.books.open_session(asked, now=stripe.now(), public_url="https://x")


def _refunded_twice(world: World) -> None:
    refund = world.stripe.books.refunds()[-1]
    charge = world.stripe.books.charge(refund.charge)
    world.stripe.books.fail_refund(world.stripe.books.refunds()[0].id, now=world.stripe.now())
    world.stripe.books.give_back(charge, {"amount": refund.amount, "metadata": refund.asked["metadata"]}, now=1)


def _refunded_unheard(world: World) -> None:
    world.stripe.books.fail_refund(world.stripe.books.refunds()[0].id, now=world.stripe.now())


def _mailed_twice(world: World) -> None:
    world.mailroom.sent.append(world.mailroom.sent[0])


def _never_mailed(world: World) -> None:
    world.mailroom.sent.pop()


def _fell_over(world: World) -> None:
    try:
        raise KeyError("nobody expected this")
    except KeyError:
        world.witness.handle(logging.makeLogRecord({"levelno": logging.ERROR, "msg": "x", "exc_info": _now()}))


def _now() -> object:
    import sys

    return sys.exc_info()


WRONGS: dict[str, tuple[str, Wrong, str]] = {
    "a payment nobody knows": ("membership", _paid_elsewhere, "payments are kept"),
    "a session that can be paid": ("membership", _open_session, "still payable"),
    "a command carried out twice": ("refund in parts", _refunded_twice, "was made as"),
    "a refund that came back unheard": ("refund in parts", _refunded_unheard, "at Stripe"),
    "a mail sent twice": ("membership", _mailed_twice, "2 × "),
    "a mail that was never sent": ("membership", _never_mailed, "0 × "),
    "an error in the log": ("membership", _fell_over, "unexpected KeyError"),
    "other totals": ("membership", lambda world: _item(world, "order", "refunded_cents", {"N": "5"}), "totals"),
    "another state": ("membership", lambda world: _item(world, "order", "state", {"S": "pending"}), "pending"),
    "a seat too many": ("congress for three", lambda world: _item(world, "seats", "sold", {"N": "4"}), "4 sold"),
    "an email for ever": ("membership", lambda world: _item(world, "email", "delivery", {"S": "queued"}), "queued"),
    "a hold for ever": ("membership", lambda world: _item(world, "holds", "open", {"N": "1"}), "counted"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_the_judge_says_what_is_wrong(wrong: str) -> None:
    name, make, said = WRONGS[wrong]
    story = STORIES_BY_NAME[name]
    world = play(Case(story=story, habits=habits_of(story)[0]))
    assert violations(world, story) == []
    make(world)
    found = violations(world, story)
    assert any(said in each for each in found), found
