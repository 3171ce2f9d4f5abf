"""What the page for site builders says to paste, after WordPress has had it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chalicelib.web.theme import PREFILLED
from tests.browser.buyer import new_email
from tests.browser.chromium import FLAGS, chromium_path, is_root
from tests.browser.pages import NL
from tests.browser.stack import Stack
from tests.elsewhere.wordpress import Made, paste

# As the block "Aangepaste HTML" keeps it.
BLOCK = "<!-- wp:html -->\n{}\n<!-- /wp:html -->"
VALUES = {"organisation": "Stichting “Ons Dorp” & Zn.", "email": new_email(), "member": "ja"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=list(FLAGS), chromium_sandbox=not is_root()
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="nl-NL")
    yield context.new_page()
    context.close()


def snippet(stack: Stack, *, form: str = "lidmaatschap", lang: str = "nl") -> tuple[str, str]:
    """What is pasted, as the desk gives it: the script, and the marker."""
    shown = stack.http.get(f"{stack.desk}/nl/insluiten", params={"form": form, "lang": lang}, timeout=30).text
    found = re.search(r'<textarea id="code"[^>]*>(.*?)</textarea>', shown, re.DOTALL)
    assert found, "the page has a snippet"
    script, _, marker = unescape(found[1]).strip().partition("\n")
    assert (script.startswith("<script "), marker.startswith('<div class="loket-form" ')) == (True, True)
    return script, marker


def show(page: Page, stack: Stack, html: str) -> None:
    """The page on the association's own website, which the desk lets in; it takes the place of another one there."""
    page.goto(f"{stack.website}/privacy")
    page.set_content(f"<!DOCTYPE html><title>WordPress</title><body>{html}")


def prefilled(marker: str, **values: str) -> str:
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in values.items())
    return marker.replace("<div ", f"<div{attributes} ", 1)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("form", ["lidmaatschap", "congres-2027"])
def test_marker_survives_whole_and_the_script_does_not(stack: Stack, form: str, lang: str) -> None:
    script, marker = snippet(stack, form=form, lang=lang)
    alone, whole, block = paste(marker, f"{script}\n{marker}", BLOCK.format(f"{script}\n{marker}"))
    assert alone == Made(filtered=marker, paragraphs=marker + "\n", page=marker + "\n", trusted=marker + "\n")
    for made in (whole, block):
        for shown in (made.filtered, made.paragraphs, made.page):
            assert marker in shown
            assert "script" not in shown
        assert script in made.trusted
        assert marker in made.trusted


@pytest.mark.parametrize("name", PREFILLED)
def test_what_is_filled_in_beforehand_survives(stack: Stack, name: str) -> None:
    _, marker = snippet(stack)
    marker = prefilled(marker, **{name: VALUES.get(name, "R 1")})
    [made] = paste(marker)
    assert (made.filtered, made.page) == (marker, marker + "\n")


@pytest.mark.parametrize(
    "tag",
    [
        '<loket-form data-lang="nl">{}</loket-form>',
        '<iframe src="https://a.example.nl/"></iframe>{}',
        "<form>{}<input name=x></form>",
    ],
)
def test_anything_more_than_a_link_in_a_div_is_taken_out(stack: Stack, tag: str) -> None:
    """Why the snippet is what it is."""
    link = f'<a href="{stack.form}">Word lid</a>'
    [made] = paste(tag.format(link))
    assert (made.filtered, made.page) == (link, f"<p>{link}</p>\n")


@pytest.mark.parametrize("way", ["one line", "apart", "block"])
def test_what_wordpress_leaves_becomes_the_form(stack: Stack, page: Page, way: str) -> None:
    """With the script elsewhere in the page, as its owner put it there once; also when paragraphs came between."""
    script, marker = snippet(stack)
    marker = prefilled(marker, **VALUES)
    apart = re.sub("(<a |</div>)", r"\n\n\1", marker)
    [made] = paste({"one line": marker, "apart": apart, "block": BLOCK.format(marker)}[way])
    show(page, stack, f"{made.page}{script}")
    page.get_by_role("button", name=NL["form.submit"], exact=True).wait_for()
    assert page.locator("div.loket-form loket-form").count() == 1
    assert page.locator("[name=organisation]").input_value() == VALUES["organisation"]
    assert page.locator("[name=email]").input_value() == VALUES["email"]
    page.locator("[name=name]").fill("Ada de Vries")
    page.get_by_role("button", name=NL["form.submit"], exact=True).click()
    page.wait_for_url(f"{stack.stripe}/pay/**")


def test_what_wordpress_leaves_is_a_link_without_the_script(stack: Stack, page: Page) -> None:
    script, marker = snippet(stack)
    [made] = paste(f"{script}\n{marker}")
    show(page, stack, made.page)
    page.get_by_role("link").click()
    assert page.url == stack.form
