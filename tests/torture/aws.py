"""The wires to AWS: the real clients, whose calls end in this process; a call that fails does so below the SDK."""

from __future__ import annotations

import base64
import functools
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.retries.quota import RetryQuota

from chalicelib.adapters.dynamodb.store import dynamodb_client
from chalicelib.adapters.ses_sender import ses_client
from chalicelib.adapters.sqs_queue import sqs_client
from devstack.environment import aws_variables
from tests import permissions
from tests.torture.faults import Crash, Fault, Kind

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from tests.torture.gate import Gate

type Answer = dict[str, Any]
type Reply = Callable[[str, dict[str, Any]], tuple[int, Answer]]

_ROOMS = {"dynamodb": "table", "sqs": "queue", "sesv2": "mail"}
_CODES = {
    ("dynamodb", Kind.THROTTLED): (400, "ProvisionedThroughputExceededException"),
    ("dynamodb", Kind.ERROR_500): (500, "InternalServerError"),
    ("sqs", Kind.ERROR_500): (500, "InternalError"),
    ("sesv2", Kind.THROTTLED): (429, "TooManyRequestsException"),
    ("sesv2", Kind.ERROR_500): (500, "InternalServiceErrorException"),
    ("sesv2", Kind.REJECTED): (400, "MessageRejected"),
}


@dataclass(slots=True)
class _Call:
    """A call under way that meets a fault: which, and how many attempts the SDK has made."""

    fault: Fault | None
    attempts: int = 0

    def next(self) -> Kind | None:
        """How the next attempt goes wrong, if it does."""
        self.attempts += 1
        lasts = self.fault is not None and (self.attempts == 1 or not self.fault.once)
        return self.fault.kind if self.fault is not None and lasts else None


# Each thread and each actor of a schedule has its own.
_CALL: ContextVar[_Call] = ContextVar("call")


class _Raw:
    """A body as botocore's response reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = io.BytesIO(body)

    def stream(self, *_: object, **__: object) -> Any:
        while chunk := self._body.read():
            yield chunk


class Wires:
    """One client of each service for all worlds of this process; `connect` says which world they reach now."""

    def __init__(self) -> None:
        kept = dict(os.environ)
        os.environ.update(aws_variables(emulator="https://aws.example", mailbox="https://aws.example"))
        try:
            self.dynamodb, self.sqs, self.ses = dynamodb_client(), sqs_client(), ses_client()
        finally:
            os.environ.clear()
            os.environ.update(kept)
        # every call over the whole of the SDK, to see that the short way comes to the same
        self.slow = False
        self._conflicting: set[str] = set()
        self._quotas = [_quota_of(client) for client in self._clients().values()]
        for service, client in self._clients().items():
            client.meta.events.register_first(f"before-send.{service}", functools.partial(self._send, service))
            client._make_api_call = functools.partial(self._begin, service, client, client._make_api_call)

    def _clients(self) -> dict[str, Any]:
        return {"dynamodb": self.dynamodb, "sqs": self.sqs, "sesv2": self.ses}

    def connect(self, *, gate: Gate, replies: dict[str, Reply], news_first: Callable[[], None]) -> None:
        self._gate, self._replies, self._news_first = gate, replies, news_first
        self._conflicting.clear()
        for quota in self._quotas:
            # an SDK that met many failures tries no more; each world begins with one that met none
            quota.release(RetryQuota.INITIAL_CAPACITY)

    def _begin(
        self, service: str, client: Any, whole: Callable[..., Answer], operation: str, asked: dict[str, Any]
    ) -> Answer:
        """The short way when nothing goes wrong; else the call goes through the whole SDK to its attempts."""
        permissions.note(asked, service=service, operation=operation)
        fault = self._gate.arrive(f"{_ROOMS[service]}.{operation}")
        if self._conflicting and asked.get("ClientRequestToken") in self._conflicting:
            fault = fault or Fault(Kind.CONFLICT, once=False)
        if fault is not None or self.slow:
            _CALL.set(_Call(fault))
            return whole(operation, asked)
        status, answer = self._replies[service](operation, asked)
        answer["ResponseMetadata"] = {"HTTPStatusCode": status}
        if "Error" in answer:
            raise client.exceptions.from_code(answer["Error"]["Code"])(answer, operation)
        return answer

    def _send(self, service: str, *, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        """One attempt of the SDK."""
        operation, call = event_name.rpartition(".")[2], _CALL.get()
        kind = call.next()
        if kind is Kind.DIES_BEFORE:
            raise Crash(operation)
        if kind is Kind.REFUSED:
            raise ConnectTimeoutError(endpoint_url=request.url)
        if kind is Kind.CONFLICT:
            return self._conflict(request, operation, lasting=call.fault is not None and not call.fault.once)
        if kind is not None and (refusal := _CODES.get((service, kind))) is not None:
            return _refused(request, *refusal)
        status, answer = self._replies[service](operation, _asked(service, request))
        if kind is Kind.NEWS_FIRST:
            self._news_first()
        if kind is Kind.DIES_AFTER:
            raise Crash(f"{operation}, after")
        if kind is Kind.LOST:
            raise ReadTimeoutError(endpoint_url=request.url)
        return _answered(request, status, answer)

    def _conflict(self, request: AWSPreparedRequest, operation: str, *, lasting: bool) -> AWSResponse:
        """Somebody else is writing one of the items: of a transaction each item says so."""
        if operation != "TransactWriteItems":
            return _refused(request, 400, "TransactionConflictException")
        asked = json.loads(_text(request))
        if lasting:
            self._conflicting.add(asked["ClientRequestToken"])
        actions = asked["TransactItems"]
        reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in actions[1:])]
        return _refused(request, 400, "TransactionCanceledException", CancellationReasons=reasons)


def _asked(service: str, request: AWSPreparedRequest) -> dict[str, Any]:
    """What was asked, read from the wire."""
    asked: dict[str, Any] = json.loads(_text(request))
    if service == "sesv2":
        raw = asked["Content"]["Raw"]
        raw["Data"] = base64.b64decode(raw["Data"])
    return asked


def _quota_of(client: Any) -> RetryQuota:
    """How much an SDK will still try again; it has no name by which it could be asked for."""
    handlers = client.meta.events._emitter._unique_id_handlers
    handler = handlers[f"retry-config-{client.meta.service_model.service_id.hyphenize()}"]["handler"]
    quota: RetryQuota = handler.__self__._retry_quota._quota
    return quota


def _text(request: AWSPreparedRequest) -> bytes | str:
    assert isinstance(request.body, bytes | str), "no call of ours streams"
    return request.body


def _answered(request: AWSPreparedRequest, status: int, answer: Answer) -> AWSResponse:
    error = answer.pop("Error", None)
    if error is not None:
        answer |= {"__type": error["Code"], "message": error["Message"]}
    body = json.dumps(answer).encode()
    headers = HTTPHeaders()
    headers["x-amzn-RequestId"], headers["Content-Length"] = "torture", str(len(body))
    if error is not None:
        headers["x-amzn-errortype"] = error["Code"]
    return AWSResponse(request.url, status, headers, _Raw(body))


def _refused(request: AWSPreparedRequest, status: int, code: str, **more: object) -> AWSResponse:
    return _answered(request, status, {"Error": {"Code": code, "Message": "torture"}, **more})


@functools.cache
def wires() -> Wires:
    return Wires()


@contextmanager
def slow_wires() -> Iterator[None]:
    """As long as this lasts every call goes through the whole SDK, as one that fails does."""
    wires().slow = True
    try:
        yield
    finally:
        wires().slow = False
