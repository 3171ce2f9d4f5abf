"""A desk that counts: its functions run as on Lambda, and a meter hears of everything that AWS would charge for."""

from __future__ import annotations

import gzip
import io
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.cost.assumptions import COLD_START, COMPUTING, LINE_OVERHEAD, RUN_LINES, START_LINE, WAITING
from bench.cost.table import MeteredDynamoDB
from bench.cost.template import COMPRESSED_FROM, ENCRYPTED_PARAMETERS, MEMORY_GB
from bench.cost.usage import GB, Call, Meter, Unit, Usage
from chalicelib.adapters.emf_metrics import EmfMetrics
from chalicelib.adapters.ses_sender import Sender, mime
from chalicelib.domain.email import Letter
from chalicelib.domain.export import ExportKind
from chalicelib.domain.reconciliation import Window
from chalicelib.entrypoints import schedules, workers
from devstack.ses.events import DELIVERY, SEND, event_text
from devstack.ses.letter import Letter as Read
from devstack.ses.message import Message
from tests.desk import STRICT, Desk
from tests.engines.memory import MemoryDynamoDB
from tests.fakes.books import FakeBooks
from tests.fakes.dead_letters import FakeDeadLetters
from tests.fakes.exports import FakeExports
from tests.fakes.gateway import FakeGateway
from tests.fakes.queue import FakeQueue
from tests.fakes.sender import FakeSender

if TYPE_CHECKING:
    from chalice.test import HTTPResponse


type Worker = Callable[[Sequence[workers.Record]], workers.Failures]


class Function(StrEnum):
    """The functions of the package."""

    WEB = "api_handler"
    PAYMENTS = "payments"
    EMAILS = "emails"
    DELIVERIES = "deliveries"
    SWEEP = "sweep"
    RECONCILE = "reconcile"
    RETENTION = "retention"
    NEWSLETTER = "newsletter"


class CountedDesk(Desk):
    """A desk with the limits that a real one has, and each message in a run of its own, as on a quiet day."""

    def __init__(self) -> None:
        self.meter = Meter()
        self._warm: set[Function] = set()
        self._log = _Log(self.meter)
        super().__init__(given=STRICT)
        app, meter = self.application, self.meter
        app.emails = self.emails = CountedQueue(meter)
        app.payments = self.payments = CountedQueue(meter)
        app.sender = self.sender = self.post_office = CountedSender(self)
        app.gateway = self.gateway = CountedGateway(clock=self.clock, meter=meter)
        app.books = self.books = CountedBooks(gateway=self.gateway, meter=meter)
        app.exports = self.exports = CountedExports(meter)
        app.dead_letters = self.dead_letters = CountedDeadLetters(clock=self.clock, meter=meter)
        app.metrics = EmfMetrics("Loket/prod", output=_Lines(meter))

    def new_engine(self) -> MemoryDynamoDB:
        return MeteredDynamoDB(clock=self.clock, meter=self.meter)

    def measure(self, work: Callable[[], object], *, warm: bool = False) -> Usage:
        """What this uses, done by somebody before whom nobody was there for a while; `warm`: somebody was."""
        self._warm = set(Function) if warm else {Function.SWEEP, Function.NEWSLETTER}
        return self.meter.measure(work)

    def stored_bytes(self) -> int:
        assert isinstance(self.dynamo, MeteredDynamoDB)
        return self.dynamo.stored_bytes()

    # The doors of the web.

    def get(self, path: str, **headers: str) -> HTTPResponse:
        with self._runs(Function.WEB):
            return self._travels(super().get(path, **headers))

    def post(self, path: str, fields: dict[str, str] | str | bytes, **headers: str) -> HTTPResponse:
        with self._runs(Function.WEB):
            return self._travels(super().post(path, fields, **headers))

    def _travels(self, answer: HTTPResponse) -> HTTPResponse:
        body = answer.body if len(answer.body) < COMPRESSED_FROM else gzip.compress(answer.body)
        head = sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.headers.items())
        self.meter.use(Unit.API_REQUESTS)
        self.meter.use(Unit.OUT_GB, (head + len(body)) / GB)
        return answer

    # The workers.

    def work(self) -> None:
        """Let the workers take what is in the queues, and what SES then tells, until nothing is left."""
        with self.running():
            while self.payments.messages or self.emails.messages or self.post_office.news:
                self._work_on(Function.PAYMENTS, self.payments.take(), workers.payments)
                self._work_on(Function.EMAILS, self.emails.take(), workers.emails)
                self._hear()

    def hear(self) -> None:
        """What SES tells of mails that went without a queue."""
        with self.running():
            self._hear()

    def _hear(self) -> None:
        news, self.post_office.news = self.post_office.news, []
        self._work_on(Function.DELIVERIES, news, workers.deliveries)

    def _work_on(self, function: Function, messages: Sequence[str], worker: Worker) -> None:
        for message in messages:
            # it is received, and deleted
            self.meter.use(Unit.SQS_REQUESTS, 2)
            with self._runs(function):
                answer = worker([{"messageId": "m", "body": message}])
            assert answer == {"batchItemFailures": []}, (function, message)

    # The schedules.

    def newsletter(self) -> None:
        self._on_time(Function.NEWSLETTER, schedules.newsletter)

    def sweep(self) -> None:
        self._on_time(Function.SWEEP, schedules.sweep)

    def run_reconcile(self) -> None:
        self._on_time(Function.RECONCILE, schedules.reconcile)

    def retain(self) -> None:
        self._on_time(Function.RETENTION, schedules.retain)

    def go_round(self, window: Window, *, orders: int) -> None:
        """What a whole round over so many orders adds to the run that it is part of."""
        with self._waits():
            round_ = self.application.reconciliation().reconcile(window, goes_on=lambda _: True, anew=True)
        assert round_ is not None
        assert round_.looked_at["orders"] == orders, "a round that looks at others cannot be shared out over these"

    def _on_time(self, function: Function, schedule: Callable[[], None]) -> None:
        with self.running(), self._runs(function):
            schedule()

    # What each run of a function costs.

    @contextmanager
    def _runs(self, function: Function) -> Iterator[None]:
        use = self.meter.use
        use(Unit.LAMBDA_REQUESTS)
        use(Unit.LAMBDA_GB_SECONDS, COMPUTING * MEMORY_GB)
        for line in RUN_LINES:
            self._log.written(line)
        if function not in self._warm:
            self._warm.add(function)
            self.start()
        begun = time.process_time()
        with self._waits():
            yield
        self.meter.computed += time.process_time() - begun

    def start(self) -> None:
        """A function starts anew."""
        use = self.meter.use
        use(Unit.LAMBDA_GB_SECONDS, COLD_START * MEMORY_GB)
        use(Unit.PARAMETER_READS)
        use(Unit.KEY_REQUESTS, ENCRYPTED_PARAMETERS)
        self._log.written(START_LINE)

    @contextmanager
    def _waits(self) -> Iterator[None]:
        """Waits for each call that is made, and hears what is logged."""
        before, root, own = self.meter.asked.copy(), logging.getLogger(), logging.getLogger("chalicelib")
        level = own.level
        root.addHandler(self._log)
        own.setLevel(logging.INFO)
        try:
            yield
        finally:
            root.removeHandler(self._log)
            own.setLevel(level)
        waited = sum(WAITING[call] * times for call, times in (self.meter.asked - before).items())
        self.meter.use(Unit.LAMBDA_GB_SECONDS, waited * MEMORY_GB)


class _Log(logging.Handler):
    """Counts the log as Lambda writes it and CloudWatch charges for it."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter
        self.setFormatter(logging.Formatter(f"[%(levelname)s]\t2026-11-26T12:00:00.000Z\t{'r' * 36}\t%(message)s\n"))

    def emit(self, record: logging.LogRecord) -> None:
        self.written(len(self.format(record).encode()))

    def written(self, size: int) -> None:
        self._meter.use(Unit.LOG_GB, (size + LINE_OVERHEAD) / GB)


class _Lines(io.StringIO):
    """What is written straight to the output of a function, each time a line of the log."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def write(self, text: str) -> int:
        self._meter.use(Unit.LOG_GB, (len(text.encode()) + LINE_OVERHEAD) / GB)
        return len(text)


class CountedQueue(FakeQueue):
    """A queue whose requests are counted."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def put(self, message: str) -> None:
        self._meter.ask(Call.SQS)
        self._meter.use(Unit.SQS_REQUESTS)
        super().put(message)


class CountedSender(FakeSender):
    """A mail service that makes the mail as it travels, and tells that it was sent and arrived; its news is counted."""

    def __init__(self, desk: CountedDesk) -> None:
        super().__init__(clock=desk.clock)
        self.news: list[str] = []
        self._desk = desk

    def send(self, letter: Letter, *, email_id: str) -> str:
        settings, use = self._desk.application.settings, self._desk.meter.use
        sender = Sender(
            name=settings.association.short_name,
            address=settings.mail_from,
            reply_to=settings.association.email,
            configuration_set=settings.configuration_set,
        )
        raw = mime(letter, sender=sender)
        self._desk.meter.ask(Call.SES)
        use(Unit.MAILS)
        use(Unit.MAIL_GB, len(raw) / GB)
        message_id = super().send(letter, email_id=email_id)
        message = Message(
            id=message_id,
            sent_at=self._desk.clock(),
            sender=settings.mail_from,
            recipients=(letter.to,),
            tags=(("email", email_id),),
            configuration_set=settings.configuration_set,
            letter=Read.read(raw),
        )
        for step in (SEND, DELIVERY):
            self.news.append(event_text(message=message, step=step, recipient=letter.to, when=self._desk.clock()))
            use(Unit.SNS_PUBLISHES)
            # SNS puts it in the queue
            use(Unit.SQS_REQUESTS)
        return message_id


@dataclass(kw_only=True)
class CountedGateway(FakeGateway):
    """A payment service whose answers are waited for."""

    meter: Meter

    def _fail(self) -> None:
        self.meter.ask(Call.STRIPE)
        super()._fail()


@dataclass(kw_only=True)
class CountedBooks(FakeBooks):
    """Its books, likewise."""

    meter: Meter

    def _fail(self) -> None:
        self.meter.ask(Call.STRIPE)
        super()._fail()


@dataclass(kw_only=True)
class CountedDeadLetters(FakeDeadLetters):
    """Dead letters whose requests are counted."""

    meter: Meter

    def _answer(self) -> None:
        self.meter.ask(Call.SQS)
        self.meter.use(Unit.SQS_REQUESTS)
        super()._answer()


class CountedExports(FakeExports):
    """A place for files: each is laid there once, and fetched once."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def put(self, content: bytes, *, name: str, kind: ExportKind) -> str:
        self._meter.ask(Call.S3)
        self._meter.use(Unit.S3_PUTS)
        self._meter.use(Unit.S3_GETS)
        self._meter.use(Unit.OUT_GB, len(content) / GB)
        return super().put(content, name=name, kind=kind)
