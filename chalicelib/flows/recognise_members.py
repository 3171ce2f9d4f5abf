"""Recognise members: which addresses belong to an organisation with a running membership."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain.calendar import local_date
from chalicelib.domain.mail_domain import organisation_domain
from chalicelib.domain.membership import MemberDomain
from chalicelib.ports import Store


def recognise_members(emails: Iterable[str], *, store: Store, now: datetime) -> Mapping[str, MemberDomain]:
    """The running membership's domain of each address that has one. Raises StorageUnavailable."""
    today = local_date(now)
    domains = {email: organisation_domain(email) for email in emails}
    running: dict[str, MemberDomain] = {}
    for domain in {domain for domain in domains.values() if domain}:
        found = [each for each in store.member_domains(domain) if each.running(today=today)]
        if found:
            # whichever lasts longest: the price is the same for each
            running[domain] = max(found, key=lambda each: (each.ends_on, each.membership_id))
    return {email: running[domain] for email, domain in domains.items() if domain in running}
