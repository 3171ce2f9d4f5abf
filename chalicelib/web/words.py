"""Words: what the form of an offer says at each question, and at each fault."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.answers import STANDARD_QUESTIONS
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer, Prices, Question, QuestionKind
from chalicelib.rendering.texts import Texts
from chalicelib.web.people import GROUP, MEMBER, ROW, SELF

# What is said of a question of the offer's own that was left open; any other kind has the plain words.
MISSING = {QuestionKind.CHOICE: "error.choice_missing", QuestionKind.TICK: "error.tick_missing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said at a question: its label, its hint, and the label of each choice by value."""

    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """The words of one form in one language; `prices` are those that hold now."""

    offer: Offer
    language: Language
    texts: Texts
    association: str
    prices: Prices

    def at(self, question: Question) -> Words:
        """The words at a question: the offer's own, or those of the catalogue."""
        options = tuple((option.value, option.label.within(self.language)) for option in question.options)
        if row := ROW.fullmatch(question.name):
            label = self._group_label() if row[2] == GROUP else self.texts(f"attendee.{row[2]}")
            return Words(label=label, options=options)
        if self.offer.event and question.name == GROUP:
            return Words(label=self._group_label(), hint=self.texts("field.group.hint"), options=options)
        if self.offer.event and question.name == MEMBER:
            return Words(label=self._text(question, "label"), hint=self._text(question, "hint"), options=self._member())
        return Words(label=self._text(question, "label"), hint=self._text(question, "hint"), options=options)

    def label(self, question: Question) -> str:
        """What a question is called where it stands alone, such as in a list of changes."""
        row = ROW.fullmatch(question.name)
        label = self.at(question).label
        return self.texts("attendee.of", label=label, row=row[1]) if row else label

    def fault(self, key: str, question: Question, *, number: int) -> str:
        """What is wrong with the answer to a question; `number` is that of the attendee it is about, 0: none."""
        if row := ROW.fullmatch(question.name):
            part, missing = row[2], key in ("missing", "choice_missing")
            own = f"error.attendee_{part}_{'missing' if missing else key}"
            if own in self.texts:
                return self.texts(own, number=number)
        if key == "missing":
            own = f"error.{question.name}_missing"
            if own in self.texts:
                return self.texts(own)
            return self.texts(MISSING.get(question.kind, "error.missing"), label=self.at(question).label)
        return self.texts(f"error.{key}", max=question.max_length)

    def _group_label(self) -> str:
        assert self.offer.event is not None, "groups are of an event"
        assert self.offer.event.group_label is not None, "groups have a label"
        return self.offer.event.group_label.within(self.language)

    def _member(self) -> tuple[tuple[str, str], ...]:
        cents = self.prices.member_cents
        assert cents is not None, "asked only when members pay another price"
        free, price = self.texts("field.member.yes_free"), self.texts.price(cents)
        return (
            ("ja", self.texts("field.member.yes", price=price) if cents else free),
            ("nee", self.texts("field.member.no", price=self.texts.price(self.prices.list_cents))),
        )

    def _text(self, question: Question, part: str) -> str:
        own = question.label if part == "label" else question.hint
        if own is not None:
            return own.within(self.language)
        if question.name not in STANDARD_QUESTIONS | {MEMBER, SELF}:
            return ""
        return self.texts(f"field.{question.name}.{part}", association=self.association)
