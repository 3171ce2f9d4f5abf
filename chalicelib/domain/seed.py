"""Read an offer from plain data, refusing with file, key and reason whatever is not right."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.answers import REQUIRED_QUESTIONS, STANDARD_QUESTIONS
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.error import OfferRefused
from chalicelib.domain.language import Language, Text
from chalicelib.domain.money import Vat, VatTreatment
from chalicelib.domain.offer import (
    EarlyPrices,
    Event,
    Group,
    Offer,
    OfferKind,
    Option,
    Prices,
    Question,
    QuestionGroup,
    QuestionKind,
    Session,
)

_KINDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    datetime: "a date with a time, such as 2027-11-09T09:30:00",
}
# The least that Stripe charges in euros; nothing at all is fine too.
LEAST_CENTS = 50
MOST_CENTS = 99_999_999
# So that an order of so many attendees, with all that is written when it is confirmed, fits in one transaction.
MOST_PER_ORDER = 20
MOST_GROUPS = 20


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

    def optional_number(self, key: str, *, lowest: int, highest: int) -> int | None:
        return self.number(key, lowest=lowest, highest=highest) if key in self._left else None

    def cents(self, key: str) -> int:
        """A price: nothing, or at least what Stripe charges."""
        cents = self.number(key, lowest=0, highest=MOST_CENTS)
        if 0 < cents < LEAST_CENTS:
            raise self.refusal(key, f"must be 0 or at least {LEAST_CENTS}, not {cents}")
        return cents

    def optional_cents(self, key: str) -> int | None:
        return self.cents(key) if key in self._left else None

    def moment(self, key: str) -> datetime:
        """A moment as the association's clock shows it, in Amsterdam."""
        moment = self._take(key, datetime, None)
        if moment.tzinfo is not None:
            raise self.refusal(key, "must be the time in Amsterdam, without an offset")
        if not 2000 <= moment.year <= 2100:
            raise self.refusal(key, f"must be a year from 2000 through 2100, not {moment.year}")
        return moment.replace(tzinfo=AMSTERDAM).astimezone(UTC)

    def optional_moment(self, key: str) -> datetime | None:
        return self.moment(key) if key in self._left else None

    def optional_table(self, key: str) -> Table | None:
        return self.table(key) if key in self._left else None

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
    kind = table.choice("kind", OfferKind)
    offer = Offer(
        id=table.string("id", pattern=r"[a-z0-9]+(-[a-z0-9]+)*"),
        kind=kind,
        code_prefix=table.string("code_prefix", pattern=r"[A-Z]{1,2}"),
        title=table.text("title"),
        summary=table.text("summary"),
        price_note=table.optional_text("price_note"),
        benefits=tuple(_text_of(row) for row in table.tables("benefits")),
        prices=_prices(table),
        early=_early(table.optional_table("early")),
        vat=_vat(table.table("vat")),
        opens_at=table.optional_moment("opens_at"),
        closes_at=table.optional_moment("closes_at"),
        term_months=table.number("term_months", lowest=1, highest=120) if kind is OfferKind.MEMBERSHIP else 0,
        event=_event(table.table("event")) if kind is OfferKind.EVENT else None,
        questions=tuple(_question(row) for row in table.tables("questions")),
        version=1,
    )
    table.done()
    if offer.id in RESERVED_IDS:
        raise table.refusal("id", f"{offer.id!r} is the address of another page")
    _check_prices(offer, table)
    _check_dates(offer, table)
    _check_questions(offer, table)
    return offer


def _prices(table: Table) -> Prices:
    return Prices(list_cents=table.cents("price_cents"), member_cents=table.optional_cents("member_price_cents"))


def _early(table: Table | None) -> EarlyPrices | None:
    if table is None:
        return None
    early = EarlyPrices(prices=_prices(table), ends_at=table.moment("ends_at"))
    table.done()
    return early


def _event(table: Table) -> Event:
    event = Event(
        place=table.text("place"),
        sessions=tuple(_session(row) for row in table.tables("sessions")),
        capacity=table.optional_number("capacity", lowest=0, highest=1_000_000),
        most_per_order=table.number("most_per_order", lowest=1, highest=MOST_PER_ORDER, default=MOST_PER_ORDER),
        members_only=table.truth("members_only", default=False),
        group_label=table.optional_text("group_label"),
        groups=tuple(_group(row) for row in table.tables("groups")),
    )
    table.done()
    ids = [group.id for group in event.groups]
    if len(ids) > MOST_GROUPS:
        raise table.refusal("groups", f"at most {MOST_GROUPS} groups, not {len(ids)}")
    for name in ids:
        if ids.count(name) > 1:
            raise table.refusal("groups", f"{name!r} is there twice")
    if bool(event.groups) != (event.group_label is not None):
        raise table.refusal("group_label", "belongs to groups, and groups need it")
    return event


def _session(table: Table) -> Session:
    session = Session(starts_at=table.moment("starts_at"), ends_at=table.moment("ends_at"))
    table.done()
    if session.ends_at <= session.starts_at:
        raise table.refusal("ends_at", "must be later than starts_at")
    return session


def _group(table: Table) -> Group:
    group = Group(
        id=table.string("id", pattern=r"[a-z0-9]+(-[a-z0-9]+)*"),
        title=table.text("title"),
        capacity=table.optional_number("capacity", lowest=0, highest=1_000_000),
    )
    table.done()
    return group


def _check_prices(offer: Offer, table: Table) -> None:
    every = [("", offer.prices), *([("early.", offer.early.prices)] if offer.early else [])]
    for path, prices in every:
        if offer.event is None and not prices.list_cents:
            raise table.refusal(f"{path}price_cents", "a membership must cost something")
        if prices.member_cents is None:
            continue
        if offer.event is None or offer.event.members_only:
            raise table.refusal(f"{path}member_price_cents", "is for events that are not for members only")
        if prices.member_cents >= prices.list_cents:
            raise table.refusal(f"{path}member_price_cents", "must be lower than price_cents")
    if offer.early and offer.early.prices.list_cents >= offer.prices.list_cents:
        raise table.refusal("early.price_cents", "must be lower than price_cents")
    most = offer.event.most_per_order if offer.event else 1
    if offer.prices.list_cents * most > MOST_CENTS:
        raise table.refusal("price_cents", f"for {most} attendees it is more than Stripe can charge at once")
    early, usual = (offer.early.prices.member_cents if offer.early else None), offer.prices.member_cents
    if early is not None and usual is not None and early >= usual:
        raise table.refusal("early.member_price_cents", "must be lower than member_price_cents")
    if offer.early and (offer.early.prices.member_cents is None) != (offer.prices.member_cents is None):
        raise table.refusal("early.member_price_cents", "is there if, and only if, there is a member_price_cents")


def _check_dates(offer: Offer, table: Table) -> None:
    if offer.opens_at and offer.closes_at and offer.closes_at <= offer.opens_at:
        raise table.refusal("closes_at", "must be later than opens_at")
    sessions = offer.event.sessions if offer.event else ()
    for earlier, later in itertools.pairwise(sessions):
        if later.starts_at < earlier.ends_at:
            raise table.refusal("event.sessions", "must stand in the order of time, and not overlap")


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
        if name in RESERVED_NAMES or re.fullmatch(r"p[0-9].*", name):
            raise table.refusal("questions", f"{name!r} is a name the form itself uses")
    for name in sorted(REQUIRED_QUESTIONS):
        if not any(question.name == name and question.required for question in offer.questions):
            raise table.refusal("questions", f"{name!r} must be asked, with required = true")


# What stands where a form would stand.
RESERVED_IDS = frozenset({"insluiten", "nieuwsbrief"})
# What the form itself posts; p1_name and so on are the attendees'.
RESERVED_NAMES = frozenset(
    {
        *("key", "do", "replaces", "fragment", "prices", "agreed", "draft", "page", "website", "sure"),
        *("member", "self", "group"),
    }
)
