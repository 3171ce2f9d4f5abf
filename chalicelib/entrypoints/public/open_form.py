"""A form opened for one request: shows itself, registers, and leads on to the payment page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from chalice.app import Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.answers import Answers
from chalicelib.domain.error import PaymentUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Order, State
from chalicelib.flows.find_offer import find_offer
from chalicelib.flows.open_checkout import open_checkout
from chalicelib.flows.register import Registration, Submission, register
from chalicelib.flows.replace_order import replace_order
from chalicelib.rendering.order_view import order_view
from chalicelib.web import reply
from chalicelib.web.form import FieldError, Form
from chalicelib.web.posted import Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """A form of this desk, opened for one request."""

    app: Application
    offer: Offer
    language: Language
    form: Form
    as_fragment: bool

    def new_key(self) -> str:
        """A fresh form key; in a fragment the embedding script makes its own."""
        return "" if self.as_fragment else secrets.token_urlsafe(24)

    @property
    def cache(self) -> str:
        """How an answer to a post may be kept: a page must be there again when the visitor comes back to it."""
        return reply.NO_STORE if self.as_fragment else reply.FOR_THE_WAY_BACK

    def answer(
        self,
        *,
        key: str,
        posted: Posted | None = None,
        errors: tuple[FieldError, ...] = (),
        notice: str = "",
        status: int = 200,
        cache: str = reply.NO_STORE,
    ) -> Response:
        """The form, as a page or as a fragment."""
        app = self.app
        # a post to the page's own address would make the browser forget the page, and with it the key
        action = f"{app.links.form(self.offer.id, self.language)}?send=1"
        view = self.form.view(
            action=action,
            key=key,
            posted=posted,
            errors=errors,
            notice=notice,
            show_vat=app.settings.association.vat_confirmed,
            failed=status in (422, 503),
        )
        if self.as_fragment:
            return reply.fragment(
                app.renderer.fragment("form_fragment", language=self.language, form=view), status=status, cache=cache
            )
        content = app.renderer.page(
            "form",
            language=self.language,
            form=view,
            other_language=other_language(
                app, self.language, url_of=lambda other: app.links.form(self.offer.id, other)
            ),
        )
        return reply.page(content, status=status, checkout_origin=app.settings.checkout_origin, cache=cache)

    def register(self, answers: Answers, *, posted: Posted) -> Registration:
        """Place the order, or find the one there is; replace that one when the visitor chose to."""
        app, now = self.app, self.app.now()
        submission = Submission(
            form_key=posted.get("key"),
            offer=self.offer,
            answers=answers,
            language=self.language,
            source=app.links.form(self.offer.id, self.language),
            consent_text=self.form.consent_text,
        )
        if posted.get("do") != "replace":
            return register(submission, store=app.store, identity=app.identity, now=now)
        return replace_order(
            posted.get("replaces"),
            submission=submission,
            identity=app.identity,
            store=app.store,
            gateway=app.gateway,
            emails=app.emails,
            links=app.links,
            now=now,
        )

    def lead_on(self, registration: Registration, *, posted: Posted, answers: Answers) -> Response:
        """To the payment page, to the question which order counts, or to the order that is there already."""
        order = registration.order
        if registration.changed and order.state is State.PENDING:
            return self._ask_which(order, posted=posted, answers=answers)
        if registration.changed:
            return self._begin_anew(order, posted=posted)
        if order.state is not State.PENDING:
            return self._go(self.app.links.order(order.id, self.language), order)
        return self._go(checkout_url(self.app, order, language=self.language), order)

    def _begin_anew(self, order: Order, *, posted: Posted) -> Response:
        """Other answers under the key of an order that has ended: they are a new one, once the visitor says so."""
        email = self.app.settings.association.email
        notice = self.form.texts("form.earlier_order", code=order.code, email=email)
        key = self.app.identity.form_key_after(order.id)
        status = 422 if self.as_fragment else 409
        return self.answer(posted=posted, key=key, notice=notice, status=status, cache=self.cache)

    def _ask_which(self, order: Order, *, posted: Posted, answers: Answers) -> Response:
        app = self.app
        buyer = app.store.unit_of_work().buyers.get(order.id)
        hidden = [(name, value) for name, value in posted.fields.items() if name not in {"do", "replaces"}]
        context = {
            "order": order_view(order, buyer=buyer, membership=None, show_vat=app.settings.association.vat_confirmed),
            "pay_action": app.links.order(order.id, self.language),
            "replace": {
                "action": f"{app.links.form(self.offer.id, self.language)}?send=1",
                "hidden": [*hidden, ("replaces", order.id)],
            },
            "changes": self._changes(buyer, answers),
        }
        if self.as_fragment:
            html = app.renderer.fragment("open_order_fragment", language=self.language, **context)
            return reply.fragment(html, status=422)
        content = app.renderer.page("open_order", language=self.language, other_language=None, **context)
        origin = app.settings.checkout_origin
        return reply.page(content, status=409, checkout_origin=origin, cache=reply.FOR_THE_WAY_BACK)

    def _changes(self, buyer: Buyer | None, answers: Answers) -> list[dict[str, str]]:
        before, after = (buyer.answers.fields() if buyer else {}), answers.fields()
        names = [question.name for question in self.offer.questions]
        return [
            {
                "label": self.form.label(name),
                "before": self.form.shown(name, before.get(name, "")),
                "after": self.form.shown(name, after.get(name, "")),
            }
            for name in names
            if before.get(name, "") != after.get(name, "")
        ]

    def _go(self, url: str, order: Order) -> Response:
        if self.as_fragment:
            return reply.data({"url": url, "total": order.total_cents, "currency": order.currency})
        return reply.redirect(url)


def checkout_url(app: Application, order: Order, *, language: Language) -> str:
    """Where to pay; the order's own page when there is nothing to pay, or nowhere to do it just now."""
    page = app.links.order(order.id, language)
    try:
        checkout = open_checkout(
            order, store=app.store, gateway=app.gateway, emails=app.emails, links=app.links, now=app.now()
        )
    except PaymentUnavailable:
        return f"{page}?from=unavailable"
    return checkout.url or page


def other_language(app: Application, language: Language, *, url_of: Callable[[Language], str]) -> dict[str, str]:
    """The way to the same page in the other language."""
    other = next(each for each in Language if each is not language)
    return {"lang": other.value, "label": app.renderer.texts(other)("site.language"), "url": url_of(other)}


def open_form(lang: str, slug: str, *, as_fragment: bool = False) -> OpenForm | None:
    """The form that an address names, in the language that it names; None when there is none."""
    # a name that no offer can have is not looked up: DynamoDB refuses a key of more than 1,024 bytes
    if lang not in set(Language) or not re.fullmatch(r"[a-z0-9-]{1,100}", slug):
        return None
    app, language = application(), Language(lang)
    offer = find_offer(slug, store=app.store, seeds=app.seeds)
    if offer is None:
        return None
    form = Form(offer, language, app.renderer.texts(language), app.settings.association.short_name)
    return OpenForm(app=app, offer=offer, language=language, form=form, as_fragment=as_fragment)
