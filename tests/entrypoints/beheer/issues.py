"""Issues of the newsletter as a secretary makes them, with readers to send them to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.document import Document
from tests.flows.newsletter import Newsroom

NEW = "/beheer/nieuwsbrief/nieuw"
SOURCE = """---
onderwerp: Nieuws uit de wijken
preheader: Wat er deze maand gebeurt
---

Beste {naam|lezer},

Er is nieuws. [[Lees verder]](https://www.lpb.example.nl/nieuws)
"""
LONG = "Onderwerpsregelzondereenenkelespatiewaarinhetooknogmoetpassenopeentelefoonscherm"[:78]


def form(source: str = SOURCE, **given: str) -> dict[str, str]:
    """What the form of an issue sends, unless something else is given."""
    return {"tekst": source, "rubriek": "nieuwsbrief", "groep": "iedereen", "leest": "", "do": "bewaar"} | given


def hidden(page: Document, name: str) -> str:
    return next(page.all("input", name=name)).get("value")


def write(browser: Browser, source: str = SOURCE, **given: str) -> str:
    """A new draft; the path of its page."""
    page = Document(browser.get(NEW))
    answer = browser.press(NEW, NEW, {"key": hidden(page, "key")} | form(source, **given))
    assert answer.status_code == 303, answer.body.decode()
    found = re.search(r"/beheer/nieuwsbrief/[a-z2-7]{32}", answer.headers["Location"])
    assert found
    return found[0]


def fields_of(browser: Browser, path: str) -> dict[str, str]:
    """The hidden fields of a page's form, as a browser sends them back."""
    page = Document(browser.get(path))
    return {each.get("name"): each.get("value") for each in page.all("input", type="hidden")}


def agree(browser: Browser, path: str, **given: str) -> dict[str, str]:
    """What the page that asks for the number sends when that is agreed to."""
    page = Document(browser.get(f"{path}/versturen"))
    sent = {each.get("name"): each.get("value") for each in page.all("input", type="hidden")}
    return sent | {"wanneer": "nu", "akkoord": page.one("input", name="akkoord").get("value")} | given


def schedule(browser: Browser, path: str, **given: str) -> None:
    answer = browser.post(f"{path}/versturen", agree(browser, path, **given))
    assert answer.status_code == 303, answer.body.decode()


def newsroom(desk: Desk, addresses: Iterable[str] = ()) -> Newsroom:
    """Whoever sends, with these readers."""
    room = Newsroom(desk)
    room.subscribe(addresses)
    return room
