"""A correction: what the secretariat puts right in who ordered and who comes, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.attendee import Attendee
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.identity import Identity
from chalicelib.domain.order import Buyer

BUYER = 0
# What can be put right of the buyer, and of each attendee; money and seats are decided by other actions.
OF_BUYER = (*("organisation", "name", "email", "reference", "registration_number", "street", "postal_code", "city"),)
OF_ATTENDEE = ("name", "email")

type Values = Mapping[tuple[int, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that becomes something else; `number` is the attendee's, 0 for the buyer."""

    number: int
    field: str
    before: str
    after: str


def fields_of(dossier: Dossier) -> dict[tuple[int, str], str]:
    """Every field that can be put right, by (number, field), as it is now.

    A buyer who attends is one person: he stands here once, as the buyer.
    """
    found: dict[tuple[int, str], str] = {}
    if dossier.buyer:
        found |= {(BUYER, name): getattr(dossier.buyer.answers, name) for name in OF_BUYER}
    for attendee in dossier.attendees:
        if not attendee.is_buyer:
            found |= {(attendee.number, name): getattr(attendee, name) for name in OF_ATTENDEE}
    return found


def changes_of(dossier: Dossier, values: Values) -> tuple[FieldChange, ...]:
    """What these values change; a value of no field of ours changes nothing."""
    return tuple(
        FieldChange(number=key[0], field=key[1], before=before, after=values[key])
        for key, before in fields_of(dossier).items()
        if key in values and values[key] != before
    )


def corrected_buyer(buyer: Buyer, changes: tuple[FieldChange, ...]) -> Buyer:
    """The buyer after the changes that are about him; the same when there are none."""
    mine: dict[str, Any] = {each.field: each.after for each in changes if each.number == BUYER}
    return replace(buyer, answers=replace(buyer.answers, **mine)) if mine else buyer


def corrected_attendees(
    dossier: Dossier, changes: tuple[FieldChange, ...], *, identity: Identity
) -> tuple[Attendee, ...]:
    """Those attendees who become somebody else, each with what stands for his address at the event."""
    found = []
    for attendee in dossier.attendees:
        number = BUYER if attendee.is_buyer else attendee.number
        mine: dict[str, Any] = {
            each.field: each.after for each in changes if each.number == number and each.field in OF_ATTENDEE
        }
        if not mine:
            continue
        after = replace(attendee, **mine)
        # of somebody who was erased there is no address, and the seat stays that of whoever it was
        if after.email:
            attendance = identity.attendance(offer_id=dossier.order.offer_id, email=after.email)
            after = replace(after, attendance=attendance)
        found.append(after)
    return tuple(found)
