"""Member import: what each row of a file of existing members comes to, decided before anything is written."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from chalicelib.domain.membership import Membership
from chalicelib.domain.organisation import organisation_key
from chalicelib.domain.row_fault import RowFault

# A date further away than this is a slip of the pen: 2207 for 2027.
MOST_YEARS = 10
# What a change may change, as the noun calls it.
FIELDS = ("organisation", "registration_number", "domains", "contact_name", "contact_email", "starts_on", "ends_on")


class Reason(StrEnum):
    """Why a row is refused; the doors have the words."""

    ORGANISATION_MISSING = "organisation_missing"
    REGISTRATION_NUMBER_MALFORMED = "registration_number_malformed"
    DOMAIN_MISSING = "domain_missing"
    DOMAIN_MALFORMED = "domain_malformed"
    DOMAIN_IS_ADDRESS = "domain_is_address"
    DOMAIN_IS_WEBSITE = "domain_is_website"
    DOMAIN_PUBLIC = "domain_public"
    DOMAINS_TOO_MANY = "domains_too_many"
    EMAIL_MALFORMED = "email_malformed"
    DATE_MISSING = "date_missing"
    DATE_MALFORMED = "date_malformed"
    DATE_SHORT_YEAR = "date_short_year"
    DATE_PAST = "date_past"
    DATE_FAR = "date_far"
    DATE_ORDER = "date_order"
    TEXT_MALFORMED = "text_malformed"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_GARBLED = "text_garbled"
    CELLS_TOO_MANY = "cells_too_many"
    ORGANISATION_TWICE = "organisation_twice"
    DOMAIN_TWICE = "domain_twice"
    DOMAIN_TAKEN = "domain_taken"
    NAME_TAKEN = "name_taken"


Fault = RowFault[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A row as it was read; `number` is the row's own, as a spreadsheet counts. What has a fault is left empty."""

    number: int
    organisation: str
    registration_number: str
    domains: tuple[str, ...]
    contact_name: str
    contact_email: str
    valid_until: date | None
    faults: tuple[Fault, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """What the ids of its membership are made of: the number before the name."""
        return tuple(key for key in (self.registration_number, organisation_key(self.organisation)) if key)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of a membership that a row changes."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """A row makes a new membership; `beside` are those that its organisation bought, which run on."""

    row: int
    membership: Membership
    beside: tuple[Membership, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row changes the membership that an earlier import made."""

    row: int
    before: Membership
    after: Membership
    beside: tuple[Membership, ...] = ()

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        return tuple(
            FieldChange(field=field, before=_text(self.before, field), after=_text(self.after, field))
            for field in FIELDS
            if getattr(self.before, field) != getattr(self.after, field)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """A row says what is there already."""

    row: int
    membership: Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """A row is not taken; all that is wrong with it is named."""

    row: int
    organisation: str
    faults: tuple[Fault, ...]


type Verdict = Add | Change | Same | Refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the table holds about a row.

    `named` are the memberships that an import made of its number or name, `neighbours` those with one of its
    domains, `bought` the ids of those that an order paid for, and `new_id` is the id of a new one.
    """

    named: tuple[Membership, ...]
    neighbours: tuple[Membership, ...]
    bought: frozenset[str]
    new_id: str

    def own(self, row: MemberRow) -> Membership | None:
        """The membership that an earlier import made of this organisation, whatever was corrected since."""
        mine = [each for each in self.named if same_organisation(row, each)]
        mine += [each for each in self.neighbours if each.id not in self.bought and alike(row, each)]
        return mine[0] if mine else None


def same_organisation(one: MemberRow | Membership, other: MemberRow | Membership) -> bool:
    """By number when both have one (there are two municipalities called Bergen), else by name."""
    if one.registration_number and other.registration_number:
        return one.registration_number == other.registration_number
    return organisation_key(one.organisation) == organisation_key(other.organisation)


def alike(one: MemberRow | Membership, other: MemberRow | Membership) -> bool:
    """The same number or the same name: enough for two that share a domain, since a number may have been mistyped."""
    return same_organisation(one, other) or organisation_key(one.organisation) == organisation_key(other.organisation)


def mark_doubles(rows: Sequence[MemberRow]) -> tuple[MemberRow, ...]:
    """The rows, with a fault on each that names the same organisation or domain as another row.

    Every one of them gets it: nobody can tell which of them is right.
    """
    faults: dict[int, list[Fault]] = defaultdict(list)
    for twins in _groups(rows, lambda row: [row.registration_number]).values():
        _accuse(twins, twins, faults, Reason.ORGANISATION_TWICE)
    for twins in _groups(rows, lambda row: [organisation_key(row.organisation)]).values():
        if bare := [row for row in twins if not row.registration_number]:
            _accuse(twins, [*bare, *twins], faults, Reason.ORGANISATION_TWICE)
    for domain, twins in _groups(rows, lambda row: row.domains).items():
        _accuse(twins, twins, faults, Reason.DOMAIN_TWICE, domain)
    return tuple(replace(row, faults=(*row.faults, *dict.fromkeys(faults[row.number]))) for row in rows)


def refuse(row: MemberRow, *, today: date) -> Refuse:
    """The refusal of a row for what is wrong with the file itself."""
    return Refuse(row=row.number, organisation=row.organisation, faults=(*row.faults, *date_faults(row, today=today)))


def plan_row(row: MemberRow, *, found: Found, today: date) -> Verdict:
    """What becomes of a row without faults of its own."""
    own = found.own(row)
    after = _membership(row, own=own, new_id=found.new_id, today=today)
    if own is not None and own == after:
        return Same(row=row.number, membership=own)
    faults = (*date_faults(row, today=today), *collisions(row, found=found, own=own, today=today))
    if faults:
        return Refuse(row=row.number, organisation=row.organisation, faults=faults)
    beside = tuple(
        each for each in found.neighbours if each.id in found.bought and alike(row, each) and each.ends_on >= today
    )
    if own is None:
        return Add(row=row.number, membership=after, beside=beside)
    return Change(row=row.number, before=own, after=after, beside=beside)


def _membership(row: MemberRow, *, own: Membership | None, new_id: str, today: date) -> Membership:
    assert row.valid_until is not None, "a row without a date has a fault"
    made = Membership(
        id=new_id,
        organisation=row.organisation,
        registration_number=row.registration_number,
        domains=row.domains,
        contact_name=row.contact_name,
        contact_email=row.contact_email,
        starts_on=today,
        ends_on=row.valid_until,
        version=1,
    )
    if own is None:
        return made
    # the same domains in another order are no change
    domains = own.domains if set(own.domains) == set(row.domains) else row.domains
    return replace(made, id=own.id, domains=domains, starts_on=own.starts_on, version=own.version)


def collisions(row: MemberRow, *, found: Found, own: Membership | None, today: date) -> Iterable[Fault]:
    """What a row asks for that is somebody else's."""
    # what it holds already stays: somebody else who bought under the same domain must not block a renewal
    held = own.domains if own is not None and own.ends_on >= today else ()
    for domain in row.domains:
        for each in found.neighbours:
            if domain in each.domains and domain not in held and each.ends_on >= today and not alike(row, each):
                yield Fault(Reason.DOMAIN_TAKEN, domain, each.organisation)
    if own is None and (holder := next((each for each in found.named if each.id == found.new_id), None)):
        yield Fault(Reason.NAME_TAKEN, row.keys[0], holder.organisation)


def date_faults(row: MemberRow, *, today: date) -> tuple[Fault, ...]:
    """A last day that has passed, or that must be a slip of the pen."""
    if row.valid_until is None:
        return ()
    if row.valid_until < today:
        return (Fault(Reason.DATE_PAST, row.valid_until.isoformat()),)
    if row.valid_until.year > today.year + MOST_YEARS:
        return (Fault(Reason.DATE_FAR, row.valid_until.isoformat()),)
    return ()


def _groups(rows: Sequence[MemberRow], keys: Callable[[MemberRow], Iterable[str]]) -> dict[str, list[MemberRow]]:
    """The rows that share a key with another, by key."""
    groups: dict[str, list[MemberRow]] = defaultdict(list)
    for row in rows:
        for key in keys(row):
            groups[key].append(row)
    return {key: group for key, group in groups.items() if key and len(group) > 1}


def _accuse(
    twins: Sequence[MemberRow],
    others: Sequence[MemberRow],
    faults: Mapping[int, list[Fault]],
    reason: Reason,
    value: str = "",
) -> None:
    """Each of the twins gets a fault that tells the number of another one, the first of these."""
    for row in twins:
        other = next(each for each in others if each.number != row.number)
        faults[row.number].append(Fault(reason, value, str(other.number)))


def _text(membership: Membership, field: str) -> str:
    value = getattr(membership, field)
    return " ".join(value) if isinstance(value, tuple) else str(value)
