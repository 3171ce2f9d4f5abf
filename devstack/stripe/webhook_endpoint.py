"""Webhook endpoints: where Stripe brings which events, and the secret it signs them with there."""

import secrets
from dataclasses import dataclass, replace
from threading import RLock
from typing import Literal

from devstack.stripe.shelves import Unknown
from devstack.stripe.wire import Json, new_id


@dataclass(frozen=True, kw_only=True)
class WebhookEndpoint:
    """One endpoint; its secret is told when it is made, and never again."""

    id: str
    created: int
    url: str
    enabled_events: tuple[str, ...]
    api_version: str | None
    secret: str
    description: str | None = None
    metadata: Json
    status: Literal["enabled", "disabled"] = "enabled"

    def wants(self, event_type: str) -> bool:
        return self.status == "enabled" and not {event_type, "*"}.isdisjoint(self.enabled_events)

    def as_json(self, *, with_secret: bool = False) -> Json:
        """Return the object as the API tells it."""
        return {
            "id": self.id,
            "object": "webhook_endpoint",
            "api_version": self.api_version,
            "application": None,
            "created": self.created,
            "description": self.description,
            "enabled_events": list(self.enabled_events),
            "livemode": False,
            "metadata": dict(self.metadata),
            **({"secret": self.secret} if with_secret else {}),
            "status": self.status,
            "url": self.url,
        }


class WebhookEndpoints:
    """All endpoints of the account, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._endpoints: dict[str, WebhookEndpoint] = {}

    def all(self) -> list[WebhookEndpoint]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._endpoints.values()))

    def add(self, asked: Json, *, now: int) -> WebhookEndpoint:
        """Make one as it was asked for."""
        endpoint = WebhookEndpoint(
            id=new_id("we"),
            created=now,
            url=asked["url"],
            enabled_events=tuple(asked["enabled_events"]),
            api_version=asked.get("api_version"),
            secret=f"whsec_{secrets.token_hex(16)}",
            description=asked.get("description"),
            metadata=asked.get("metadata") or {},
        )
        with self._lock:
            self._endpoints[endpoint.id] = endpoint
        return endpoint

    def change(self, endpoint_id: str, asked: Json) -> WebhookEndpoint:
        """Change what was asked; its version stays what it was made with. Raises Unknown."""
        with self._lock:
            endpoint = self.find(endpoint_id)
            changes: Json = {name: asked[name] for name in ("url", "description", "metadata") if name in asked}
            if "enabled_events" in asked:
                changes["enabled_events"] = tuple(asked["enabled_events"])
            if "disabled" in asked:
                changes["status"] = "disabled" if asked["disabled"] else "enabled"
            self._endpoints[endpoint_id] = replace(endpoint, **changes)
            return self._endpoints[endpoint_id]

    def find(self, endpoint_id: str) -> WebhookEndpoint:
        """Raises Unknown."""
        with self._lock:
            if endpoint_id not in self._endpoints:
                raise Unknown
            return self._endpoints[endpoint_id]

    def remove(self, endpoint_id: str) -> None:
        """Raises Unknown."""
        with self._lock:
            self.find(endpoint_id)
            del self._endpoints[endpoint_id]
