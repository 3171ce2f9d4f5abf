"""Import subscribers: whoever left elsewhere, or was erased here, is neither mailed nor brought back by a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.domain.email import Delivery, Email
from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import PATIENCE, Evidence, Means, Standing
from chalicelib.domain.subscriber_import import Fault, Reason, Refuse
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.flows.erase_subscription import erase_subscription
from chalicelib.flows.subscribe import Wish, subscribe
from tests.desk import BASE_URL, Desk
from tests.flows.test_import_subscribers import NOBODY, kinds, questions, reasons, row, stored, take

LEFT = {"standing": Standing.UNSUBSCRIBED, "left_on": date(2026, 2, 3)}


def test_who_left_elsewhere_is_kept_as_one_who_left_and_no_list_brings_him_back(desk: Desk) -> None:
    assert kinds(take(desk, [row(2, **LEFT), row(3, standing=Standing.CONFIRMED, left_on=date(2026, 2, 3))])) == [
        "Leave",
        "Leave",
    ]
    gone = stored(desk, 2)
    assert (gone.standing, gone.topics, gone.confirmed) == (Standing.UNSUBSCRIBED, (), None)
    assert gone.unsubscribed_at == datetime(2026, 2, 3, 12, tzinfo=UTC)
    assert questions(desk) == []
    assert kinds(take(desk, [row(2, **LEFT)])) == ["Same"]
    for number in (2, 3):
        (verdict,) = take(desk, [row(number)])
        assert reasons(verdict) == [Reason.UNSUBSCRIBED]


def test_that_somebody_left_elsewhere_undoes_no_yes_that_he_said_here(desk: Desk) -> None:
    take(desk, [row(2)])
    assert kinds(take(desk, [row(2, **LEFT)])) == ["Same"]


def typed(desk: Desk, number: int) -> None:
    """A form is filled in with his address."""
    asked = Evidence(
        means=Means.FORM, text="Ja", language=Language.NL, source="/nl/nieuwsbrief", detail="", at=desk.clock()
    )
    wish = Wish(email=row(number).email, name="", topics=("nieuwsbrief",), asked=asked)
    app = desk.application
    subscribe(wish, store=desk.store, identity=app.identity, emails=app.emails, now=desk.clock())


@pytest.mark.parametrize("days", [0, PATIENCE.days + 1])
def test_who_was_asked_by_a_list_and_left_by_another_hears_nothing_and_no_list_brings_him_back(
    desk: Desk, days: int
) -> None:
    take(desk, [row(2, proof=NOBODY)])
    desk.clock.advance(days=days)
    assert kinds(take(desk, [row(2, **LEFT)])) == ["Leave"]
    assert (stored(desk, 2).standing, stored(desk, 2).wanted) == (Standing.UNSUBSCRIBED, ())
    desk.clock.advance(minutes=1)
    desk.sweep()
    desk.work()
    assert desk.sender.sent == []
    (verdict,) = take(desk, [row(2)])
    assert reasons(verdict) == [Reason.UNSUBSCRIBED]


def test_who_left_elsewhere_can_still_say_yes_to_what_he_asked_here_and_no_list_can(desk: Desk) -> None:
    typed(desk, 2)
    asked = stored(desk, 2).asked
    assert kinds(take(desk, [row(2, **LEFT)])) == ["Leave"]
    left = stored(desk, 2)
    assert (left.standing, left.wanted, left.asked) == (Standing.UNSUBSCRIBED, ("nieuwsbrief",), asked)
    (verdict,) = take(desk, [row(2)])
    assert reasons(verdict) == [Reason.UNSUBSCRIBED]
    link = desk.application.links.confirm_subscription(left.id, Language.NL)
    desk.post(link.removeprefix(BASE_URL), {"do": "confirm", "shown": "nieuwsbrief"})
    assert stored(desk, 2).standing is Standing.CONFIRMED


def test_what_he_asked_long_ago_waits_for_him_no_more_once_he_left(desk: Desk) -> None:
    typed(desk, 2)
    desk.clock.advance(days=PATIENCE.days, hours=1)
    assert kinds(take(desk, [row(2, **LEFT)])) == ["Leave"]
    assert stored(desk, 2).wanted == ()


def test_who_left_may_be_kept_so_though_nothing_is_mailed_there(desk: Desk) -> None:
    unit, email = desk.store.unit_of_work(), row(2).email
    key = suppression_id(email, identity=desk.application.identity)
    unit.suppressions.keep(
        Suppression(id=key, cause=Delivery.COMPLAINED, reason="", email_id="copy-a-b", at=desk.clock())
    )
    unit.commit()
    assert kinds(take(desk, [row(2, **LEFT)])) == ["Leave"]


@pytest.mark.parametrize("more", [{}, {"faults": (Fault(Reason.DATE_MALFORMED, "31-2-2026"),)}])
def test_of_two_with_one_address_the_one_who_left_counts(desk: Desk, more: dict[str, Any]) -> None:
    twin = row(2).email.upper()
    first, second, third = take(desk, [row(2), row(3, email=twin, **LEFT, **more), row(4, email=twin, **LEFT)])
    assert kinds([second]) == ["Refuse" if more else "Leave"]
    assert [reasons(each) for each in (first, third)] == [[Reason.EMAIL_TWICE]] * 2
    assert isinstance(first, Refuse)
    assert first.faults == (Fault(Reason.EMAIL_TWICE, row(2).email, "3"),)
    assert Standing.CONFIRMED not in [each["standing"]["S"] for each in desk.items("subscriber")]


def test_who_was_erased_while_a_form_asked_for_him_stops_no_list(desk: Desk) -> None:
    """Its question is made after the erasing looked for questions, and stays behind: today's id is taken."""
    take(desk, [row(2)])
    lists, identity = desk.application.lists, desk.application.identity
    real = lists.questions

    def meanwhile(subscriber_id: str) -> Sequence[Email]:
        found = real(subscriber_id)
        typed(desk, 2)
        return found

    lists.questions = meanwhile  # type: ignore[method-assign]  # the real one, between whose answer and the next question somebody acts
    assert erase_subscription(row(2).email, store=desk.store, lists=lists, identity=identity)
    left = questions(desk)
    assert (desk.items("subscriber"), len(left)) == ([], 1)
    assert kinds(take(desk, [row(2, proof=NOBODY)])) == ["Ask"]
    assert questions(desk) == left
