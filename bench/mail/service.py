"""A mail service in a process of its own: it takes mails over HTTP as fast as it admits, and remembers when."""

from __future__ import annotations

import asyncio
import base64
import json
import multiprocessing
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
_TO = re.compile(rb'"ToAddresses": ?\["([^"]+)"\]')
# SES lets an account go faster than its rate for a moment.
BURST_SECONDS = 1.0


@dataclass
class Taken:
    """What was taken, by the clock of the machine, and how often it said that it was asked too much."""

    moments: list[float] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    refused: int = 0
    sample: bytes = b""


class _Desk:
    """Admits mails at a rate; none: as many as come."""

    def __init__(self, *, per_second: float, latency: float) -> None:
        self.per_second, self.latency, self.taken = per_second, latency, Taken()
        self._tokens, self._at = per_second * BURST_SECONDS, time.time()

    def admits(self) -> bool:
        now = time.time()
        if not self.per_second:
            return True
        most = self.per_second * BURST_SECONDS
        self._tokens = min(most, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if head.startswith(b"GET"):
                    await self._answer(
                        writer,
                        200,
                        {"SendQuota": {"MaxSendRate": self.per_second, "Max24HourSend": 1e6, "SentLast24Hours": 0}},
                    )
                elif self.admits():
                    await self._take(body)
                    await self._answer(writer, 200, {"MessageId": f"m-{len(self.taken.moments)}"})
                else:
                    self.taken.refused += 1
                    await self._answer(writer, 429, {"message": "Maximum sending rate exceeded."})
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _take(self, body: bytes) -> None:
        self.taken.moments.append(time.time())
        address = _TO.search(body)
        self.taken.addresses.append(address[1].decode() if address else "")
        if not self.taken.sample:
            self.taken.sample = base64.b64decode(json.loads(body)["Content"]["Raw"]["Data"])
        if self.latency:
            await asyncio.sleep(self.latency)

    async def _answer(self, writer: asyncio.StreamWriter, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        kind = b"" if status == 200 else b"x-amzn-ErrorType: TooManyRequestsException\r\n"
        head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
        writer.write(head % (status, kind, len(body)) + body)
        await writer.drain()


def _run(pipe: Connection, per_second: float, latency: float) -> None:
    desk = _Desk(per_second=per_second, latency=latency)

    async def main() -> None:
        server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        server.close()

    asyncio.run(main())
    pipe.send(desk.taken)


class Service:
    """The mail service as whoever sends to it sees it; `taken` is there once it has ended."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url = f"http://127.0.0.1:{pipe.recv()}"
        self.taken = Taken()

    def end(self) -> None:
        self._pipe.send("end")
        self.taken = self._pipe.recv()


@contextmanager
def service(*, per_second: float = 0, latency: float = 0) -> Iterator[Service]:
    """A service that admits so many a second (0: all), and takes so long for each in seconds."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(theirs, per_second, latency), daemon=True)
    process.start()
    running = Service(ours)
    try:
        yield running
        running.end()
    finally:
        process.join(5)
        process.terminate()
