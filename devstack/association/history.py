"""History: two years of an association, played with the desk's own flows on a clock that is moved along."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from typing import Any

from chalicelib.adapters.seed_files import topics_file
from chalicelib.adapters.stripe_books import StripeBooks
from chalicelib.adapters.stripe_gateway import Desk
from chalicelib.bootstrap import APP
from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.email import Delivery, Email, EmailKind, MailNews
from chalicelib.domain.hold import HolderKind, holders_of
from chalicelib.domain.identity import Identity
from chalicelib.domain.limit import Limits
from chalicelib.domain.link import Links
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Order
from chalicelib.domain.reconciliation import Phase, Window, new_round
from chalicelib.domain.subscriber import Evidence, Means
from chalicelib.flows.confirm_subscription import confirm_subscription
from chalicelib.flows.decide import Submission
from chalicelib.flows.look_after import look_after
from chalicelib.flows.open_checkout import open_checkout
from chalicelib.flows.reconcile import Reconciliation
from chalicelib.flows.record_deed import record_deed
from chalicelib.flows.register import register
from chalicelib.flows.send_email import send_email
from chalicelib.flows.settle_payment import settle_session
from chalicelib.flows.unsubscribe import unsubscribe
from devstack.association.notebook import Notebook
from devstack.association.post import Pen, Postman
from devstack.association.till import Till
from devstack.association.visits import Post, Visit
from devstack.environment import STAGE, STRIPE_KEY
from devstack.stripe import Books
from devstack.stripe.transport import client_of, quiet_stand_in

# Who of the secretariat did all of it.
SECRETARY = "secretariaat@lpb.example.nl"

CONSENT = "Ja, stuur mij de digitale nieuwsbrief."
CONFIRMED = "Ja, ik wil de mail van LPB ontvangen"
METHODS = ("ideal", "ideal", "ideal", "ideal", "card", "card", "bancontact")


class SeededIds:
    """Stripe's identifiers, the same in every run."""

    def __init__(self) -> None:
        self._chance = random.Random("ids")

    def __call__(self, prefix: str) -> str:
        return f"{prefix}_{self._chance.randbytes(12).hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it all happens: who the desk is, and where its payment page stands."""

    identity: Identity
    limits: Limits
    base_url: str
    stripe_url: str


class History:
    """The past up to `now`, in a notebook and in the books of the stand-in for Stripe."""

    def __init__(self, *, place: Place, now: datetime) -> None:
        self.now, self.moment = now, now - timedelta(days=740)
        self.identity, self.limits = place.identity, place.limits
        self.links = Links(place.base_url, place.identity)
        self.chance = random.Random("geschiedenis")
        self.notebook, self.stories = Notebook(), dict[str, Visit]()
        self.stripe = quiet_stand_in(
            clock=self.time, api_key=STRIPE_KEY, public_url=place.stripe_url, books=Books(ids=SeededIds())
        )
        client, desk = client_of(self.stripe), Desk(app=APP, stage=STAGE)
        self.gateway, self.books = Till(self.stripe, client, desk=desk), StripeBooks(client, desk=desk)
        self.postman = Postman(self._send_soon)
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._numbers = itertools.count()

    def time(self) -> datetime:
        return self.moment

    # How time goes by.

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        heappush(self._agenda, (moment, next(self._numbers), act))

    def after(self, span: timedelta, act: Callable[[], object]) -> None:
        self.at(self.moment + span, act)

    def pass_by(self) -> None:
        """Everything up to now; what is still to come then, comes no more."""
        while self._agenda and self._agenda[0][0] <= self.now:
            self.moment, _, act = heappop(self._agenda)
            act()
        self.moment = self.now
        self.stripe.lapse()

    def reconcile(self) -> None:
        """As the schedules do: every order, transaction, payout and seat is compared.

        That the sessions were all heard of is known: this goes on after them.
        """
        unit = self.notebook.unit_of_work()
        unit.rounds.add(replace(new_round(Window.ALL, now=self.now, version=1), phase=Phase.ORDERS))
        unit.commit()
        Reconciliation(
            store=self.notebook,
            gateway=self.gateway,
            books=self.books,
            emails=self.postman,
            links=self.links,
            clock=self.time,
        ).reconcile(Window.ALL, goes_on=lambda _: True)

    # What the desk does.

    @property
    def wires(self) -> dict[str, Any]:
        return {"store": self.notebook, "emails": self.postman, "now": self.moment}

    def register(self, visit: Visit, *, number: int) -> Order:
        """The order of a form, and what becomes of its mails."""
        offer = self.offer(visit.offer_id)
        submission = Submission(
            form_key=f"voorbeeld-{number:04}",
            offer=offer,
            answers=_answers(visit, number=number),
            language=visit.language,
            source=self.links.form(offer.id, visit.language),
            consent_text=CONSENT,
            holders=tuple(
                each
                for each in holders_of(
                    address="", recipient=visit.buyer.email, limits=self.limits, identity=self.identity
                )
                if each.key.startswith(HolderKind.RECIPIENT)
            ),
        )
        self.stories[self.identity.order_id(offer_id=offer.id, form_key=submission.form_key)] = visit
        return register(submission, identity=self.identity, **self.wires).order

    def checkout(self, order: Order) -> str:
        """The session in which an order is paid."""
        return open_checkout(order, gateway=self.gateway, links=self.links, **self.wires).order.session_id

    def settle(self, session_id: str) -> None:
        settle_session(session_id, gateway=self.gateway, **self.wires)

    def look_after(self, order_id: str) -> None:
        look_after(order_id, gateway=self.gateway, links=self.links, **self.wires)

    def order(self, order_id: str) -> Order:
        order: Order = self.notebook.unit_of_work().orders.get(order_id)
        return order

    def offer(self, offer_id: str) -> Offer:
        offer: Offer = self.notebook.unit_of_work().offers.get(offer_id)
        return offer

    # The post.

    def _send_soon(self, email_id: str) -> None:
        self.after(timedelta(seconds=3), partial(self._send, email_id))

    def _send(self, email_id: str) -> None:
        send_email(
            email_id,
            store=self.notebook,
            composer=Pen(),
            sender=self.postman,
            identity=self.identity,
            topics=topics_file(),
            pause=timedelta(0),
            now=self.moment,
        )
        self.after(timedelta(seconds=4), partial(self._arrive, email_id))

    def _arrive(self, email_id: str) -> None:
        email = self.notebook.unit_of_work().emails.get(email_id)
        if email.delivery is not Delivery.SENT:
            return
        post = self.stories[email.order_id].post if not email.again else Post.ARRIVES
        wrong = (EmailKind.TICKET, 1) if post is Post.TICKET_BOUNCES else (EmailKind.CONFIRMATION, 0)
        delivery, reason = Delivery.DELIVERED, ""
        if (email.kind, email.attendee) == wrong:
            delivery, reason = _NEWS.get(post, (delivery, reason))
        news = MailNews(email_id=email_id, delivery=delivery, message_id=email.message_id, reason=reason)
        heard = email.heard(news)
        assert heard is not None, "it was sent a moment ago"
        # without the list of what needs a person: that is made at the end, of how things stand by then
        unit = self.notebook.unit_of_work()
        unit.emails.update(heard)
        unit.commit()
        if email.kind is EmailKind.SUBSCRIPTION:
            self._answer(email)
        if delivery is Delivery.BOUNCED and post in (Post.SENT_AGAIN, Post.WAIVED):
            self.after(timedelta(hours=20), partial(self._see_to, email_id, post))

    def _answer(self, question: Email) -> None:
        """Most say within a day that they want the newsletter, and some of them leave again."""
        # of its own, so that whoever asks changes nothing of what befalls others
        chance = random.Random(question.id)
        buyer = self.notebook.unit_of_work().buyers.get(question.order_id)
        subscriber_id = self.identity.subscriber_id(buyer.answers.email)
        if chance.random() < 0.85:
            self.after(timedelta(hours=chance.uniform(0.1, 20)), partial(self._confirm, subscriber_id, question))
            if chance.random() < 0.06:
                self.after(timedelta(days=chance.uniform(20, 300)), partial(self._leave, subscriber_id))

    def _confirm(self, subscriber_id: str, question: Email) -> None:
        language = question.language
        evidence = Evidence(
            means=Means.LINK,
            text=CONFIRMED,
            language=language,
            source=self.links.newsletter(language),
            detail="",
            at=self.moment,
        )
        asked = self.notebook.unit_of_work().subscribers.get(subscriber_id)
        confirm_subscription(
            subscriber_id,
            topics=asked.wanted,
            email_id=question.id,
            evidence=evidence,
            store=self.notebook,
            identity=self.identity,
        )

    def _leave(self, subscriber_id: str) -> None:
        unsubscribe(subscriber_id, issue_id="", store=self.notebook, now=self.moment)

    def _see_to(self, email_id: str, post: Post) -> None:
        """The secretariat sends it again, or says that nothing has to be done."""
        unit = self.notebook.unit_of_work()
        email = unit.emails.get(email_id)
        order = self.order(email.order_id)
        again, waived = email.sent_again(key=f"opnieuw-{order.id[:8]}", now=self.moment), post is Post.WAIVED
        if waived:
            unit.emails.update(email.waive())
        else:
            unit.emails.add(again)
        deed, facts = Deed.MAIL_WAIVED if waived else Deed.SENT_AGAIN, {"email": email.kind.value}
        key = f"mail-{order.id[:8]}"
        record_deed(deed, order=order, key=key, by=SECRETARY, unit=unit, now=self.moment, facts=facts)
        unit.commit()
        if not waived:
            self.postman.put(again.id)


_NEWS = {
    Post.BOUNCES: (Delivery.BOUNCED, "Permanent General"),
    Post.TICKET_BOUNCES: (Delivery.BOUNCED, "Permanent NoEmail"),
    Post.SENT_AGAIN: (Delivery.BOUNCED, "Transient MailboxFull"),
    Post.WAIVED: (Delivery.BOUNCED, "Permanent General"),
    Post.COMPLAINED: (Delivery.COMPLAINED, ""),
}


def _answers(visit: Visit, *, number: int) -> Answers:
    organisation = visit.organisation
    invoiced = number % 3 != 0
    return Answers(
        organisation=organisation.name,
        name=visit.buyer.name,
        email=visit.buyer.email,
        reference=f"INK-{number:04}" if number % 4 == 0 else "",
        registration_number=organisation.registration_number if invoiced else "",
        street=organisation.street if invoiced else "",
        postal_code=organisation.postal_code if invoiced else "",
        city=organisation.city if invoiced else "",
        newsletter=visit.newsletter,
        attending=visit.attends,
        group=visit.group if visit.attends else "",
        attendees=tuple(AttendeeAnswers(name=each.name, email=each.email, group=visit.group) for each in visit.others),
    )
