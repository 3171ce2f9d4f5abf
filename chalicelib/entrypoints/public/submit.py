"""A form that was sent: register, and lead on to the payment page, or say what stands in the way."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalice.app import Response

from chalicelib.bootstrap import Application
from chalicelib.domain.answers import Answers
from chalicelib.domain.error import (
    PaymentBusy,
    PaymentUnavailable,
    RegistrationRefused,
    StorageUnavailable,
    Unavailable,
)
from chalicelib.domain.hold import holders_of
from chalicelib.domain.language import Language
from chalicelib.domain.mail_domain import organisation_domain
from chalicelib.domain.order import Order
from chalicelib.domain.refusal import (
    AlreadyRegistered,
    MembersOnly,
    NoMember,
    NotOnSale,
    PriceChanged,
    TooFewSeats,
    TooMany,
)
from chalicelib.domain.state import State
from chalicelib.entrypoints.public.open_form import OpenForm, membership_on_sale
from chalicelib.flows.decide import Submission
from chalicelib.flows.keep_draft import keep_draft
from chalicelib.flows.open_checkout import Checkout, open_checkout
from chalicelib.flows.refuse_too_many import Sender, asked_too_often, refuse_too_many
from chalicelib.flows.register import Registered, register
from chalicelib.flows.replace_order import replace_order
from chalicelib.rendering.event_view import group_title
from chalicelib.rendering.order_view import order_view
from chalicelib.web import reply
from chalicelib.web.field import FieldError
from chalicelib.web.posted import Posted

log = logging.getLogger(__name__)

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
DRAFT = re.compile(r"[a-z2-7]{32}")
CENTS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a visitor sent on an open form."""

    opened: OpenForm
    posted: Posted

    def answer(self) -> Response:
        """Lead on with an order, or show the form again with everything kept and what is wrong."""
        texts, reading = self.opened.form.texts, self.opened.form.read(self.posted)
        if reading.answers is None or not self.key_is_right:
            notice = "" if reading.errors else texts("error.key_missing")
            return self._again(errors=reading.errors, notice=notice, asking=not notice)
        if self.posted.trapped:
            return self._ask_for_a_person()
        if self.posted.get("draft") and not organisation_domain(reading.answers.email):
            # whoever becomes a member to be recognised must not pay for a membership that recognises nobody
            return self._again(errors=(FieldError("email", texts("error.email_of_nobody")),))
        if any(not typo.asked_before(self.posted) for typo in self.opened.form.typos(self.posted)):
            return self._again(asking=True)
        return self._take(reading.answers)

    def _take(self, answers: Answers) -> Response:
        opened, texts = self.opened, self.opened.form.texts
        try:
            return self._lead_on(self._register(answers), answers=answers)
        except NoMember as question:
            return self._refuse(self._asked_too_often() or question)
        except RegistrationRefused as refusal:
            return self._refuse(refusal)
        except StorageUnavailable:
            email = opened.app.settings.association.email
            return self._again(notice=texts("problem.storage_unavailable.text", email=email), status=503)
        except PaymentUnavailable:
            # only replacing an order asks the payment service first: the order stays open, and so does the choice
            notice = f"{texts('payment_unavailable.text')} {texts('payment_unavailable.later')}"
            return self._again(notice=notice, status=503)

    def join_first(self) -> Response:
        """Keep what was filled in, and lead to the membership's form. Raises StorageUnavailable."""
        app, offer = self.opened.app, self.opened.offer
        if self.posted.trapped:
            return self._ask_for_a_person()
        membership = membership_on_sale(app, now=app.now())
        if membership is None or not self.key_is_right:
            return self._again(notice="" if self.key_is_right else self.opened.form.texts("error.key_missing"))
        kept = dict(self.posted.kept())
        try:
            self._admit([kept.get("email", "")])
        except TooMany as refusal:
            return self._refuse(refusal)
        draft = keep_draft(
            app.identity.draft_id(offer_id=offer.id, form_key=kept["key"]),
            offer_id=offer.id,
            language=self.opened.language,
            fields=kept,
            store=app.store,
            now=app.now(),
        )
        url = app.links.filled_form(membership.id, draft.id, self.opened.language)
        return reply.data({"url": url}) if self.opened.as_fragment else reply.redirect(url)

    @property
    def key_is_right(self) -> bool:
        return bool(KEY.fullmatch(self.posted.get("key"))) and "key" not in self.posted.repeated

    @property
    def _replaces(self) -> bool:
        """Whether an open order is to be replaced: by its button, or by agreeing to what that button led to."""
        return self.posted.get("do") == "replace" or bool(self.posted.get("agreed") and self.posted.get("replaces"))

    def _again(
        self, *, errors: tuple[FieldError, ...] = (), asking: bool = False, notice: str = "", status: int = 422
    ) -> Response:
        opened = self.opened
        key = self.posted.get("key") if self.key_is_right else opened.new_key()
        return opened.answer(
            posted=self.posted,
            key=key,
            errors=errors,
            asking=asking,
            notice=notice,
            status=status,
            cache=opened.cache,
        )

    def _ask_for_a_person(self) -> Response:
        """Nothing is done for whoever fills in what people do not see; a person whose browser did it presses again."""
        log.info("honeypot_filled offer_id=%s", self.opened.offer.id)
        email = self.opened.app.settings.association.email
        return self._again(notice=self.opened.form.texts("limit.honeypot", email=email))

    def _admit(self, recipients: Sequence[str]) -> None:
        """Count what was sent. Raises TooMany."""
        app = self.opened.app
        sender = Sender(
            address=self.opened.address,
            recipients=[recipient for recipient in recipients if recipient],
            offer_id=self.opened.offer.id,
        )
        refuse_too_many(sender, tallies=app.tallies, identity=app.identity, limits=app.settings.limits, now=app.now())

    def _asked_too_often(self) -> TooMany | None:
        """Count the question who is a member; it takes nothing from those who are named, who get no mail by it."""
        app, address = self.opened.app, self.opened.address
        return asked_too_often(
            address, tallies=app.tallies, identity=app.identity, limits=app.settings.limits, now=app.now()
        )

    def _register(self, answers: Answers) -> Registered:
        """Place the order, or find the one there is; replace that one when the visitor chose to."""
        opened, app, posted = self.opened, self.opened.app, self.posted
        draft_id, agreed = posted.get("draft"), posted.get("agreed")

        @functools.cache  # a form is counted once, however often placing its order is tried
        def admit() -> None:
            people = answers.people() if opened.offer.event else ()
            self._admit([answers.email, *(person.email for person in people)])

        submission = Submission(
            form_key=posted.get("key"),
            offer=opened.offer,
            answers=answers,
            language=opened.language,
            source=app.links.form(opened.offer.id, opened.language),
            consent_text=opened.form.consent_text,
            prices_shown=posted.get("prices"),
            agreed_cents=int(agreed) if CENTS.fullmatch(agreed) else None,
            draft_id=draft_id if DRAFT.fullmatch(draft_id) else "",
            holders=holders_of(
                address=self.opened.address, recipient=answers.email, limits=app.settings.limits, identity=app.identity
            ),
            host_page=posted.get("page"),
        )
        if not self._replaces:
            return register(
                submission, store=app.store, identity=app.identity, emails=app.emails, now=app.now(), admit=admit
            )
        return replace_order(
            posted.get("replaces"),
            submission=submission,
            identity=app.identity,
            store=app.store,
            gateway=app.gateway,
            emails=app.emails,
            links=app.links,
            now=app.now(),
            admit=admit,
        )

    def _refuse(self, refusal: RegistrationRefused) -> Response:
        """What is right but cannot be, in the visitor's words, at the place where it can be changed."""
        opened, texts = self.opened, self.opened.form.texts
        reason = type(refusal).__name__
        log.info("registration_refused offer_id=%s reason=%s detail=%s", opened.offer.id, reason, refusal)
        match refusal:
            case NotOnSale():
                return opened.not_on_sale(refusal.availability, status=409, posted=self.posted)
            case NoMember():
                return self._ask_member(refusal)
            case AlreadyRegistered():
                return self._again(errors=tuple(self._known(number) for number in refusal.numbers))
            case TooFewSeats():
                return self._again(notice=self._too_few(refusal))
            case PriceChanged():
                return self._again(notice=texts("form.price_changed"))
            case TooMany():
                return self._too_many(refusal)
        raise AssertionError(f"a refusal without words: {refusal!r}")

    def _known(self, number: int) -> FieldError:
        name, email = self.opened.form.at_attendee(number, self.posted), self.opened.app.settings.association.email
        text = "error.already_registered_self" if name == "email" else "error.already_registered"
        return FieldError(name, self.opened.form.texts(text, email=email))

    def _too_many(self, refusal: TooMany) -> Response:
        """The kept form, with when to try again and whom to mail."""
        opened, texts, minutes = self.opened, self.opened.form.texts, refusal.minutes
        wait, email = texts.wait(minutes), opened.app.settings.association.email
        response = self._again(notice=texts(f"limit.{refusal.limit}", wait=wait, email=email))
        if not opened.as_fragment:  # the embedding script swaps in what comes with a 422
            response.status_code = 429
        response.headers["Retry-After"] = str(60 * minutes)
        return response

    def _too_few(self, refusal: TooFewSeats) -> str:
        opened, texts = self.opened, self.opened.form.texts
        places = texts("seats.one") if refusal.free == 1 else texts("seats.many", count=refusal.free)
        if not refusal.group:
            return texts("seats.too_few", seats=places, wanted=refusal.wanted)
        group = group_title(opened.offer, refusal.group, language=opened.language)
        if not refusal.free and refusal.minutes is not None:
            return texts("seats.group_held", group=group, minutes=refusal.minutes)
        if not refusal.free:
            return texts("seats.group_full", group=group)
        return texts("seats.too_few_in_group", seats=places, wanted=refusal.wanted, group=group)

    def _ask_member(self, refusal: NoMember) -> Response:
        """Who says that he is a member and is not recognised is asked once how to go on."""
        opened = self.opened
        prices = opened.form.prices
        return opened.show(
            "ask_member",
            status=422 if opened.as_fragment else 409,
            cache=opened.cache,
            switch=f"{opened.offer.id}-ask",
            ask={
                "id": f"{opened.offer.id}-ask",
                "action": opened.action,
                "hidden": self.posted.kept(),
                "strangers": refusal.strangers,
                "members_only": isinstance(refusal, MembersOnly),
                "can_join": membership_on_sale(opened.app, now=opened.form.now) is not None,
                "total_cents": refusal.total_cents,
                "list_cents": prices.list_cents,
                "member_cents": prices.member_cents,
                "title": opened.offer.title.within(opened.language),
            },
        )

    def _lead_on(self, registered: Registered, *, answers: Answers) -> Response:
        """To the payment page, to the question which order counts, or to the order that is there already."""
        order, opened = registered.order, self.opened
        if registered.changed and order.state is State.PENDING:
            return self._ask_which(order, answers=answers)
        if registered.changed:
            return self._begin_anew(order)
        if order.state is not State.PENDING:
            return self._go(opened.app.links.order(order.id, opened.language), order)
        return self._go(checkout_url(opened.app, order, language=opened.language), order)

    def _begin_anew(self, order: Order) -> Response:
        """Other answers under the key of an order that has ended: they are a new one, once the visitor says so."""
        opened, email = self.opened, self.opened.app.settings.association.email
        text = "form.earlier_order" if order.total_cents else "form.earlier_free_order"
        return opened.answer(
            posted=self.posted,
            key=opened.app.identity.form_key_after(order.id),
            notice=opened.form.texts(text, code=order.code, email=email),
            status=422 if opened.as_fragment else 409,
            cache=opened.cache,
        )

    def _ask_which(self, order: Order, *, answers: Answers) -> Response:
        opened, app = self.opened, self.opened.app
        buyer = app.store.unit_of_work().buyers.get(order.id)
        attendees = app.store.attendees(order.id) if order.seats() else ()
        agreed = self.posted.get("agreed")
        hidden = [(name, value) for name, value in self.posted.kept() if name != "replaces"]
        hidden += [("agreed", agreed)] if agreed else []
        before = buyer.answers.with_attendees(attendees).fields() if buyer else {}
        return opened.show(
            "open_order",
            status=422 if opened.as_fragment else 409,
            cache=opened.cache,
            switch=f"{opened.offer.id}-replace",
            order=order_view(
                order,
                buyer=buyer,
                attendees=attendees,
                offer=opened.offer,
                membership=None,
                show_vat=app.settings.association.vat_confirmed,
                texts=opened.form.texts,
                language=opened.language,
                links=app.links,
            ),
            pay_action=app.links.order(order.id, opened.language),
            replace={
                "id": f"{opened.offer.id}-replace",
                "action": opened.action,
                "hidden": [*hidden, ("replaces", order.id)],
            },
            changes=[*self._changes(before, answers.fields()), *self._cheaper(order, answers)],
        )

    def _changes(self, before: dict[str, str], after: dict[str, str]) -> list[dict[str, str]]:
        form = self.opened.form
        return [
            {
                "label": form.label(name),
                "before": form.shown(name, before.get(name, "")),
                "after": form.shown(name, after.get(name, "")),
            }
            for name in form.names(before, after)
            if before.get(name, "") != after.get(name, "")
        ]

    def _cheaper(self, order: Order, answers: Answers) -> list[dict[str, str]]:
        """What the same form costs now, when that is less than the open order asks."""
        opened, texts = self.opened, self.opened.form.texts
        if opened.offer.asks_membership and self._asked_too_often():
            return []
        total_cents = sum(price.cents for price in opened.prices(answers))
        if total_cents >= order.total_cents:
            return []
        before, after = texts.euro(order.total_cents), texts.euro(total_cents)
        return [{"label": texts("order.total"), "before": before, "after": after}]

    def _go(self, url: str, order: Order) -> Response:
        if self.opened.as_fragment:
            return reply.data({"url": url, "total": order.total_cents, "currency": order.currency})
        return reply.redirect(url)


def checkout_url(app: Application, order: Order, *, language: Language) -> str:
    """Where to pay; the order's own page when there is nothing to pay, or to wait there for what cannot be just now."""
    page = app.links.order(order.id, language)
    try:
        return find_checkout(app, order).url or page
    except PaymentUnavailable as error:
        return f"{page}?from={trouble(error)}"


def find_checkout(app: Application, order: Order) -> Checkout:
    """The order after looking, and where to pay. Raises PaymentUnavailable or StorageUnavailable."""
    return open_checkout(order, store=app.store, gateway=app.gateway, emails=app.emails, links=app.links, now=app.now())


def trouble(error: Unavailable) -> str:
    """Why nobody can pay just now, as the order's page is told: too many want to, or there is no answer."""
    return "busy" if isinstance(error, PaymentBusy) else "unavailable"
