"""The sheet of members: plain cells, nothing made of what they hold."""

from __future__ import annotations

from datetime import date

from chalicelib.domain.membership import Membership
from chalicelib.rendering.member_sheet import member_rows

MEMBER = Membership(
    id="x",
    organisation="=1+1",
    registration_number="01234567",
    domains=("een.nl", "twee.nl"),
    contact_name="",
    contact_email="ada@een.nl",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    version=3,
)


def test_a_row_for_each_with_as_many_cells_as_headings() -> None:
    headings, rows = member_rows([MEMBER, MEMBER])
    assert headings == [
        *("Organisatie", "KvK of OIN", "Domeinen", "Contactpersoon", "E-mail", "Eerste dag", "Geldig tot")
    ]
    row = ("=1+1", "01234567", "een.nl twee.nl", "", "ada@een.nl", date(2026, 1, 1), date(2026, 12, 31))
    assert rows == [row, row]
    assert member_rows([]) == (headings, [])
