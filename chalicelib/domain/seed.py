"""Read an offer from plain data, refusing with file, key and reason whatever is not right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.answers import REQUIRED_QUESTIONS, STANDARD_QUESTIONS
from chalicelib.domain.error import OfferRefused
from chalicelib.domain.language import Language, Text
from chalicelib.domain.money import Vat, VatTreatment
from chalicelib.domain.offer import Offer, OfferKind, Option, Question, QuestionGroup, QuestionKind

_KINDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false", list: "a list"}


class Table:
    """One table of the data, whose every key must be taken once; what is left over is refused."""

    def __init__(self, data: object, *, source: str, path: str = "") -> None:
        self._source, self._path = source, path
        if not isinstance(data, Mapping):
            raise self.refusal("", "a table is needed here")
        self._left: dict[str, Any] = dict(data)

    def refusal(self, key: str, reason: str) -> OfferRefused:
        where = ".".join(part for part in (self._path, key) if part) or "(whole file)"
        return OfferRefused(source=self._source, key=where, reason=reason)

    def _take[Kind](self, key: str, kind: type[Kind], default: Kind | None) -> Kind:
        if key not in self._left:
            if default is None:
                raise self.refusal(key, "is missing")
            return default
        value = self._left.pop(key)
        # bool is an int in Python; a price of `true` is not a price
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.refusal(key, f"must be {_KINDS[kind]}, not {value!r}")
        return value

    def string(self, key: str, *, pattern: str, default: str | None = None) -> str:
        value = self._take(key, str, default)
        if not re.fullmatch(pattern, value):
            raise self.refusal(key, f"{value!r} does not match {pattern}")
        return value

    def number(self, key: str, *, lowest: int, highest: int, default: int | None = None) -> int:
        value = self._take(key, int, default)
        if not lowest <= value <= highest:
            raise self.refusal(key, f"must be from {lowest} through {highest}, not {value}")
        return value

    def truth(self, key: str, *, default: bool) -> bool:
        return self._take(key, bool, default)

    def choice[Choice](self, key: str, kind: type[Choice], *, default: str | None = None) -> Choice:
        value = self._take(key, str, default)
        try:
            return kind(value)  # type: ignore[call-arg]  # every caller gives a StrEnum
        except ValueError:
            raise self.refusal(key, f"{value!r} is not known") from None

    def text(self, key: str) -> Text:
        table = self.table(key)
        text = Text(**{language.value: table.string(language.value, pattern=r"(?s).*\S.*") for language in Language})
        table.done()
        return text

    def optional_text(self, key: str) -> Text | None:
        return self.text(key) if key in self._left else None

    def table(self, key: str) -> Table:
        if key not in self._left:
            raise self.refusal(key, "is missing")
        return Table(self._left.pop(key), source=self._source, path=f"{self._path}.{key}".lstrip("."))

    def tables(self, key: str) -> list[Table]:
        rows = self._take(key, list, [])
        path = f"{self._path}.{key}".lstrip(".")
        return [Table(row, source=self._source, path=f"{path}[{index}]") for index, row in enumerate(rows)]

    def done(self) -> None:
        for key in self._left:
            raise self.refusal(key, "is not a known key")


def read_offer(data: object, *, source: str) -> Offer:
    """An offer from the data of a TOML file.

    Raises OfferRefused naming `source`, the key and the reason; the first fault found is the one named.
    """
    table = Table(data, source=source)
    offer = Offer(
        id=table.string("id", pattern=r"[a-z0-9]+(-[a-z0-9]+)*"),
        kind=table.choice("kind", OfferKind),
        code_prefix=table.string("code_prefix", pattern=r"[A-Z]{1,2}"),
        title=table.text("title"),
        summary=table.text("summary"),
        benefits=tuple(_text_of(row) for row in table.tables("benefits")),
        price_cents=table.number("price_cents", lowest=50, highest=99_999_999),
        vat=_vat(table.table("vat")),
        term_months=table.number("term_months", lowest=1, highest=120),
        questions=tuple(_question(row) for row in table.tables("questions")),
    )
    table.done()
    _check_questions(offer, table)
    return offer


def _text_of(table: Table) -> Text:
    text = Text(**{language.value: table.string(language.value, pattern=r".*\S.*") for language in Language})
    table.done()
    return text


def _vat(table: Table) -> Vat:
    vat = Vat(
        treatment=table.choice("treatment", VatTreatment),
        rate_percent=table.number("rate_percent", lowest=0, highest=30),
    )
    table.done()
    if (vat.treatment is VatTreatment.STANDARD) != (vat.rate_percent > 0):
        raise table.refusal("rate_percent", f"{vat.rate_percent} does not go with treatment {vat.treatment.value}")
    return vat


def _question(table: Table) -> Question:
    question = Question(
        name=table.string("name", pattern=r"[a-z][a-z0-9_]{0,39}"),
        kind=table.choice("kind", QuestionKind),
        group=table.choice("group", QuestionGroup, default=QuestionGroup.MAIN.value),
        required=table.truth("required", default=False),
        max_length=table.number("max_length", lowest=1, highest=2000, default=120),
        autocomplete=table.string("autocomplete", pattern=r"[a-z0-9 -]*", default=""),
        label=table.optional_text("label"),
        hint=table.optional_text("hint"),
        options=tuple(_option(row) for row in table.tables("options")),
    )
    table.done()
    if question.name not in STANDARD_QUESTIONS and question.label is None:
        raise table.refusal("label", f"the own question {question.name!r} needs one")
    if (question.kind is QuestionKind.CHOICE) != bool(question.options):
        raise table.refusal("options", "belong to a choice, and a choice needs them")
    return question


def _option(table: Table) -> Option:
    option = Option(value=table.string("value", pattern=r"[a-z0-9_-]{1,40}"), label=table.text("label"))
    table.done()
    return option


def _check_questions(offer: Offer, table: Table) -> None:
    names = [question.name for question in offer.questions]
    for name in names:
        if names.count(name) > 1:
            raise table.refusal("questions", f"{name!r} is asked twice")
        if name in RESERVED_NAMES:
            raise table.refusal("questions", f"{name!r} is a name the form itself uses")
    for name in sorted(REQUIRED_QUESTIONS):
        if not any(question.name == name and question.required for question in offer.questions):
            raise table.refusal("questions", f"{name!r} must be asked, with required = true")


RESERVED_NAMES = frozenset({"key", "do", "replaces", "fragment"})
