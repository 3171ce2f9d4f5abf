"""A form opened for one request: shows itself, with everything that was typed still in it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalice.app import Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.answers import Answers
from chalicelib.domain.availability import Availability, Sale, availability
from chalicelib.domain.draft import Draft
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.mail_domain import organisation_domain
from chalicelib.domain.nudge import Nudge, nudge
from chalicelib.domain.offer import Offer, OfferKind
from chalicelib.domain.price import Price
from chalicelib.flows.decide import quote
from chalicelib.flows.find_offer import find_offer, list_offers
from chalicelib.flows.refuse_too_many import may_look_up
from chalicelib.rendering.bill import BillView, bill_view
from chalicelib.web import reply
from chalicelib.web.field import FieldError
from chalicelib.web.form import Form
from chalicelib.web.form_view import Shown, form_view, offer_view
from chalicelib.web.posted import Posted

# With this few seats left it is worth saying how many.
FEW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """A form of this desk, opened for one request from a network address (empty: not known)."""

    app: Application
    offer: Offer
    language: Language
    form: Form
    address: str
    as_fragment: bool
    as_frame: bool

    def new_key(self) -> str:
        """A fresh form key; in a fragment the embedding script makes its own."""
        return "" if self.as_fragment else secrets.token_urlsafe(24)

    @property
    def cache(self) -> str:
        """How an answer to a post may be kept: a page must be there again when the visitor comes back to it."""
        return reply.NO_STORE if self.as_fragment else reply.FOR_THE_WAY_BACK

    @property
    def action(self) -> str:
        # a post to the page's own address would make the browser forget the page, and with it the key
        return f"{self.app.links.form(self.offer.id, self.language)}?send=1"

    def availability(self) -> Availability:
        """What is left now. Raises StorageUnavailable."""
        counts = self.app.store.seats(self.offer.id) if self.offer.event else {}
        return availability(self.offer, counts, now=self.form.now)

    def first_answer(self, *, page: str = "") -> Response:
        """An empty form, or the page that says why there is none. As a fragment it holds no key: caches share it.

        `page` is the page of somebody else's that it is shown in.
        """
        available = self.availability()
        if available.sale is not Sale.OPEN:
            return self.not_on_sale(available, status=200)
        left = available.free if available.free is not None and available.free <= FEW else None
        if self.as_fragment:
            return self.answer(posted=self.form.fresh(), key="", left=left, cache=self._shared)
        return self.answer(
            posted=self.form.fresh(), key=self.new_key(), left=left, page=page, cache=reply.FOR_THE_WAY_BACK
        )

    def filled_in(self, draft: Draft) -> Response:
        """The form that was kept; or another, with the answers that both ask, to be filled in before it.

        With a key of its own: whoever has the link would know another's.
        """
        fields = dict(draft.fields)
        if draft.offer_id == self.offer.id:
            posted, notice = Posted(fields, frozenset()), self.form.texts("form.draft_kept")
            return self.answer(posted=posted, key=self.new_key(), notice=notice, cache=reply.FOR_THE_WAY_BACK)
        asked = {question.name for question in self.offer.questions} - {"newsletter"}
        shared = {name: value for name, value in fields.items() if name in asked}
        if not organisation_domain(shared.get("email", "")):
            shared.pop("email", None)  # a membership in that name would recognise nobody
        return self.answer(
            posted=Posted(self.form.fresh().fields | shared, frozenset()),
            key=self.new_key(),
            draft_id=draft.id,
            page=fields.get("page", ""),
            cache=reply.FOR_THE_WAY_BACK,
        )

    def answer(
        self,
        *,
        posted: Posted,
        key: str,
        errors: tuple[FieldError, ...] = (),
        asking: bool = False,
        notice: str = "",
        status: int = 200,
        cache: str = reply.NO_STORE,
        draft_id: str = "",
        left: int | None = None,
        focus: str = "",
        page: str = "",
    ) -> Response:
        """The form, as a page or as a fragment."""
        app = self.app
        view = form_view(
            self.form,
            posted,
            Shown(
                action=self.action,
                key=key,
                bill=self.bill(self.form.addresses(posted)),
                total_url=self.total_url,
                page=page or posted.get("page"),
                errors=errors,
                asking=asking,
                notice=notice,
                failed=status in (422, 503),
                draft_id=draft_id or posted.get("draft"),
                left=left,
                focus=focus,
            ),
        )
        script_url = app.links.script if view.total_url else ""
        return self.show(
            "form", status=status, cache=cache, switch=f"{self.offer.id}-form", script_url=script_url, form=view
        )

    def not_on_sale(self, available: Availability, *, status: int, posted: Posted | None = None) -> Response:
        """The page that says why one cannot register now; what was sent can be sent again from it, where that helps."""
        refused = posted is not None
        again = posted.kept() if posted and available.sale in (Sale.ALL_HELD, Sale.NOT_YET) else ()
        return self.show(
            "not_on_sale",
            status=(422 if self.as_fragment else status) if refused else 200,
            cache=self._shared if self.as_fragment and not refused else reply.NO_STORE,
            offer={"title": self.offer.title.within(self.language), "opens_at": self.offer.opens_at},
            sale=available.sale.value,
            minutes=available.minutes,
            refused=refused,
            again={"id": f"{self.offer.id}-again", "action": self.action, "hidden": again} if again else None,
            switch=f"{self.offer.id}-again" if again else "",
            again_url=self.app.links.form(self.offer.id, self.language),
        )

    def show(
        self, template: str, *, status: int, cache: str, switch: str = "", script_url: str = "", **context: object
    ) -> Response:
        """A page, or its fragment; with `switch`, what is in the form of that id goes along to the other language."""
        app = self.app
        if self.as_fragment:
            html = app.renderer.fragment(f"{template}_fragment", language=self.language, **context)
            return reply.fragment(html, status=status, cache=cache)
        other = other_language(app, self.language, url_of=lambda other: app.links.form(self.offer.id, other))
        content = app.renderer.page(
            template,
            language=self.language,
            other_language=other | {"form": switch},
            script_url=script_url,
            framed=self.as_frame,
            **context,
        )
        return reply.page(
            content,
            status=status,
            checkout_origin=app.settings.checkout_origin,
            cache=cache,
            script_url=script_url,
            framed_by=app.settings.allowed_origins if self.as_frame else (),
        )

    def total(self, domains: Sequence[str]) -> Response:
        """What it costs for attendees with these mail domains, empty where one is not known yet."""
        bill, offer = self.bill([f"attendee@{domain}" if domain else "" for domain in domains]), offer_view(self.form)
        return reply.fragment(self.app.renderer.fragment("bill", language=self.language, bill=bill, offer=offer))

    def prices(self, answers: Answers) -> tuple[Price, ...]:
        """What these answers cost now."""
        payers = [person.email for person in answers.people()] if self.offer.event else [""]
        return quote(payers, offer=self.offer, store=self.app.store, now=self.form.now)

    @property
    def _shared(self) -> str:
        """How long caches may share an empty form: seats are told of by the half-minute."""
        return reply.FOR_HALF_A_MINUTE if self.offer.event else reply.FOR_EVERYBODY

    def bill(self, emails: Sequence[str]) -> BillView:
        """What it costs for those who come, of whom the addresses are known as far as they are typed.

        Nothing is decided by it yet.
        """
        payers = list(emails[: self.offer.event.most_per_order + 1]) if self.offer.event else [""]
        if any(payers) and self.offer.asks_membership and not self._may_look_up():
            # nobody is kept from registering by it: who is a member is decided when the form is sent
            payers = [""] * len(payers)
        try:
            prices = quote(payers, offer=self.offer, store=self.app.store, now=self.form.now)
            members, nudged = self._members(prices), self._nudge(payers, prices)
        except StorageUnavailable:
            # the page that says so must still hold what was typed: then at the price for whoever is not recognised
            prices = quote([""] * len(payers), offer=self.offer, store=self.app.store, now=self.form.now)
            members, nudged = (), None
        show_vat = self.app.settings.association.vat_confirmed
        return bill_view(prices, vat=self.offer.vat, show_vat=show_vat, members=members, nudge=nudged)

    def _may_look_up(self) -> bool:
        app = self.app
        return may_look_up(
            self.address, tallies=app.tallies, identity=app.identity, limits=app.settings.limits, now=self.form.now
        )

    def _members(self, prices: Sequence[Price]) -> tuple[str, ...]:
        """The organisations that were recognised, each once."""
        memberships = self.app.store.unit_of_work().memberships
        recognised = dict.fromkeys(price.reason.membership_id for price in prices if price.reason.membership_id)
        found = [membership.organisation for each in recognised if (membership := memberships.get(each))]
        return tuple(dict.fromkeys(found)) if self.offer.asks_membership else ()

    def _nudge(self, payers: Sequence[str], prices: Sequence[Price]) -> Nudge | None:
        """What becoming a member first would save."""
        if not self.offer.asks_membership:
            return None
        strangers = [email for email, price in zip(payers, prices, strict=True) if not price.reason.membership_id]
        membership = membership_on_sale(self.app, now=self.form.now) if len(strangers) > 1 else None
        if membership is None:
            return None
        cents = membership.prices_at(self.form.now).list_cents
        return nudge(strangers, prices=self.form.prices, membership_cents=cents)

    @property
    def total_url(self) -> str:
        """Where a script asks what it costs now; empty when that is the same whatever is typed."""
        follows = self.offer.event and self.form.prices.list_cents
        return f"{self.app.links.form(self.offer.id, self.language)}/total" if follows else ""


def membership_on_sale(app: Application, *, now: datetime) -> Offer | None:
    """The offer by which an organisation can become a member now."""
    offers = [each for each in list_offers(store=app.store, seeds=app.seeds) if each.kind is OfferKind.MEMBERSHIP]
    return next((each for each in offers if availability(each, {}, now=now).sale is Sale.OPEN), None)


def other_language(app: Application, language: Language, *, url_of: Callable[[Language], str]) -> dict[str, str]:
    """The way to the same page in the other language."""
    other = next(each for each in Language if each is not language)
    return {
        "lang": other.value,
        "label": app.renderer.texts(other)("site.language"),
        "url": url_of(other),
        "form": "",
    }


def open_form(
    lang: str, slug: str, *, address: str, as_fragment: bool = False, as_frame: bool = False
) -> OpenForm | None:
    """The form that an address names, in the language that it names; None when there is none."""
    # a name that no offer can have is not looked up: DynamoDB refuses a key of more than 1,024 bytes
    if lang not in set(Language) or not re.fullmatch(r"[a-z0-9-]{1,100}", slug):
        return None
    app, language = application(), Language(lang)
    offer = find_offer(slug, store=app.store, seeds=app.seeds)
    if offer is None:
        return None
    form = Form(offer, language, app.renderer.texts(language), app.settings.association.short_name, app.now())
    return OpenForm(
        app=app,
        offer=offer,
        language=language,
        form=form,
        address=address,
        as_fragment=as_fragment,
        as_frame=as_frame,
    )
