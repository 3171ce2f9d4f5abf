"""What the website says about the form is heard, by the ways that are there for it; its style sheet changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.buyer import ORGANISATION
from tests.browser.conftest import OpenPage
from tests.browser.embedding import (
    announced,
    embedded,
    example,
    marker,
    press_in_place,
    put_page,
    script,
    submit_label,
    wait_for_events,
    wait_for_forms,
)
from tests.browser.event_scenes import CONGRESS, MEMBER
from tests.browser.pages import NL, TEXTS, field, fill_in, send, total
from tests.browser.stack import Stack, wait_until
from tests.looks.studio import violations

# How each element looks, from the outside in; what a website's own font may change is left out.
LOOKS = """form => [...form.shadowRoot.querySelectorAll('.loket, .loket *')].map(e => {
  const s = getComputedStyle(e), before = getComputedStyle(e, '::before').content;
  return [e.tagName, before, ...['display', 'position', 'float', 'color', 'backgroundColor', 'borderTopWidth',
    'borderTopColor', 'borderTopStyle', 'borderTopLeftRadius', 'marginTop', 'marginLeft', 'paddingTop', 'paddingLeft',
    'fontSize', 'fontStyle', 'fontWeight', 'fontVariant', 'lineHeight', 'letterSpacing', 'wordSpacing', 'textAlign',
    'textTransform', 'textIndent', 'textShadow', 'textDecorationLine', 'whiteSpace', 'direction', 'visibility',
    'opacity', 'cursor', 'userSelect', 'hyphens', 'wordBreak', 'pointerEvents', 'animationName', 'boxShadow',
    'listStyleType', 'listStylePosition', 'outlineStyle', 'caretColor', 'quotes', 'borderSpacing', 'filter',
    'transform', 'colorScheme', 'accentColor', 'overflowX', 'zIndex'].map(name => `${name}: ${s[name]}`)].join('; ')
})"""
SHIFT = """() => new Promise(done => { let sum = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 300) })"""
VARIABLES = {
    "accent": ("button:not(.vh):not(.quiet):not(.plain)", "backgroundColor", "rgb(1, 2, 3)"),
    "on-accent": ("button:not(.vh):not(.quiet):not(.plain)", "color", "rgb(2, 3, 4)"),
    "line": (".f-name input", "borderTopColor", "rgb(3, 4, 5)"),
    "error": (".err", "color", "rgb(4, 5, 6)"),
    "radius": (".f-name input", "borderTopLeftRadius", "13px"),
    "paper": (".loket", "backgroundColor", "rgb(5, 6, 7)"),
    "ink": (".loket", "color", "rgb(6, 7, 8)"),
    "soft": (".hint", "color", "rgb(7, 8, 9)"),
    "wash": (".total", "backgroundColor", "rgb(8, 9, 10)"),
}
PARTS = "loket notice errors form field label input party person invoice total button".split()
PREFILLED = {
    "organisation": "Gemeente Elders",
    "name": "Bo & <b>Co</b>",
    "email": "bo@elders.example.nl",
    "reference": "7",
}


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(f"loket-form {selector}").first.evaluate(f"e => getComputedStyle(e).{name}"))


def values(page: Page) -> dict[str, str]:
    """What stands in the form, besides what the desk put there."""
    found: dict[str, str] = page.locator("loket-form form").evaluate("e => Object.fromEntries(new FormData(e))")
    return {name: value for name, value in found.items() if name not in ("key", "prices", "self", "page") and value}


@pytest.mark.parametrize("way", ["attribute", "query"])
def test_prefill(stack: Stack, page: Page, way: str) -> None:
    given = PREFILLED | {"member": "nee"}
    attributes = " ".join(f'data-{name}="{text.replace("<", "&lt;")}"' for name, text in given.items())
    query = "&".join(f"loket-{name}={text.replace('&', '%26')}" for name, text in given.items())
    if way == "attribute":
        put_page(page, stack, marker(stack, CONGRESS, more=attributes))
    else:
        put_page(page, stack, marker(stack, CONGRESS), query=f"?{query}")
    wait_for_forms(page)
    assert values(page) == given
    # it stays what the visitor makes of it
    field(page, "organisation").fill(ORGANISATION)
    field(page, "email").fill("ada")
    assert press_in_place(page, submit_label()) == 422
    assert values(page) == given | {"organisation": ORGANISATION, "email": "ada"}


def test_prefill_by_the_marker_goes_before_the_address(stack: Stack, page: Page) -> None:
    put_page(
        page, stack, marker(stack, more='data-name="Van de site"'), query="?loket-name=Uit+het+adres&loket-email=a@b.nl"
    )
    wait_for_forms(page)
    assert values(page) == {"name": "Van de site", "email": "a@b.nl"}


def test_prefilled_address_of_a_member_has_his_price(stack: Stack, page: Page) -> None:
    put_page(page, stack, marker(stack, CONGRESS, more=f'data-email="wie@{MEMBER}"'))
    wait_for_forms(page)
    wait_until(lambda: total(page) == "€ 399,00", seconds=10, what=lambda: total(page))


@pytest.mark.parametrize("way", ["attribute", "query"])
def test_prefill_of_what_is_not_on_the_list_is_ignored(stack: Stack, page: Page, way: str) -> None:
    """A link to somebody's website must not be able to fill in the rest, least of all what people do not see."""
    names = "website key prices do page draft self street postal_code registration_number newsletter agreed replaces"
    attributes = " ".join(f'data-{name}="kwaad"' for name in names.split())
    query = "&".join(f"loket-{name}=kwaad" for name in names.split())
    if way == "attribute":
        put_page(page, stack, marker(stack, CONGRESS, more=attributes))
    else:
        put_page(page, stack, marker(stack, CONGRESS), query=f"?{query}&organisation=kwaad&loket-member=kwaad")
    wait_for_forms(page)
    assert values(page) == {}
    assert "kwaad" not in page.locator("loket-form form").evaluate("e => e.innerHTML + e.key.value + e.prices.value")


def test_events_and_their_details(stack: Stack, page: Page, email: str) -> None:
    """They bubble and leave any shadow root, so that a website can listen wherever it likes."""
    heard, lang = announced(page), "en"
    example(page, stack, "/strikt", lang=lang)
    press_in_place(page, submit_label(lang=lang))
    fill_in(page, email=email, lang=lang)
    page.context.set_offline(True)
    page.get_by_role("button", name=submit_label(lang=lang), exact=True).click()
    wait_for_events(page, heard, "ready", "invalid", "error")
    page.context.set_offline(False)
    send(page, lang=lang)
    wait_for_events(page, heard, "ready", "invalid", "error", "checkout")
    assert [event["name"] for event in heard] == ["ready", "invalid", "error", "checkout"]
    details: list[Any] = [event["detail"] for event in heard]
    assert details == [None, None, {"status": 0}, {"url": page.url, "total": 50000, "currency": "EUR"}]
    assert all((event["bubbles"], event["composed"], event["at"]) == (True, True, "LOKET-FORM") for event in heard)


def test_variables_theme_the_form(stack: Stack, page: Page) -> None:
    given = ";".join(f"--loket-{name}:{value}" for name, (_, _, value) in VARIABLES.items())
    put_page(page, stack, marker(stack, CONGRESS), head=f"{script(stack)}<style>:root{{{given}}}</style>")
    wait_for_forms(page)
    press_in_place(page, submit_label())
    field(page, "name").fill("Ada")
    press_in_place(page, submit_label())
    found = {name: style(page, where, what) for name, (where, what, _) in VARIABLES.items()}
    assert found == {name: value for name, (_, _, value) in VARIABLES.items()}


def test_parts_can_be_styled(stack: Stack, page: Page) -> None:
    rules = "".join(f"loket-form::part({part}){{outline:{number}px solid red}}" for number, part in enumerate(PARTS, 1))
    put_page(page, stack, marker(stack, CONGRESS), head=f"{script(stack)}<style>{rules}</style>")
    wait_for_forms(page)
    press_in_place(page, NL["attendee.add"])
    press_in_place(page, submit_label())
    missing = [
        part
        for number, part in enumerate(PARTS, 1)
        if part != "notice" and style(page, f"[part~={part}]", "outlineWidth") != f"{number}px"
    ]
    assert missing == []


@pytest.mark.parametrize(("offer", "lang"), [("lidmaatschap", "en"), (CONGRESS, "nl")])
def test_hostile_theme_changes_nothing_inside(stack: Stack, page: Page, offer: str, lang: str) -> None:
    """Every element of the form, with its errors, looks as on a page without a style sheet."""
    looks = {}
    for path in ("/voorwaarden", "/thema"):
        if path == "/thema":
            example(page, stack, path, offer=offer, lang=lang)
        else:
            put_page(page, stack, f'<div style="width:700px">{marker(stack, offer, lang=lang)}</div>', lang=lang)
            wait_for_forms(page)
        press_in_place(page, submit_label(lang=lang))
        page.evaluate("document.activeElement.shadowRoot.activeElement.blur()")
        page.mouse.move(0, 0)
        looks[path] = embedded(page).evaluate(LOOKS)
    differences = [pair for pair in zip(looks["/thema"], looks["/voorwaarden"], strict=True) if pair[0] != pair[1]]
    assert differences == []
    assert len(looks["/thema"]) > 50
    inside = [each for each in violations(page, "hostile") if "f-" in each or "loket" in each or "lidmaatschap" in each]
    assert inside == []


def test_right_to_left_website_keeps_the_form_left_to_right(stack: Stack, page: Page) -> None:
    put_page(page, stack, marker(stack), head=f"{script(stack)}<style>html{{direction:rtl;text-align:right}}</style>")
    wait_for_forms(page)
    assert style(page, ".loket", "direction") == "ltr"
    assert style(page, ".loket", "textAlign") == "start"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_website_that_enlarges_or_shrinks_its_letters(stack: Stack, page: Page) -> None:
    """Sizes follow the website within reason: never smaller than can be read, never larger than fits."""
    for given, wanted in (("8px", "16px"), ("18px", "18px"), ("40px", "20px")):
        put_page(page, stack, marker(stack), head=f"{script(stack)}<style>body{{font-size:{given}}}</style>")
        wait_for_forms(page)
        assert style(page, ".loket", "fontSize") == wanted
        page.unroute_all()


def test_dark_website_gives_its_own_colours(stack: Stack, page: Page) -> None:
    lang = "nl"
    example(page, stack, "/donker", offer=CONGRESS, lang=lang)
    assert violations(page, "dark") == []
    press_in_place(page, submit_label(lang=lang))
    assert violations(page, "dark") == []
    # a website that is dark and says nothing to the form has a light one in it, that can be read
    dark = "<style>html{color-scheme:dark;background:#111;color:#eee}</style>"
    put_page(page, stack, marker(stack, lang=lang), head=script(stack) + dark, lang=lang)
    wait_for_forms(page)
    assert violations(page, "dark without variables") == []
    assert style(page, ".f-name input", "backgroundColor") == "rgb(255, 255, 255)"
    assert style(page, ".f-name input", "colorScheme") == "light"


def test_error_prefix_is_in_the_title_of_the_hosted_page_only(stack: Stack, page: Page) -> None:
    """The title of somebody else's page is his."""
    example(page, stack, "/strikt")
    title = page.title()
    press_in_place(page, submit_label())
    assert page.title() == title
    assert TEXTS["nl"]["site.error_prefix"] not in title


@pytest.mark.parametrize("where", ["desktop", "phone"])
def test_layout_shift_is_none_where_height_is_reserved(stack: Stack, open_page: OpenPage, where: str) -> None:
    """All five forms of the demo website, brought into view one by one, by somebody who looks on."""
    page = open_page() if where == "desktop" else open_page(size={"width": 390, "height": 844})
    held = []
    page.route("**/*fragment=1", lambda route: held.append(route))  # noqa: PLW0108  # Playwright wants no built-in
    page.goto(stack.website)
    wait_until(lambda: page.evaluate("1") and len(held) == 5, seconds=15, what=lambda: "five forms are asked")
    page.locator("#nieuwsbrief .loket-form").scroll_into_view_if_needed()
    for number, route in enumerate(held):
        page.locator(".loket-form").nth(number).evaluate("e => e.scrollIntoView({behavior: 'instant'})")
        page.wait_for_timeout(50)
        route.continue_()
        page.locator(".loket-form").nth(number).locator("form").wait_for()
        page.wait_for_timeout(50)
    shift = page.evaluate(SHIFT)
    print(f"\nlayout shift: {shift}")
    assert shift == 0
