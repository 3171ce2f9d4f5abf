"""Registrations as a sheet: one order a row."""

from collections.abc import Sequence

from chalicelib.domain.registration import Registration
from chalicelib.domain.state import State
from chalicelib.rendering.sheet import Cell, Euro, Sheet

HEADERS = (
    *("Code", "Datum", "Stand", "Organisatie", "Naam", "E-mailadres", "Aantal deelnemers", "Deelnemers"),
    *("Prijs", "Betaald", "Terugbetaald", "Saldo"),
)
# As templates/beheer/parts.html has them.
STATE_WORDS = {
    State.PENDING: "wacht op betaling",
    State.PROCESSING: "betaling onderweg",
    State.PAID: "betaald",
    State.CONFIRMED: "bevestigd",
    State.INVOICED: "bevestigd, op factuur",
    State.EXPIRED: "verlopen",
    State.REFUND_DUE: "wordt terugbetaald",
    State.CANCELLED: "geannuleerd",
    State.REVIEW: "nakijken",
}

# As the pages say it of whom nothing is known any more.
ERASED = "(gewist)"


def registration_sheet(registrations: Sequence[Registration]) -> Sheet:
    """In the order in which they are given."""
    return Sheet(title="Aanmeldingen", headers=HEADERS, rows=[_row(each) for each in registrations])


def _row(each: Registration) -> tuple[Cell, ...]:
    names = [name or ERASED for name, _ in each.people]
    return (
        each.code,
        each.created_at,
        STATE_WORDS[each.state],
        each.organisation or ERASED,
        each.name or ERASED,
        each.email,
        len(names),
        ", ".join(names),
        Euro(each.total_cents),
        Euro(each.paid_cents),
        Euro(each.refunded_cents),
        Euro(each.kept_cents),
    )
