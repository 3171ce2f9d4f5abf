"""A page of somebody else's with a form of ours in it, and what a visitor does there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Request, Route

from tests.browser.pages import TEXTS, Place, fill_in, say_member
from tests.browser.stack import Stack, wait_until

PATH = "/proef"
LABEL = "Naar het formulier"
NOT_BUSY = "() => [...document.querySelectorAll('loket-form')].every(form => !form.busy)"
LISTEN = """() => ['ready', 'invalid', 'checkout', 'error', 'unavailable'].forEach(name =>
  addEventListener(`loket:${name}`, e => tell({
    name, detail: e.detail, bubbles: e.bubbles, composed: e.composed, at: e.composedPath()[0].tagName,
  })))"""
# The innermost element that has the focus: the name of a field, else the class.
WITH_FOCUS = """() => {
  let e = document.activeElement;
  while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  return e.name || e.className || e.tagName;
}"""


def link(stack: Stack, offer: str = "lidmaatschap", *, lang: str = "nl") -> str:
    return f'<a href="{stack.desk}/{lang}/{offer}">{LABEL}</a>'


def marker(stack: Stack, offer: str = "lidmaatschap", *, lang: str = "nl", more: str = "") -> str:
    """What an owner pastes."""
    return f'<div class="loket-form" data-lang="{lang}" {more}>{link(stack, offer, lang=lang)}</div>'


def script(stack: Stack) -> str:
    return f'<script async src="{stack.desk}/embed.js"></script>'


def put_page(
    page: Page,
    stack: Stack,
    body: str,
    *,
    head: str | None = None,
    policy: str = "",
    query: str = "",
    lang: str = "nl",
    site: str = "",
) -> str:
    """Open a page of our own making that stands on the demo website; where it is."""
    head = script(stack) if head is None else head
    html = (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>Een andere website</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"{head}</head><body><main><h1>Een andere website</h1>{body}</main></body></html>"
    )
    url = f"{site or stack.website}{PATH}"
    serve(page, f"{url}**", html, policy=policy)
    url += query
    page.goto(url)
    return url


def serve(page: Page, url: str, html: str, *, policy: str = "") -> None:
    """Let this stand at an address, without a server."""
    # what comes from nowhere may not ask anything of this machine, unless the visitor allows it
    page.context.grant_permissions(["local-network-access"])
    headers = {"Content-Security-Policy": policy} if policy else {}
    page.route(url, lambda route: route.fulfill(body=html, content_type="text/html", headers=headers))


def example(
    page: Page, stack: Stack, path: str, *, offer: str = "lidmaatschap", lang: str = "nl", site: str = ""
) -> str:
    """Open one of the demo website's examples, and wait for the form in it; where it is."""
    url = f"{site or stack.website}{path}?form={offer}&lang={lang}"
    page.goto(url)
    wait_for_forms(page)
    return url


def wait_for_forms(page: Page, count: int = 1) -> None:
    page.locator("loket-form .loket").nth(count - 1).wait_for()


def embedded(page: Page, number: int = 1) -> Locator:
    """A form on the page, counted from 1."""
    return page.locator("loket-form").nth(number - 1)


def press_in_place(page: Page, label: str, *, form: int = 1) -> int:
    """Press a button of an embedded form that stays in the page; the status of the answer, which is shown by then."""
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and "/total" not in answer.url
    ) as answered:
        embedded(page, form).get_by_role("button", name=label, exact=True).click()
    rest(page)
    return answered.value.status


def rest(page: Page) -> None:
    """Wait until nothing is being sent."""
    page.wait_for_function(NOT_BUSY)


def with_focus(page: Page) -> str:
    return str(page.evaluate(WITH_FOCUS))


def announced(page: Page) -> list[dict[str, Any]]:
    """The events of embedded forms on this page from now on, across all pages it shows; the list grows."""
    heard: list[dict[str, Any]] = []
    page.expose_function("tell", lambda event: heard.append(event))  # noqa: PLW0108  # Playwright wants no built-in
    page.add_init_script(f"({LISTEN})()")
    return heard


def wait_for_events(page: Page, heard: list[dict[str, Any]], *names: str) -> None:
    """Wait until so many events were announced, and see that it were these."""
    _serve(page, lambda: len(heard) >= len(names), what=lambda: f"{names}; heard: {heard}")
    assert sorted(event["name"] for event in heard) == sorted(names)


def requests(page: Page) -> list[Request]:
    """Everything this page asks for from now on; the list grows."""
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request))  # noqa: PLW0108  # Playwright wants no built-in
    return seen


def to_desk(seen: list[Request], stack: Stack, method: str = "POST") -> list[tuple[str, dict[str, str]]]:
    """Of what was asked, what went to the desk: the last part of its path, and what was in it."""
    return [
        (urlsplit(each.url).path.rpartition("/")[2], fields(each))
        for each in seen
        if each.method == method and each.url.startswith(stack.desk)
    ]


def fields(request: Request) -> dict[str, str]:
    """What a form sent; the first of each name."""
    return {name: values[0] for name, values in parse_qs(request.post_data or "", keep_blank_values=True).items()}


def hold(page: Page, url: str, *, method: str = "POST") -> list[Route]:
    """Keep back what is asked there from now on; the test lets each go on when it likes. The list grows."""
    held: list[Route] = []
    page.route(url, lambda route: held.append(route) if route.request.method == method else route.fallback())
    return held


def wait_for_held(page: Page, held: list[Route], count: int = 1) -> None:
    _serve(page, lambda: len(held) >= count, what=lambda: f"{count} requests held")


def _serve(page: Page, done: Callable[[], bool], *, what: Callable[[], str]) -> None:
    """Wait for what the page tells this process: that is only heard while the page is asked something."""

    def heard() -> bool:
        page.wait_for_timeout(1)
        return done()

    wait_until(heard, seconds=15, what=what)


def storage(page: Page) -> dict[str, str]:
    """What the host's tab remembers."""
    return dict(page.evaluate("({...sessionStorage})"))


def fill_in_congress(place: Place, *, email: str, lang: str = "nl", member: str = "no") -> None:
    fill_in(place, email=email, lang=lang)
    say_member(place, member, lang=lang)


def submit_label(*, lang: str = "nl", free: bool = False) -> str:
    return TEXTS[lang]["form.submit_free" if free else "form.submit"]
