"""Errors in the form: all at once, announced, leading to their fields, and nothing typed is lost."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.pages import NL, TEXTS, field, fill_in, heading, send, wait_for_heading
from tests.browser.stack import Stack

MISSING = ("organisation_missing", "name_missing", "email_missing")


def summary(page: Page) -> list[str]:
    return page.locator(".sum li").all_inner_texts()


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_empty_form_is_answered_with_all_errors_at_once(stack: Stack, any_page: Page, lang: str) -> None:
    page, texts = any_page, TEXTS[lang]
    page.goto(f"{stack.desk}/{lang}/lidmaatschap")
    title = page.title()
    answered = page.expect_response(lambda response: response.request.method == "POST")
    with answered as response:
        send(page, lang=lang)
    assert response.value.status == 422
    assert summary(page) == [texts[f"error.{key}"] for key in MISSING]
    assert texts["form.errors_many"].format(count=3) in page.locator(".sum").inner_text()
    assert page.title() == texts["site.error_prefix"] + title
    for key, name in zip(MISSING, ("organisation", "name", "email"), strict=True):
        control = field(page, name, lang=lang)
        assert control.get_attribute("aria-invalid") == "true"
        described = control.get_attribute("aria-describedby") or ""
        # the same words as in the summary, said when the field gets the focus
        said = " ".join(page.locator(f"#{each}").text_content() or "" for each in described.split())
        assert said.endswith(f"{texts['form.error_at_field']} {texts[f'error.{key}']}")


def test_summary_has_the_focus_and_its_links_lead_to_the_fields(stack: Stack, page: Page) -> None:
    page.goto(stack.form)
    send(page)
    assert page.evaluate("document.activeElement.className") == "sum"
    for key, name in zip(MISSING, ("organisation", "name", "email"), strict=True):
        page.get_by_role("link", name=NL[f"error.{key}"]).click()
        assert page.evaluate("document.activeElement.name") == name
        box = field(page, name).bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 900


def test_links_of_the_summary_work_without_javascript(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(javascript=False)
    page.goto(stack.form)
    send(page)
    page.get_by_role("link", name=NL["error.email_missing"]).click()
    page.keyboard.type("ada@voorbeeldstad.example.nl")
    assert field(page, "email").input_value() == "ada@voorbeeldstad.example.nl"


def test_one_error_is_one_error(stack: Stack, page: Page) -> None:
    page.goto(stack.form)
    fill_in(page, email="ada at voorbeeldstad")
    send(page)
    assert summary(page) == [NL["error.email_invalid"]]
    assert NL["form.errors_one"] in page.locator(".sum").inner_text()
    page.get_by_role("link", name=NL["error.email_invalid"]).click()
    assert page.evaluate("document.activeElement.name") == "email"


def test_everything_typed_is_kept_and_the_folded_part_opens_when_it_is_wrong(
    stack: Stack, any_page: Page, email: str
) -> None:
    page = any_page
    organisation = "Stichting “Ons Dorp” & Zn. <b>'s-Gravenmoer</b>"
    page.goto(stack.form)
    fill_in(page, email=email, organisation=organisation, name="", reference="  INK 7 ")
    page.get_by_text(NL["form.invoice"]).click()
    fill_in(page, email=email, organisation=organisation, name="", street="Dorpsstraat 1", postal_code="12345")
    field(page, "city").fill("’s-Gravenmoer")
    page.get_by_role("checkbox").check()
    send(page)
    assert summary(page) == [NL["error.name_missing"], NL["error.postal_code_invalid"]]
    kept = {
        name: field(page, name).input_value() for name in ("organisation", "email", "street", "postal_code", "city")
    }
    assert kept == {
        "organisation": organisation,
        "email": email,
        "street": "Dorpsstraat 1",
        "postal_code": "12345",
        "city": "’s-Gravenmoer",
    }
    assert page.get_by_role("checkbox").is_checked()
    # seen without unfolding: what is wrong is not hidden
    assert field(page, "postal_code").is_visible()

    field(page, "name").fill("Ada de Vries")
    field(page, "postal_code").fill("5109 aa")
    send(page)
    assert urlsplit(page.url).path.startswith("/pay/")
    assert page.url.startswith(stack.stripe)


def test_many_rounds_of_errors_end_in_one_order(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    send(page)
    field(page, "organisation").fill("Gemeente Voorbeeldstad")
    send(page)
    field(page, "name").fill("Ada de Vries")
    send(page)
    assert summary(page) == [NL["error.email_missing"]]
    field(page, "email").fill(email)
    send(page)
    assert page.url.startswith(stack.stripe)
    assert (len(stack.orders(email)), len(stack.sessions(email))) == (1, 1)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/nl/bestaat-niet", "problem.form_unknown.title"),
        ("/nl/order/bestaat-niet", "problem.link_invalid.title"),
        ("/en/order/bestaat-niet", "problem.link_invalid.title"),
        ("/de", "problem.not_found.title"),
    ],
)
def test_wrong_address_is_a_page_with_a_way_on(stack: Stack, page: Page, path: str, title: str) -> None:
    lang = "en" if path.startswith("/en") else "nl"
    answer = page.goto(stack.desk + path)
    assert answer is not None
    assert answer.status == 404
    assert heading(page) == TEXTS[lang][title]
    page.get_by_role("link", name=TEXTS[lang]["problem.back"], exact=True).click()
    wait_for_heading(page, TEXTS[lang]["index.title"])
