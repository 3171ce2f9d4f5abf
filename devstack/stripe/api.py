"""The API: every call is admitted, made idempotent, checked and written down in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hmac import compare_digest

from flask import Blueprint, Response
from flask import request as flask_request

from devstack.stripe.books import ApiRequest
from devstack.stripe.faults import AFTERWARDS, AT_THE_DOOR, TIMED_OUT, WHILE_RUNNING, Fault, Kind
from devstack.stripe.idempotency import Answer
from devstack.stripe.operations import operation_at, run
from devstack.stripe.parameters import checked, decoded
from devstack.stripe.rate_limit import RateLimited
from devstack.stripe.rules import apply_rules
from devstack.stripe.stand_in import StandIn
from devstack.stripe.wire import API_VERSION, Json, Refused, compact

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call as it comes in, over a socket or not; `parameters` is the form of a POST, else the query."""

    method: str
    path: str
    parameters: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back; `too_late` when whoever asked has given up waiting."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    too_late: bool = False


def api(stand_in: StandIn) -> Blueprint:
    """Return the routes below /v1."""
    v1 = Blueprint("api", __name__, url_prefix="/v1")

    @v1.route("/", defaults={"path": ""}, methods=["GET", "POST", "DELETE"])
    @v1.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def call(path: str) -> Response:  # noqa: ARG001  # Flask passes it; the whole address is read below
        posted = flask_request.method == "POST"
        reply = answer(
            stand_in,
            Request(
                method=flask_request.method,
                path=flask_request.path,
                parameters=flask_request.get_data(as_text=True)
                if posted
                else flask_request.query_string.decode(errors="replace"),
                headers=dict(flask_request.headers),
            ),
        )
        return Response(reply.body, status=reply.status, headers=reply.headers, mimetype="application/json")

    return v1


def answer(stand_in: StandIn, request: Request) -> Reply:
    """Answer one call of the API."""
    return _Call(stand_in, request).reply()


class _Call:
    """One call of the API, from the door to its answer."""

    def __init__(self, stand_in: StandIn, request: Request) -> None:
        self._stand_in = stand_in
        self._request = request
        self._operation, self._identifier = operation_at(request.method, request.path)
        self._fault_met: Fault | None = None
        self._limiter: str | None = None
        self._noted = ApiRequest(
            id=stand_in.books.ids("req"),
            at=stand_in.now(),
            method=request.method,
            path=request.path,
            idempotency_key=request.headers.get("Idempotency-Key") if request.method == "POST" else None,
            body=request.parameters,
            parameters={},
        )
        self._note()

    def reply(self) -> Reply:
        """Answer the call."""
        try:
            answer = self._answer()
        except Refused as refused:
            answer = self._refusal(refused)
            if isinstance(refused, RateLimited):
                self._limiter = refused.limiter
        late = self._fault(AFTERWARDS)
        self._note(status=answer.status)
        if late is not None:
            self._stand_in.faults.hold(late)
        return self._reply(answer)

    def _answer(self) -> Answer:
        self._admit()
        fault = self._fault(AT_THE_DOOR)
        if fault is not None:
            if fault.kind == "timeout_before":
                self._stand_in.faults.hold(fault)
            raise fault.refusal()
        parameters = decoded(self._noted.body)
        self._note(parameters=parameters)
        key = self._noted.idempotency_key
        if key is None:
            return self._run(self._checked(parameters))
        return self._run_once(parameters, key=key)

    def _run_once(self, parameters: Json, *, key: str) -> Answer:
        keys = self._stand_in.keys
        saved = keys.begin(key, path=self._noted.path, parameters=parameters, now=self._stand_in.now())
        if saved is not None:
            self._note(replayed=True)
            return saved
        answer = None
        try:
            # The check comes after the key: a repeat whose `expires_at` came too close gets its first answer all the
            # same. And what the check refuses is not saved, for nothing was begun.
            answer = self._run(self._checked(parameters))
        finally:
            keys.finish(key, answer)
        return answer

    def _run(self, asked: Json) -> Answer:
        fault = self._fault(WHILE_RUNNING)
        if fault is not None and fault.kind == "slow":
            self._stand_in.faults.hold(fault)
            fault = None
        try:
            if fault is not None and not fault.executed:
                return self._refusal(fault.refusal(), final=fault.kind == "error_500_saved")
            body = self._done(asked)
        except Refused as refused:
            return self._refusal(refused)
        if fault is not None:
            return self._refusal(fault.refusal(), final=True)
        return Answer(request_id=self._noted.id, status=200, body=compact(body))

    def _done(self, asked: Json) -> Json:
        if self._operation is None:
            raise Refused(
                f"Unrecognized request URL ({self._noted.method}: {self._noted.path}). "
                "This stand-in does not imitate it.",
                status=404,
            )
        return run(self._operation, self._stand_in, asked, self._identifier)

    def _admit(self) -> None:
        expected, headers = f"Bearer {self._stand_in.api_key}", self._request.headers
        if not compare_digest(headers.get("Authorization", "").encode(), expected.encode()):
            expired = "_expired" in headers.get("Authorization", "")
            raise Refused("Invalid API Key provided.", status=401, code="api_key_expired" if expired else None)
        if self._operation in self._stand_in.denied:
            raise Refused("The provided key does not have the required permissions for this endpoint.", status=403)
        version = headers.get("Stripe-Version")
        if version != API_VERSION:
            raise Refused(f"Invalid Stripe API version: {version}. This stand-in speaks {API_VERSION}.")
        if self._noted.body and self._noted.method == "POST":
            kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind != _FORM:
                raise Refused(f"Invalid request: parameters are sent as a form, not as {kind}.")
        self._stand_in.limit.admit(self._operation or "unknown", now=self._stand_in.clock().timestamp())

    def _checked(self, parameters: Json) -> Json:
        if self._operation is None:
            return parameters
        asked = checked(self._operation, parameters)
        apply_rules(self._operation, asked, now=self._stand_in.now())
        return asked

    def _fault(self, kinds: tuple[Kind, ...]) -> Fault | None:
        fault = self._operation and self._stand_in.faults.take(self._operation, kinds)
        if not fault:
            return None
        self._fault_met = fault
        self._note(fault=fault.kind)
        return fault

    def _note(self, **news: object) -> None:
        self._noted = replace(self._noted, **news)  # type: ignore[arg-type]  # only ever its own fields
        self._stand_in.books.note_request(self._noted)

    def _refusal(self, refused: Refused, *, final: bool = False) -> Answer:
        return Answer(request_id=self._noted.id, status=refused.status, body=compact(refused.as_json()), final=final)

    def _reply(self, answer: Answer) -> Reply:
        headers = {
            "Content-Type": "application/json",
            "Request-Id": self._noted.id,
            "Stripe-Version": API_VERSION,
        }
        if self._noted.idempotency_key is not None:
            headers["Idempotency-Key"] = self._noted.idempotency_key
        if self._noted.replayed:
            headers["Idempotent-Replayed"] = "true"
            headers["Original-Request"] = answer.request_id
        if answer.final:
            headers["Stripe-Should-Retry"] = "false"
        if self._limiter is not None:
            headers["Stripe-Rate-Limited-Reason"] = self._limiter
        too_late = self._fault_met is not None and self._fault_met.kind in TIMED_OUT
        return Reply(status=answer.status, body=answer.body, headers=headers, too_late=too_late)
