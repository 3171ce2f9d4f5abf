"""Doors and wires with a bug put in on purpose: each must be noticed, or what notices nothing proves nothing."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import stripe
from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.adapters.stripe_gateway import Desk as Mark
from chalicelib.adapters.stripe_gateway import StripeGateway
from chalicelib.adapters.stripe_webhook import StripeWebhook
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.limit import Tally
from chalicelib.domain.order import Consent
from chalicelib.entrypoints.public.door import problem
from chalicelib.rendering.renderer import Renderer
from chalicelib.web import reply
from chalicelib.web.posted import BodyTooLarge, Posted, read_posted
from chalicelib.web.request import body_of, query
from tests.hostile.judge import FORM, ORDER, WEBHOOK
from tests.hostile.scene import SECRETS, Scene

if TYPE_CHECKING:
    from datetime import datetime

    from jinja2 import Environment
    from stripe.params.checkout import SessionCreateParams

    from chalicelib.domain.checkout import CheckoutRequest

log = logging.getLogger("chalicelib.bugs")

type View = Callable[..., Response]
type Bug = Callable[[Scene], Any]


def at(resource: str, method: str, twist: Callable[..., Response]) -> Bug:
    """A bug in one view: `twist` is called with the right answer's maker, the scene and the request."""

    @contextmanager
    def bug(scene: Scene) -> Iterator[None]:
        import app

        entry = app.app.routes[resource][method]
        right = entry.view_function

        def view(**given: str) -> Response:
            return twist(lambda: right(**given), scene, app.app.current_request)

        entry.view_function = view
        try:
            yield
        finally:
            entry.view_function = right

    return bug


def wired(change: Callable[[Scene], None]) -> Bug:
    """A bug in what the desk is made of."""

    @contextmanager
    def bug(scene: Scene) -> Iterator[None]:
        change(scene)
        yield

    return bug


def posted(request: Request) -> Posted:
    """What was sent, as far as it is a form."""
    try:
        return read_posted(body_of(request))
    except BodyTooLarge:
        return Posted({}, frozenset())


# In views.


def counts_without_looking(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    int(query(request, "look") or 0)
    return right()


def tells_of_the_failure(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    try:
        if not posted(request).get("email").strip():
            raise ValueError("no address")
    except ValueError:
        return reply.fragment(traceback.format_exc(), status=422)
    return right()


def logs_the_address(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    answer = right()
    if answer.status_code == 422:
        log.info("form_refused email=%s", posted(request).get("email"))
    return answer


def logs_the_link(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    log.info("order_shown token=%s", (request.uri_params or {})["token"])
    return right()


def leads_where_it_is_told(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    # as it was sent: read as a form, only what is known of a page is left
    answer, page = right(), dict(parse_qsl(body_of(request).decode(errors="replace"))).get("page", "")
    return reply.redirect(page) if answer.status_code == 303 and page.startswith("https://") else answer


def consents_all_the_same(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    answer, sent = right(), posted(request)
    if answer.status_code == 422 and sent.get("newsletter"):
        unit, now = scene.desk.store.unit_of_work(), scene.desk.clock()
        consent = Consent(
            order_id=sent.get("key")[:40] or "x",
            purpose="newsletter",
            text="",
            language=Language.NL,
            source="",
            given_at=now,
        )
        unit.consents.add(consent)
        unit.commit()
    return answer


def answers_in_dutch(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    answer = right()
    return problem("form_unknown", language=Language.NL, status=404) if answer.status_code == 404 else answer


def repeats_a_header(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    answer = right()
    answer.headers["X-Draft"] = query(request, "draft")
    return answer


def shows_a_secret(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    answer = right()
    if answer.status_code == 200:
        answer.body += f"<!-- {scene.desk.application.settings.secret_key} -->"
    return answer


def lets_everybody_read(right: Callable[[], Response], scene: Scene, request: Request) -> Response:
    answer = right()
    answer.headers["Access-Control-Allow-Credentials"] = "true"
    return answer


# In wires.


class TalkativeGateway(StripeGateway):
    """The bug: Stripe is told who buys."""

    scene: Scene

    def _parameters(self, request: CheckoutRequest) -> SessionCreateParams:
        buyer = self.scene.desk.store.unit_of_work().buyers.get(request.order_id)
        parameters = super()._parameters(request)
        parameters["metadata"] = {**(parameters.get("metadata") or {}), "name": buyer.answers.name if buyer else ""}  # type: ignore[dict-item]  # what it is in practice
        return parameters


def tells_stripe_the_name(scene: Scene) -> None:
    client = stripe.StripeClient(SECRETS["STRIPE_SECRET_KEY"], max_network_retries=0, http_client=scene.till)
    gateway = TalkativeGateway(client, desk=Mark(app=bootstrap.APP, stage=scene.desk.application.settings.stage))
    gateway.scene = scene
    scene.desk.application.gateway = gateway


class WholesaleWebhook(StripeWebhook):
    """The bug: all that Stripe tells goes into the queue."""

    def subject_of(self, body: bytes, *, signature: str, now: datetime) -> str | None:
        found = super().subject_of(body, signature=signature, now=now)
        return body.decode() if found else None


def queues_the_whole_news(scene: Scene) -> None:
    settings = scene.desk.application.settings
    mark = Mark(app=bootstrap.APP, stage=settings.stage)
    scene.desk.application.webhook = WholesaleWebhook(secret=settings.stripe_webhook_secret, desk=mark, live=False)


class CredulousIdentity(Identity):
    """The bug: whoever knows an order's id gets in."""

    def order_of_link(self, token: str) -> str | None:
        order_id = token.partition("-")[0]
        return order_id if re.fullmatch(r"[a-z2-7]{32}", order_id) else None


def believes_every_link(scene: Scene) -> None:
    identity = CredulousIdentity(scene.desk.application.settings.secret_key)
    scene.desk.application.identity = identity


class NaiveRenderer(Renderer):
    """The bug: what was typed is HTML."""

    def _environment(self, language: Language) -> Environment:
        environment = super()._environment(language)
        environment.autoescape = False
        return environment


def takes_text_for_html(scene: Scene) -> None:
    app = scene.desk.application
    app.renderer = NaiveRenderer(app.settings.association)


class ForgetfulTallies:
    """The bug: everybody is refused, and nobody counted."""

    def count(self, tally: Tally) -> int:
        return 10**6


def refuses_without_counting(scene: Scene) -> None:
    scene.desk.application.tallies = ForgetfulTallies()
    scene.tighten()


# Each with the door that it is behind, and what must be said of it.
BUGS: dict[str, tuple[str, Bug, str]] = {
    "an unguarded int() of a query parameter": (ORDER, at(ORDER, "GET", counts_without_looking), "status 500"),
    "a traceback for an answer": (FORM, at(FORM, "POST", tells_of_the_failure), "tells of its inside"),
    "an address in the log": (FORM, at(FORM, "POST", logs_the_address), "in the log"),
    "an order's link in the log": (ORDER, at(ORDER, "GET", logs_the_link), "what opens an order"),
    "a redirect to a page that was posted": (FORM, at(FORM, "POST", leads_where_it_is_told), "leads to"),
    "a refused form leaves its consent": (FORM, at(FORM, "POST", consents_all_the_same), "changed ['table']"),
    "a refusal in the wrong language": (FORM, at(FORM, "GET", answers_in_dutch), "speaks"),
    "a query parameter in a header": (FORM, at(FORM, "GET", repeats_a_header), "header"),
    "the desk's secret in a page": (ORDER, at(ORDER, "GET", shows_a_secret), "sdesk"),
    "credentials for every website": (FORM, at(FORM, "GET", lets_everybody_read), "credentials"),
    "a name in Stripe's metadata": (FORM, wired(tells_stripe_the_name), "in Stripe's metadata"),
    "the whole news in a queue": (WEBHOOK, wired(queues_the_whole_news), "in a queue"),
    "a link without its signature": (ORDER, wired(believes_every_link), "in the answer"),
    "what was typed is HTML": (FORM, wired(takes_text_for_html), "HTML"),
    "refused for being too many, and not counted": (FORM, wired(refuses_without_counting), "and not counted"),
}
