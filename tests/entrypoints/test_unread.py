"""A mail that did not arrive, on the page of the order: said there, put right there, and sent again from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.email import Delivery
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.suppression import Suppression, suppression_id
from tests.desk import ANSWERS, Desk
from tests.entrypoints.beheer.orders import bounced, paid, paid_event, paid_member
from tests.entrypoints.document import Document
from tests.entrypoints.test_behind_the_scenes import hear
from tests.entrypoints.test_order import path_of, show
from tests.entrypoints.witness import said

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

BETTER = "ada.devries@voorbeeldstad.nl"


def put_right(desk: Desk, order: Order, address: str, *, number: str = "0", lang: str = "nl") -> HTTPResponse:
    return desk.post(path_of(desk, order.id, lang), {"do": "address", "number": number, "email": address})


def sent_since(desk: Desk) -> list[str]:
    desk.work()
    return [letter.to for _, letter in desk.sender.sent]


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_what_arrived_is_not_spoken_of(desk: Desk, lang: str) -> None:
    order = paid_member(desk)
    assert show(desk, order.id, lang=lang).buttons() == []


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(
    ("reason", "why"),
    [("Permanent NoEmail", "refused"), ("Transient MailboxFull", "full"), ("Undetermined", "unknown")],
)
def test_the_buyer_reads_it_corrects_it_once_and_everything_goes_again(
    desk: Desk, lang: str, reason: str, why: str
) -> None:
    order = paid_member(desk)
    for kind in ("confirmation", "welcome"):
        bounced(desk, f"{kind}-{order.id}", reason=reason)
    page = show(desk, order.id, lang=lang)
    assert said(desk, lang, "unread.title_buyer", email=ANSWERS.email) in [each.text for each in page.all("h2")]
    assert said(desk, lang, f"unread.{why}") in page.text
    assert page.field("email").get("value") == ANSWERS.email
    desk.sender.sent.clear()
    for said_of in ("again", "nothing"):
        answer = put_right(desk, order, f" {BETTER} ", lang=lang)
        assert (answer.status_code, answer.headers["Location"].rpartition("?from=")[2]) == (303, said_of)
    assert sent_since(desk) == [BETTER, BETTER], "the confirmation and the welcome, each once"
    page = show(desk, order.id, lang=lang, query="?from=again")
    assert said(desk, lang, "unread.sent") in page.text
    assert page.buttons() == []
    page = show(desk, order.id, lang=lang, query="?from=nothing")
    assert said(desk, lang, "unread.nothing") in page.text
    assert said(desk, lang, "unread.sent") not in page.text
    assert [(each.deed.value, each.by) for each in deeds(desk)] == [("sent_again", "bezoeker")] * 2
    desk.reconcile()
    assert desk.store.differences() == []


def deeds(desk: Desk) -> Sequence[AuditEntry]:
    """What the log holds."""
    return desk.store.audit(f"{desk.clock():%Y-%m}", rest="", limit=50).items


def test_what_was_probably_meant_is_one_press_away(desk: Desk) -> None:
    order = paid(desk, desk.register(replace(ANSWERS, email="ada.devries@gmial.com")).order)
    bounced(desk, f"confirmation-{order.id}", reason="Permanent NoEmail")
    page = show(desk, order.id)
    assert page.buttons() == ["mend-email", "address"]
    assert "Bedoelt u ada.devries@gmail.com?" in page.text
    desk.sender.sent.clear()
    answer = desk.post(path_of(desk, order.id), {"do": "mend-email", "number": "0", "email": "ada.devries@gmial.com"})
    assert answer.status_code == 303
    assert sent_since(desk) == ["ada.devries@gmail.com"]


def test_another_slip_is_asked_about_once_before_anything_is_sent(desk: Desk) -> None:
    order = paid_member(desk)
    bounced(desk, f"confirmation-{order.id}", reason="Permanent NoEmail")
    desk.sender.sent.clear()
    before = desk.items()
    asked = put_right(desk, order, "ada@gmial.com")
    page = Document(asked)
    assert (asked.status_code, desk.items()) == (422, before)
    assert page.error_at("email") == f"Fout: {said(desk, 'nl', 'unread.doubt')}"
    assert said(desk, "nl", "typo.meant", meant="ada@gmail.com") in page.text
    other = put_right(desk, order, "ada@hotmial.com")
    assert other.status_code == 422
    path, fields = page.press("address")
    assert desk.post(path, fields).status_code == 303
    assert sent_since(desk) == ["ada@gmial.com"], "who insists is believed"


def test_of_another_it_is_not_told_whether_mail_came_back_before(desk: Desk) -> None:
    """Whoever has an order could find out so of any address."""
    texts = set[str]()
    for name, reason in (("a", "suppressed"), ("b", "Permanent NoEmail"), ("c", "Undetermined")):
        desk = Desk()
        order = paid_event(desk)
        bounced(desk, f"ticket-{order.id}-2", reason=reason)
        page = show(desk, order.id)
        assert said(desk, "nl", "unread.neutral") in page.text, name
        assert said(desk, "nl", "unread.suppressed") not in page.text
        texts.add(page.one(class_="notice unread stack").text)
    assert len(texts) == 1


def test_of_an_address_that_nothing_waits_for_nothing_is_told(desk: Desk) -> None:
    order, other = paid_member(desk), "boos@elders.nl"
    keep = desk.store.unit_of_work()
    keep.suppressions.keep(
        Suppression(
            id=suppression_id(other, identity=desk.application.identity),
            cause=Delivery.COMPLAINED,
            reason="",
            email_id="copy-a-b",
            at=desk.clock(),
        )
    )
    keep.commit()
    assert put_right(desk, order, other).status_code == 303


def test_a_suppressed_address_is_tried_again_when_it_is_asked_for(desk: Desk) -> None:
    order = paid_member(desk)
    hear(desk, f"confirmation-{order.id}", "Bounce", bounce=("Permanent", "NoEmail"))
    desk.sender.sent.clear()
    put_right(desk, order, ANSWERS.email)
    assert sent_since(desk) == [ANSWERS.email]
    (again,) = [each for each in desk.store.emails(order.id) if each.again]
    hear(desk, again.id, "Delivery")
    key = suppression_id(ANSWERS.email, identity=desk.application.identity)
    assert desk.store.unit_of_work().suppressions.get(key) is None


def test_of_who_comes_the_name_is_told_and_not_the_address(desk: Desk) -> None:
    order = paid_event(desk)
    bounced(desk, f"ticket-{order.id}-2")
    page = show(desk, order.id)
    assert "bea@elders.nl" not in page.text
    assert page.field("email").get("value") == ""
    desk.sender.sent.clear()
    assert put_right(desk, order, "bea@beter.nl", number="2").status_code == 303
    assert sent_since(desk) == ["bea@beter.nl"]
    assert [each.email for each in desk.store.attendees(order.id)][1] == "bea@beter.nl"
    assert put_right(desk, order, "iemand@anders.nl", number="3").status_code == 303
    assert sent_since(desk) == ["bea@beter.nl"], "the ticket of the third arrived: nobody moves it"
    assert [each.email for each in desk.store.attendees(order.id)][2] == "cas@voorbeeldstad.nl"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "error.email_missing"),
        ("geen adres", "error.email_invalid"),
        ("a@b.nl\r\nBcc: x@y.nl", "error.line_breaks"),
        (f"{'a' * 250}@b.nl", "error.too_long"),
        ("=?utf-8?q?x?=@y.nl", "error.email_invalid"),
    ],
)
def test_what_is_no_address_stays_typed_and_nothing_is_done(desk: Desk, typed: str, text: str) -> None:
    order = paid_member(desk)
    bounced(desk, f"confirmation-{order.id}")
    before = desk.items()
    answer = put_right(desk, order, typed)
    page = Document(answer)
    assert (answer.status_code, page.title.startswith("Fout: ")) == (422, True)
    assert desk.application.renderer.texts(Language.NL)(text, max=254) in page.text
    assert page.field("email").get("aria-invalid") == "true"
    if "\r" not in typed:
        assert page.field("email").get("value") == typed
    assert desk.items() == before


def test_somebody_who_comes_already_is_not_put_in_twice(desk: Desk) -> None:
    order = paid_event(desk)
    bounced(desk, f"ticket-{order.id}-2")
    answer = put_right(desk, order, "cas@voorbeeldstad.nl", number="2")
    assert answer.status_code == 422
    assert said(desk, "nl", "unread.attends") in Document(answer).text


def test_five_times_a_day_is_enough(desk: Desk) -> None:
    order = paid_member(desk)
    for turn in range(6):
        failed = max(desk.store.emails(order.id), key=lambda each: (each.kind == "confirmation", each.created_at))
        bounced(desk, failed.id)
        desk.clock.advance(minutes=1)
        answer = put_right(desk, order, f"ada{turn}@voorbeeldstad.nl")
        desk.work()
    assert answer.status_code == 429
    # counted by days of UTC, and it is a little after noon there
    hours = said(desk, "nl", "limit.hours", hours=12)
    email = desk.application.settings.association.email
    assert said(desk, "nl", "unread.too_many", wait=hours, email=email) in Document(answer).text
    desk.clock.advance(days=1)
    assert put_right(desk, order, "ada@elders.nl").status_code == 303


def test_an_order_that_is_not_paid_has_nothing_to_send(desk: Desk) -> None:
    order = desk.register().order
    assert put_right(desk, order, BETTER).status_code == 303
    assert sent_since(desk) == []


def test_a_seat_at_a_members_price_goes_to_nobody_outside_that_organisation_by_a_visitor(desk: Desk) -> None:
    desk.member("voorbeeldstad.nl")
    order = paid_event(desk)
    number = next(each.number for each in desk.store.attendees(order.id) if each.email == "cas@voorbeeldstad.nl")
    bounced(desk, f"ticket-{order.id}-{number}")
    desk.sender.sent.clear()
    answer = put_right(desk, order, "cas@gmail.com", number=str(number))
    assert answer.status_code == 422
    assert said(desk, "nl", "unread.by_us", email=desk.application.settings.association.email) in Document(answer).text
    assert sent_since(desk) == []
    assert put_right(desk, order, "cas.jansen@voorbeeldstad.nl", number=str(number)).status_code == 303
    assert sent_since(desk) == ["cas.jansen@voorbeeldstad.nl"]


def test_whoever_complained_is_mailed_for_no_visitor(desk: Desk) -> None:
    order = paid_member(desk)
    hear(desk, f"welcome-{order.id}", "Complaint")
    bounced(desk, f"confirmation-{order.id}")
    desk.sender.sent.clear()
    answer = put_right(desk, order, ANSWERS.email)
    assert answer.status_code == 422
    assert said(desk, "nl", "unread.by_us", email=desk.application.settings.association.email) in Document(answer).text
    assert sent_since(desk) == []
