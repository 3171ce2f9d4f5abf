"""The doors for programs: SES v2 as boto3 calls it, ordered misfortunes, and the mailbox as JSON."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from devstack.ses.events import iso
from devstack.ses.faults import Fault, FaultKind
from devstack.ses.identities import Identity
from devstack.ses.message import Message
from devstack.ses.post_office import MAX_24_HOUR_SEND, MAX_SEND_RATE, Posting, PostOffice
from devstack.ses.refusals import STATUS_OF, Refusal, bad_request


class Wire(BaseModel):
    """A JSON object with the member names of the AWS API."""

    model_config = ConfigDict(alias_generator=to_pascal, frozen=True)


class RawContent(Wire):
    """A complete MIME message in base64."""

    data: str


class Content(Wire):
    """The one kind of content that Loket sends, and the two it does not."""

    raw: RawContent | None = None
    simple: dict[str, Any] | None = None
    template: dict[str, Any] | None = None


class Destination(Wire):
    """The envelope."""

    to_addresses: tuple[str, ...] = ()
    cc_addresses: tuple[str, ...] = ()
    bcc_addresses: tuple[str, ...] = ()


class Tag(Wire):
    """One name and value that come back in every event."""

    name: str
    value: str


class SendEmail(Wire):
    """The members of a SendEmail call that matter here; the others are let through unread."""

    content: Content
    from_email_address: str | None = None
    destination: Destination = Destination()
    email_tags: tuple[Tag, ...] = ()
    configuration_set_name: str | None = None

    def posting(self) -> Posting:
        """The call in the words of the post office."""
        if self.content.raw is None:
            raise bad_request("This stand-in accepts Raw content only: Loket sends raw MIME, no Simple, no Template.")
        envelope = self.destination
        return Posting(
            source=self.from_email_address,
            destination=envelope.to_addresses + envelope.cc_addresses + envelope.bcc_addresses,
            raw=_decoded(self.content.raw.data),
            tags=tuple((tag.name, tag.value) for tag in self.email_tags),
            configuration_set=self.configuration_set_name,
        )


class FaultOrder(BaseModel):
    """A misfortune as a test orders it."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=90.0, ge=0)
    error: str = Field(default="MessageRejected", pattern=f"^({'|'.join(STATUS_OF)})$")


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except ValueError as error:
        raise bad_request(f"Content.Raw.Data is not base64: {error}.") from error


def as_json(message: Message) -> dict[str, Any]:
    """A message as the JSON mailbox gives it."""
    letter = message.letter
    return {
        "id": message.id,
        "sent_at": iso(message.sent_at),
        "from": letter.sender,
        "to": list(message.recipients),
        "subject": letter.subject,
        "state": message.state.value,
        "events": list(message.events),
        "tags": dict(message.tags),
        "configuration_set": message.configuration_set,
        "text": letter.text,
        "html": letter.html,
        "headers": [{"name": name, "value": value} for name, value in letter.headers],
        "attachments": [
            {"name": attachment.name, "type": attachment.media_type, "size": attachment.size}
            for attachment in letter.attachments
        ],
        "defects": list(letter.defects),
    }


class Api:
    """The views, each a translation of one call to the post office."""

    def __init__(self, *, post_office: PostOffice) -> None:
        self._post_office = post_office

    def open_on(self, app: Flask) -> None:
        """Hang every door for programs in the app."""
        doors: tuple[tuple[str, str, Callable[..., ResponseReturnValue]], ...] = (
            ("POST", "/v2/email/outbound-emails", self.send_email),
            ("GET", "/v2/email/account", self.get_account),
            ("POST", "/v2/email/identities", self.create_identity),
            ("GET", "/v2/email/identities/<name>", self.get_identity),
            ("PUT", "/v2/email/identities/<name>/mail-from", self.put_mail_from),
            ("PUT", "/_stand-in/identities/<name>", self.prove_identity),
            ("PUT", "/_stand-in/account", self.change_account),
            ("POST", "/_stand-in/faults", self.order_fault),
            ("GET", "/_stand-in/faults", self.list_faults),
            ("DELETE", "/_stand-in/faults", self.clear_faults),
            ("GET", "/api/messages", self.list_messages),
            ("DELETE", "/api/messages", self.empty),
            ("GET", "/api/messages/<message_id>", self.show_message),
        )
        for method, path, view in doors:
            app.add_url_rule(path, endpoint=view.__name__, view_func=view, methods=[method])
        for method in ("GET", "POST", "PUT", "DELETE"):
            app.add_url_rule("/v2/email/<path:_>", endpoint=f"no_{method}", view_func=self.unknown, methods=[method])
        app.register_error_handler(Refusal, self.refuse)

    def send_email(self) -> ResponseReturnValue:
        """SendEmail."""
        try:
            call = SendEmail.model_validate_json(request.get_data())
        except ValidationError as error:
            raise bad_request(_complaint(error)) from error
        return self._answer({"MessageId": self._post_office.send(call.posting())})

    def get_account(self) -> ResponseReturnValue:
        """GetAccount."""
        quota = {
            "Max24HourSend": MAX_24_HOUR_SEND,
            "MaxSendRate": MAX_SEND_RATE,
            "SentLast24Hours": self._post_office.sent_last_24_hours(),
        }
        return self._answer(
            {
                "DedicatedIpAutoWarmupEnabled": False,
                "EnforcementStatus": "HEALTHY",
                "ProductionAccessEnabled": not self._post_office.in_sandbox,
                "SendingEnabled": self._post_office.may_send,
                "SendQuota": quota,
                "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
            }
        )

    def create_identity(self) -> ResponseReturnValue:
        """CreateEmailIdentity."""
        name = _member(request.get_json(force=True), "EmailIdentity")
        identity = self._post_office.identities.add(name)
        return self._answer(
            {
                "IdentityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
                "VerifiedForSendingStatus": False,
                "DkimAttributes": _dkim(identity),
            }
        )

    def get_identity(self, name: str) -> ResponseReturnValue:
        """GetEmailIdentity."""
        identity = self._post_office.identities.find(name)
        mail_from = {
            "MailFromDomain": identity.mail_from,
            "MailFromDomainStatus": "SUCCESS" if identity.verified else "PENDING",
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        }
        return self._answer(
            {
                "IdentityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
                "FeedbackForwardingStatus": True,
                "VerifiedForSendingStatus": identity.verified,
                "VerificationStatus": "SUCCESS" if identity.verified else "PENDING",
                "DkimAttributes": _dkim(identity),
                **({"MailFromAttributes": mail_from} if identity.mail_from else {}),
            }
        )

    def put_mail_from(self, name: str) -> ResponseReturnValue:
        """PutEmailIdentityMailFromAttributes."""
        mail_from = _member(request.get_json(force=True), "MailFromDomain")
        self._post_office.identities.lead_bounces(name, mail_from=mail_from)
        return self._answer({})

    def prove_identity(self, name: str) -> ResponseReturnValue:
        """Let the records of an identity appear in DNS, or go from it."""
        self._post_office.identities.prove(name, verified=bool(request.get_json(force=True)["verified"]))
        return "", 204

    def change_account(self) -> ResponseReturnValue:
        """Put the account in the sandbox, or take it out; let SES stop it, or let it go on."""
        asked = request.get_json(force=True)
        self._post_office.in_sandbox = bool(asked.get("sandbox", self._post_office.in_sandbox))
        self._post_office.may_send = bool(asked.get("sending", self._post_office.may_send))
        return "", 204

    def unknown(self, _: str) -> ResponseReturnValue:
        """Every other call of SES v2."""
        raise Refusal(
            code="UnknownOperationException", message="This stand-in knows SendEmail, GetAccount and identities only."
        )

    def refuse(self, refusal: Refusal) -> Response:
        """A refusal in the form botocore reads."""
        response = self._answer({"message": refusal.message})
        response.status_code = refusal.status
        response.headers["x-amzn-errortype"] = refusal.code
        return response

    def order_fault(self) -> ResponseReturnValue:
        """Let something go wrong with the next messages."""
        try:
            order = FaultOrder.model_validate_json(request.get_data())
        except ValidationError as error:
            return jsonify(message=_complaint(error)), 400
        self._post_office.faults.add(Fault(**order.model_dump()))
        return self._pending(), 201

    def list_faults(self) -> ResponseReturnValue:
        """What will still go wrong."""
        return self._pending()

    def clear_faults(self) -> ResponseReturnValue:
        """Let nothing go wrong any more."""
        self._post_office.faults.clear()
        return "", 204

    def list_messages(self) -> ResponseReturnValue:
        """The whole mailbox, newest first; with `?about=` only what has these words in its subject or an address."""
        about = request.args.get("about", "")
        messages = [message for message in self._post_office.messages() if message.is_about(about)]
        return jsonify([as_json(message) for message in messages])

    def show_message(self, message_id: str) -> ResponseReturnValue:
        """One message."""
        message = self._post_office.message(message_id)
        return jsonify(as_json(message)) if message else (jsonify(message="No such message."), 404)

    def empty(self) -> ResponseReturnValue:
        """Throw everything away."""
        self._post_office.empty()
        return "", 204

    def _answer(self, body: dict[str, Any]) -> Response:
        response = jsonify(body)
        response.headers["x-amzn-requestid"] = str(uuid4())
        return response

    def _pending(self) -> Response:
        faults = self._post_office.faults.pending()
        return jsonify([{"kind": fault.kind, "times": fault.times, "seconds": fault.seconds} for fault in faults])


def _member(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request(f"{name} is missing.")
    return value


def _dkim(identity: Identity) -> dict[str, Any]:
    return {
        "SigningEnabled": True,
        "Status": "SUCCESS" if identity.verified else "PENDING",
        "Tokens": list(identity.tokens),
        "SigningHostedZone": "dkim.amazonses.com",
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
    }


def _complaint(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in error.errors())
