"""The people on an event's form: the rows that were posted, one more, one less, and the questions about each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.domain.answers import TICKED
from chalicelib.domain.offer import Offer, Option, Question, QuestionKind
from chalicelib.web.posted import Posted

ROW = re.compile(r"p([1-9][0-9]?)_(name|email|group)")
PARTS = ("name", "email", "group")
SELF, GROUP, MEMBER = "self", "group", "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One attendee's row; `number` counts all who come, the buyer included."""

    row: int
    number: int
    questions: tuple[Question, ...]


def buyer_attends(posted: Posted) -> bool:
    return posted.get(SELF) == TICKED


def people(offer: Offer, posted: Posted) -> tuple[Person, ...]:
    """The rows of those who come besides the buyer."""
    before = int(buyer_attends(posted))
    return tuple(
        Person(row=row, number=before + place, questions=_questions(offer, row))
        for place, row in enumerate(rows(posted), start=1)
    )


def buyer_questions(offer: Offer, *, attends: bool) -> tuple[Question, ...]:
    """What is asked of the buyer himself because this is an event: his membership, whether he comes, which group."""
    asked = [Question(name=SELF, kind=QuestionKind.TICK)]
    if offer.asks_membership:
        options = tuple(Option(value=value, label=offer.title) for value in ("ja", "nee"))
        asked.insert(0, Question(name=MEMBER, kind=QuestionKind.CHOICE, required=True, options=options))
    if offer.event and offer.event.groups:
        asked.append(_group_question(offer, GROUP, required=attends))
    return tuple(asked)


def in_sequence(posted: Posted) -> Posted:
    """The same rows, numbered from 1 without gaps."""
    return _keeping(posted, rows(posted))


def one_more(posted: Posted) -> Posted:
    """With an empty row at the end."""
    kept = in_sequence(posted)
    last = len(rows(kept)) + 1
    return Posted(fields=kept.fields | {f"p{last}_name": "", f"p{last}_email": ""}, repeated=kept.repeated)


def without(posted: Posted, row: int) -> Posted:
    """Without one of the rows; all the others as they were filled in."""
    return _keeping(posted, [each for each in rows(posted) if each != row])


def rows(posted: Posted) -> list[int]:
    """The numbers of the rows that were posted."""
    found = [match for name in posted.fields if (match := ROW.fullmatch(name))]
    return sorted({int(match[1]) for match in found})


def _keeping(posted: Posted, kept: list[int]) -> Posted:
    """Only these rows, in this order, numbered anew."""
    names = {f"p{row}_{part}": f"p{number}_{part}" for number, row in enumerate(kept, start=1) for part in PARTS}
    # a row is there by its name and its address, filled in or not
    fields = {name: "" for new in range(1, len(kept) + 1) for name in (f"p{new}_name", f"p{new}_email")}
    for name, value in posted.fields.items():
        if name in names:
            fields[names[name]] = value
        elif not ROW.fullmatch(name):
            fields[name] = value
    repeated = frozenset(names.get(name, name) for name in posted.repeated)
    return Posted(fields=fields, repeated=repeated)


def _questions(offer: Offer, row: int) -> tuple[Question, ...]:
    asked = [
        Question(name=f"p{row}_name", kind=QuestionKind.TEXT, required=True, autocomplete=f"section-p{row} name"),
        Question(
            name=f"p{row}_email",
            kind=QuestionKind.EMAIL,
            required=True,
            max_length=254,
            autocomplete=f"section-p{row} email",
        ),
    ]
    if offer.event and offer.event.groups:
        asked.append(_group_question(offer, f"p{row}_group", required=True))
    return tuple(asked)


def _group_question(offer: Offer, name: str, *, required: bool) -> Question:
    assert offer.event is not None, "groups are of an event"
    options = tuple(Option(value=group.id, label=group.title) for group in offer.event.groups)
    return Question(name=name, kind=QuestionKind.CHOICE, required=required, options=options)
