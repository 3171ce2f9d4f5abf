"""The timeline of an order: all that happened to it, by whom, from the last to the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened; `kind` names its words, `by` is who of the secretariat did it, empty for nobody.

    `facts` and `personal` are what its words tell of; `cents` is an amount that moved or is to move.
    """

    at: datetime
    kind: str
    by: str = ""
    cents: int | None = None
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


def timeline(dossier: Dossier) -> list[Happening]:
    """Newest first."""
    found = [*_placed(dossier), *_money(dossier), *_mail(dossier), *_done(dossier)]
    # of what happened in one moment, what follows stands above what it follows from
    return sorted(found, key=lambda each: each.at)[::-1]


def _placed(dossier: Dossier) -> Iterator[Happening]:
    order = dossier.order
    yield Happening(at=order.created_at, kind="placed", cents=order.total_cents, text=order.host_page)
    for consent in dossier.consents:
        yield Happening(at=consent.given_at, kind="consent", text=consent.text)


def _money(dossier: Dossier) -> Iterator[Happening]:
    for entry in dossier.ledger.entries:
        yield Happening(at=entry.at, kind=entry.kind.value, cents=entry.amount_cents)
    for refund in dossier.ledger.refunds:
        yield Happening(
            at=refund.requested_at,
            kind="refund_asked",
            by=refund.by,
            cents=refund.amount_cents,
            text=refund.reason.value,
        )
        if refund.failed_at:
            yield Happening(at=refund.failed_at, kind="refund_failed", cents=refund.amount_cents, text=refund.trouble)
    for dispute in dossier.ledger.disputes:
        yield Happening(at=dispute.created_at, kind="dispute_opened", cents=dispute.amount_cents, text=dispute.reason)


def _mail(dossier: Dossier) -> Iterator[Happening]:
    for email in dossier.emails:
        if email.delivery is not Delivery.QUEUED or email.attempt:
            yield Happening(
                at=email.created_at,
                kind=f"mail_{email.delivery.value}",
                text=email.kind.value,
                facts={"to": dossier.to(email), "reason": email.reason},
            )


def _done(dossier: Dossier) -> Iterator[Happening]:
    for note in dossier.notes:
        yield Happening(at=note.at, kind="note", by=note.by, text=note.text)
    for deed in dossier.deeds:
        # the note itself stands there already
        if deed.entry.deed.value != "noted":
            yield Happening(
                at=deed.entry.at,
                kind=deed.entry.deed.value,
                by=deed.entry.by,
                facts=deed.entry.facts,
                personal=deed.personal,
            )
