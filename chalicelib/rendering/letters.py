"""Letters: what each mail says, made from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.association import Association
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import CalendarFile, Email, EmailKind, Letter
from chalicelib.domain.language import Language
from chalicelib.domain.link import Links
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.refund import Refund, RefundReason
from chalicelib.domain.subscriber import Standing, Subscriber
from chalicelib.rendering.calendar_file import calendar_file
from chalicelib.rendering.event_view import event_view, group_title
from chalicelib.rendering.order_view import order_view
from chalicelib.rendering.renderer import Renderer
from chalicelib.rendering.texts import Texts

# Each of these has words of its own; all other money is simply said to go back.
REASONS = frozenset({RefundReason.LATE, RefundReason.SECOND, RefundReason.REVIEW})


class LetterComposer:
    """Makes letters from what is stored (the port MailComposer)."""

    def __init__(self, renderer: Renderer, *, association: Association, links: Links) -> None:
        self._renderer, self._association, self._links = renderer, association, links

    def compose(
        self,
        email: Email,
        *,
        order: Order,
        buyer: Buyer,
        offer: Offer,
        membership: Membership | None,
        attendees: Sequence[Attendee],
        draft: Draft | None,
        refund: Refund | None,
    ) -> Letter:
        if email.attendee:
            attendee = next(each for each in attendees if each.number == email.attendee)
            writers = {EmailKind.TICKET: self._ticket, EmailKind.MOVED: self._moved}
            write = writers.get(email.kind, self._cancelled_ticket)
            return write(email, order=order, buyer=buyer, offer=offer, attendee=attendee)
        texts = self._renderer.texts(email.language)
        view = order_view(
            order,
            buyer=buyer,
            attendees=attendees,
            offer=offer,
            membership=membership,
            show_vat=self._association.vat_confirmed,
            texts=texts,
            language=email.language,
            draft=draft,
            links=self._links,
        )
        files = self._his_cancelled(email, order=order, buyer=buyer, offer=offer, attendees=attendees)
        letter = self._renderer.letter(
            email.kind.value,
            to=buyer.answers.email,
            language=email.language,
            subject=texts(
                _subject(email, order, refund=refund),
                code=order.code,
                association=self._association.short_name,
                offer=view.offer_title,
                amount=texts.euro(refund.amount_cents if refund else 0),
            ),
            name=buyer.answers.name,
            order=view,
            membership=membership,
            offer={"benefits": [benefit.within(email.language) for benefit in offer.benefits]},
            link=self._links.order(order.id, email.language),
            refund=refund,
            why=_why(refund),
            people=[attendee.name or texts("order.erased") for attendee in attendees],
            others=any(each.email.lower() not in ("", buyer.answers.email.lower()) for each in attendees),
            files=len(files),
        )
        return replace(letter, calendars=files)

    def compose_question(self, subscriber: Subscriber, *, email: Email) -> Letter:
        language, links = email.language, self._links
        known = subscriber.standing is Standing.CONFIRMED
        words = "known" if known else "question"
        preferences = links.preferences(subscriber.id, language)
        confirm = links.confirm_subscription(subscriber.id, language, email_id=email.id)
        return self._renderer.letter(
            email.kind.value,
            to=subscriber.email,
            language=language,
            subject=self._renderer.texts(language)(
                f"mail.subscription.{words}.subject", association=self._association.short_name
            ),
            name=subscriber.name,
            words=words,
            link=preferences if known else confirm,
        )

    def compose_code(self, code: str, *, to: str, name: str, language: Language) -> Letter:
        subject = self._renderer.texts(language)("mail.code.subject", association=self._association.short_name)
        link = self._links.beheer("code")
        return self._renderer.letter("code", to=to, language=language, subject=subject, name=name, code=code, link=link)

    def _ticket(self, email: Email, *, order: Order, buyer: Buyer, offer: Offer, attendee: Attendee) -> Letter:
        texts, language = self._renderer.texts(email.language), email.language
        event, code = event_view(offer, texts=texts, language=language), f"{order.code}-{attendee.number}"
        letter = self._renderer.letter(
            email.kind.value,
            to=attendee.email,
            language=language,
            subject=texts("mail.ticket.subject", code=code, offer=event.title),
            name=attendee.name,
            code=code,
            event=event,
            group=group_title(offer, attendee.group, language=language),
            group_label=offer.event.group_label.within(language) if offer.event and offer.event.group_label else "",
            by=None if attendee.is_buyer else _by(buyer, texts=texts),
        )
        return replace(letter, calendars=self._entry(email, order=order, offer=offer, attendee=attendee))

    def _moved(self, email: Email, *, order: Order, buyer: Buyer, offer: Offer, attendee: Attendee) -> Letter:
        texts, language = self._renderer.texts(email.language), email.language
        assert offer.event is not None, "only an event can be moved"
        move, code = offer.event.moves[-1], f"{order.code}-{attendee.number}"
        before = replace(offer, event=replace(offer.event, place=move.place, sessions=move.sessions))
        event = event_view(offer, texts=texts, language=language)
        letter = self._renderer.letter(
            email.kind.value,
            to=attendee.email,
            language=language,
            subject=texts("mail.moved.subject", code=code, offer=event.title),
            name=attendee.name,
            code=code,
            event=event,
            was=event_view(before, texts=texts, language=language),
            by=None if attendee.is_buyer else _by(buyer, texts=texts),
        )
        return replace(letter, calendars=self._entry(email, order=order, offer=offer, attendee=attendee))

    def _cancelled_ticket(
        self, email: Email, *, order: Order, buyer: Buyer, offer: Offer, attendee: Attendee
    ) -> Letter:
        """To somebody whom the buyer had registered: nothing of the order, its money or its page is his to see."""
        texts, code = self._renderer.texts(email.language), f"{order.code}-{attendee.number}"
        title = offer.title.within(email.language)
        files = self._cancelled(email, order=order, offer=offer, attendee=attendee)
        letter = self._renderer.letter(
            "cancelled_ticket",
            to=attendee.email,
            language=email.language,
            subject=texts("mail.cancelled_ticket.subject", code=code, offer=title),
            name=attendee.name,
            code=code,
            offer_title=title,
            by=_by(buyer, texts=texts),
            files=len(files),
        )
        return replace(letter, calendars=files)

    def _entry(self, email: Email, *, order: Order, offer: Offer, attendee: Attendee) -> tuple[CalendarFile, ...]:
        """The entry for the attendee's calendar, newer than that of before a move; none while the dates are unknown."""
        moves = offer.event.moves if offer.event else ()
        made_at = max([order.created_at, *(move.at for move in moves)])
        return self._calendar(
            email, order=order, offer=offer, attendee=attendee, sequence=len(moves), made_at=made_at, cancelled_by=""
        )

    def _his_cancelled(
        self, email: Email, *, order: Order, buyer: Buyer, offer: Offer, attendees: Sequence[Attendee]
    ) -> tuple[CalendarFile, ...]:
        """A file for each ticket that came to the buyer: one that cancels is about one entry (RFC 5546)."""
        if email.kind is not EmailKind.CANCELLATION:
            return ()
        his = [each for each in attendees if each.email.lower() == buyer.answers.email.lower()]
        files = [self._cancelled(email, order=order, offer=offer, attendee=attendee) for attendee in his]
        return tuple(file for found in files for file in found)

    def _cancelled(self, email: Email, *, order: Order, offer: Offer, attendee: Attendee) -> tuple[CalendarFile, ...]:
        """That the attendee's entry is off, newer than any that he was sent."""
        return self._calendar(
            email,
            order=order,
            offer=offer,
            attendee=attendee,
            sequence=len(offer.event.moves if offer.event else ()) + 1,
            made_at=email.created_at,
            cancelled_by=self._association.email,
        )

    def _calendar(
        self,
        email: Email,
        *,
        order: Order,
        offer: Offer,
        attendee: Attendee,
        sequence: int,
        made_at: datetime,
        cancelled_by: str,
    ) -> tuple[CalendarFile, ...]:
        if offer.event is None or not offer.event.sessions:
            return ()
        texts = self._renderer.texts(email.language)
        event = event_view(offer, texts=texts, language=email.language)
        ticket = texts("mail.ticket.calendar", code=f"{order.code}-{attendee.number}", name=attendee.name)
        content = calendar_file(
            uid=f"{order.id}-{attendee.number}@{self._association.email.rpartition('@')[2]}",
            sequence=sequence,
            title=event.title,
            place=event.place,
            description="\n".join((*event.when, ticket)),
            url=self._association.website,
            sessions=offer.event.sessions,
            made_at=made_at,
            cancelled_by=cancelled_by,
        )
        return (CalendarFile(content=content, cancelled=bool(cancelled_by)),)


def _by(buyer: Buyer, *, texts: Texts) -> dict[str, str]:
    """Who registered somebody, unless he was erased."""
    if not buyer.known:
        return {"name": texts("order.somebody"), "organisation": texts("order.your_organisation")}
    return {"name": buyer.answers.name, "organisation": buyer.answers.organisation}


def _subject(email: Email, order: Order, *, refund: Refund | None) -> str:
    """The key of a subject: what costs nothing is not said to be paid, and money goes back for a reason."""
    match email.kind:
        case EmailKind.CONFIRMATION:
            return f"mail.confirmation.{'paid' if order.total_cents else 'free'}.subject"
        case EmailKind.REFUND:
            return f"mail.refund.{_why(refund)}.subject"
        case _:
            return f"mail.{email.kind.value}.subject"


def _why(refund: Refund | None) -> str:
    """By which name the texts know the reason of a refund."""
    return refund.reason.value if refund and refund.reason in REASONS else RefundReason.STAFF.value
