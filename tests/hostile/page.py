"""An answer as a browser takes it: its language, its headers, and whether what was typed is still only text in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from chalicelib.domain.language import Language
from tests.desk import BASE_URL, WEBSITE
from tests.entrypoints.document import Document, Element
from tests.hostile.attack import Answer, Attack
from tests.hostile.till import CHECKOUT

HTML, JSON, SCRIPT = "text/html; charset=utf-8", "application/json; charset=utf-8", "text/javascript; charset=utf-8"
BUILDER = "/{lang}/insluiten"
# The element and the attribute by which the hostile texts would be seen to have become HTML.
INJECTED = "loket-x"
ADDRESSES = ("href", "src", "action", "formaction", "data", "srcdoc", "poster")
SAFE = (f"{BASE_URL}/", "#", "mailto:", "tel:", f"{WEBSITE}/", f"{CHECKOUT}/", "data:image/png;base64,")
EXACTLY = ("", BASE_URL, WEBSITE, "data:,")


def faults(attack: Attack, answer: Answer, *, allowed_origins: Collection[str]) -> list[str]:
    found = [*_headers(answer), *_reach(attack, answer, allowed_origins=allowed_origins), *_policy(answer)]
    if answer.kind == HTML and answer.text:
        found += _document(attack, answer)
    elif attack.resource != "/webhooks/stripe" and answer.status >= 400:
        found.append(f"no page: {answer.kind}")
    return found


def _headers(answer: Answer) -> Iterator[str]:
    headers = answer.headers
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z-]+", name) or not value.isascii() or not value.isprintable():
            yield f"header {name!r}: {value!r}"
    if answer.several:
        yield f"more headers: {answer.several}"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "may be sniffed"
    if not headers.get("Cache-Control") or (answer.status >= 400 and "public" in headers["Cache-Control"]):
        yield f"cached: {headers.get('Cache-Control')}"
    if headers.get("Vary") != "Origin":
        yield "no Vary"
    if answer.kind not in (HTML, JSON, SCRIPT):
        yield f"kind {answer.kind!r}"


def _reach(attack: Attack, answer: Answer, *, allowed_origins: Collection[str]) -> Iterator[str]:
    """Who may read it, and where it leads."""
    headers = answer.headers
    origin, granted = attack.header("origin"), headers.get("Access-Control-Allow-Origin")
    if granted != (origin if origin in allowed_origins else None):
        yield f"readable by {granted}, asked by {origin!r}"
    if "Access-Control-Allow-Credentials" in headers:
        yield "credentials"
    if (answer.status == 303) != ("Location" in headers):
        yield "half a redirect"
    if answer.location and not answer.location.startswith((f"{BASE_URL}/", f"{CHECKOUT}/")):
        yield f"leads to {answer.location}"


def _policy(answer: Answer) -> Iterator[str]:
    """What a page may do in a browser."""
    if answer.kind == HTML and answer.text.startswith("<!DOCTYPE html>"):
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "base-uri 'none'" not in policy or "unsafe-inline" in policy:
            yield f"policy {policy!r}"
        if not answer.headers.get("Referrer-Policy"):
            yield "tells others where it was"


def written(html: str) -> Iterator[str]:
    """What is wrong with the HTML of a letter: what was typed is only text there too."""
    letter = Answer(status=200, headers={}, several={}, text=html)
    for element in Document(letter).elements:  # type: ignore[arg-type]  # it reads a body, and that is all it needs
        yield from _element(element, Attack(resource="a letter"))


def _document(attack: Attack, answer: Answer) -> Iterator[str]:
    try:
        document = Document(answer)  # type: ignore[arg-type]  # it reads a body, and that is all it needs
    except AssertionError as error:
        yield f"no whole HTML: {error}"
        return
    lang = (attack.parameters or {}).get("lang", "")
    language = lang if lang in set(Language) else "nl"
    told = [element.get("lang") for element in document.elements if element.has("lang")][:1]
    if told and told != [language]:
        yield f"speaks {told}, not {language}"
    if not told and answer.text.startswith("<!DOCTYPE html>"):
        yield "speaks no language"
    for element in document.elements:
        yield from _element(element, attack)


def _element(element: Element, attack: Attack) -> Iterator[str]:
    if element.tag == INJECTED or element.has(INJECTED) or any(name.startswith("on") for name in element.attributes):
        yield f"HTML was let in: {element.tag} {element.attributes}"
    moved = element.tag == "base" and element.has("href")
    if moved or element.tag in ("iframe", "object", "embed") or element.has("srcdoc"):
        yield f"a strange element: {element.tag}"
    inline = element.tag == "script" and element.get("src") != f"{BASE_URL}/embed.js"
    if inline and attack.resource != BUILDER:
        yield f"a strange script: {element.attributes} {element.text[:80]}"
    for name in ADDRESSES:
        address = element.get(name)
        if element.has(name) and address not in EXACTLY and not address.startswith(SAFE):
            yield f"leads to {address[:80]!r}"
    if element.get("http-equiv") == "refresh" and f"url={BASE_URL}/" not in element.get("content"):
        yield f"leads by itself to {element.get('content')!r}"
