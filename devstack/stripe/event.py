"""An event, and the attempts to bring it to the shop."""

from dataclasses import dataclass

from devstack.stripe.wire import API_VERSION, Json


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, with the object as it was at that moment, and what of it was otherwise before."""

    id: str
    type: str
    created: int
    snapshot: Json
    before: Json | None = None

    @property
    def about(self) -> str:
        """The id of the object that the event is about."""
        about: str = self.snapshot["id"]
        return about

    def as_json(self, *, pending: bool = True) -> Json:
        """Return the event as Stripe sends it."""
        data = {"object": self.snapshot}
        if self.before:
            data["previous_attributes"] = self.before
        return {
            "id": self.id,
            "object": "event",
            "account": None,
            "api_version": API_VERSION,
            "context": None,
            "created": self.created,
            "data": data,
            "livemode": False,
            "pending_webhooks": int(pending),
            "request": {"id": None, "idempotency_key": None},
            "type": self.type,
        }


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt to bring an event to the shop; without a status nobody answered."""

    event: str
    type: str
    attempt: int
    status: int | None
    error: str | None
    at: int

    @property
    def acknowledged(self) -> bool:
        """Whether the shop answered with a 2xx."""
        return self.status is not None and 200 <= self.status < 300
