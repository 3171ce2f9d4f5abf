"""A form: read what was posted against the questions of an offer, and show it again with everything kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.answers import STANDARD_QUESTIONS, TICKED, Answers, AttendeeAnswers
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer, Prices, Question, QuestionGroup, QuestionKind
from chalicelib.domain.seed import RESERVED_NAMES
from chalicelib.rendering.texts import Texts
from chalicelib.web import people
from chalicelib.web.field import FieldError
from chalicelib.web.formats import FORMATS, Malformed, plain_text, street, without_link
from chalicelib.web.people import GROUP, MEMBER, ROW, SELF, Person
from chalicelib.web.posted import Posted
from chalicelib.web.typo import Typo, typos
from chalicelib.web.words import FormWords

# What is repeated in mails to people who did not fill in the form.
NAMES = frozenset({"organisation", "name"})
# What only the form itself posts; the rest of the reserved names are questions of some offers.
OWN_FIELDS = RESERVED_NAMES - {MEMBER, SELF, GROUP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading a form: answers, or the faults; never both."""

    answers: Answers | None
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one offer in one language, opened at one moment."""

    offer: Offer
    language: Language
    texts: Texts
    association: str
    now: datetime

    @property
    def prices(self) -> Prices:
        return self.offer.prices_at(self.now)

    @property
    def words(self) -> FormWords:
        return FormWords(
            offer=self.offer,
            language=self.language,
            texts=self.texts,
            association=self.association,
            prices=self.prices,
        )

    def fresh(self) -> Posted:
        """An empty form: whoever fills in an event's form mostly comes himself."""
        return Posted({SELF: TICKED} if self.offer.event else {}, frozenset())

    def read(self, posted: Posted) -> Reading:
        """All faults at once, or the answers."""
        errors: list[FieldError] = []
        values: dict[str, str] = {}
        for question in self._questions(posted):
            try:
                values[question.name] = self._answer(question, posted)
            except Malformed as fault:
                errors.append(FieldError(question.name, self._say(fault, question, posted)))
        if self.offer.event:
            errors += self._count_people(posted)
            errors += self._same_address(values, posted)
        known = {question.name for question in self._questions(posted)} | OWN_FIELDS
        unknown = [name for name in posted.fields if name not in known]
        # a price or a seat in the post is not ours: say so rather than pretend to have taken it
        errors += [FieldError("", self.texts("error.unknown_field", name=_shown(name))) for name in unknown[:3]]
        if errors:
            return Reading(answers=None, errors=tuple(errors))
        return Reading(answers=self._answers(values, posted), errors=())

    def as_shown(self, posted: Posted) -> tuple[Question, ...]:
        """All questions in the order in which they stand on the page."""
        own = self.offer.questions
        main = [question for question in own if question.group is QuestionGroup.MAIN]
        after = [question for question in own if question.group is not QuestionGroup.MAIN]
        people_asked = self._questions(posted)[len(own) :]
        return (*main, *people_asked, *after)

    def typos(self, posted: Posted) -> tuple[Typo, ...]:
        """The addresses that were probably typed wrong, in the order of their fields on the page."""
        return typos(self.as_shown(posted), posted)

    def addresses(self, posted: Posted) -> tuple[str, ...]:
        """The addresses of all who come as far as they are filled in, empty where they are not or not right yet."""
        names = ["email"] if people.buyer_attends(posted) else []
        names += [f"p{person.row}_email" for person in self.people(posted)]
        found = []
        for name in names:
            try:
                found.append(FORMATS[QuestionKind.EMAIL](plain_text(posted.get(name))))
            except Malformed:
                found.append("")
        return tuple(found)

    @property
    def consent_text(self) -> str:
        """The literal text beside the newsletter's tick; empty when the offer has none."""
        asked = any(question.name == "newsletter" for question in self.offer.questions)
        return self.label("newsletter") if asked else ""

    def names(self, *posts: Mapping[str, str]) -> tuple[str, ...]:
        """The names of all questions that these posts answer, in the order of the form."""
        asked = {question.name: None for post in posts for question in self._questions(Posted(dict(post), frozenset()))}
        return tuple(asked)

    def label(self, name: str) -> str:
        """What a question is called where it stands alone: the label, and of whom."""
        return self.words.label(self._question(name))

    def shown(self, name: str, value: str) -> str:
        """An answer as a reader sees it: the label of a choice, a word for a tick."""
        question = self._question(name)
        if question.kind is QuestionKind.TICK:
            return self.texts("form.ticked" if value else "form.not_ticked")
        return dict(self.words.at(question).options).get(value, value)

    def at_attendee(self, number: int, posted: Posted) -> str:
        """The name of the field with the address of one of those who come."""
        if number == 1 and people.buyer_attends(posted):
            return "email"
        return next(f"p{person.row}_email" for person in self.people(posted) if person.number == number)

    def people(self, posted: Posted) -> tuple[Person, ...]:
        """Those who come besides the buyer."""
        return people.people(self.offer, posted) if self.offer.event else ()

    def about_buyer(self, *, attends: bool) -> tuple[Question, ...]:
        """What an event asks of the buyer himself."""
        return people.buyer_questions(self.offer, attends=attends) if self.offer.event else ()

    def _questions(self, posted: Posted) -> tuple[Question, ...]:
        asked = self.about_buyer(attends=people.buyer_attends(posted))
        rows = [question for person in self.people(posted) for question in person.questions]
        return (*self.offer.questions, *asked, *rows)

    def _question(self, name: str) -> Question:
        kept = Posted({name: ""}, frozenset())
        return next(each for each in self._questions(kept) if each.name == name)

    def _answer(self, question: Question, posted: Posted) -> str:
        if question.name in posted.repeated:
            raise Malformed("repeated")
        value = plain_text(posted.get(question.name))
        if not value:
            if question.required:
                raise Malformed("missing")
            return ""
        if len(value) > question.max_length:
            raise Malformed("too_long")
        if question.kind is QuestionKind.TICK:
            # a consent is given by the value of the tick itself, and by nothing that merely resembles one
            return TICKED if value == TICKED else ""
        if question.kind is QuestionKind.CHOICE:
            if value not in {option.value for option in question.options}:
                raise Malformed("choice_missing")
            return value
        value = FORMATS[question.kind](value)
        if question.name in NAMES or ROW.fullmatch(question.name):
            without_link(value)
        return street(value) if question.name == "street" else value

    def _count_people(self, posted: Posted) -> list[FieldError]:
        assert self.offer.event is not None, "only events have attendees"
        count, most = len(self.people(posted)) + people.buyer_attends(posted), self.offer.event.most_per_order
        if count == 0:
            return [FieldError(SELF, self.texts("error.nobody"))]
        if count > most:
            return [FieldError(SELF, self.texts("error.too_many", count=count, max=most))]
        return []

    def _same_address(self, values: Mapping[str, str], posted: Posted) -> list[FieldError]:
        """Each ticket goes to an address of its own: it is what the attendee is known by."""
        errors, seen = [], {values.get("email", "").lower()} if people.buyer_attends(posted) else set()
        for person in self.people(posted):
            email = values.get(f"p{person.row}_email", "").lower()
            if email and email in seen:
                text = self.texts("error.same_attendee", number=person.number)
                errors.append(FieldError(f"p{person.row}_email", text))
            seen.add(email)
        return errors

    def _say(self, fault: Malformed, question: Question, posted: Posted) -> str:
        numbers = [person.number for person in self.people(posted) if question in person.questions]
        return self.words.fault(str(fault), question, number=numbers[0] if numbers else 0)

    def _answers(self, values: dict[str, str], posted: Posted) -> Answers:
        own = {MEMBER, SELF, GROUP} if self.offer.event else set()
        standard: dict[str, Any] = {name: value for name, value in values.items() if name in STANDARD_QUESTIONS}
        extra = tuple(
            (name, value)
            for name, value in values.items()
            if name not in STANDARD_QUESTIONS | own and not ROW.fullmatch(name)
        )
        attends = bool(self.offer.event) and people.buyer_attends(posted)
        return Answers(
            **standard | {"newsletter": bool(values.get("newsletter"))},
            member=values.get(MEMBER, ""),
            attending=attends,
            group=values.get(GROUP, "") if attends else "",
            attendees=tuple(
                AttendeeAnswers(
                    name=values[f"p{person.row}_name"],
                    email=values[f"p{person.row}_email"],
                    group=values.get(f"p{person.row}_group", ""),
                )
                for person in self.people(posted)
            ),
            extra=extra,
        )


def _shown(name: str) -> str:
    """A field name that somebody made up, short enough to repeat."""
    return "".join(sign for sign in name[:40] if sign.isprintable())
