"""Writing an issue: the list, the form, what a colleague does meanwhile, and who may."""

from __future__ import annotations

import re

from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.document import Document


def test_begin(desk: Desk, browser: Browser) -> None:
    page = Document(browser.get("/beheer/nieuwsbrief"))
    assert "Er is nog geen nieuwsbrief" in page.text
    page = Document(browser.get("/beheer/nieuwsbrief/nieuw"))
    print(page.text)
