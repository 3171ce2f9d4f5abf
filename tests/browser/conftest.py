"""One stack and one browser for all tests of this room, and pages of every size on them."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, ViewportSize, sync_playwright

from tests.browser.buyer import Buyer, new_email
from tests.browser.chromium import FLAGS, chromium_path, is_root
from tests.browser.stack import Stack, running_stack

# What it asserts is shown as clearly as what the tests do.
pytest.register_assert_rewrite("tests.browser.evidence")

DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)
SMALLEST = ViewportSize(width=320, height=640)
# Far more than any page needs: the machine may be busy.
PATIENCE_MS = 20_000


class OpenPage(Protocol):
    """Opens an empty page in a browser context of its own."""

    def __call__(
        self, *, size: ViewportSize = DESKTOP, javascript: bool = True, browser: Browser | None = None, faults: str = ""
    ) -> Page: ...


# Package scope: other rooms start a Playwright of their own, and there can be only one at a time.
@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(log=tmp_path_factory.mktemp("stack") / "log.txt") as stack:
        yield stack


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=chromium_path(), args=list(FLAGS), chromium_sandbox=not is_root()
    )
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def remembering_browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser that keeps whole pages for the back button, as people's browsers do; Playwright switches that off."""
    browser = playwright.chromium.launch(
        executable_path=chromium_path(),
        args=list(FLAGS),
        chromium_sandbox=not is_root(),
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Pages that are closed afterwards; a script error or a broken content policy on any of them fails the test.

    What the test brings about itself it names as `faults`: a pattern of what the browser says then.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(
        *,
        size: ViewportSize = DESKTOP,
        javascript: bool = True,
        browser: Browser | None = browser,
        faults: str = "",
    ) -> Page:
        assert browser is not None

        def hear(said: ConsoleMessage) -> None:
            # Chromium calls every answer of 400 and above an error, also the page that says what to correct.
            expected = said.text.startswith("Failed to load resource") or (faults and re.search(faults, said.text))
            if said.type == "error" and not expected:
                errors.append(said.text)

        context = browser.new_context(viewport=size, java_script_enabled=javascript, locale="nl-NL")
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", hear)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def any_page(open_page: OpenPage, request: pytest.FixtureRequest) -> Page:
    """A page with JavaScript, and one without."""
    return open_page(javascript=request.param)


@pytest.fixture(params=["kept-page", "new-page"])
def page_with_back(request: pytest.FixtureRequest, open_page: OpenPage) -> Page:
    """A page in a browser that keeps whole pages for the back button (bfcache), and in one that does not."""
    if request.param == "kept-page":
        browser: Browser = request.getfixturevalue("remembering_browser")
        return open_page(browser=browser)
    return open_page()


@pytest.fixture
def email() -> str:
    """An address that no other test has."""
    return new_email()


@pytest.fixture
def buyer(stack: Stack) -> Buyer:
    return Buyer(stack=stack)


@pytest.fixture(scope="package")
def screenshot() -> Callable[[Page, str], None]:
    """Keeps a picture of a page in the folder that SCREENSHOTS names; without it, does nothing."""
    folder = os.environ.get("SCREENSHOTS")

    def keep(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return keep
