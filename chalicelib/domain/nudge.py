"""A nudge: from how many colleagues at which prices becoming a member first costs less, and how much."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.mail_domain import mail_domain, organisation_domain
from chalicelib.domain.offer import Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """Becoming a member first saves so much for so many attendees; cents."""

    count: int
    saving_cents: int
    membership_cents: int
    member_cents: int


def nudge(strangers: Sequence[str], *, prices: Prices, membership_cents: int) -> Nudge | None:
    """What becoming a member first would save for those who pay the list price; None when it saves nothing.

    `strangers` are their addresses, empty where one is not known yet. A membership recognises the colleagues of one
    mail domain, and whoever has not typed his address yet is taken for one of them.
    """
    if prices.member_cents is None:
        return None
    known = [email for email in strangers if email]
    colleagues = Counter(mail_domain(email) for email in known if organisation_domain(email))
    count = max(colleagues.values(), default=0) + len(strangers) - len(known)
    saving_cents = count * (prices.list_cents - prices.member_cents) - membership_cents
    if saving_cents <= 0:
        return None
    return Nudge(
        count=count,
        saving_cents=saving_cents,
        membership_cents=membership_cents,
        member_cents=prices.member_cents,
    )
