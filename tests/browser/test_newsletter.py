"""The newsletter, from the form to the mail, the button, the preferences and away again; by keyboard, and no script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SMALLEST, OpenPage
from tests.browser.embedding import marker, put_page, wait_for_forms
from tests.browser.keyboard import tab_to
from tests.browser.pages import NL, OWN_CHECKS, TEXTS, follow, press, wait_for_heading
from tests.browser.secretary import Secretary
from tests.browser.stack import Stack, wait_until
from tests.looks.studio import overflow, small_targets, violations

ASSOCIATION = "LPB"


def link_in_mail(stack: Stack, email: str, page: str) -> str:
    """The link of a subscriber's that the last mail to him has."""
    (mail, *_) = reversed(stack.wait_for_mails(email, count=1))
    found = re.search(rf"https?://\S+/nieuwsbrief/{page}/\S+", str(mail["text"]))
    assert found
    return found[0]


def standing(stack: Stack, email: str) -> str:
    (subscriber,) = (item for item in stack.items("subscriber") if item["email"] == email)
    return str(subscriber["standing"])


def usable(page: Page, name: str) -> None:
    """By everybody, on the narrowest phone."""
    assert overflow(page) <= 0
    assert violations(page, name) == []
    assert small_targets(page) == []
    assert page.evaluate(OWN_CHECKS) == []


def said(key: str, *, lang: str = "nl") -> str:
    return TEXTS[lang][f"newsletter.{key}"].format(association=ASSOCIATION)


def test_from_the_form_to_the_mail_and_away_again_without_a_mouse(
    stack: Stack, open_page: OpenPage, email: str
) -> None:
    page = open_page(javascript=False)
    page.goto(f"{stack.desk}/nl/nieuwsbrief")
    tab_to(page, NL["field.email.label"])
    page.keyboard.type(email)
    tab_to(page, said("topics_fold"))
    page.keyboard.press("Enter")
    tab_to(page, "Congres")
    page.keyboard.press("Space")
    tab_to(page, said("submit"))
    page.keyboard.press("Enter")
    wait_for_heading(page, said("asked.title"))

    page.goto(link_in_mail(stack, email, "bevestigen"))
    wait_for_heading(page, said("confirm.title"))
    assert standing(stack, email) == "unconfirmed"
    tab_to(page, said("confirm.button"))
    page.keyboard.press("Enter")
    wait_for_heading(page, said("confirmed.title"))
    assert standing(stack, email) == "confirmed"
    assert "Nieuwsbrief, Congres" in page.inner_text("main")

    tab_to(page, said("preferences.link"))
    page.keyboard.press("Enter")
    wait_for_heading(page, said("preferences.title"))
    tab_to(page, "Nieuwsbrief")
    page.keyboard.press("Space")
    tab_to(page, said("preferences.no_pause"))
    page.keyboard.press("ArrowDown")
    tab_to(page, said("preferences.save"))
    page.keyboard.press("Enter")
    page.get_by_text(said("preferences.saved")).wait_for()
    (subscriber,) = (item for item in stack.items("subscriber") if item["email"] == email)
    assert subscriber["topics"] == ["congres"]
    assert subscriber["paused_until"] is not None

    tab_to(page, said("preferences.unsubscribe"))
    page.keyboard.press("Enter")
    wait_for_heading(page, said("unsubscribed.title"))
    assert standing(stack, email) == "unsubscribed"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_everybody_can_use_it_on_the_narrowest_phone(stack: Stack, open_page: OpenPage, email: str, lang: str) -> None:
    page = open_page(size=SMALLEST)
    page.goto(f"{stack.desk}/{lang}/nieuwsbrief")
    page.locator("details").evaluate("details => { details.open = true }")
    usable(page, "newsletter")
    press(page, said("submit", lang=lang))
    page.locator(".sum").wait_for()
    usable(page, "newsletter with an error")
    page.get_by_label(TEXTS[lang]["field.email.label"], exact=True).fill(email)
    press(page, said("submit", lang=lang))
    wait_for_heading(page, said("asked.title", lang=lang))
    usable(page, "asked")
    page.goto(link_in_mail(stack, email, "bevestigen"))
    usable(page, "confirm")
    press(page, said("confirm.button", lang=lang))
    wait_for_heading(page, said("confirmed.title", lang=lang))
    usable(page, "confirmed")
    page.get_by_role("link", name=said("preferences.link", lang=lang), exact=True).click()
    wait_for_heading(page, said("preferences.title", lang=lang))
    usable(page, "preferences")
    with page.expect_download() as download:
        page.get_by_role("button", name=said("preferences.export", lang=lang), exact=True).click()
    assert email in download.value.path().read_text(encoding="utf-8")
    press(page, said("preferences.erase", lang=lang))
    wait_for_heading(page, said("erase.title", lang=lang))
    usable(page, "erase")
    press(page, said("erase.button", lang=lang))
    wait_for_heading(page, said("erased.title", lang=lang))
    usable(page, "erased")
    assert [item for item in stack.items("subscriber") if item["email"] == email] == []


def test_in_a_page_of_somebody_elses_it_is_sent_and_answered_in_its_place(
    stack: Stack, open_page: OpenPage, email: str
) -> None:
    page = open_page()
    at = put_page(page, stack, marker(stack, "nieuwsbrief"))
    wait_for_forms(page)
    form = page.locator("loket-form")
    form.get_by_role("button", name=said("submit"), exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text(NL["error.email_missing"])
    form.get_by_label(NL["field.email.label"], exact=True).fill(email)
    form.get_by_role("button", name=said("submit"), exact=True).click()
    expect(form.get_by_text(said("asked.title"))).to_be_visible()
    assert page.url == at
    assert violations(page, "embedded") == []
    wait_until(
        lambda: [item["asked"]["source"] for item in stack.items("subscriber") if item["email"] == email] == [at],
        seconds=10,
        what=lambda: "the page that it was filled in on is part of the proof",
    )
    page.goto(link_in_mail(stack, email, "bevestigen"))
    press(page, said("confirm.button"))
    wait_for_heading(page, said("confirmed.title"))


def test_on_the_website_of_the_association_one_field_is_enough(stack: Stack, open_page: OpenPage, email: str) -> None:
    page = open_page()
    page.goto(stack.website)
    form = page.locator("#nieuwsbrief loket-form")
    form.get_by_label(NL["field.email.label"], exact=True).fill(email)
    form.get_by_role("button", name=said("submit"), exact=True).click()
    expect(form.get_by_text(said("asked.title"))).to_be_visible()
    assert page.url == f"{stack.website}/"
    assert page.locator("loket-form form").count() == 4, "the other forms are as they were"
    page.goto(link_in_mail(stack, email, "bevestigen"))
    press(page, said("confirm.button"))
    wait_for_heading(page, said("confirmed.title"))
    assert standing(stack, email) == "confirmed"


def test_whoever_the_secretary_types_in_is_asked_and_says_yes_himself(
    stack: Stack, open_page: OpenPage, email: str
) -> None:
    secretary = Secretary.new(stack=stack, page=open_page(javascript=False, size=SMALLEST))
    page = secretary.page
    follow(page, "Abonnees")
    follow(page, "Iemand toevoegen")
    press(page, "Toevoegen en vraag mailen")
    assert "Vul een e-mailadres in." in secretary.reads()
    page.get_by_label("E-mailadres", exact=True).fill(email)
    page.get_by_label("Naam (mag leeg blijven)").fill("Ada de Vries")
    page.get_by_label("Congres", exact=True).check()
    press(page, "Toevoegen en vraag mailen")
    assert "Er gaat een mail heen met de vraag" in secretary.reads()
    assert standing(stack, email) == "unconfirmed"
    page.goto(link_in_mail(stack, email, "bevestigen"))
    press(page, said("confirm.button"))
    wait_for_heading(page, said("confirmed.title"))
    assert "Nieuwsbrief, Congres" in page.inner_text("main")
    assert standing(stack, email) == "confirmed"


def test_in_a_frame_it_leads_out_of_it(stack: Stack, open_page: OpenPage, email: str) -> None:
    page = open_page()
    put_page(page, stack, f'<iframe src="{stack.desk}/nl/nieuwsbrief?iframe=1" title="x" width="600" height="900">')
    frame = page.frame_locator("iframe")
    frame.get_by_label(NL["field.email.label"], exact=True).fill(email)
    frame.get_by_role("button", name=said("submit"), exact=True).click()
    wait_for_heading(page, said("asked.title"))
    assert page.url == f"{stack.desk}/nl/nieuwsbrief"
