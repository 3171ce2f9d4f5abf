"""A typed member: a membership as somebody types it in by hand, held to what an import is held to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.member_import import (
    MOST_YEARS,
    Fault,
    Found,
    MemberRow,
    Reason,
    collisions,
    date_faults,
    same_organisation,
)
from chalicelib.domain.membership import Membership

# At which field a fault is said; that of a text names its own.
_FIELD_OF = {
    Reason.ORGANISATION_MISSING: "organisation",
    Reason.REGISTRATION_NUMBER_MALFORMED: "registration_number",
    Reason.NAME_TAKEN: "registration_number",
    Reason.EMAIL_MALFORMED: "contact_email",
}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing wrong, and at which field; the fields are called as those of a membership."""

    field: str
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMember:
    """A row of one, with a first day; `starts_fault` is what is wrong with how that is written."""

    row: MemberRow
    starts_on: date | None
    starts_fault: Fault | None = None

    def membership(self, *, membership_id: str, own: Membership | None = None) -> Membership:
        """What it is when nothing is wrong with it; `own` is what is there already."""
        assert self.starts_on is not None, "what has no first day has a fault"
        assert self.row.valid_until is not None, "what has no last day has a fault"
        row = self.row
        made = Membership(
            id=membership_id,
            organisation=row.organisation,
            registration_number=row.registration_number,
            domains=row.domains,
            contact_name=row.contact_name,
            contact_email=row.contact_email,
            starts_on=self.starts_on,
            ends_on=self.row.valid_until,
            version=own.version if own else 1,
        )
        # the same domains in another order are no change
        return replace(made, domains=own.domains) if own and set(own.domains) == set(made.domains) else made

    def wrong(
        self, *, own: Membership | None, others: Sequence[Membership], new_id: str, today: date
    ) -> tuple[FieldFault, ...]:
        """All that is wrong with it; `others` are all memberships, its own among them or not."""
        found = Found(
            # of the organisation itself it is said that it is known already
            named=tuple(each for each in others if each.id == new_id and not same_organisation(self.row, each)),
            neighbours=tuple(each for each in others if set(each.domains) & set(self.row.domains)),
            bought=frozenset(),
            new_id=new_id,
        )
        taken = [_placed(each) for each in collisions(self.row, found=found, own=own, today=today)]
        return (*self._written_wrong(own=own), *self._days_wrong(own=own, today=today), *dict.fromkeys(taken))

    def known(self, memberships: Iterable[Membership], *, new_id: str, today: date) -> Membership | None:
        """A membership of the same organisation that this one would stand beside: it is to be corrected instead."""
        mine = [each for each in memberships if same_organisation(self.row, each)]
        in_the_way = [each for each in mine if each.ends_on >= today or each.id == new_id]
        return max(in_the_way, key=lambda each: (each.ends_on, each.id), default=None)

    def _written_wrong(self, *, own: Membership | None) -> Iterator[FieldFault]:
        # who bought with an address of everybody's has no domain, and may stay so
        none_needed = own is not None and not own.domains
        for fault in self.row.faults:
            if fault.reason is Reason.TEXT_GARBLED and self.row.organisation:
                yield FieldFault("contact_name", fault)
            elif not (none_needed and fault.reason is Reason.DOMAIN_MISSING):
                yield _placed(fault)
        if self.starts_fault:
            yield FieldFault("starts_on", self.starts_fault)

    def _days_wrong(self, *, own: Membership | None, today: date) -> Iterator[FieldFault]:
        """What stays as it was needs no reason; a membership that is over may be corrected."""
        starts_on, ends_on = self.starts_on, self.row.valid_until
        if own is None or ends_on != own.ends_on:
            yield from (FieldFault("ends_on", fault) for fault in date_faults(self.row, today=today))
        if starts_on is None:
            return
        if (own is None or starts_on != own.starts_on) and abs(starts_on.year - today.year) > MOST_YEARS:
            yield FieldFault("starts_on", Fault(Reason.DATE_FAR, starts_on.isoformat()))
        same = own is not None and (starts_on, ends_on) == (own.starts_on, own.ends_on)
        if ends_on is not None and starts_on > ends_on and not same:
            yield FieldFault("ends_on", Fault(Reason.DATE_ORDER, ends_on.isoformat()))


def _placed(fault: Fault) -> FieldFault:
    reason = fault.reason
    if reason in (Reason.TEXT_MALFORMED, Reason.TEXT_TOO_LONG):
        return FieldFault(fault.value, fault)
    if reason.name.startswith("DOMAIN"):
        return FieldFault("domains", fault)
    if reason.name.startswith("DATE"):
        return FieldFault("ends_on", fault)
    return FieldFault(_FIELD_OF.get(reason, "organisation"), fault)
