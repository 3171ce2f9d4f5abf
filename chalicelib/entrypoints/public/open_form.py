"""A form opened for one request: shows itself, with everything that was typed still in it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from chalice.app import Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.answers import Answers
from chalicelib.domain.availability import Availability, Sale, availability
from chalicelib.domain.draft import Draft
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.mail_domain import organisation_domain
from chalicelib.domain.offer import Offer
from chalicelib.domain.price import Price
from chalicelib.flows.decide import quote
from chalicelib.flows.find_offer import find_offer
from chalicelib.web import reply
from chalicelib.web.field import FieldError
from chalicelib.web.form import Form
from chalicelib.web.form_view import Shown, form_view
from chalicelib.web.posted import Posted

# With this few seats left it is worth saying how many.
FEW = 10


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

    @property
    def action(self) -> str:
        # a post to the page's own address would make the browser forget the page, and with it the key
        return f"{self.app.links.form(self.offer.id, self.language)}?send=1"

    def availability(self) -> Availability:
        """What is left now. Raises StorageUnavailable."""
        counts = self.app.store.seats(self.offer.id) if self.offer.event else {}
        return availability(self.offer, counts, now=self.form.now)

    def first_answer(self) -> Response:
        """An empty form, or the page that says why there is none. As a fragment it holds no key: caches share it."""
        available = self.availability()
        if available.sale is not Sale.OPEN:
            return self.not_on_sale(available, status=200)
        left = available.free if available.free is not None and available.free <= FEW else None
        if self.as_fragment:
            return self.answer(posted=self.form.fresh(), key="", left=left, cache=self._shared)
        return self.answer(posted=self.form.fresh(), key=self.new_key(), left=left, cache=reply.FOR_THE_WAY_BACK)

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
            cache=reply.FOR_THE_WAY_BACK,
        )

    def answer(
        self,
        *,
        posted: Posted,
        key: str,
        errors: tuple[FieldError, ...] = (),
        notice: str = "",
        status: int = 200,
        cache: str = reply.NO_STORE,
        draft_id: str = "",
        left: int | None = None,
        focus: str = "",
    ) -> Response:
        """The form, as a page or as a fragment."""
        app = self.app
        view = form_view(
            self.form,
            posted,
            Shown(
                action=self.action,
                key=key,
                prices=self._prices(posted),
                errors=errors,
                notice=notice,
                show_vat=app.settings.association.vat_confirmed,
                failed=status in (422, 503),
                draft_id=draft_id or posted.get("draft"),
                left=left,
                focus=focus,
            ),
        )
        return self.show("form", status=status, cache=cache, switch=f"{self.offer.id}-form", form=view)

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

    def show(self, template: str, *, status: int, cache: str, switch: str = "", **context: object) -> Response:
        """A page, or its fragment; with `switch`, what is in the form of that id goes along to the other language."""
        app = self.app
        if self.as_fragment:
            html = app.renderer.fragment(f"{template}_fragment", language=self.language, **context)
            return reply.fragment(html, status=status, cache=cache)
        other = other_language(app, self.language, url_of=lambda other: app.links.form(self.offer.id, other))
        content = app.renderer.page(
            template, language=self.language, other_language=other | {"form": switch}, **context
        )
        origin = app.settings.checkout_origin
        return reply.page(content, status=status, checkout_origin=origin, cache=cache)

    def prices(self, answers: Answers) -> tuple[Price, ...]:
        """What these answers cost now."""
        payers = [person.email for person in answers.people()] if self.offer.event else [""]
        return quote(payers, offer=self.offer, store=self.app.store, now=self.form.now)

    @property
    def _shared(self) -> str:
        """How long caches may share an empty form: seats are told of by the half-minute."""
        return reply.FOR_HALF_A_MINUTE if self.offer.event else reply.FOR_EVERYBODY

    def _prices(self, posted: Posted) -> tuple[Price, ...]:
        """What each one to be paid for costs; nothing is decided by it yet."""
        payers = self.form.addresses(posted)[: self.offer.event.most_per_order + 1] if self.offer.event else ("",)
        try:
            return quote(payers, offer=self.offer, store=self.app.store, now=self.form.now)
        except StorageUnavailable:
            # the page that says so must still hold what was typed: then at the price for whoever is not recognised
            return quote(("",) * len(payers), offer=self.offer, store=self.app.store, now=self.form.now)


def other_language(app: Application, language: Language, *, url_of: Callable[[Language], str]) -> dict[str, str]:
    """The way to the same page in the other language."""
    other = next(each for each in Language if each is not language)
    return {
        "lang": other.value,
        "label": app.renderer.texts(other)("site.language"),
        "url": url_of(other),
        "form": "",
        "do": "",
    }


def open_form(lang: str, slug: str, *, as_fragment: bool = False) -> OpenForm | None:
    """The form that an address names, in the language that it names; None when there is none."""
    # a name that no offer can have is not looked up: DynamoDB refuses a key of more than 1,024 bytes
    if lang not in set(Language) or not re.fullmatch(r"[a-z0-9-]{1,100}", slug):
        return None
    app, language = application(), Language(lang)
    offer = find_offer(slug, store=app.store, seeds=app.seeds)
    if offer is None:
        return None
    form = Form(offer, language, app.renderer.texts(language), app.settings.association.short_name, app.now())
    return OpenForm(app=app, offer=offer, language=language, form=form, as_fragment=as_fragment)
