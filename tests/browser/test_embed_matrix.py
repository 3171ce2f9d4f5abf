"""One journey in every circumstance: empty form, errors, Checkout, Back, Checkout again, paid, and back to the website.

All circumstances together would be hundreds of journeys; in ROWS each value of each meets each value of every other,
which a test below counts. Where else a circumstance is looked at by itself:

| circumstance                     | test modules                                                       |
|----------------------------------|--------------------------------------------------------------------|
| embed                            | all of test_embed_*                                                |
| hosted                           | test_errors, test_repeats, test_keyboard, test_pages, test_event_* |
| iframe                           | test_embed_frame, test_embed_total                                 |
| JavaScript off                   | test_embed_link, test_embed_frame, test_errors                     |
| third-party cookies blocked      | here; no cookie at all: test_embed_submit                          |
| keyboard                         | test_embed_everybody, test_keyboard                                |
| bfcache on, off                  | test_embed_back, test_repeats                                      |
| hostile CSS                      | test_embed_host                                                    |
| strict CSP                       | test_embed_submit, test_embed_back, test_embed_everybody           |
| Trusted Types                    | test_embed_link                                                    |
| nl, en                           | all of test_embed_*                                                |
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations, product
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.buyer import NAME, ORGANISATION
from tests.browser.conftest import OpenPage
from tests.browser.embedding import example, put_page, rest
from tests.browser.keyboard import tab_to
from tests.browser.pages import TEXTS, Place, field, fill_in, wait_for_heading
from tests.browser.stack import Stack, wait_until

VALUES = (
    ("embed", "hosted", "iframe"),
    ("javascript", "no-javascript"),
    ("all-cookies", "own-cookies"),
    ("mouse", "keyboard"),
    ("kept-page", "new-page"),
    ("own-colours", "hostile", "strict", "trusted-types"),
    ("nl", "en"),
)
# A hosted form has no website around it.
ROWS = """
    embed   javascript     own-cookies  mouse     kept-page  hostile        nl
    embed   javascript     all-cookies  keyboard  new-page   strict         nl
    embed   javascript     own-cookies  keyboard  kept-page  own-colours    en
    embed   no-javascript  own-cookies  mouse     new-page   own-colours    en
    embed   no-javascript  own-cookies  keyboard  new-page   trusted-types  en
    hosted  javascript     own-cookies  keyboard  kept-page  -              en
    hosted  no-javascript  all-cookies  mouse     new-page   -              nl
    iframe  javascript     all-cookies  keyboard  kept-page  own-colours    nl
    iframe  no-javascript  all-cookies  keyboard  new-page   hostile        en
    iframe  no-javascript  own-cookies  mouse     kept-page  strict         en
    iframe  javascript     all-cookies  mouse     kept-page  trusted-types  nl
"""
EXAMPLES = {"own-colours": "/donker", "hostile": "/thema", "strict": "/strikt", "trusted-types": "/trusted-types"}
SHEETS = {"own-colours": "dark.css", "hostile": "hostile.css"}
POLICIES = {
    "strict": "default-src 'none'; frame-src DESK; img-src data:; form-action 'none'; base-uri 'none'",
    "trusted-types": "require-trusted-types-for 'script'; trusted-types 'none'",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    place: str
    javascript: str
    cookies: str
    hand: str
    back: str
    host: str
    lang: str

    @property
    def in_place(self) -> bool:
        """Whether the form comes into the website's own page; else its link is followed."""
        return self.place == "embed" and self.javascript == "javascript" and self.host != "trusted-types"


TABLE = [Row(*line.split()) for line in ROWS.split("\n") if line.strip()]


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody in the circumstances of a row, and the pages he sees."""

    row: Row
    stack: Stack
    page: Page

    @property
    def texts(self) -> dict[str, str]:
        return TEXTS[self.row.lang]

    def come(self) -> Place:
        """Open the place where the form stands, and get to it."""
        stack, page, row = self.stack, self.page, self.row
        form = f"{stack.desk}/{row.lang}/lidmaatschap"
        if row.place == "hosted":
            page.goto(form)
            return page
        if row.place == "iframe":
            return self._frame(form)
        if row.in_place:
            example(page, stack, EXAMPLES[row.host], lang=row.lang, site=website(stack, row.cookies))
            return page
        page.goto(f"{website(stack, row.cookies)}{EXAMPLES[row.host]}?lang={row.lang}")
        words = page.locator(f'a[href="{form}"]').inner_text()
        if row.hand == "keyboard":
            tab_to(page, words)
            page.keyboard.press("Enter")
        else:
            page.get_by_role("link", name=words).click()
        page.wait_for_url(form)
        return page

    def _frame(self, form: str) -> Place:
        row, site = self.row, website(self.stack, self.row.cookies)
        sheet = f'<link rel="stylesheet" href="{site}/static/{SHEETS[row.host]}">' if row.host in SHEETS else ""
        body = f'<iframe src="{form}?iframe=1" title="Loket" width="700" height="700"></iframe>'
        policy = POLICIES.get(row.host, "").replace("DESK", self.stack.desk)
        put_page(self.page, self.stack, body, head=sheet, policy=policy, lang=row.lang, site=site)
        frame = self.page.frame(url=f"{self.stack.desk}/**")
        assert frame is not None
        return frame

    def fill_in(self, place: Place, email: str) -> None:
        if self.row.hand == "mouse":
            fill_in(place, email=email, lang=self.row.lang)
            return
        for name, answer in (("organisation", ORGANISATION), ("name", NAME), ("email", email)):
            tab_to(self.page, self.texts[f"field.{name}.label"])
            self.page.keyboard.type(answer)

    def send(self, place: Place) -> None:
        """Press the button; whether it leads on is for the journey to see."""
        label = self.texts["form.submit"]
        if self.row.hand == "keyboard":
            tab_to(self.page, label)
            self.page.keyboard.press("Enter")
        else:
            place.get_by_role("button", name=label, exact=True).click()

    def pay(self) -> None:
        if self.row.hand == "keyboard":
            tab_to(self.page, "Betalen")
            self.page.keyboard.press("Enter")
        else:
            self.page.get_by_role("button", name="Betalen", exact=True).click()

    def go_back(self, session: CDPSession) -> None:
        """The back button of the browser, that works without JavaScript and finds a page that was kept whole."""
        history = session.send("Page.getNavigationHistory")
        before = history["entries"][history["currentIndex"] - 1]
        session.send("Page.navigateToHistoryEntry", {"entryId": before["id"]})

        def there() -> bool:
            self.page.wait_for_timeout(20)
            return bool(self.page.url == before["url"])

        wait_until(there, seconds=15, what=lambda: f"back at {before['url']}")

    def read(self) -> dict[str, str]:
        """What stands in the form that is asked for first."""
        return {
            name: field(self.page, name, lang=self.row.lang).input_value() for name in ("organisation", "name", "email")
        }


def website(stack: Stack, cookies: str) -> str:
    """Where the demo website is: on the desk's own site, or at an address that makes the desk a third party.

    Each page here is in a private window, and in those Chromium lets no third party have a cookie.
    """
    return stack.website.replace("localhost", "127.0.0.1") if cookies == "own-cookies" else stack.website


@pytest.mark.parametrize("row", TABLE, ids=lambda row: "-".join(astuple(row)))
def test_journey(row: Row, stack: Stack, open_page: OpenPage, request: pytest.FixtureRequest, email: str) -> None:
    kept: Browser | None = request.getfixturevalue("remembering_browser" if row.back == "kept-page" else "browser")
    page = open_page(javascript=row.javascript == "javascript", browser=kept, faults="TrustedHTML")
    session = page.context.new_cdp_session(page)
    visitor = Visitor(row=row, stack=stack, page=page)

    place = visitor.come()
    visitor.send(place)
    page.locator(".sum").wait_for()
    if row.in_place:
        rest(page)
    assert len(page.locator(".sum li").all()) == 3
    visitor.fill_in(page, email)
    form = page.url
    visitor.send(page)
    page.wait_for_url(f"{stack.stripe}/pay/**")
    checkout = page.url

    visitor.go_back(session)
    assert page.url == form
    typed = {"organisation": ORGANISATION, "name": NAME, "email": email}
    wait_until(lambda: visitor.read() == typed, seconds=10, what=lambda: f"the answers; there are {visitor.read()}")
    visitor.send(page)
    page.wait_for_url(checkout)
    assert stack.counts(email) == (1, 1)

    visitor.pay()
    wait_for_heading(page, visitor.texts["order.paid.title"])
    there = page.get_by_role("link", name=visitor.texts["way_back.link"].partition("{")[0])
    assert there.count() == (row.in_place or row.place == "iframe")
    assert page.context.cookies() == []


def test_each_value_meets_each_value_of_every_other() -> None:
    wanted = {
        pair
        for one, other in combinations(range(len(VALUES)), 2)
        for pair in product([(one, value) for value in VALUES[one]], [(other, value) for value in VALUES[other]])
        if not ("hosted" in dict(pair).values() and 5 in dict(pair))
    }
    met = {pair for row in TABLE for pair in combinations(enumerate(astuple(row)), 2)}
    assert wanted - met == set()


class _Baker(BaseHTTPRequestHandler):
    """Hands a cookie to everybody, and says which it gets back."""

    def do_GET(self) -> None:
        body = self.headers.get("Cookie", "").encode()
        self.send_response(200)
        self.send_header("Set-Cookie", "control=1; SameSite=None; Secure; Path=/")
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
        self.send_header("Access-Control-Allow-Credentials", "true")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nobody reads along."""


@contextmanager
def bakery() -> Iterator[str]:
    """Somebody with a cookie, on the desk's site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Baker) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("cookies", VALUES[2])
def test_cookies_of_others_are_really_blocked(stack: Stack, page: Page, cookies: str) -> None:
    """A control cookie comes back to the desk's own site, and does not come to a third party."""
    page.goto(f"{website(stack, cookies)}/voorwaarden")
    with bakery() as url:
        answers = [
            page.evaluate("url => fetch(url, {credentials: 'include'}).then(r => r.text())", url) for _ in range(2)
        ]
    assert answers == ["", "control=1" if cookies == "all-cookies" else ""]


def test_browser_may_keep_the_whole_page_of_the_website(
    stack: Stack, open_page: OpenPage, remembering_browser: Browser, email: str
) -> None:
    """What the rows with a kept page rest on: the form does not stand in the way of the browser's own memory."""
    page = open_page(browser=remembering_browser)
    session = page.context.new_cdp_session(page)
    example(page, stack, "/strikt")
    page.evaluate("window.kept = true")
    fill_in(page, email=email)
    page.get_by_role("button", name=TEXTS["nl"]["form.submit"], exact=True).click()
    page.wait_for_url(f"{stack.stripe}/pay/**")
    Visitor(row=TABLE[0], stack=stack, page=page).go_back(session)
    assert page.evaluate("window.kept")
