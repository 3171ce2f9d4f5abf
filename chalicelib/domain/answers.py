"""What somebody filled in, once it has been read and found right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

TICKED = "ja"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeAnswers:
    """One attendee as filled in; `group` is empty when the event has none."""

    name: str
    email: str
    group: str = ""


class KeptAttendee(Protocol):
    """An attendee as he is kept beside the answers."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def is_buyer(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to a form; optional ones are empty. `extra` holds the offer's own questions by name.

    `member` is what the buyer says of his organisation; it decides nothing. `attending`: the buyer comes himself,
    to the group `group`; `attendees` are those who come besides him.
    """

    organisation: str
    name: str
    email: str
    reference: str = ""
    registration_number: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    newsletter: bool = False
    member: str = ""
    attending: bool = False
    group: str = ""
    attendees: tuple[AttendeeAnswers, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    def people(self) -> tuple[AttendeeAnswers, ...]:
        """All who come: the buyer first, if he does."""
        buyer = AttendeeAnswers(name=self.name, email=self.email, group=self.group)
        return (buyer, *self.attendees) if self.attending else self.attendees

    def with_attendees(self, attendees: Iterable[KeptAttendee]) -> Answers:
        """The answers as they were filled in, with the attendees who were kept apart from them."""
        others = tuple(
            AttendeeAnswers(name=each.name, email=each.email, group=each.group)
            for each in attendees
            if not each.is_buyer
        )
        return replace(self, attendees=others)

    def fields(self) -> dict[str, str]:
        """The answers as a form would post them; a tick that is off is absent."""
        names = ("organisation", "name", "email", "reference", "registration_number", "street", "postal_code", "city")
        answers = {name: getattr(self, name) for name in (*names, "member", "group")}
        ticks = {"newsletter": self.newsletter, "self": self.attending}
        return (
            _filled(answers)
            | dict(self.extra)
            | {name: TICKED for name, ticked in ticks.items() if ticked}
            | {
                f"p{row}_{name}": value
                for row, attendee in enumerate(self.attendees, start=1)
                for name, value in _filled(
                    {"name": attendee.name, "email": attendee.email, "group": attendee.group}
                ).items()
            }
        )


def _filled(answers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in answers.items() if value}


# Every field of Answers that an offer may ask; other names are the offer's own questions.
STANDARD_QUESTIONS = frozenset(
    {"organisation", "name", "email", "reference", "registration_number", "street", "postal_code", "city", "newsletter"}
)
REQUIRED_QUESTIONS = frozenset({"organisation", "name", "email"})
