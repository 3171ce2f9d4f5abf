"""The parameter store, as moto plays it: what a function reads when it starts, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.ssm_parameters import read_parameters
from chalicelib.bootstrap import start
from chalicelib.settings import SECRETS, SettingsWrong
from devstack.environment import desk_variables
from infra.parameters import Parameters
from infra.resources import QUEUES

PATH = "/loket-dev"


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield boto3.client("ssm")


def variables() -> dict[str, str]:
    return desk_variables(
        base_url="https://loket.example.nl",
        website="https://lpb.example.nl",
        stripe="https://stripe.example.nl",
        queues={name: f"https://queue.example/{name}" for name in QUEUES},
        given={},
    )


def test_settings_and_secrets_are_read_as_they_were_kept(ssm: Any) -> None:
    kept = Parameters(ssm, stage="dev")
    kept.keep_settings({"LOKET_ASSOCIATION_NAME": "Vereniging “Zuid”", "LOKET_LOGO_URL": "https://example.nl/é.png"})
    kept.keep_secret("STRIPE_SECRET_KEY", "sk_test_1")
    kept.keep_secret("STRIPE_WEBHOOK_SECRET", "whsec_1", source="we_1")
    assert read_parameters(PATH) == {
        "LOKET_ASSOCIATION_NAME": "Vereniging “Zuid”",
        "LOKET_LOGO_URL": "https://example.nl/é.png",
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_WEBHOOK_SECRET": "whsec_1",
    }
    assert kept.source("STRIPE_WEBHOOK_SECRET") == "we_1"
    assert kept.source("LOKET_SECRET_KEY") == ""
    types = {each["Name"].rpartition("/")[2]: each["Type"] for each in ssm.describe_parameters()["Parameters"]}
    assert {name for name, kind in types.items() if kind == "SecureString"} == types.keys() - {"settings"}


def test_a_desk_starts_with_what_is_kept_and_its_own_variables_go_first(ssm: Any) -> None:
    every = variables()
    kept = Parameters(ssm, stage="dev")
    for name in SECRETS:
        kept.keep_secret(name, every.pop(name))
    names = [name for name in every if name.startswith("LOKET_ASSOCIATION")]
    kept.keep_settings({name: every.pop(name) for name in names} | {"LOKET_STAGE": "prod"})
    settings = start(every | {"LOKET_PARAMETERS": PATH}).settings
    assert settings.stage == "dev"
    assert settings.secret_key == variables()["LOKET_SECRET_KEY"]
    assert settings.association.short_name == "LPB"


def test_what_is_not_kept_is_named_as_missing(ssm: Any) -> None:
    every = {name: value for name, value in variables().items() if name not in SECRETS}
    Parameters(ssm, stage="dev").keep_settings({})
    with pytest.raises(SettingsWrong) as wrong:
        start(every | {"LOKET_PARAMETERS": PATH})
    assert wrong.value.complaints == tuple(f"{name} is missing" for name in SECRETS)


@pytest.mark.parametrize("text", ["{", "[]", '{"LOKET_LIMIT_FORM": 60}', "sk_test_secret"])
def test_settings_that_are_no_settings_are_refused_without_what_they_are(ssm: Any, text: str) -> None:
    ssm.put_parameter(Name=f"{PATH}/settings", Value=text, Type="String")
    with pytest.raises(SettingsWrong, match="/loket-dev/settings is no JSON object of texts") as wrong:
        read_parameters(PATH)
    assert text not in str(wrong.value)
