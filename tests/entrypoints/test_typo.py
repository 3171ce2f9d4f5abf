"""An address that was probably typed wrong is asked about once, mended by a button, and believed when sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.desk import FORM, FORM_KEY, STRICT, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.test_event_form import ALONE, GRACE
from tests.entrypoints.test_event_form import PAGE as EVENT_PAGE
from tests.entrypoints.witness import orders, said, untouched
from tests.events import EVENT, sample_event

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

PAGE = "/nl/lidmaatschap"
SLIP, MEANT = "ada@gmial.com", "ada@gmail.com"
WAYS = pytest.mark.parametrize("query", ["", "?fragment=1"], ids=["page", "fragment"])
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])


@pytest.fixture
def event(desk: Desk) -> Desk:
    desk.put_offer(sample_event())
    return desk


def asked(page: Document) -> list[tuple[str, str]]:
    """What the page asks about: where each line leads and what it says."""
    boxes = ("notice", "sum")
    return [
        (link.get("href"), link.text)
        for link in page.all("a")
        if any(around.get("class") in boxes for around in link.around) and "@" in link.text
    ]


def hint_at(page: Document, name: str) -> str:
    """What is suggested at a field, found the way a screen reader finds it."""
    described = page.field(name).get("aria-describedby").split()
    return next((page.one(id=each).text for each in described if each.endswith("-m")), "")


def paid(answer: HTTPResponse) -> bool:
    """Whether it leads on to the payment page."""
    return answer.status_code == 303 or (answer.status_code == 200 and "url" in answer.json_body)


@LANGUAGES
@WAYS
def test_a_slip_is_asked_about_and_nothing_is_done(desk: Desk, lang: str, query: str) -> None:
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap{query}", FORM | {"email": SLIP, "reference": "INK-7"})
    assert answer.status_code == 422
    page = Document(answer)
    assert asked(page) == [("#lidmaatschap-email", said(desk, lang, "typo.asked", typed=SLIP, meant=MEANT))]
    assert hint_at(page, "email") == said(desk, lang, "typo.meant", meant=MEANT)
    assert not page.field("email").has("aria-invalid")
    box = page.one("div", class_="notice", role="alert")
    assert box.has("autofocus")
    assert page.one(id=box.get("aria-labelledby")).text == said(desk, lang, "typo.title")
    assert page.field("email").get("value") == SLIP
    assert page.field("reference").get("value") == "INK-7"
    assert page.field("key").get("value") == FORM_KEY
    assert page.field("sure").get("value") == "gmial.com"
    if not query:
        assert page.title.startswith(said(desk, lang, "site.error_prefix"))


@WAYS
def test_who_sends_it_again_is_believed(desk: Desk, query: str) -> None:
    path, fields = Document(desk.post(f"{PAGE}{query}", FORM | {"email": SLIP})).press("pay")
    again = f"{path}&fragment=1" if query else path
    assert paid(desk.post(again, fields))
    assert paid(desk.post(again, fields)), "a second press is the same order"
    assert orders(desk) == ["pending"]
    assert desk.items("buyer")[0]["answers"]["M"]["email"]["S"] == SLIP


@WAYS
def test_a_button_takes_the_suggestion(desk: Desk, query: str) -> None:
    shown = desk.post(f"{PAGE}{query}", FORM | {"email": SLIP, "newsletter": "ja"})
    path, fields = Document(shown).press("mend-email")
    path = f"{path}&fragment=1" if query else path
    with untouched(desk):
        page = Document(desk.post(path, fields))
    assert page.field("email").get("value") == MEANT
    assert page.field("email").has("autofocus")
    assert page.field("newsletter").has("checked")
    assert page.field("key").get("value") == FORM_KEY
    assert not hint_at(page, "email")
    assert not asked(page)
    _, fields = page.press("pay")
    assert paid(desk.post(path, fields))
    assert orders(desk) == ["pending"]


def test_another_slip_in_its_place_is_asked_about_again(desk: Desk) -> None:
    _, fields = Document(desk.post(PAGE, FORM | {"email": SLIP})).press("pay")
    page = Document(desk.post(PAGE, fields | {"email": "ada@hotmial.nl"}))
    assert [where for where, _ in asked(page)] == ["#lidmaatschap-email"]
    assert page.field("sure").get("value") == "hotmial.nl"


def test_attendees_are_asked_about_together_and_mended_apart(event: Desk) -> None:
    fields = ALONE | GRACE | {"email": SLIP, "p1_email": "grace@ziggo.n", "p2_name": "Bram", "p2_email": "b@elders.nl"}
    page = Document(event.post(EVENT_PAGE, fields))
    assert [where for where, _ in asked(page)] == [f"#{EVENT}-email", f"#{EVENT}-p1_email"]
    assert said(event, "nl", "typo.title_many") in page.text
    path, fields = page.press("mend-p1_email")
    page = Document(event.post(path, fields))
    assert page.field("p1_email").get("value") == "grace@ziggo.nl"
    assert page.field("p1_email").has("autofocus")
    assert page.field("email").get("value") == SLIP
    assert hint_at(page, "email")
    path, fields = page.press("pay")
    assert event.post(path, fields).status_code == 303, "the other one was asked about already"
    emails = {item["email"]["S"] for item in event.items("attendee")}
    assert emails == {SLIP, "grace@ziggo.nl", "b@elders.nl"}


def test_a_member_whose_address_is_mended_sees_the_members_price(event: Desk) -> None:
    event.member("voorbeeldstad.nl")
    page = Document(event.post(EVENT_PAGE, ALONE | {"member": "ja", "email": "ada@voorbeeldstad.nll"}))
    assert asked(page), "before the question who is a member"
    path, fields = page.press("mend-email")
    page = Document(event.post(path, fields))
    assert "€ 399,00" in page.one("div", class_="total").text
    path, fields = page.press("pay")
    assert event.post(path, fields).status_code == 303


def test_it_is_asked_with_the_errors_and_not_once_more(desk: Desk) -> None:
    page = Document(desk.post(PAGE, FORM | {"email": SLIP, "name": ""}))
    assert [where for where, _ in page.summary] == ["#lidmaatschap-name", "#lidmaatschap-email"]
    assert said(desk, "nl", "form.errors_one") in page.text, "a doubt is no error"
    path, fields = page.press("pay")
    assert desk.post(path, fields | {"name": "Ada"}).status_code == 303


def test_an_address_that_is_wrong_as_well_is_mended_by_the_same_button(desk: Desk) -> None:
    page = Document(desk.post(PAGE, FORM | {"email": "ada@voorbeeldstad.nl,"}))
    assert page.summary == [("#lidmaatschap-email", said(desk, "nl", "error.email_invalid"))]
    assert hint_at(page, "email")
    assert page.error_at("email")
    path, fields = page.press("mend-email")
    assert Document(desk.post(path, fields)).field("email").get("value") == "ada@voorbeeldstad.nl"


def test_a_row_more_asks_nothing_and_takes_nothing_for_granted(event: Desk) -> None:
    """Whoever is busy adding people has not seen a question."""
    page = Document(event.post(EVENT_PAGE, ALONE | {"email": SLIP, "do": "add"}))
    assert hint_at(page, "email")
    assert not asked(page)
    assert page.field("p1_name").has("autofocus")
    path, fields = page.press("pay")
    assert event.post(path, fields | GRACE).status_code == 422


def test_the_other_language_knows_what_was_asked(event: Desk) -> None:
    path, fields = Document(event.post(EVENT_PAGE, ALONE | {"email": SLIP})).switch_language()
    page = Document(event.post(path, fields))
    assert hint_at(page, "email") == f"Did you mean {MEANT}?"
    path, fields = page.press("pay")
    assert event.post(path, fields).status_code == 303


def test_a_changed_form_asks_which_order_counts_and_not_about_the_address_again(event: Desk) -> None:
    path, fields = Document(event.post(EVENT_PAGE, ALONE | {"email": SLIP})).press("pay")
    event.post(path, fields)
    page = Document(event.post(path, fields | {"reference": "INK-8"}))
    path, fields = page.press("replace")
    assert event.post(path, fields).status_code == 303
    assert orders(event) == ["expired", "pending"]


def test_a_draft_remembers_what_was_asked(event: Desk) -> None:
    _, fields = Document(event.post(EVENT_PAGE, ALONE | {"email": SLIP})).press("pay")
    answer = event.post(EVENT_PAGE, fields | {"do": "join"})
    draft = answer.headers["Location"].rpartition("=")[2]
    page = Document(event.get(f"{EVENT_PAGE}?draft={draft}"))
    assert hint_at(page, "email")
    _, fields = page.press("pay")
    assert event.post(EVENT_PAGE, fields | {"member": "nee"}).status_code == 303


def test_a_question_counts_for_no_limit() -> None:
    desk = Desk(given=STRICT | {"LOKET_LIMIT_RECIPIENT": "1/60", "LOKET_LIMIT_ADDRESS": "1/60"})
    desk.offer()
    for _ in range(3):
        assert desk.post(PAGE, FORM | {"email": SLIP}).status_code == 422
    assert desk.post(PAGE, FORM | {"email": SLIP, "sure": "gmial.com"}).status_code == 303


@pytest.mark.parametrize("sure", ["gmial.com", "x gmial.com y", "GMIAL.com gmial.com", '"><b> gmial.com'])
def test_a_client_that_lies_only_skips_a_question(desk: Desk, sure: str) -> None:
    assert desk.post(PAGE, FORM | {"email": SLIP, "sure": sure}).status_code == 303


@pytest.mark.parametrize("sure", ["", "gmail.com", "ada@gmial.com", "gmial", "*"])
def test_only_the_domain_that_was_asked_about_is_believed(desk: Desk, sure: str) -> None:
    assert desk.post(PAGE, FORM | {"email": SLIP, "sure": sure}).status_code == 422


@pytest.mark.parametrize("do", ["mend-", "mend-name", "mend-nothing", "mend-p1_email", "mend-key", "mend-email"])
def test_a_button_that_mends_nothing_does_nothing(desk: Desk, do: str) -> None:
    with untouched(desk):
        answer = desk.post(PAGE, FORM | {"do": do})
    known = do in ("mend-name", "mend-email")
    assert answer.status_code == (200 if known else 400)
    if known:
        assert Document(answer).field("email").get("value") == FORM["email"]


def test_what_was_typed_before_the_sign_is_text(desk: Desk) -> None:
    """Only what would be taken is suggested, and it stays text."""
    page = Document(desk.post(PAGE, FORM | {"email": "o'neill&co@gmial.com"}))
    assert hint_at(page, "email") == said(desk, "nl", "typo.meant", meant="o'neill&co@gmail.com")
    page = Document(desk.post(PAGE, FORM | {"email": "<b>@gmial.com"}))
    assert not hint_at(page, "email")
    assert page.error_at("email")
