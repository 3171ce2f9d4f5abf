"""The sheet of members: memberships as rows of plain cells, for an export."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chalicelib.domain.membership import Membership

# As the import of members calls them, so that nobody has to learn two names; the first day is not imported.
HEADINGS = (
    "Organisatie",
    "KvK of OIN",
    "Domeinen",
    "Contactpersoon",
    "E-mail",
    "Eerste dag",
    "Geldig tot",
)

type Cell = str | int | date


def member_rows(memberships: Iterable[Membership]) -> tuple[list[str], list[tuple[Cell, ...]]]:
    """The headings and a row per membership, in the order that they are given in."""
    rows = [
        (
            each.organisation,
            each.registration_number,
            " ".join(each.domains),
            each.contact_name,
            each.contact_email,
            each.starts_on,
            each.ends_on,
        )
        for each in memberships
    ]
    return list(HEADINGS), [*rows]
