"""Subscriber import: what each row of an existing list of readers comes to, decided before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum

from chalicelib.domain.language import Language
from chalicelib.domain.row_fault import RowFault
from chalicelib.domain.subscriber import Evidence, Means, Standing, Subscriber, new_subscriber


class Reason(StrEnum):
    """Why a row is refused; the doors have the words."""

    EMAIL_MISSING = "email_missing"
    EMAIL_MALFORMED = "email_malformed"
    EMAIL_TWICE = "email_twice"
    LANGUAGE_UNKNOWN = "language_unknown"
    TOPIC_UNKNOWN = "topic_unknown"
    STANDING_UNKNOWN = "standing_unknown"
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


Fault = RowFault[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where and how somebody was asked, on which day he said yes, and to which words; empty and None as far as that is
    not told."""

    told: str = ""
    on: date | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.told and self.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberRow:
    """A row as it was read; `number` is the row's own, as a spreadsheet counts. What has a fault is left empty.

    `standing` is how he stands on the list that it comes from, as far as that is told, `left_on` when he unsubscribed.
    """

    number: int
    email: str
    name: str
    language: Language
    topics: tuple[str, ...]
    proof: Proof
    standing: Standing | None = None
    left_on: date | None = None
    paused_until: date | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def left(self) -> bool:
        """Whether he left, also when somebody has asked in his name since then."""
        return self.standing is Standing.UNSUBSCRIBED or self.left_on is not None


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
class Leave:
    """A row of somebody who left makes him one who has unsubscribed, so that no other list brings him back."""

    row: int
    subscriber: Subscriber
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """A row says what is there already: he is subscribed, has been asked, or has left."""

    row: int
    subscriber: Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """A row is not taken; all that is wrong with it is named."""

    row: int
    email: str
    faults: tuple[Fault, ...]


# What an import writes.
Writing = Confirm | Ask | Leave
type Verdict = Confirm | Ask | Leave | Later | Same | Refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberList:
    """The list that is imported: its rows, the file or the place that it comes from, and the proof that holds for all
    of it. What a row says itself goes before that."""

    rows: tuple[SubscriberRow, ...]
    source: str
    proof: Proof = Proof()

    def proof_of(self, row: SubscriberRow) -> Proof:
        """Of a row that tells half of it the list tells the rest; whoever did not say yes there has none."""
        if row.left or row.standing is Standing.UNCONFIRMED:
            return Proof()
        return Proof(told=row.proof.told or self.proof.told, on=row.proof.on or self.proof.on, text=row.proof.text)

    def judged(self, *, today: date) -> tuple[SubscriberRow, ...]:
        """The rows, each with what is wrong with it as one of this list.

        Of those with one address the first counts, and before it the first who left.
        """
        counts: dict[str, int] = {}
        for row in sorted(self.rows, key=lambda row: not row.left):
            counts.setdefault(row.email.lower(), row.number)
        found = []
        for row in self.rows:
            faults = [*row.faults, *self._proof_faults(row, today=today)]
            if row.email and (other := counts[row.email.lower()]) != row.number:
                faults.append(Fault(Reason.EMAIL_TWICE, row.email, str(other)))
            found.append(replace(row, faults=tuple(faults)))
        return tuple(found)

    def _proof_faults(self, row: SubscriberRow, *, today: date) -> list[Fault]:
        proof, told = self.proof_of(row), {fault.reason for fault in row.faults}
        if told & {Reason.DATE_MALFORMED, Reason.DATE_SHORT_YEAR}:
            return []  # of a date that was refused nobody need hear that it is missing
        if to_come := next((day for day in (row.left_on, proof.on) if day and day > today), None):
            return [Fault(Reason.DATE_TO_COME, to_come.isoformat())]
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
    settled = {Standing.CONFIRMED, Standing.UNSUBSCRIBED} if row.left else {Standing.CONFIRMED}
    if known and not row.faults and known.standing in settled:
        return Same(row=row.number, subscriber=known)
    if faults := row.faults or _objections(row, known=known, suppressed=suppressed):
        return Refuse(row=row.number, email=row.email, faults=faults)
    proof = of.proof_of(row)
    asked = _evidence(row, of=of, proof=proof, now=now)
    asking = _asking(row, known=known, asked=asked, subscriber_id=subscriber_id)
    if row.left:
        left = _leaving(row, known=known, asking=asking, now=now)
        return Leave(row=row.number, subscriber=left, known=known is not None)
    if proof:
        reader = replace(asking.confirms(asked), paused_until=row.paused_until)
        return Confirm(row=row.number, subscriber=reader, known=known is not None)
    if known and not known.forgotten(now=now):
        return Same(row=row.number, subscriber=known)
    return Ask(row=row.number, subscriber=asking, known=known is not None)


def _objections(row: SubscriberRow, *, known: Subscriber | None, suppressed: bool) -> tuple[Fault, ...]:
    """Why somebody may be neither subscribed nor asked; of one who left it may always be kept that he did."""
    if row.left:
        return ()
    if known and known.standing is Standing.UNSUBSCRIBED:
        # whoever left is never brought back by a list
        return (Fault(Reason.UNSUBSCRIBED),)
    return (Fault(Reason.SUPPRESSED),) if suppressed else ()


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


def _leaving(row: SubscriberRow, *, known: Subscriber | None, asking: Subscriber, now: datetime) -> Subscriber:
    """He has left; what a form asked in his name, and no list did, he can still say yes to himself."""
    at = _noon(row.left_on) if row.left_on else now
    if known and known.asked.means is not Means.IMPORT and (wanted := known.pending(now=now)):
        return replace(known.unsubscribes(now=at), wanted=wanted)
    return asking.unsubscribes(now=at)


def _evidence(row: SubscriberRow, *, of: SubscriberList, proof: Proof, now: datetime) -> Evidence:
    """Where and how they were asked is told; which words they read only a list from another desk knows."""
    return Evidence(
        means=Means.IMPORT,
        text=proof.text if proof else "",
        language=row.language,
        source=of.source,
        detail=proof.told if proof else "",
        at=_noon(proof.on) if proof and proof.on else now,
    )


def _noon(day: date) -> datetime:
    """A moment of a day that is the same day wherever it is read."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def counted(verdicts: Sequence[Verdict]) -> dict[type[Verdict], int]:
    """How many of each there are, none left out."""
    kinds: tuple[type[Verdict], ...] = (Confirm, Ask, Leave, Later, Same, Refuse)
    return {kind: sum(isinstance(each, kind) for each in verdicts) for kind in kinds}
