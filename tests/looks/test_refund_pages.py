"""The pages of orders that did not end as they began say what happened, what becomes of the money, and no more."""

import re
from functools import cache
from html import unescape

import pytest
from playwright.sync_api import Browser

from tests.looks.studio import Studio, browser, catalogue

TEXTS = catalogue("nl")
PAY, AGAIN, LOOK, FORM = (
    TEXTS[key] for key in ("order.pay", "order.again", "order.refund_due.again", "order.refund_due.form")
)
ACTIONS = {PAY, AGAIN, LOOK, FORM}


@cache
def page(name: str) -> str:
    studio = Studio("nl")
    scene = next(scene for scene in studio.scenes() if scene.name == f"money-{name}")
    main = studio.document(scene).partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize(
    ("name", "title", "sentences"),
    [
        ("late", "refund_due.underway", ["refund_due.late", "refund_due.place", "refund_due.later"]),
        ("late-three", "refund_due.underway", ["refund_due.late", "refund_due.places"]),
        ("late-gone", "refund_due.done", ["refund_due.late"]),
        ("late-refused", "refund_due.failed", ["refund_due.late"]),
        ("late-returned", "refund_due.failed", ["order.money.refund_returned"]),
        ("late-twice", "refund_due.underway", ["back.twice"]),
        ("review-back", "refund_due.underway", ["refund_due.review"]),
        ("review-taken", "refund_due.taken", ["refund_due.review"]),
        ("part", "paid.title", ["paid.next", "back.stays", "money.underway"]),
        ("part-gone", "paid.title", ["back.stays", "money.refund"]),
        ("twice-gone", "paid.title", ["back.twice", "back.stays"]),
        ("disputed", "paid.title", ["money.dispute"]),
        ("cancelled", "cancelled.title", ["cancelled.text", "cancelled.ticket"]),
        ("cancelled-three", "cancelled.title", ["cancelled.tickets", "money.refund"]),
        ("failed", "failed.title", ["failed.text", "expired.next"]),
        ("invoiced", "invoiced.title", ["invoiced.text", "invoiced.next"]),
    ],
)
def test_it_says_what_happened(name: str, title: str, sentences: list[str]) -> None:
    assert page(name).partition(">")[2].strip().startswith(TEXTS[f"order.{title}"])
    missing = [key for key in sentences if TEXTS[f"order.{key.removeprefix('order.')}"] not in page(name)]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("late", {LOOK}),
        ("late-gone", {LOOK}),
        ("late-refused", set()),
        ("review-back", {FORM}),
        ("cancelled", set()),
        ("invoiced", set()),
        ("failed", {AGAIN}),
        ("part", set()),
    ],
)
def test_it_offers_what_can_be_done(name: str, offered: set[str]) -> None:
    """Whose money could not go back is not asked to pay again."""
    assert {action for action in ACTIONS if re.search(rf"\b{action}\b", page(name))} == offered


@pytest.mark.parametrize("name", ["cancelled", "cancelled-back", "cancelled-refused", "late", "late-gone", "failed"])
def test_no_tickets_and_no_standing_registration_are_promised(name: str) -> None:
    for key in ("order.paid.tickets", "order.back.stays", "order.not_an_invoice"):
        assert TEXTS[key] not in page(name)


@pytest.mark.parametrize(
    ("name", "amounts"),
    [
        ("part-gone", ["€ 1.347,00", "−€ 50,00", "€ 1.297,00"]),
        ("twice-gone", ["€ 1.347,00", "€ 1.347,00", "−€ 1.347,00", "€ 1.347,00"]),
        ("late-returned", ["€ 399,00", "−€ 399,00", "€ 399,00", "€ 399,00"]),
        ("review", ["€ 12,50"]),
    ],
)
def test_the_amounts_stand_below_each_other_and_add_up(name: str, amounts: list[str]) -> None:
    found = re.findall(r"−?€ [\d.]+,\d\d", page(name).partition(TEXTS["order.money.title"] + " ")[2])
    assert found == amounts


def test_it_is_printed_with_its_refunds_and_without_buttons(tmp_path_factory: pytest.TempPathFactory) -> None:
    studio = Studio("nl")
    document = tmp_path_factory.mktemp("print") / "late.html"
    scene = next(scene for scene in studio.scenes() if scene.name == "money-late-gone")
    document.write_text(studio.document(scene), encoding="utf-8")
    with browser() as chromium:
        _printed(chromium, document.as_uri())


def _printed(chromium: Browser, address: str) -> None:
    sheet = chromium.new_page(color_scheme="dark")
    sheet.emulate_media(media="print")
    sheet.goto(address)
    assert sheet.locator("button:visible, .button:visible, .language:visible").count() == 0
    assert sheet.get_by_text(TEXTS["order.money.refund"], exact=False).first.is_visible()
    assert sheet.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
