"""A membership: its term and the domains it is known by."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.answers import Answers
from chalicelib.domain.mail_domain import mail_domain, organisation_domain
from chalicelib.domain.membership import MemberDomain, start_membership
from chalicelib.domain.order import Buyer
from tests.domain.order_samples import order

PAID_AT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)


def test_it_runs_twelve_months_from_the_day_of_payment_in_amsterdam() -> None:
    buyer = Buyer(
        order_id="order-1",
        offer_id="lidmaatschap",
        answers=Answers(organisation="Stad", name="Ada", email="ada@voorbeeldstad.nl"),
    )
    membership = start_membership(order=order(), line=order().lines[0], buyer=buyer, paid_at=PAID_AT)
    assert (membership.starts_on, membership.ends_on) == (date(2026, 11, 26), date(2027, 11, 25))
    assert (membership.id, membership.organisation, membership.domains) == ("order-1", "Stad", ("voorbeeldstad.nl",))


def test_a_public_mail_provider_stands_for_nobody() -> None:
    answers = Answers(organisation="Bewonersgroep", name="Ada", email="ada@gmail.com")
    membership = start_membership(
        order=order(),
        line=order().lines[0],
        buyer=Buyer(order_id="order-1", offer_id="lidmaatschap", answers=answers),
        paid_at=PAID_AT,
    )
    assert membership.domains == ()
    assert replace(membership, domains=("x.nl",)) != membership


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@Utrecht.NL", "utrecht.nl"),
        ("a@GMAIL.com", ""),
        ("a@ziggo.nl", ""),
        ("a@team.ziggo.nl", "team.ziggo.nl"),
        ("a@notgmail.com", "notgmail.com"),
        ("a@xn--mller-kva.de", "xn--mller-kva.de"),
    ],
)
def test_whose_domain_it_is(address: str, domain: str) -> None:
    assert organisation_domain(address) == domain


@pytest.mark.parametrize("address", ["a@GMAIL.com", "a@b@Gmail.Com", "@gmail.com"])
def test_a_domain_is_named_even_when_it_stands_for_nobody(address: str) -> None:
    assert mail_domain(address) == "gmail.com"
    assert organisation_domain(address) == ""


def test_a_membership_runs_from_its_first_through_its_last_day() -> None:
    first, last = date(2026, 11, 25), date(2027, 11, 24)
    row = MemberDomain(domain="stad.nl", membership_id="m-1", starts_on=first, ends_on=last)
    day = timedelta(days=1)
    found = {today: row.running(today=today) for today in (first - day, first, last, last + day)}
    assert list(found.values()) == [False, True, True, False]
