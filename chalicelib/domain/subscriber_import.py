"""Subscriber import: what each row of an existing list of readers comes to, decided before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum

from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Evidence, Means, Standing, Subscriber, new_subscriber


class Reason(StrEnum):
    """Why a row is refused; the doors have the words."""

    EMAIL_MISSING = "email_missing"
    EMAIL_MALFORMED = "email_malformed"
    EMAIL_TWICE = "email_twice"
    LANGUAGE_UNKNOWN = "language_unknown"
    TOPIC_UNKNOWN = "topic_unknown"
    DATE_MALFORMED = "date_malformed"
    DATE_SHORT_YEAR = "date_short_year"
    DATE_TO_COME = "date_to_come"
    PROOF_WITHOUT_DATE = "proof_without_date"
    PROOF_WITHOUT_SOURCE = "proof_without_source"
    TEXT_MALFORMED = "text_malformed"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_GARBLED = "text_garbled"
    CELLS_TOO_MANY = "cells_too_many"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a row: what it is about, and the number of the row that it collides with."""

    reason: Reason
    value: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where and how somebody was asked, and on which day he said yes; empty and None as far as that is not told."""

    told: str = ""
    on: date | None = None

    def __bool__(self) -> bool:
        return bool(self.told and self.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberRow:
    """A row as it was read; `number` is the row's own, as a spreadsheet counts. What has a fault is left empty."""

    number: int
    email: str
    name: str
    language: Language
    topics: tuple[str, ...]
    proof: Proof
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """A row with proof makes somebody a subscriber who is mailed; `known`: he was asked before and did not answer."""

    row: int
    subscriber: Subscriber
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A row without proof: he is asked by mail whether he wants it, and until he says yes nothing else is sent."""

    row: int
    subscriber: Subscriber
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A row without proof for which there is no mail left in this run."""

    row: int
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """A row says what is there already: he is subscribed, or has been asked."""

    row: int
    subscriber: Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """A row is not taken; all that is wrong with it is named."""

    row: int
    email: str
    faults: tuple[Fault, ...]


type Verdict = Confirm | Ask | Later | Same | Refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberList:
    """The list that is imported: its rows, the file or the place that it comes from, and the proof that holds for all
    of it. What a row says itself goes before that."""

    rows: tuple[SubscriberRow, ...]
    source: str
    proof: Proof = Proof()

    def proof_of(self, row: SubscriberRow) -> Proof:
        """Of a row that tells half of it the list tells the rest."""
        return Proof(told=row.proof.told or self.proof.told, on=row.proof.on or self.proof.on)

    def judged(self, *, today: date) -> tuple[SubscriberRow, ...]:
        """The rows, each with what is wrong with it as one of this list: the first of two with one address counts."""
        first: dict[str, int] = {}
        found = []
        for row in self.rows:
            faults = [*row.faults, *self._proof_faults(row, today=today)]
            if row.email and first.setdefault(row.email.lower(), row.number) != row.number:
                faults.append(Fault(Reason.EMAIL_TWICE, row.email, str(first[row.email.lower()])))
            found.append(replace(row, faults=tuple(faults)))
        return tuple(found)

    def _proof_faults(self, row: SubscriberRow, *, today: date) -> list[Fault]:
        proof, told = self.proof_of(row), {fault.reason for fault in row.faults}
        if told & {Reason.DATE_MALFORMED, Reason.DATE_SHORT_YEAR}:
            return []  # of a date that was refused nobody need hear that it is missing
        if proof.on and proof.on > today:
            return [Fault(Reason.DATE_TO_COME, proof.on.isoformat())]
        if proof.told and not proof.on:
            return [Fault(Reason.PROOF_WITHOUT_DATE)]
        return [Fault(Reason.PROOF_WITHOUT_SOURCE)] if proof.on and not proof.told else []


def plan_row(
    row: SubscriberRow,
    *,
    of: SubscriberList,
    known: Subscriber | None,
    suppressed: bool,
    subscriber_id: str,
    now: datetime,
) -> Verdict:
    """What becomes of a row; `known` is who is there by its address, and an import changes nothing that he chose."""
    standing = known.standing if known else None
    if known and standing is Standing.CONFIRMED and not row.faults:
        return Same(row=row.number, subscriber=known)
    faults = row.faults
    if not faults and known and (standing is Standing.UNSUBSCRIBED or known.unsubscribed_at):
        # whoever left is never brought back by a list
        faults = (Fault(Reason.UNSUBSCRIBED),)
    elif not faults and suppressed:
        faults = (Fault(Reason.SUPPRESSED),)
    if faults:
        return Refuse(row=row.number, email=row.email, faults=faults)
    proof = of.proof_of(row)
    asked = _evidence(row, of=of, proof=proof, now=now)
    asking = _asking(row, known=known, asked=asked, subscriber_id=subscriber_id)
    if proof:
        return Confirm(row=row.number, subscriber=asking.confirms(asked), known=known is not None)
    if known and not known.forgotten(now=now):
        return Same(row=row.number, subscriber=known)
    return Ask(row=row.number, subscriber=asking, known=known is not None)


def _asking(row: SubscriberRow, *, known: Subscriber | None, asked: Evidence, subscriber_id: str) -> Subscriber:
    if known:
        # what a form asked for in his name meanwhile is proved by no list
        alone = replace(known, wanted=())
        return alone.asks(topics=row.topics, name=row.name, language=row.language, asked=asked)
    return new_subscriber(
        row.email,
        subscriber_id=subscriber_id,
        name=row.name,
        language=row.language,
        topics=row.topics,
        asked=asked,
    )


def _evidence(row: SubscriberRow, *, of: SubscriberList, proof: Proof, now: datetime) -> Evidence:
    """Which words were read nobody knows any more; where and how they were asked is told."""
    # at noon, so that it is the same day wherever it is read
    at = datetime.combine(proof.on, time(12), tzinfo=UTC) if proof and proof.on else now
    return Evidence(
        means=Means.IMPORT, text="", language=row.language, source=of.source, detail=proof.told if proof else "", at=at
    )


def counted(verdicts: Sequence[Verdict]) -> dict[type[Verdict], int]:
    """How many of each there are, none left out."""
    kinds: tuple[type[Verdict], ...] = (Confirm, Ask, Later, Same, Refuse)
    return {kind: sum(isinstance(each, kind) for each in verdicts) for kind in kinds}
