"""The settings of limits: what holds when nobody sets them, how they are switched off, and what is no limit."""

from datetime import timedelta

import pytest

from chalicelib.domain.limit import Limits
from chalicelib.settings import SettingsWrong, read_settings
from devstack.environment import LIMITS, desk_variables
from infra.resources import QUEUES
from tests.desk import STRICT


def variables(**given: str) -> dict[str, str]:
    queues = {name: f"https://sqs.example/{name}" for name in QUEUES}
    site, desk = "https://www.lpb.example.nl", "https://aanmelden.example.nl"
    return desk_variables(base_url=desk, website=site, stripe="https://stripe.example", queues=queues, given=given)


def limits(environment: dict[str, str]) -> Limits:
    return read_settings(environment).limits


def test_what_holds_when_nobody_sets_them() -> None:
    plain = {name: value for name, value in variables().items() if name not in LIMITS}
    found = limits(plain)
    assert found == limits(variables(**STRICT))
    assert (found.address.name, found.address.most, found.address.period) == ("address", 60, timedelta(minutes=10))
    assert (found.recipient.most, found.recipient.period) == (12, timedelta(hours=1))
    assert (found.form.most, found.lookup.most) == (600, 240)
    assert (found.most_holds_address, found.most_holds_recipient) == (30, 4)
    assert found.mail_pause == timedelta(minutes=10)


def test_each_can_be_switched_off() -> None:
    found = limits(variables(**dict.fromkeys(LIMITS, "0")))
    assert [each.most for each in (found.address, found.recipient, found.form, found.lookup)] == [0] * 4
    assert (found.most_holds_address, found.most_holds_recipient, found.mail_pause) == (0, 0, timedelta(0))


def test_a_developers_own_environment_goes_before_that_of_make_run() -> None:
    assert variables()["LOKET_LIMIT_ADDRESS"] == LIMITS["LOKET_LIMIT_ADDRESS"]
    assert variables(LOKET_LIMIT_ADDRESS="3/1")["LOKET_LIMIT_ADDRESS"] == "3/1"
    assert set(LIMITS) == set(STRICT)


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize("value", ["-1", "60", "60/0", "0/10", "60/10/1", "many", "1/10 ", "1/99999", "9999999/1"])
def test_what_is_no_limit_is_named(name: str, value: str) -> None:
    if value == "60" and "LIMIT" not in name:
        assert limits(variables(**{name: value}))
        return
    with pytest.raises(SettingsWrong, match=name):
        read_settings(variables(**{name: value}))
