"""The rate limit: so many requests in any one second, of each endpoint and in all."""

from collections import deque
from dataclasses import dataclass
from threading import Lock

from devstack.stripe.wire import Refused


class RateLimited(Refused):
    """A request too many; `limiter` says which limit it met."""

    def __init__(self, limiter: str) -> None:
        super().__init__(
            "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits.",
            status=429,
            code="rate_limit",
        )
        self.limiter = limiter


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How many requests a second are answered; Stripe itself says 25 per endpoint and 100 in all (live)."""

    endpoint: int | None = None
    overall: int | None = None


class RateLimit:
    """Counts what was answered within the last second of the stand-in's clock; off unless it is given rates."""

    def __init__(self, rates: Rates | None = None) -> None:
        self.rates = rates or Rates()
        self._lock = Lock()
        self._seen: dict[str, deque[float]] = {}

    def fork(self) -> "RateLimit":
        """Return a twin that counted the same."""
        twin = RateLimit(self.rates)
        with self._lock:
            twin._seen = {name: moments.copy() for name, moments in self._seen.items()}
        return twin

    def admit(self, operation: str, *, now: float) -> None:
        """Count a request, or refuse it; what is refused does not count."""
        limits = (
            (f"operation {operation}", self.rates.endpoint, "endpoint-rate"),
            ("all", self.rates.overall, "global-rate"),
        )
        with self._lock:
            counted = []
            for name, most, limiter in limits:
                if most is None:
                    continue
                moments = self._seen.setdefault(name, deque())
                while moments and moments[0] <= now - 1:
                    moments.popleft()
                if len(moments) >= most:
                    raise RateLimited(limiter)
                counted.append(moments)
            for moments in counted:
                moments.append(now)
