"""Unread mail on the page of an order: whose it is, why it did not arrive, and the field to put an address right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.correction import BUYER
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Email
from chalicelib.domain.mail_domain import mail_domain
from chalicelib.rendering.texts import Texts
from chalicelib.web.field import FieldView
from chalicelib.web.formats import Malformed, email, plain_text
from chalicelib.web.typo import meant_address

LONGEST = 254
# Which words say of an address that is not his own that a mail does not arrive there: whether mail came back before, or
# was reported as unwanted, is nobody's to know.
NEUTRAL = "neutral"
# What is said otherwise of an attendee's address.
_OF_ATTENDEE = {"email_missing": "attendee_email_missing", "email_invalid": "attendee_email_email_invalid"}


class Mistyped(Exception):
    """What was typed for whom cannot be taken; the text says why to whoever typed it."""

    def __init__(self, *, number: int, value: str, text: str) -> None:
        super().__init__(text)
        self.number, self.value, self.text = number, value, text


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadView:
    """Mail to one person that did not arrive; `address` is empty for all but the buyer, whose own the page shows.

    `sure` is the domain of which the page asks whether it is meant.
    """

    number: int
    name: str
    address: str
    reason: str
    field: FieldView

    @property
    def sure(self) -> str:
        return mail_domain(self.field.value.strip()) if self.field.meant else ""


def read_address(value: str, *, number: int, sure: str, texts: Texts) -> str:
    """The address that was typed; `sure` is the domain that whoever typed it was asked about already.

    Raises Mistyped with the words of the order's form, or when it is probably another one that was meant.
    """
    typed = value.strip()
    if meant_address(typed) and mail_domain(typed) != sure:
        raise Mistyped(number=number, value=typed, text=texts("unread.doubt"))
    try:
        text = plain_text(value)
        if not text:
            raise Malformed("email_missing")
        if len(text) > LONGEST:
            raise Malformed("too_long")
        return email(text)
    except Malformed as fault:
        key = _OF_ATTENDEE.get(str(fault), str(fault)) if number else str(fault)
        said = texts(f"error.{key}", max=LONGEST, number=number)
        raise Mistyped(number=number, value=value, text=said) from fault


def unread_views(
    dossier: Dossier, waiting: Mapping[int, Sequence[Email]], *, wrong: Mistyped | None, texts: Texts
) -> tuple[UnreadView, ...]:
    """The buyer first, then who comes."""
    found = []
    for number, emails in sorted(waiting.items()):
        attendee = dossier.attendee(number) if number else None
        address = dossier.to(emails[0]) if number == BUYER else ""
        mine = wrong if wrong and wrong.number == number else None
        found.append(
            UnreadView(
                number=number,
                name=attendee.name if attendee else "",
                address=address,
                reason=_reason(emails) if number == BUYER else _reason_of_other(emails),
                field=address_field(
                    number, value=mine.value if mine else address, error=mine.text if mine else "", texts=texts
                ),
            )
        )
    return tuple(found)


def _reason(emails: Sequence[Email]) -> str:
    """Which words say why, by the last of them."""
    reason = emails[-1].reason
    if reason.endswith("MailboxFull"):
        return "full"
    if reason == "suppressed":
        return "suppressed"
    return "refused" if reason.startswith("Permanent") else "unknown"


def _reason_of_other(emails: Sequence[Email]) -> str:
    reason = _reason(emails)
    return reason if reason == "full" else NEUTRAL


def address_field(number: int, *, value: str, error: str, texts: Texts) -> FieldView:
    """The field in which the address of one of them is put right."""
    return FieldView(
        name="email",
        id=f"again-{number}",
        kind="email",
        label=texts("unread.address"),
        hint="",
        autocomplete="off" if number else "email",
        inputmode="",
        maxlength=LONGEST,
        optional=False,
        value=value,
        checked=False,
        error=error,
        meant=meant_address(value),
        group="",
        options=(),
    )
