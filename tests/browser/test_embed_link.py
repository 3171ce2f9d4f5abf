"""Whatever fails leaves the link, as the website made it look, and the link leads to the whole form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import OpenPage
from tests.browser.embedding import (
    LABEL,
    announced,
    hold,
    marker,
    put_page,
    script,
    serve,
    wait_for_events,
    wait_for_forms,
    wait_for_held,
)
from tests.browser.pages import TEXTS, field, fill_in, heading, send
from tests.browser.stack import Stack

type Answer = Callable[[Route], None]

ELSEWHERE = "https://elders.example"
# What the browser says of it in its console.
BLOCKED = "Content Security Policy|TrustedHTML|CORS policy"
STYLE = """e => { const s = getComputedStyle(e);
  return Object.fromEntries(['display', 'color', 'backgroundColor', 'font', 'letterSpacing', 'textAlign', 'direction',
    'visibility', 'opacity', 'pointerEvents', 'textDecoration', 'lineHeight'].map(name => [name, s[name]])) }"""
# What comes in the place of the fragment.
NO_FRAGMENT: dict[str, Answer] = {
    "offline": lambda route: route.abort("internetdisconnected"),
    "server-hangs-up": lambda route: route.abort("connectionreset"),
    "server-500": lambda route: route.fulfill(status=500, body="<h1>Fout</h1>", headers=allowed()),
    "server-503": lambda route: route.fulfill(status=503, body='{"message": "down"}', headers=allowed()),
    "server-404": lambda route: route.fulfill(status=404, body='<p class="say">weg</p>', headers=allowed()),
    "other-html": lambda route: route.fulfill(
        body="<h1>Log in op de wifi</h1><form></form>", content_type="text/html", headers=allowed()
    ),
    "nothing": lambda route: route.fulfill(body="", content_type="text/html", headers=allowed()),
    "json": lambda route: route.fulfill(body='{"a": 1}', content_type="application/json", headers=allowed()),
    "broken-json": lambda route: route.fulfill(body='{"a":', content_type="application/json", headers=allowed()),
    "no-type": lambda route: route.fulfill(body="?", headers=allowed() | {"Content-Type": ""}),
}


def allowed() -> dict[str, str]:
    return {"Access-Control-Allow-Origin": "*"}


def must_lead_to_the_form(stack: Stack, page: Page, *, lang: str = "nl", offer: str = "lidmaatschap") -> None:
    """The one thing left to do works: the link is seen, and followed by a click."""
    must_lead_to_a_page(page, f"{stack.desk}/{lang}/{offer}")
    assert field(page, "organisation", lang=lang).is_visible()


def must_lead_to_a_page(page: Page, url: str) -> None:
    there = page.locator(f'a[href="{url}"]')
    assert there.is_visible()
    box = there.bounding_box()
    assert box is not None
    assert box["height"] >= 15
    there.click()
    page.wait_for_url(url)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(("path", "unavailable"), [("/geen-script", 0), ("/geen-verbinding", 1), ("/trusted-types", 1)])
def test_content_policy_of_the_website_leaves_the_link(
    stack: Stack, open_page: OpenPage, path: str, unavailable: int, lang: str
) -> None:
    page = open_page(faults=BLOCKED)
    heard = announced(page)
    page.goto(f"{stack.website}{path}?lang={lang}")
    wait_for_events(page, heard, *["unavailable"] * unavailable)
    assert page.locator("loket-form form").count() == 0
    must_lead_to_the_form(stack, page, lang=lang)


def test_without_javascript_every_link_stays(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(javascript=False)
    for path, count in (("/", 5), ("/strikt", 1), ("/thema", 1), ("/donker", 1)):
        page.goto(stack.website + path)
        assert page.locator("div.loket-form a").filter(visible=True).count() == count


def test_without_javascript_the_link_leads_to_paying(stack: Stack, open_page: OpenPage, email: str) -> None:
    page, lang = open_page(javascript=False), "en"
    page.goto(f"{stack.website}/strikt?lang={lang}")
    must_lead_to_the_form(stack, page, lang=lang)
    fill_in(page, email=email, lang=lang)
    send(page, lang=lang)
    assert page.url.startswith(f"{stack.stripe}/pay/")


def test_answer_that_is_no_fragment_leaves_the_link(stack: Stack, page: Page) -> None:
    """Each failure by itself, told once to the website, which may want to say something itself."""
    heard = announced(page)
    for failure, answer in NO_FRAGMENT.items():
        page.route(f"{stack.desk}/nl/{failure}?fragment=1", answer)
    put_page(page, stack, "".join(marker(stack, failure) for failure in NO_FRAGMENT) + marker(stack))
    wait_for_events(page, heard, *["unavailable"] * len(NO_FRAGMENT), "ready")
    assert all((event["bubbles"], event["composed"], event["at"]) == (True, True, "LOKET-FORM") for event in heard)
    left = page.locator("loket-form > a").evaluate_all("all => all.filter(e => e.checkVisibility()).map(e => e.href)")
    assert left == [f"{stack.desk}/nl/{failure}" for failure in NO_FRAGMENT]
    must_lead_to_a_page(page, left[0])


def test_script_that_does_not_come_leaves_the_link(stack: Stack, page: Page) -> None:
    for failure in ("offline", "server-500", "nothing"):
        page.route(f"{stack.desk}/embed.js?{failure}", NO_FRAGMENT[failure])
        put_page(page, stack, marker(stack), head=script(stack).replace("embed.js", f"embed.js?{failure}"))
        must_lead_to_the_form(stack, page)


def test_form_that_is_no_longer_there_leaves_the_link(stack: Stack, page: Page) -> None:
    heard = announced(page)
    put_page(page, stack, marker(stack, "congres-1999"))
    wait_for_events(page, heard, "unavailable")
    page.get_by_role("link", name=LABEL).click()
    page.wait_for_url(f"{stack.desk}/nl/congres-1999")
    assert heading(page) == TEXTS["nl"]["problem.form_unknown.title"]


def test_website_that_may_not_show_the_form_keeps_the_link(stack: Stack, open_page: OpenPage) -> None:
    """Its origin is none of those in the settings."""
    page = open_page(faults=BLOCKED)
    heard = announced(page)
    html = f"<!DOCTYPE html><title>Elders</title>{script(stack)}{marker(stack)}"
    serve(page, f"{ELSEWHERE}/", html)
    page.goto(f"{ELSEWHERE}/")
    wait_for_events(page, heard, "unavailable")
    must_lead_to_the_form(stack, page)


def test_link_works_while_the_form_is_still_on_its_way(stack: Stack, page: Page) -> None:
    held = hold(page, f"{stack.desk}/*/lidmaatschap?fragment=1", method="GET")
    put_page(page, stack, marker(stack))
    wait_for_held(page, held)
    must_lead_to_the_form(stack, page)


def test_link_that_stays_looks_as_the_website_made_it(stack: Stack, open_page: OpenPage) -> None:
    """The script that could do nothing leaves no trace: not its style sheet either."""
    page, looks = open_page(faults=BLOCKED), list[dict[str, str]]()
    heard = announced(page)
    style = "<style>body{font:italic 30px/2 serif;letter-spacing:3px;text-align:right;visibility:visible}</style>"
    for policy in ("script-src 'none'", f"connect-src {stack.website}", "require-trusted-types-for 'script'"):
        put_page(page, stack, marker(stack), head=script(stack) + style, policy=policy)
        if policy != "script-src 'none'":
            wait_for_events(page, heard, *["unavailable"] * len(looks))
        looks.append(page.locator("div.loket-form a").evaluate(STYLE))
        page.unroute_all()
    assert looks == [looks[0]] * 3


def test_one_form_that_fails_does_not_take_the_others_along(stack: Stack, page: Page) -> None:
    heard = announced(page)
    page.route(f"{stack.desk}/*/lidmaatschap?fragment=1", NO_FRAGMENT["server-500"])
    put_page(page, stack, marker(stack) + marker(stack, "congres-2027"))
    wait_for_forms(page)
    wait_for_events(page, heard, "ready", "unavailable")
    assert page.locator("loket-form form").get_attribute("id") == "congres-2027-form"
    must_lead_to_the_form(stack, page)
