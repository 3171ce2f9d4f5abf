"""What a test does on the line to the table: count the commits, or act between a flow's reading and its writing."""

from __future__ import annotations

from collections.abc import Callable

from tests.desk import Desk

WRITING = "before-call.dynamodb.TransactWriteItems"


def count_commits(desk: Desk) -> list[int]:
    """How many writes each commit has that is made from now on."""
    counted: list[int] = []

    def count(*, params: dict[str, bytes], **_: object) -> None:
        counted.append(params["body"].count(b'"TableName"'))

    desk.client.meta.events.register_first(WRITING, count)
    return counted


def before_writing(desk: Desk, act: Callable[[], object], *, times: int = 1) -> None:
    """Somebody else acts just before each of the next commits, when everything has been read."""
    left, acting = [act] * times, [False]

    def interfere(**_: object) -> None:
        if left and not acting[0]:
            acting[0] = True  # his own commits are nobody's to interfere with
            left.pop()()
            acting[0] = False

    desk.client.meta.events.register_first(WRITING, interfere)
