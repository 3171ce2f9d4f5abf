"""The API: every call is admitted, made idempotent, checked and written down in one place."""

from collections.abc import Callable
from dataclasses import replace
from hmac import compare_digest

from flask import Blueprint, Response, request

from devstack.stripe.books import ApiRequest, NotPossible, Unknown
from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.faults import AFTERWARDS, AT_THE_DOOR, WHILE_RUNNING, Fault, Kind
from devstack.stripe.idempotency import Answer
from devstack.stripe.parameters import Operation, checked, decoded
from devstack.stripe.rules import apply_rules
from devstack.stripe.stand_in import StandIn
from devstack.stripe.wire import API_VERSION, Json, Refused, new_id, written

type Run = Callable[[Json], Json]


def api(stand_in: StandIn) -> Blueprint:
    """Return the routes below /v1."""
    v1 = Blueprint("api", __name__, url_prefix="/v1")

    @v1.post("/checkout/sessions")
    def create_session() -> Response:
        return _Call(stand_in, "checkout.sessions.create").answer(lambda asked: _create(stand_in, asked))

    @v1.get("/checkout/sessions")
    def list_sessions() -> Response:
        return _Call(stand_in, "checkout.sessions.list").answer(lambda asked: _list(stand_in, asked))

    @v1.get("/checkout/sessions/<session_id>")
    def retrieve_session(session_id: str) -> Response:
        call = _Call(stand_in, "checkout.sessions.retrieve")
        return call.answer(lambda asked: _told(stand_in, _session(stand_in, session_id), asked))

    @v1.post("/checkout/sessions/<session_id>/expire")
    def expire_session(session_id: str) -> Response:
        return _Call(stand_in, "checkout.sessions.expire").answer(lambda asked: _expire(stand_in, session_id, asked))

    @v1.get("/payment_intents/<intent_id>")
    def retrieve_intent(intent_id: str) -> Response:
        return _Call(stand_in, "payment_intents.retrieve").answer(lambda asked: _intent(stand_in, intent_id, asked))

    @v1.route("/", defaults={"path": ""}, methods=["GET", "POST", "DELETE"])
    @v1.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def unknown(path: str) -> Response:
        return _Call(stand_in, None).answer(lambda _: _no_such_url(path))

    return v1


class _Call:
    """One call of the API, from the door to its answer."""

    def __init__(self, stand_in: StandIn, operation: Operation | None) -> None:
        self._stand_in = stand_in
        self._operation = operation
        posted = request.method == "POST"
        self._noted = ApiRequest(
            id=new_id("req"),
            at=stand_in.now(),
            method=request.method,
            path=request.path,
            idempotency_key=request.headers.get("Idempotency-Key") if posted else None,
            body=request.get_data(as_text=True) if posted else request.query_string.decode(errors="replace"),
            parameters={},
        )
        self._note()

    def answer(self, run: Run) -> Response:
        """Answer the call; `run` does what was asked, once that is known to be in order."""
        try:
            answer = self._answer(run)
        except Refused as refused:
            answer = self._refusal(refused)
        late = self._fault(AFTERWARDS)
        self._note(status=answer.status)
        if late is not None:
            self._stand_in.faults.hold(late)
        return self._response(answer)

    def _answer(self, run: Run) -> Answer:
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
            return self._run(run, self._checked(parameters))
        return self._run_once(run, parameters, key=key)

    def _run_once(self, run: Run, parameters: Json, *, key: str) -> Answer:
        keys = self._stand_in.keys
        saved = keys.begin(key, path=self._noted.path, parameters=parameters, now=self._stand_in.now())
        if saved is not None:
            self._note(replayed=True)
            return saved
        answer = None
        try:
            # The check comes after the key: a repeat whose `expires_at` came too close gets its first answer all the
            # same. And what the check refuses is not saved, for nothing was begun.
            answer = self._run(run, self._checked(parameters))
        finally:
            keys.finish(key, answer)
        return answer

    def _run(self, run: Run, asked: Json) -> Answer:
        fault = self._fault(WHILE_RUNNING)
        if fault is not None and fault.kind == "slow":
            self._stand_in.faults.hold(fault)
            fault = None
        try:
            if fault is not None and not fault.executed:
                return self._refusal(fault.refusal(), final=True)
            body = run(asked)
        except Refused as refused:
            return self._refusal(refused)
        if fault is not None:
            return self._refusal(fault.refusal(), final=True)
        return Answer(request_id=self._noted.id, status=200, body=written(body))

    def _admit(self) -> None:
        expected = f"Bearer {self._stand_in.api_key}"
        if not compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
            raise Refused("Invalid API Key provided.", status=401)
        version = request.headers.get("Stripe-Version")
        if version != API_VERSION:
            raise Refused(f"Invalid Stripe API version: {version}. This stand-in speaks {API_VERSION}.")
        if (
            self._noted.body
            and self._noted.method == "POST"
            and request.mimetype != "application/x-www-form-urlencoded"
        ):
            raise Refused(f"Invalid request: parameters are sent as a form, not as {request.mimetype}.")

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
        self._note(fault=fault.kind)
        return fault

    def _note(self, **news: object) -> None:
        self._noted = replace(self._noted, **news)  # type: ignore[arg-type]
        self._stand_in.books.note_request(self._noted)

    def _refusal(self, refused: Refused, *, final: bool = False) -> Answer:
        return Answer(request_id=self._noted.id, status=refused.status, body=written(refused.as_json()), final=final)

    def _response(self, answer: Answer) -> Response:
        response = Response(answer.body, status=answer.status, mimetype="application/json")
        response.headers["Request-Id"] = self._noted.id
        response.headers["Stripe-Version"] = API_VERSION
        if self._noted.idempotency_key is not None:
            response.headers["Idempotency-Key"] = self._noted.idempotency_key
        if self._noted.replayed:
            response.headers["Idempotent-Replayed"] = "true"
            response.headers["Original-Request"] = answer.request_id
        if answer.final:
            response.headers["Stripe-Should-Retry"] = "false"
        return response


def _create(stand_in: StandIn, asked: Json) -> Json:
    session = stand_in.books.open_session(asked, now=stand_in.now(), public_url=stand_in.public_url)
    return _told(stand_in, session, asked)


def _list(stand_in: StandIn, asked: Json) -> Json:
    found = stand_in.books.sessions()
    after = asked.get("starting_after")
    if after is not None:
        ids = [session.id for session in found]
        if after not in ids:
            raise _no_such("checkout.session", after, param="starting_after", status=400)
        found = found[ids.index(after) + 1 :]
    found = [session for session in found if _is_asked(session, asked)]
    page = found[: asked.get("limit", 10)]
    expand = [path.removeprefix("data.") for path in asked.get("expand", [])]
    return {
        "object": "list",
        "url": "/v1/checkout/sessions",
        "has_more": len(found) > len(page),
        "data": [stand_in.books.told(session, expand=expand) for session in page],
    }


def _is_asked(session: CheckoutSession, asked: Json) -> bool:
    created = asked.get("created", {})
    if isinstance(created, int):
        created = {"gte": created, "lte": created}
    return (
        created.get("gte", session.created) <= session.created <= created.get("lte", session.created)
        and created.get("gt", session.created - 1) < session.created < created.get("lt", session.created + 1)
        and asked.get("status", session.status) == session.status
        and asked.get("payment_intent", session.payment_intent) == session.payment_intent
    )


def _expire(stand_in: StandIn, session_id: str, asked: Json) -> Json:
    _session(stand_in, session_id)
    try:
        stand_in.act("expire", session_id, webhook="normal")
    except NotPossible as reason:
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. {reason}'
        raise Refused(message) from None
    return _told(stand_in, _session(stand_in, session_id), asked)


def _intent(stand_in: StandIn, intent_id: str, asked: Json) -> Json:
    try:
        intent = stand_in.books.payment_intent(intent_id)
    except Unknown:
        raise _no_such("payment_intent", intent_id, param="intent") from None
    return intent.as_json(with_charge="latest_charge" in asked.get("expand", []))


def _session(stand_in: StandIn, session_id: str) -> CheckoutSession:
    try:
        return stand_in.books.session(session_id)
    except Unknown:
        raise _no_such("checkout.session", session_id, param="session") from None


def _told(stand_in: StandIn, session: CheckoutSession, asked: Json) -> Json:
    return stand_in.books.told(session, expand=asked.get("expand", []))


def _no_such(what: str, identifier: str, *, param: str, status: int = 404) -> Refused:
    return Refused(f"No such {what}: '{identifier}'", status=status, code="resource_missing", param=param)


def _no_such_url(path: str) -> Json:
    message = f"Unrecognized request URL ({request.method}: /v1/{path}). This stand-in does not imitate it."
    raise Refused(message, status=404)
