"""How fast an issue of the newsletter goes, and what that costs.

    make bench-mail            20,000 readers, and the pace at three rates
    make bench-mail READERS=2000

The mail service is another process and speaks HTTP. While the pace is looked at the table is one too, as on AWS; for
the units it is in memory, in this process, and its computing is part of the figure but told apart. Nothing here is a
test: a figure that is worse than it was is for a person to see.
"""

from __future__ import annotations

import argparse
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from bench.cost.table import MeteredDynamoDB
from bench.cost.usage import Meter, Unit
from bench.mail.service import Service, service
from bench.mail.table import table
from chalicelib.adapters.dynamodb.store import dynamodb_client
from chalicelib.adapters.mail_beat import MailBeat
from chalicelib.adapters.ses_sender import SesAccount, SesSender
from chalicelib.domain.issue import IssueState
from chalicelib.domain.language import Language
from chalicelib.flows.send_issue import IssueSending
from devstack.environment import aws_variables
from tests.desk import Desk
from tests.engines.memory import MemoryDynamoDB
from tests.flows.newsletter import ISSUE, Newsroom, addresses

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

RATES = (14.0, 100.0, 500.0)
# How long each rate is watched, and what of it is looked at: neither the first moment nor the last.
WATCHED_SECONDS, EDGE_SECONDS = 20, 2


class _DeskByHttp(Desk):
    """A desk that asks its table as it does on AWS."""

    def new_engine(self) -> MemoryDynamoDB:
        class Elsewhere(MemoryDynamoDB):
            """Nothing is kept here."""

            def client(self, **_: Any) -> DynamoDBClient:
                return dynamodb_client()

        return Elsewhere(clock=lambda: datetime.now(UTC))


class _MeteredDesk(Desk):
    """A desk whose table counts what is written and read, and how long the table itself takes."""

    def __init__(self, meter: Meter) -> None:
        self.meter, self.table_seconds = meter, 0.0
        super().__init__()

    def new_engine(self) -> MeteredDynamoDB:
        desk = self

        class Timed(MeteredDynamoDB):
            """The same, and says how long it computed."""

            def client(self, **settings: Any) -> DynamoDBClient:
                return super().client(**settings, parameter_validation=False)  # as the real one

            def _answer(self, operation: str, request: dict[str, Any]) -> Any:
                began = time.thread_time()
                try:
                    return super()._answer(operation, request)
                finally:
                    desk.table_seconds += time.thread_time() - began

        return Timed(clock=lambda: datetime.now(UTC), meter=self.meter)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make bench-mail", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=20_000, help="how many an issue goes to (default: 20,000)")
    given = parser.parse_args()
    _as_fast_as_it_goes(given.readers)
    for rate in RATES:
        _at_a_rate(rate)


def _as_fast_as_it_goes(readers: int) -> None:
    meter = Meter()
    desk = _MeteredDesk(meter)
    room = Newsroom(desk)
    print(f"Subscribing {readers:,} readers …", flush=True)
    room.subscribe(addresses(readers))
    room.issue()
    with service(per_second=0, latency=0) as mail, _aws(mail):
        sending = _sending(room, rate=5_000)
        _measured("copied", readers, desk, lambda: _copied(sending))
        _measured("sent", readers, desk, lambda: sending.send(ISSUE))
    assert room.stored().state is IssueState.SENT
    taken = mail.taken
    assert len(taken.addresses) == len(set(taken.addresses)) == readers, "each got it once"
    letter = message_from_bytes(taken.sample)
    print(f"  a mail is {len(taken.sample) / 1024:.1f} kB; {letter['Subject']!r}")


def _copied(sending: IssueSending) -> None:
    """Only the rows: it stops before the first mail."""
    goes_on, sending.goes_on = sending.goes_on, _until_copied(sending)
    sending.send(ISSUE)
    sending.goes_on = goes_on


def _until_copied(sending: IssueSending) -> Callable[[], bool]:
    def goes_on() -> bool:
        issue = sending.store.unit_of_work().issues.get(ISSUE)
        return issue is not None and not issue.prepared

    return goes_on


def _measured(what: str, readers: int, desk: _MeteredDesk, work: Callable[[], object]) -> None:
    before, table = desk.meter.read(), desk.table_seconds
    began, computed = time.monotonic(), time.process_time()
    work()
    seconds, cpu = time.monotonic() - began, time.process_time() - computed
    used, table = desk.meter.read() - before, desk.table_seconds - table
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own = cpu - table
    print(
        f"{what:7} {readers:,} in {seconds:.1f} s; computing {cpu / readers * 1e6:.0f} µs each, "
        f"of which {table / readers * 1e6:.0f} the table in memory: {readers / own:.0f} a second per core without it\n"
        f"        {used[Unit.WRITE_UNITS] / readers:.2f} write units and {used[Unit.READ_UNITS] / readers:.2f} read "
        f"units each; most memory so far {memory:.0f} MB",
        flush=True,
    )


def _at_a_rate(account: float) -> None:
    """An account that admits so many a second: is our share of it held, and does a ticket get through?"""
    share = account * 0.8
    readers = int(share * WATCHED_SECONDS)
    with service(per_second=account, latency=0.06) as mail, table() as kept, _aws(mail, table=kept):
        desk = _DeskByHttp()
        room = Newsroom(desk)
        room.subscribe(addresses(readers))
        room.issue()
        sending = _sending(room, rate=account)
        waited = _Ticket(desk, after=WATCHED_SECONDS / 2)
        sending.send(ISSUE)
        seconds = waited.seconds()
    moments = sorted(mail.taken.moments)
    inner = [each for each in moments if moments[0] + EDGE_SECONDS <= each <= moments[-1] - EDGE_SECONDS]
    rate = (len(inner) - 1) / (inner[-1] - inner[0])
    print(
        f"account of {account:.0f}/s: {rate:.1f}/s held of {share:.1f} ({(rate / share - 1) * 100:+.1f} %), refused "
        f"{mail.taken.refused} times; a ticket in the middle left after {seconds:.2f} s",
        flush=True,
    )


class _Ticket:
    """A mail to somebody who registers while the issue is going."""

    def __init__(self, desk: Desk, *, after: float) -> None:
        self._seconds = 0.0
        self._thread = threading.Timer(after, self._send, args=(desk,))
        self._thread.start()

    def _send(self, desk: Desk) -> None:
        app = desk.application
        vars(app).pop("sender", None)
        assert isinstance(app.sender, SesSender)
        began = time.monotonic()
        letter = app.code_composer.compose_code("123456", to="ada@voorbeeldstad.nl", name="Ada", language=Language.NL)
        app.sender.send(letter, email_id="ticket-in-the-middle")
        self._seconds = time.monotonic() - began

    def seconds(self) -> float:
        self._thread.join()
        return self._seconds


def _sending(room: Newsroom, *, rate: float) -> IssueSending:
    app = room.desk.application
    vars(app).pop("sender", None)
    app.now = lambda: datetime.now(UTC)
    app.account = SesAccount() if rate <= max(RATES) else room.account
    if rate > max(RATES):
        room.account.per_second = rate
    sending = app.issue_sending(goes_on=lambda: True)
    sending.beat = lambda share: MailBeat(share, clock=time.monotonic, sleep=time.sleep)
    return sending


@contextmanager
def _aws(mail: Service, *, table: str = "http://127.0.0.1:9") -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.update(aws_variables(emulator=table, mailbox=mail.url))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


if __name__ == "__main__":
    main()
