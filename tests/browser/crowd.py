"""A crowd: many buyers over HTTP who all have a connection before the first of them presses the button."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_urlsafe
from urllib.parse import urlencode

from devstack.emulator import HOST
from tests.browser.buyer import NAME, ORGANISATION, new_email
from tests.browser.stack import Stack

# Far beyond what a crowd of 500 takes on two cores.
PATIENCE_SECONDS = 120
MOST_PRESSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one of the crowd got: the status, where it leads, and the page."""

    email: str
    status: int
    location: str
    page: str

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.page)
        return found[1] if found else ""


def press_at_once(stack: Stack, *, offer_id: str, buyers: int, people: int = 1, **more: str) -> list[Answer]:
    """Everybody registers this many people, each with a form of his own, at the same moment.

    Whom the desk asks to try again in a moment, because it is too busy, presses again.
    """
    answers: dict[str, Answer] = {}
    path = f"/nl/{offer_id}?send=1"
    waiting = {form["key"]: form for form in (_form(people, more) for _ in range(buyers))}
    for _ in range(MOST_PRESSES):
        # in a thread of its own: the browser's loop runs in this one
        with ThreadPoolExecutor(1) as thread:
            got = thread.submit(lambda forms: asyncio.run(_rush(stack, path, forms)), list(waiting.values())).result()
        answers |= zip(waiting, got, strict=True)
        waiting = {key: form for key, form in waiting.items() if answers[key].status == 503}
        if not waiting:
            break
        print(f"\n{len(waiting)} are asked to try again")
    return list(answers.values())


def _form(people: int, more: dict[str, str]) -> dict[str, str]:
    fields = {"organisation": ORGANISATION, "name": NAME, "email": new_email(), "key": token_urlsafe(24), "do": "pay"}
    others = {f"p{row}_{part}": value for row in range(1, people) for part, value in _person().items()}
    return fields | {"self": "ja"} | others | more


def _person() -> dict[str, str]:
    return {"name": "Bram van den Berg", "email": new_email()}


async def _rush(stack: Stack, path: str, forms: Sequence[dict[str, str]]) -> list[Answer]:
    port = stack.ports[0]
    lines = await asyncio.gather(*(asyncio.open_connection(HOST, port) for _ in forms))

    async def press(line: tuple[asyncio.StreamReader, asyncio.StreamWriter], form: dict[str, str]) -> Answer:
        (reader, writer), body = line, urlencode(form)
        head = f"POST {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n"
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + body).encode())
        content = (await reader.read()).decode()
        writer.close()
        found = re.search(r"^location: (\S+)", content, re.IGNORECASE | re.MULTILINE)
        status = int(content.split(" ", 2)[1]) if content else 0
        return Answer(email=form["email"], status=status, location=found[1] if found else "", page=content)

    async with asyncio.timeout(PATIENCE_SECONDS):
        return await asyncio.gather(*(press(line, form) for line, form in zip(lines, forms, strict=True)))
