"""The world around a desk: the real application between AWS and Stripe in memory, and all who go on after a fault."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import stripe
from chalice.test import Client, TestHTTPClient

from chalicelib import bootstrap
from chalicelib.adapters import stripe_webhook
from chalicelib.adapters.sqs_queue import SqsQueue
from chalicelib.adapters.stripe_gateway import RETRIES
from chalicelib.bootstrap import Application
from chalicelib.domain.error import Unavailable
from chalicelib.domain.offer import Offer
from chalicelib.entrypoints import schedules
from chalicelib.settings import Settings, read_settings
from devstack.environment import STRIPE_KEY, WEBHOOK_SECRET, create_table, desk_variables
from devstack.stripe.event import Event
from devstack.stripe.transport import quiet_stand_in
from devstack.stripe.wire import API_VERSION, written
from infra.resources import QUEUES
from tests.desk import BASE_URL, STRICT, TABLE, WEBSITE, renderer, seeds
from tests.torture.aws import wires
from tests.torture.books import Books, Reader
from tests.torture.engine import Engine
from tests.torture.faults import Crash, Kind
from tests.torture.gate import LIVES_UNTIL, Gate, Plan
from tests.torture.mailroom import Mailroom
from tests.torture.moment import Moment
from tests.torture.payment_line import PaymentLine
from tests.torture.queues import HIDDEN, Queues
from tests.torture.virtual_time import VirtualTime
from tests.torture.witness import Witness, listening

CHECKOUT = "https://checkout.stripe.test"
# A visitor presses again a few times; Stripe, the queues and the clock go on for much longer.
PATIENCE = 6
# Longer than a worker may have a mail in its hands.
LATE = timedelta(minutes=20)
# What Lambda gives to the slowest of its functions.
LIFE = timedelta(minutes=5)
_BATCHES = {"payments": 3, "deliveries": 10, "emails": 5}

type Prepare = Callable[[World], object]
type Alter = Callable[[World], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How people and clocks behave: whether they try again, whether the schedules run, what is dead for ever.

    `skew` is how many seconds Stripe's clock is ahead of ours.
    """

    retries: bool = True
    schedules: bool = True
    webhooks: bool = True
    queues: bool = True
    skew: int = 0

    def __str__(self) -> str:
        words = ["patient" if self.retries else "hasty", "swept" if self.schedules else "unswept"]
        words += [] if self.webhooks else ["deaf"]
        words += [] if self.queues else ["queueless"]
        return "-".join(words) + (f"{self.skew:+d}" if self.skew else "")


class World:
    """Everybody around one desk; `application` is the real one, and `alter` may replace any part of it."""

    def __init__(
        self,
        *,
        table: Engine | None = None,
        habits: Habits | None = None,
        plan: Plan | None = None,
        alter: Alter | None = None,
    ) -> None:
        self.habits = habits or Habits()
        self.time = VirtualTime()
        self.gate = Gate(plan or {}, time=self.time)
        self._alter = alter
        # the tokens of the world that prepared the table were others
        self._tokens = 10**6 if table else 0
        self.engine = table.twin(clock=self.time) if table else _new_table(self.time)
        self.queues, self.mailroom = Queues(clock=self.time), Mailroom(clock=self.time)
        self.queues.dead = not self.habits.queues
        self.stripe = quiet_stand_in(clock=self.time.skewed(self.habits.skew), api_key=STRIPE_KEY, public_url=CHECKOUT)
        self.application = self._application()
        self.reader = Reader(self.engine)
        self.witness = Witness()
        # what somebody noticed along the way
        self.complaints: list[str] = []
        # whether the visitor got where the form leads, and where the schedules and the background stand
        self.arrived = False
        self.others: set[str] = set()
        # nobody there answers at all, for as long as somebody says so
        self.stripe_down = False
        # whether something went wrong while the books were compared: the round goes on next time
        self.disturbed = False
        # whether hours may go by between two calls
        self.time_jumps = False
        self._told, self._untold = 0, list[Event]()
        self._late_news: list[Event] = []
        self.engine.on_commit = self._on_commit
        self.watches, self.moment = True, Moment()
        if alter:
            alter(self)

    def twin(self, plan: Plan) -> World:
        """A world with the same past, in which other things will go wrong."""
        twin = World(table=self.engine, habits=self.habits, plan=plan, alter=self._alter)
        twin.time.moment, twin._tokens = self.time.moment, self._tokens
        twin.gate.places, twin.gate.struck = [*self.gate.places], [*self.gate.struck]
        twin.queues.become(self.queues)
        twin.mailroom.sent, twin.mailroom.news = [*self.mailroom.sent], [*self.mailroom.news]
        twin.stripe = self.stripe.fork(clock=twin.time.skewed(self.habits.skew))
        twin.line.stand_in = twin.stripe
        twin.reader = self.reader.twin(twin.engine)
        twin.witness.unexpected, twin.witness.alarms = [*self.witness.unexpected], [*self.witness.alarms]
        twin.complaints, twin.others = [*self.complaints], {*self.others}
        twin.arrived, twin.disturbed, twin.watches = self.arrived, self.disturbed, self.watches
        twin.moment = self.moment.twin()
        twin.stripe_down, twin.time_jumps = self.stripe_down, self.time_jumps
        twin._told, twin._untold, twin._late_news = self._told, [*self._untold], [*self._late_news]
        return twin

    # The process, and the clock.

    @contextmanager
    def running(self) -> Iterator[None]:
        """This world in the process's place: its wires, its clock, its log."""
        wires().connect(
            gate=self.gate,
            replies={"dynamodb": self.engine.reply, "sqs": self.queues.reply, "sesv2": self.mailroom.reply},
            news_first=self._news_of_mail_first,
        )
        bootstrap.use(self.application)
        with self.time.running(), listening(self.witness):
            yield

    def attempt[Answer](self, act: Callable[[], Answer]) -> Answer | None:
        """What comes of it; None when the process died or could not: whoever asked for it asks again."""
        token = LIVES_UNTIL.set(self.time() + LIFE)
        try:
            return act()
        except (Crash, Unavailable):
            return None
        finally:
            LIVES_UNTIL.reset(token)

    # The doors.

    def get(self, path: str) -> Any:
        return self._seen(path, _http().get(path, headers={}))

    def post(self, path: str, body: Mapping[str, str] | str, **headers: str) -> Any:
        sent = {"content_type": "application/x-www-form-urlencoded"} | headers
        named = {name.replace("_", "-").title(): value for name, value in sent.items()}
        text = body if isinstance(body, str) else urlencode(body)
        return self._seen(path, _http().post(path, headers=named, body=text.encode()))

    def _seen(self, path: str, answer: Any) -> Any:
        if answer.status_code >= 500 and answer.status_code != 503:
            self.complaints.append(f"{answer.status_code} at {path.partition('?')[0][:40]}")
        return answer

    # Stripe, the queues and the mail service, telling of what happened.

    def live(self) -> None:
        """Everything that is on its way arrives, until nothing is."""
        for _ in range(PATIENCE):
            moved = self.bring() + self.hand_on()
            for queue in ("payments", "deliveries", "emails"):
                moved += self.work(queue)
            if not moved:
                return

    def bring(self) -> int:
        """Stripe tells what happened, each thing until it is thanked for it."""
        news, self._untold = self._untold + self._fresh_news(), []
        for event in news:
            fault = self.gate.arrive("news.stripe")
            match fault.kind if fault else None:
                case Kind.NEVER:
                    continue
                case Kind.LATE:
                    self._late_news.append(event)
                    continue
                case Kind.TWICE:
                    self.tell(event)
            if not self.tell(event):
                self._untold.append(event)
        return len(news)

    def _fresh_news(self) -> list[Event]:
        events = self.stripe.books.events_since(self._told)
        self._told += len(events)
        return [event for event in events if self.habits.webhooks and event.type in stripe_webhook.EVENTS]

    def tell(self, event: Event) -> bool:
        """Bring one event; whether it was thanked for."""
        body = written(event.as_json())
        signed = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, timestamp=self.stripe.now())
        answer = self.attempt(
            lambda: self.post("/webhooks/stripe", body, content_type="application/json", stripe_signature=signed)
        )
        return answer is not None and answer.status_code == 200

    def hand_on(self) -> int:
        """What the mail service tells goes into the queue."""
        news, self.mailroom.news = self.mailroom.news, []
        for text in news:
            fault = self.gate.arrive("news.mail")
            match fault.kind if fault else None:
                case Kind.NEVER:
                    continue
                case Kind.TWICE:
                    self.queues.put("deliveries", text)
            late = LATE if fault is not None and fault.kind is Kind.LATE else timedelta(0)
            self.queues.put("deliveries", text, late=late)
        return len(news)

    def work(self, queue: str) -> int:
        """A worker takes a batch of a queue: how many it was given."""
        messages = self.queues.take(queue, most=_BATCHES[queue])
        if not messages:
            return 0
        fault = self.gate.arrive(f"message.{queue}")
        if fault is not None and fault.kind is Kind.LATE:
            return 0  # they come when they are visible again
        records = {"Records": [message.record() for message in messages]}
        for _ in range(2 if fault is not None else 1):
            answer = self.attempt(lambda: getattr(_app(), queue)(records, None))
            if answer is not None:
                failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
                self.queues.done(queue, [each for each in messages if each.record()["messageId"] not in failed])
        return len(messages)

    def sweep(self) -> None:
        self.attempt(schedules.sweep)

    def reconcile(self) -> None:
        self.attempt(schedules.reconcile)

    def compare(self) -> None:
        """The books are compared, as long as the schedules run, and what comes of it is done."""
        if self.habits.schedules:
            struck = len(self.gate.struck)
            self.reconcile()
            self.disturbed = self.disturbed or len(self.gate.struck) > struck
            self.live()

    def wait(self, *minutes: float) -> None:
        """Time goes by, with the sweep and the workers after each while."""
        for duration in minutes:
            self.time.advance(minutes=duration)
            self._untold, self._late_news = self._untold + self._late_news, []
            if self.habits.schedules:
                self.sweep()
            self.live()

    def second_mails(self) -> int:
        """How many mails were sent a second time."""
        return len(self.mailroom.sent) - len({each.email_id for each in self.mailroom.sent})

    def tells_itself(self) -> bool:
        """Whether what happens at Stripe gets here without anybody looking: no news is lost, and the queue works."""
        return self.habits.webhooks and self.habits.queues and not any("never" in each for each in self.gate.struck)

    def excuses_second_mail(self, email_id: str) -> bool:
        """A process died or an answer was lost in the send window, and what SES told of it did not arrive in time."""
        struck = self.gate.struck
        if self.time_jumps or self.queues.dead:
            # then what SES tells is late, or never comes, by itself
            return bool(struck)
        return len(struck) > 1 and any("mail.SendEmail" in each for each in struck)

    def _news_of_mail_first(self) -> None:
        """What the mail service tells arrives and is read before its answer does."""
        with self.meanwhile(), self.gate.resting():
            self.hand_on()
            self.work("deliveries")

    def _news_of_stripe_first(self) -> None:
        """What Stripe tells arrives and is acted upon before its answer does."""
        with self.meanwhile(), self.gate.resting():
            self.bring()
            self.work("payments")

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Another process, as long as this one waits: what is in this one's hands stays there."""
        request = getattr(_app().app, "current_request", None)
        try:
            yield
        finally:
            _app().app.current_request = request

    # What is looked at.

    def books(self) -> Books:
        return self.reader.books()

    def table(self) -> list[Any]:
        """All that lies in it, to be compared."""
        return self.engine.items(TABLE)

    def _on_commit(self) -> None:
        if self.watches:
            books = self.books()
            found = [*books.faults(), *self.moment.look(self, books)]
            self.complaints += [f"at a moment: {each}" for each in found]
            self.watches = not found

    def _new_token(self) -> str:
        self._tokens += 1
        return f"token-{self._tokens}"

    def _application(self) -> Application:
        application = Application(_settings(), now=self.time, new_token=self._new_token, sleep=self.time.sleep)
        application.seeds = seeds  # type: ignore[method-assign]  # the same offers, read once
        application.renderer = renderer(application.settings.association)
        self.line = PaymentLine(
            self.stripe, gate=self.gate, is_down=lambda: self.stripe_down, news_first=self._news_of_stripe_first
        )
        client = stripe.StripeClient(
            STRIPE_KEY, stripe_version=API_VERSION, http_client=self.line, max_network_retries=RETRIES
        )
        # making a client takes longer than a whole story, so all worlds share those of AWS
        vars(application)["_dynamodb"], vars(application)["_stripe"] = wires().dynamodb, client
        vars(application.dead_letters)["_client"] = wires().sqs
        for queue in (application.emails, application.payments):
            assert isinstance(queue, SqsQueue)
            queue._client = wires().sqs
        vars(application.sender)["_client"] = wires().ses
        return application


@functools.cache
def prepared(prepare: Prepare) -> Engine:
    """The table as somebody prepared it, for all worlds that begin so."""
    world = World()
    with world.running(), world.gate.resting():
        prepare(world)
        # a desk that has been at work: its rounds of reconciliation come when they come
        world.reconcile()
    return world.engine


def put_offer(world: World, offer: Offer) -> None:
    """Put an offer in the table, as the secretariat would."""
    unit = world.application.store.unit_of_work()
    unit.offers.add(offer)
    unit.commit()


def _new_table(clock: Callable[[], datetime]) -> Engine:
    engine = Engine(clock=clock)
    create_table(engine.client(), name=TABLE)
    return engine


@functools.cache
def _settings() -> Settings:
    variables = desk_variables(
        base_url=BASE_URL,
        website=WEBSITE,
        stripe=CHECKOUT,
        queues={name: f"{BASE_URL}/{name}" for name in QUEUES},
        given=STRICT,
    )
    return read_settings(variables | {"LOKET_TABLE": TABLE})


@functools.cache
def _http() -> TestHTTPClient:
    http = Client(_app().app).http
    # it puts another environment in the place of the process's, which the actors of a schedule would not give back
    http._patched_env_vars = lambda _: nullcontext()  # type: ignore[method-assign,assignment,return-value]  # nothing is set
    return http


@functools.cache
def _app() -> Any:
    import app

    return app


__all__ = ["HIDDEN", "Habits", "World", "prepared", "put_offer"]
