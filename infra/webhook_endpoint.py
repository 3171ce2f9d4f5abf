"""The webhook endpoint at Stripe: made, and kept as this version of Loket needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import stripe

from chalicelib.adapters.stripe_gateway import API_VERSION, Desk, stripe_client
from chalicelib.adapters.stripe_webhook import EVENTS
from chalicelib.bootstrap import APP
from infra.trouble import Trouble

if TYPE_CHECKING:
    from stripe import WebhookEndpoint

PATH = "/webhooks/stripe"
KEYS = "https://dashboard.stripe.com/apikeys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The endpoint of a stage as it is at Stripe."""

    id: str
    url: str
    enabled: bool
    api_version: str
    events: frozenset[str]
    home: str

    def faults(self, *, base_url: str) -> list[str]:
        """What is not as this version needs it, in words."""
        wanted = frozenset(EVENTS)
        return [
            words
            for words, wrong in (
                (f"it leads to {self.url}", self.url != f"{base_url}{PATH}"),
                ("it is switched off", not self.enabled),
                (f"it speaks version {self.api_version} instead of {API_VERSION}", self.api_version != API_VERSION),
                (f"it lacks {', '.join(sorted(wanted - self.events))}", bool(wanted - self.events)),
                (f"it also sends {', '.join(sorted(self.events - wanted))}", bool(self.events - wanted)),
            )
            if wrong
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new endpoint, with the secret that Stripe tells only now."""

    id: str
    secret: str


class WebhookEndpoints:
    """The endpoint of one stage, found by its mark. All of it raises Trouble.

    `home` is the account and region of the desk: what another desk has at the same Stripe account is not ours to touch.
    """

    def __init__(self, secret_key: str, *, stage: str, home: str, api_base: str = "") -> None:
        # untyped: to the SDK an event is one of 250 literals, to us a text
        self._endpoints: Any = stripe_client(secret_key=secret_key, api_base=api_base).v1.webhook_endpoints
        self._desk, self._home = Desk(app=APP, stage=stage), home

    def check_alone(self) -> None:
        """Raises Trouble when another desk of this stage is at this Stripe account: their payments would be mixed."""
        others = {each.home for each in map(_read, self._of_stage())} - {self._home}
        if others:
            raise Trouble(
                f"a desk of stage {self._desk.stage} in another AWS account or region ({', '.join(sorted(others))}) "
                "uses this Stripe account, and their payments could not be told apart. Choose that region, or give "
                "this desk a Stripe account or sandbox of its own; if the other one is gone, delete its endpoint at "
                "https://dashboard.stripe.com/webhooks."
            )

    def all(self) -> dict[str, Endpoint]:
        """Those of this stage, by id; asking also tells whether Stripe takes the key."""
        return {each.id: each for each in map(_read, self._of_stage()) if each.home == self._home}

    def keep(self, *, base_url: str, kept: str) -> Made | None:
        """Bring the endpoint with the id `kept` up to date, whose secret we have, or make a new one.

        Stripe tells a secret once, and keeps the version of an endpoint for ever: where one of these is the matter, a
        new endpoint takes its place. The old one works until remove_others.
        """
        ours = self.all()
        if kept not in ours or ours[kept].api_version != API_VERSION:
            return self.make(base_url=base_url)
        if ours[kept].faults(base_url=base_url):
            try:
                self._endpoints.update(kept, {**_shape(base_url), "disabled": False})
            except stripe.StripeError as error:
                raise Trouble(in_words(error)) from error
        return None

    def make(self, *, base_url: str) -> Made:
        """Make a new one, beside whatever there is."""
        try:
            mark = {"app": self._desk.app, "stage": self._desk.stage, "home": self._home}
            about = {"api_version": API_VERSION, "description": f"Loket, stage {self._desk.stage}", "metadata": mark}
            made = self._endpoints.create(_shape(base_url) | about)
        except stripe.StripeError as error:
            raise Trouble(in_words(error)) from error
        return Made(id=made.id, secret=made.secret)

    def remove_others(self, *, kept: str) -> None:
        """Take away those of this stage whose secret we do not have; with an empty `kept` all of them."""
        try:
            for each in self.all():
                if each != kept:
                    self._endpoints.delete(each)
        except stripe.StripeError as error:
            raise Trouble(in_words(error)) from error

    def _of_stage(self) -> list[WebhookEndpoint]:
        try:
            every = self._endpoints.list({"limit": 100}).auto_paging_iter()
            return [each for each in every if self._desk.owns(each.metadata)]
        except stripe.StripeError as error:
            raise Trouble(in_words(error)) from error


def _shape(base_url: str) -> dict[str, Any]:
    return {"url": f"{base_url}{PATH}", "enabled_events": list(EVENTS)}


def _read(endpoint: WebhookEndpoint) -> Endpoint:
    return Endpoint(
        id=endpoint.id,
        url=endpoint.url,
        enabled=endpoint.status == "enabled",
        api_version=endpoint.api_version or "the account's own",
        events=frozenset(endpoint.enabled_events),
        home=endpoint.metadata.to_dict().get("home", ""),
    )


def in_words(error: stripe.StripeError) -> str:
    """What Stripe has to say, and the remedy; never the key itself."""
    match error:
        case stripe.AuthenticationError():
            # for this one the SDK does not fill in the code itself
            expired = "api_key_expired" in str(error.json_body)
            what = "has expired" if expired else "is not one that Stripe knows"
            return f"the Stripe key {what}. Make one at {KEYS}, and keep it with make rotate."
        case stripe.PermissionError():
            return f"the Stripe key may not keep webhook endpoints. Give it that permission (write) at {KEYS}."
        case stripe.APIConnectionError():
            return "Stripe cannot be reached. Look at the network, and at https://status.stripe.com."
        case _:
            return f"Stripe refused: {error.user_message or type(error).__name__}"
