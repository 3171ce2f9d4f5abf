"""A membership: an organisation that is a member for a term, recognised by its mail domains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.calendar import last_day_of_term, local_date
from chalicelib.domain.mail_domain import organisation_domain
from chalicelib.domain.order import Buyer, Order, OrderLine
from chalicelib.domain.organisation import organisation_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One term of one organisation, first and last day included; its id is that of its order, or of an import."""

    id: str
    organisation: str
    registration_number: str
    domains: tuple[str, ...]
    contact_name: str
    contact_email: str
    starts_on: date
    ends_on: date
    version: int

    def corrected(self, before: Buyer, after: Buyer) -> Membership:
        """After a correction of its buyer: what it took from the form, and nobody has changed since, changes along.

        So does the domain of an address that was mistyped: else whoever has that domain would have the member price.
        """
        was, becomes = before.answers, after.answers
        domain, better = organisation_domain(was.email), organisation_domain(becomes.email)
        return replace(
            self,
            contact_name=becomes.name if self.contact_name == was.name else self.contact_name,
            contact_email=becomes.email if self.contact_email == was.email else self.contact_email,
            domains=((better,) if better else ()) if self.domains == ((domain,) if domain else ()) else self.domains,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDomain:
    """A mail domain by which a membership's people are recognised, first and last day included."""

    domain: str
    membership_id: str
    starts_on: date
    ends_on: date

    def running(self, *, today: date) -> bool:
        return self.starts_on <= today <= self.ends_on


def newest_terms(memberships: Iterable[Membership]) -> list[Membership]:
    """Of each organisation the term that ends last, by the name of the organisation."""
    newest: dict[str, Membership] = {}
    for each in memberships:
        key = organisation_key(each.organisation)
        if key not in newest or newest[key].ends_on < each.ends_on:
            newest[key] = each
    return [newest[key] for key in sorted(newest)]


def start_membership(*, order: Order, line: OrderLine, buyer: Buyer, paid_at: datetime) -> Membership:
    """The membership that a line of a paid order starts, on the day of payment in Amsterdam."""
    starts_on = local_date(paid_at)
    domain = organisation_domain(buyer.answers.email)
    return Membership(
        id=order.id,
        organisation=buyer.answers.organisation,
        registration_number=buyer.answers.registration_number,
        domains=(domain,) if domain else (),
        contact_name=buyer.answers.name,
        contact_email=buyer.answers.email,
        starts_on=starts_on,
        ends_on=last_day_of_term(first_day=starts_on, months=line.term_months),
        version=1,
    )
