"""Erasing: what of an order goes when somebody in it is erased, what the law keeps, and when it has to wait."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from chalicelib.domain.answers import Answers
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.audit_entry import OrderDeed
from chalicelib.domain.calendar import local_date
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Delivery, Email
from chalicelib.domain.note import Note
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.refund import RefundState
from chalicelib.domain.state import State

# What an invoice says of whoever it is for (art. 35a Wet OB), and by which he finds it in his own books.
ON_AN_INVOICE = ("organisation", "name", "reference", "registration_number", "street", "postal_code", "city")
# What a newsletter needs, as long as somebody wants it.
FOR_THE_NEWSLETTER = ("name", "email", "newsletter")
NOBODY = Answers(organisation="", name="", email="")
# A shorter word of a name (Jan, de, van) is in too many notes about others.
SHORTEST_NAME = 4
_WORD = re.compile(r"\w+")
_ARRIVED_NOT = frozenset({Delivery.BOUNCED, Delivery.COMPLAINED, Delivery.FAILED})
_UNDER_WAY = frozenset({RefundState.REQUESTED, RefundState.PENDING})


class Obstacle(StrEnum):
    """Why somebody cannot be erased yet: what is under way must be able to reach him."""

    OPEN = "open"
    REVIEW = "review"
    DISPUTED = "disputed"
    MONEY_BACK = "money_back"


def obstacle(dossier: Dossier) -> Obstacle | None:
    """What has to be settled first; None when nothing has."""
    match dossier.order.state:
        case State.PENDING | State.PROCESSING:
            return Obstacle.OPEN
        case State.REVIEW:
            return Obstacle.REVIEW
    if dossier.ledger.disputed:
        return Obstacle.DISPUTED
    if dossier.ledger.owed_cents or any(refund.state in _UNDER_WAY for refund in dossier.ledger.refunds):
        return Obstacle.MONEY_BACK
    return None


def in_the_books(order: Order) -> bool:
    """Whether money came for it, or an invoice went out."""
    return bool(order.payment_id) or order.paid_cents > 0 or order.state is State.INVOICED


def books_until(dossier: Dossier, *, years: int) -> date | None:
    """The last day on which the books must be able to say who paid (art. 52 AWR): so many years after the last one in
    which money of it moved. None when it is not in the books."""
    if not in_the_books(dossier.order):
        return None
    moments = [entry.at for entry in dossier.ledger.entries]
    moments += [dossier.order.paid_at or dossier.order.created_at]
    return date(max(local_date(moment).year for moment in moments) + years, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What becomes of the personal part of an order: rows in their new form, and those that go.

    The rows of who ordered and who comes stay, without who that is, so that numbers fit. `buyer` is None when it stays
    as it is; `draft_id` is the form that he wanted to go on with. `emails` are those that did not arrive, and of which
    nobody is to be reminded any more.
    """

    buyer: Buyer | None = None
    attendees: tuple[Attendee, ...] = ()
    consents: tuple[Consent, ...] = ()
    notes: tuple[Note, ...] = ()
    deeds: tuple[OrderDeed, ...] = ()
    emails: tuple[Email, ...] = ()
    draft_id: str = ""

    def __bool__(self) -> bool:
        return bool(self.buyer or self.attendees or self.consents or self.notes or self.deeds or self.emails)

    def counts(self) -> Mapping[str, int]:
        """How many of what, without those of which there are none."""
        found = {
            "buyer": int(self.buyer is not None),
            "attendees": len(self.attendees),
            "consents": len(self.consents),
            "notes": len(self.notes),
            "changes": len(self.deeds),
        }
        return {name: count for name, count in found.items() if count}

    def beginning(self, most: int) -> Erasure:
        """As much of it as one commit takes; those by whose address it is found again come last."""
        left, taken = most, {}
        for name in ("notes", "deeds", "emails", "consents", "attendees"):
            rows = getattr(self, name)[:left]
            taken[name] = rows
            left -= len(rows)
        return replace(self, **taken) if left else replace(self, **taken, buyer=None, draft_id="")


NOTHING = Erasure()


def what_is_left(answers: Answers, *, books: bool, newsletter: bool) -> Answers:
    """The answers of a buyer without what nothing needs any more."""
    kept = [*(ON_AN_INVOICE if books else ()), *(FOR_THE_NEWSLETTER if newsletter and answers.newsletter else ())]
    return replace(NOBODY, **{name: getattr(answers, name) for name in kept})


def erase(
    dossier: Dossier,
    *,
    buyer: Answers | None,
    attendees: Collection[int],
    notes: Iterable[Note],
    deeds: Iterable[OrderDeed],
) -> Erasure:
    """What that changes: `buyer` is what is left of his answers, None when nothing of him goes; `attendees` are the
    numbers of those who go. Whatever is as it would become is not in it, so that done twice it is nothing."""
    was, becomes = dossier.buyer, None
    if was and buyer is not None and was.answers != buyer:
        becomes = replace(was, answers=buyer)
    gone = buyer is not None and not buyer.email
    nobody = set(attendees) | ({0} if gone else set())
    return Erasure(
        buyer=becomes,
        attendees=tuple(
            replace(each, name="", email="")
            for each in dossier.attendees
            if each.number in attendees and (each.name or each.email)
        ),
        consents=dossier.consents if gone else (),
        notes=tuple(notes),
        deeds=tuple(replace(deed, personal={}) for deed in deeds if deed.personal),
        emails=tuple(
            replace(email, waived=True)
            for email in dossier.emails
            if email.attendee in nobody and email.delivery in _ARRIVED_NOT and not email.waived
        ),
        draft_id=dossier.order.draft_id if gone else "",
    )


def is_buyer(dossier: Dossier, email: str) -> bool:
    return dossier.buyer is not None and dossier.buyer.answers.email.lower() == email.lower()


def attends_as(dossier: Dossier, email: str) -> tuple[Attendee, ...]:
    """Those who come with this address."""
    return tuple(each for each in dossier.attendees if each.email.lower() == email.lower())


def _names(note: Note, attendee: Attendee) -> bool:
    """Whether a note says his address, or a word of his name that is long enough to be his."""
    text = note.text.casefold()
    words = {word for word in _WORD.findall(attendee.name.casefold()) if len(word) >= SHORTEST_NAME}
    return attendee.email.casefold() in text or not words.isdisjoint(_WORD.findall(text))


def erase_person(dossier: Dossier, email: str, *, years: int, today: date) -> Erasure:
    """What of an order goes with whoever has this address, settled or not.

    Of what others noted about the order that goes which names him; all of it when he is the buyer.
    """
    buyer, comes = is_buyer(dossier, email), attends_as(dossier, email)
    if not (buyer or comes):
        return NOTHING
    until = books_until(dossier, years=years)
    left = None
    if buyer:
        assert dossier.buyer is not None, "somebody is the buyer"
        left = what_is_left(dossier.buyer.answers, books=until is not None and today <= until, newsletter=False)
    return erase(
        dossier,
        buyer=left,
        attendees={each.number for each in dossier.attendees if each in comes or (buyer and each.is_buyer)},
        notes=[note for note in dossier.notes if buyer or any(_names(note, each) for each in comes)],
        deeds=dossier.deeds,
    )
