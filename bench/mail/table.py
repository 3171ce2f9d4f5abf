"""The table in a process of its own: DynamoDB as it is asked over HTTP, in memory."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from tests.engines.memory import MemoryDynamoDB
from tests.engines.refusals import Refusal

_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
_OPERATION = re.compile(rb"(?i)x-amz-target: *DynamoDB_\d+\.(\w+)")
_HEAD = b"HTTP/1.1 %d X\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n"


class _Door:
    """Answers one request after the other of each connection."""

    def __init__(self) -> None:
        self._engine = MemoryDynamoDB(clock=lambda: datetime.now(UTC))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length, operation = _LENGTH.search(head), _OPERATION.search(head)
                assert length is not None, "the SDK sends it"
                assert operation is not None, "and this"
                request = json.loads(await reader.readexactly(int(length[1])))
                status, content = self._answer(operation[1].decode(), request)
                body = json.dumps(content).encode()
                writer.write(_HEAD % (status, len(body)) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            return 200, self._engine.answer(operation, request)
        except Refusal as refusal:
            return 400, {"__type": f"#{refusal.code}", "message": refusal.message, **refusal.members}


def _run(pipe: Connection) -> None:
    async def main() -> None:
        server = await asyncio.start_server(_Door().serve, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        server.close()

    asyncio.run(main())


@contextmanager
def table() -> Iterator[str]:
    """Where the table is asked."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
        ours.send("end")
    finally:
        process.join(5)
        process.terminate()
