"""The stand-in without a socket: the real SDK calls the API as a function; a test can run thousands of worlds."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import unquote

import stripe
from requests.structures import CaseInsensitiveDict

from devstack.stripe.api import Request, answer
from devstack.stripe.books import Books
from devstack.stripe.faults import Faults
from devstack.stripe.rate_limit import RateLimit, Rates
from devstack.stripe.stand_in import StandIn
from devstack.stripe.wire import API_VERSION, CountedIds


def quiet_stand_in(
    *,
    clock: Callable[[], datetime],
    api_key: str,
    public_url: str = "https://checkout.stripe.example",
    books: Books | None = None,
    rates: Rates | None = None,
) -> StandIn:
    """Return a stand-in that starts no thread, brings no webhook and keeps nobody waiting; its ids count upwards."""
    return StandIn(
        books=books or Books(ids=CountedIds()),
        api_key=api_key,
        public_url=public_url,
        clock=clock,
        faults=Faults(patient=False),
        limit=RateLimit(rates),
    )


def client_of(stand_in: StandIn, *, max_network_retries: int = 0) -> stripe.StripeClient:
    """Return the real SDK's client, that calls this stand-in."""
    return stripe.StripeClient(
        stand_in.api_key,
        stripe_version=API_VERSION,
        http_client=InProcess(stand_in),
        max_network_retries=max_network_retries,
    )


class InProcess(stripe.HTTPClient):
    """The SDK's way out, that ends in the same process; `stand_in` may be exchanged for its fork at any time."""

    name = "in-process"

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__()
        self.stand_in = stand_in

    def request(  # type: ignore[override]  # the SDK's own clients leave `_usage` out as well
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: str | None = None
    ) -> tuple[str, int, Mapping[str, str]]:
        """Answer one call; an answer that comes too late is a lost connection, at once."""
        path, _, query = url.partition("//")[2].partition("/")[2].partition("?")
        verb = method.upper()
        self.stand_in.lapse()
        reply = answer(
            self.stand_in,
            Request(
                method=verb,
                path="/" + unquote(path),
                parameters=(post_data or "") if verb == "POST" else query,
                headers=headers or {},
            ),
        )
        if reply.too_late:
            raise _too_late()
        return reply.body, reply.status, CaseInsensitiveDict(reply.headers)

    def close(self) -> None:
        """Have nothing to close."""

    def _sleep_time_seconds(self, num_retries: int) -> float:  # noqa: ARG002  # the SDK's own name; here nobody waits
        return 0


def _too_late() -> stripe.APIConnectionError:
    failure: stripe.APIConnectionError = stripe.APIConnectionError(  # type: ignore[no-untyped-call]  # so in the SDK
        "The stand-in's answer came too late.", should_retry=True
    )
    return failure
