"""The nudge: from how many colleagues becoming a member first is cheaper, and whom a membership would recognise."""

import pytest

from chalicelib.domain.nudge import Nudge, nudge
from chalicelib.domain.offer import Prices

PRICES = Prices(list_cents=54900, member_cents=39900)
MEMBERSHIP_CENTS = 50000


def saving(*emails: str) -> int:
    found = nudge(emails, prices=PRICES, membership_cents=MEMBERSHIP_CENTS)
    return found.saving_cents if found else 0


def test_from_four_colleagues_membership_is_cheaper() -> None:
    # 3: 1647 against 500 + 1197 = 1697; 4: 2196 against 500 + 1596 = 2096
    assert saving(*["ada@wijk.nl"] * 3) == 0
    found = nudge(["ada@wijk.nl"] * 4, prices=PRICES, membership_cents=MEMBERSHIP_CENTS)
    assert found == Nudge(count=4, saving_cents=10000, membership_cents=50000, member_cents=39900)


@pytest.mark.parametrize("known", range(5))
def test_whoever_has_not_typed_his_address_counts_as_a_colleague(known: int) -> None:
    assert saving(*["ada@wijk.nl"] * known, *[""] * (4 - known)) == 10000


def test_a_membership_recognises_one_organisation() -> None:
    assert saving(*["ada@wijk.nl"] * 2, *["grace@buurt.nl"] * 2) == 0
    assert saving(*["ada@wijk.nl"] * 5, *["grace@buurt.nl"] * 2) == 25000


def test_addresses_of_everybody_are_recognised_by_no_membership() -> None:
    assert saving(*["ada@gmail.com"] * 20) == 0
    assert saving(*["ada@wijk.nl"] * 4, "grace@gmail.com") == 10000


def test_equally_dear_is_no_reason() -> None:
    assert nudge([""] * 4, prices=PRICES, membership_cents=60000) is None


def test_where_members_pay_the_same_there_is_nothing_to_save() -> None:
    assert nudge([""] * 20, prices=Prices(list_cents=54900, member_cents=None), membership_cents=1) is None
