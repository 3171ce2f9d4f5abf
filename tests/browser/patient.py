"""Patient visitors: many at once over HTTP, who do nothing but wait for what their page does by itself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from secrets import token_urlsafe
from urllib.parse import urlencode, urlsplit

from devstack.emulator import HOST
from tests.browser.buyer import NAME, ORGANISATION, new_email
from tests.browser.stack import Stack

REFRESH = re.compile(r'<meta http-equiv="refresh" content="(\d+);url=([^"]+)">')
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
# Longer than any page waits.
GIVE_UP_SECONDS = 180


@dataclass(kw_only=True)
class Visitor:
    """One of the crowd: the pages he saw, by their headings, how long each waited, and where and when he ended."""

    email: str = field(default_factory=new_email)
    answered: float = 0.0
    seconds: float = 0.0
    url: str = ""
    page: str = ""
    headings: list[str] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)


def register(stack: Stack, *, offer_id: str, visitors: int, within: float = 0.0, **more: str) -> list[Visitor]:
    """So many send the form, evenly within so many seconds, and wait until they are at Stripe or told otherwise."""
    crowd = [Visitor() for _ in range(visitors)]

    async def come(number: int, visitor: Visitor) -> None:
        await asyncio.sleep(within * number / visitors)
        fields = {"organisation": ORGANISATION, "name": NAME, "email": visitor.email, "key": token_urlsafe(24)}
        form = fields | {"do": "pay", "self": "ja"} | more
        await _go(visitor, f"{stack.desk}/nl/{offer_id}?send=1", form, until=stack.stripe)

    _together([come(number, visitor) for number, visitor in enumerate(crowd)])
    return crowd


def pay(crowd: Sequence[Visitor]) -> None:
    """All pay at once, and wait at the page that they come back to until it waits no more."""
    _together([_go(visitor, visitor.url, {"do": "pay"}) for visitor in crowd])


def _together(stories: Sequence[Coroutine[None, None, None]]) -> None:
    async def all_of_them() -> None:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            await asyncio.gather(*stories)

    # in a thread of its own: the browser's loop runs in this one
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(all_of_them())).result()


async def _go(visitor: Visitor, url: str, fields: dict[str, str], *, until: str = "nowhere") -> None:
    """Send a form and go where that leads, as a browser without a script: until there, or until a page stays."""
    began, visitor.headings, visitor.pauses = time.monotonic(), [], []
    status, place, page = await _ask(url, fields)
    visitor.answered = time.monotonic() - began
    while not place.startswith(until):
        if status != 303:
            heading, refresh = HEADING.search(page), REFRESH.search(page)
            visitor.page = page
            visitor.headings.append(heading[1] if heading else f"status {status}")
            if not refresh:
                break
            visitor.pauses.append(int(refresh[1]))
            await asyncio.sleep(int(refresh[1]))
            place = unescape(refresh[2])
        visitor.url = place
        status, place, page = await _ask(place)
    visitor.url = place or visitor.url
    visitor.seconds = time.monotonic() - began


async def _ask(url: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
    """The status, where it leads, and the page."""
    parts, body = urlsplit(url), urlencode(fields or {})
    head = [f"{'POST' if fields else 'GET'} {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}"]
    head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"] if fields else []
    content = ""
    # a developer's server that has too many at once hangs up on some of them: who sees nothing presses again
    while not content:
        reader, writer = await asyncio.open_connection(HOST, parts.port)
        writer.write("\r\n".join([*head, "Connection: close", "", body]).encode())
        content = (await reader.read()).decode()
        writer.close()
    found = re.search(r"^location: (\S+)", content, re.IGNORECASE | re.MULTILINE)
    return int(content.split(" ", 2)[1]), found[1] if found else "", content
