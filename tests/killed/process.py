"""The desk's process: warmed up once, it forks a child for each invocation, which may kill itself at an outside call.

It reads an order a line and answers it with a line: what was called, what was answered, or that the child was killed.
A process of its own, since the servers around it are threads, and a child must not inherit half of those.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import boto3
import requests
import stripe
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.dynamodb.store import dynamodb_client
from chalicelib.adapters.ses_sender import ses_client
from chalicelib.adapters.sqs_queue import sqs_client
from chalicelib.adapters.stripe_gateway import stripe_client
from chalicelib.bootstrap import Application
from chalicelib.domain.error import Unavailable
from chalicelib.domain.language import Language
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.settings import Settings, read_settings
from tests.desk import renderer, seeds
from tests.killed.bugs import BUGS
from tests.torture.witness import Witness, listening

if TYPE_CHECKING:
    from chalice.test import TestHTTPClient

type Json = dict[str, Any]
type Act = Callable[[Application, Json], object]


class Line:
    """All outside calls of one invocation; at the one that was chosen the process dies, before it or after it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.dies: tuple[int, str] | None = None

    def goes(self, call: str) -> None:
        self.calls.append(call)
        self._die("before")

    def comes(self) -> None:
        self._die("after")

    def _die(self, side: str) -> None:
        if self.dies == (len(self.calls), side):
            os.kill(os.getpid(), signal.SIGKILL)


LINE = Line()


class WatchedClient(stripe.RequestsClient):
    """Stripe's own way out, each call of which is one of the line's; `sessions` are those of all that were made."""

    sessions: ClassVar[list[requests.Session]] = []

    def __init__(self, *, session: requests.Session, **settings: Any) -> None:
        super().__init__(session=session, **settings)
        self.sessions.append(session)

    def request(  # type: ignore[override]  # the SDK's own clients leave `_usage` out as well
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        LINE.goes(f"stripe.{method.upper()} {url.partition('/v1/')[2].partition('?')[0]}")
        answer = super().request(method, url, headers, post_data)
        LINE.comes()
        return answer


def watch() -> None:
    """Let the line know of every call of both SDKs, each try of it."""
    boto3.setup_default_session()
    assert boto3.DEFAULT_SESSION is not None

    def goes(event_name: str, **_: object) -> None:
        LINE.goes(event_name.removeprefix("before-send."))

    def comes(**_: object) -> None:
        LINE.comes()

    boto3.DEFAULT_SESSION.events.register("before-send", goes)
    boto3.DEFAULT_SESSION.events.register("response-received", comes)
    # so the client is made by our own code, as always
    stripe.RequestsClient = WatchedClient  # type: ignore[misc,assignment]  # a class as the SDK's, put in its place


class Warm:
    """What takes longer than all the rest of an invocation, made once: imports, clients, offers, templates."""

    def __init__(self, settings: Settings) -> None:
        import app

        self.http: TestHTTPClient = Client(app.app).http
        self._dynamodb, self._sqs, self._ses = dynamodb_client(), sqs_client(), ses_client()
        self._stripe = stripe_client(secret_key=settings.stripe_secret_key, api_base=settings.stripe_api_base)
        self._renderer = renderer(settings.association)
        seeds()
        environment = self._renderer._environment(Language.NL)
        for name in environment.list_templates(extensions=("html", "txt")):
            environment.get_template(name)
        # a collection would touch, and so copy, all that a child shares with its parent
        gc.disable()

    def hang_up(self) -> None:
        for close in (self._dynamodb.close, self._sqs.close, self._ses.close):
            close()
        for session in WatchedClient.sessions:
            session.close()

    def put_into(self, application: Application) -> None:
        """The clients are those that it would make itself."""
        application.seeds = seeds  # type: ignore[method-assign]  # the same offers
        application.renderer = self._renderer
        vars(application)["_dynamodb"], vars(application)["_stripe"] = self._dynamodb, self._stripe
        for queue in (application.emails, application.payments, application.dead_letters):
            vars(queue)["_client"] = self._sqs
        vars(application.sender)["_client"] = self._ses


@functools.cache
def warm() -> Warm:
    return Warm(read_settings(json.loads(sys.argv[1])))


# What is invoked. A door answers with its status and where it leads, a worker with what failed.


def _get(_: Application, given: Json) -> object:
    return _told(warm().http.get(given["path"], headers={}))


def _post(_: Application, given: Json) -> object:
    return _told(warm().http.post(given["path"], headers=given["headers"], body=given["body"].encode()))


def _told(answer: Any) -> Json:
    return {"status": answer.status_code, "location": answer.headers.get("Location", "")}


def _work(_: Application, given: Json) -> object:
    import app

    return getattr(app, given["queue"])(given["event"], None)


def _wake(_: Application, given: Json) -> object:
    import app

    return getattr(app, given["schedule"])(given["event"], None)


def _cancel(application: Application, given: Json) -> object:
    order = cancel_order(
        given["order_id"],
        refund_cents=given["refund_cents"],
        key=given["key"],
        by="secretariat",
        store=application.store,
        emails=application.emails,
        now=application.now(),
    )
    return order.state.value


ACTS: Mapping[str, Act] = {"get": _get, "post": _post, "work": _work, "wake": _wake, "cancel": _cancel}


def invoke(order: Json) -> Json:
    """One invocation, from its settings to its answer, in a process of its own."""
    ahead = timedelta(seconds=order["ahead"])
    # the schedules' pace is for Stripe's sake; here nobody else is waiting
    application = Application(
        read_settings(order["environment"]), now=lambda: datetime.now(UTC) + ahead, sleep=lambda _seconds: None
    )
    warm().put_into(application)
    if order["bug"]:
        BUGS[order["bug"]][2](application)
    bootstrap.use(application)
    LINE.dies = tuple(order["dies"]) if order["dies"] else None
    LINE.calls = []
    witness, failed = Witness(), ""
    answer: object = None
    with listening(witness):
        try:
            answer = ACTS[order["act"]](application, order["given"])
        except Unavailable as error:
            failed = repr(error)
    return {"calls": LINE.calls, "answer": answer, "failed": failed, "unexpected": witness.unexpected}


def here(order: Json) -> Json:
    """A rehearsal: in this process itself, so that every child finds imported and computed what it needs."""
    answer = invoke(order)
    # a child must not talk on a line that its parent opened
    warm().hang_up()
    return {"killed": False, **answer}


def in_a_child(order: Json) -> Json:
    """What became of an invocation; nothing but that it was killed, when it was."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as report:
            json.dump(invoke(order), report)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as report:
        text = report.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return {"killed": True}
    return {"killed": False, **json.loads(text)}


def main() -> None:
    # what the desk prints goes elsewhere than what is answered
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            order = json.loads(line)
            answers.write(json.dumps(here(order) if order["rehearsal"] else in_a_child(order)) + "\n")
            answers.flush()


if __name__ == "__main__":
    watch()
    warm()
    main()
