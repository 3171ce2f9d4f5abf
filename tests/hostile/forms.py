"""Forms filled in rightly, with a mark in everything that a person types."""

from __future__ import annotations

from chalicelib.domain.offer import Offer, Question, QuestionKind
from tests.hostile.canary import email_of, mark

# What must have a form of its own to be right, and so is not marked but known by its number.
NUMBERS = {"registration_number": "8{number:07d}", "postal_code": "{number:04d} ZX"}


def key_of(owner: str, number: int) -> str:
    """A form key, itself marked: who knows it gets the order."""
    return f"{mark(owner, 'key')}-{number:08d}"


def filled(offer: Offer, *, owner: str, number: int, others: int = 0) -> dict[str, str]:
    """A form of this offer as somebody fills it in who comes himself, with so many others."""
    fields = {question.name: _answer(question, owner=owner, number=number) for question in offer.questions}
    if offer.event:
        if offer.asks_membership:
            fields["member"] = "nee"
        fields["self"] = "ja"
        for row in range(1, others + 1):
            fields[f"p{row}_name"] = f"{mark(owner, 'other')} {row}"
            fields[f"p{row}_email"] = f"{mark(owner, 'other')}{number}-{row}@{mark(owner, 'domain')}{number}.nl"
        for name in ["group", *(f"p{row}_group" for row in range(1, others + 1))] if offer.event.groups else []:
            fields[name] = offer.event.groups[0].id
    return fields | {"key": key_of(owner, number), "do": "pay"}


def _answer(question: Question, *, owner: str, number: int) -> str:
    if question.name in NUMBERS:
        return NUMBERS[question.name].format(number=number % 9000 + 1000)
    match question.kind:
        case QuestionKind.EMAIL:
            return email_of(owner, number)
        case QuestionKind.CHOICE:
            return question.options[0].value
        case QuestionKind.TICK:
            return "ja"
        case _:
            return f"{mark(owner, question.name)} {number}"
