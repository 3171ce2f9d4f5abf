"""What a test does on the line to the table: count the commits, or act between a flow's reading and its writing."""

from __future__ import annotations

from collections.abc import Callable

from tests.desk import Desk

READING, ASKING, WRITING = (f"before-call.dynamodb.{call}" for call in ("GetItem", "Query", "TransactWriteItems"))


def count_commits(desk: Desk) -> list[int]:
    """How many writes each commit has that is made from now on."""
    counted: list[int] = []

    def count(*, params: dict[str, bytes], **_: object) -> None:
        counted.append(params["body"].count(b'"TableName"'))

    desk.client.meta.events.register_first(WRITING, count)
    return counted


def before_writing(desk: Desk, act: Callable[[], object], *, times: int = 1) -> None:
    """Somebody else acts just before each of the next commits, when everything has been read."""
    meanwhile(desk, act, before=WRITING, times=times)


def meanwhile(desk: Desk, act: Callable[[], object], *, before: str, after: int = 0, times: int = 1) -> None:
    """Somebody else acts just before such calls, when so many of them have been made."""
    passing, left, acting = [None] * after, [act] * times, [False]

    def interfere(**_: object) -> None:
        if acting[0] or not left:
            return  # his own calls are nobody's to interfere with
        if passing:
            passing.pop()
            return
        acting[0] = True
        left.pop()()
        acting[0] = False

    desk.client.meta.events.register_first(before, interfere)
