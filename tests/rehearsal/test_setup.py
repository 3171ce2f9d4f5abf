"""Setup as somebody does it at a keyboard: asked, corrected, kept, and asked again a year later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devstack.environment import STRIPE_KEY
from infra import setup
from infra.questions import QUESTIONS
from infra.resources import stack_name
from tests.rehearsal.cloud import STAGE, Cloud


class Keyboard:
    """What is typed at each question: the given words in turn, and after them Enter."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = {text: list(words) for text, words in answers.items()}
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        for text, words in self.answers.items():
            if prompt.startswith(text) and words:
                return words.pop(0)
        return ""


def typed(there: Cloud, **more: list[str]) -> dict[str, list[str]]:
    texts = {question.name: question.text for question in QUESTIONS}
    settings = there.settings()
    return {texts[name]: more.get(name) or [settings[name]] for name in texts if name in settings or name in more}


def run(monkeypatch: pytest.MonkeyPatch, keyboard: Keyboard, *, key: str) -> int:
    monkeypatch.setattr("builtins.input", keyboard)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: key)
    return setup.main(["--stage", STAGE])


@pytest.fixture
def there(empty_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """An account where Stripe is found at its stand-in from the start, as a developer may set it."""
    kept = {name: empty_cloud.settings()[name] for name in ("STRIPE_API_BASE", "LOKET_CHECKOUT_ORIGIN")}
    empty_cloud.client("ssm").put_parameter(Name=_name("settings"), Value=json.dumps(kept), Type="String")
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)
    return empty_cloud


def test_a_wrong_answer_is_asked_again_where_it_went_wrong(
    there: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = typed(
        there,
        LOKET_ASSOCIATION_NAME=["", "Vereniging Zuid"],
        LOKET_ALLOWED_ORIGINS=["https://lpb.example.nl/", "https://lpb.example.nl"],
        LOKET_ACCENT=["groen", "#1f5f4a"],
    )
    assert run(monkeypatch, Keyboard(words), key=STRIPE_KEY) == 0
    said = capsys.readouterr().out
    assert "This one is needed." in said
    assert "LOKET_ALLOWED_ORIGINS does not look right (expected origins as a browser sends them" in said
    assert "LOKET_ACCENT does not look right" in said
    assert STRIPE_KEY not in said
    kept = _kept(there)
    assert kept["LOKET_ASSOCIATION_NAME"] == "Vereniging Zuid"
    assert kept["LOKET_ALLOWED_ORIGINS"] == "https://lpb.example.nl"
    assert "LOKET_ASSOCIATION_IBAN" not in kept


def test_asked_again_enter_keeps_everything_and_a_dash_empties(there: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    words = typed(there, LOKET_TERMS_URL=["https://lpb.example.nl/voorwaarden"])
    assert run(monkeypatch, Keyboard(words), key=STRIPE_KEY) == 0
    versions = _versions(there)
    again = Keyboard({})
    assert run(monkeypatch, again, key="") == 0
    assert _versions(there) == versions
    assert any("[https://lpb.example.nl/voorwaarden]" in prompt for prompt in again.asked)
    assert run(monkeypatch, Keyboard({"The terms": ["-"]}), key="") == 0
    assert "LOKET_TERMS_URL" not in _kept(there)
    changed = {name for name, version in _versions(there).items() if version != versions[name]}
    assert changed == {_name("settings")}


def test_both_domains_are_told_to_ses_with_their_records(
    there: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = typed(there, LOKET_BULK_MAIL_FROM=["nieuwsbrief@nieuws.lpb.example.nl"])
    assert run(monkeypatch, Keyboard(words), key=STRIPE_KEY) == 0
    said = capsys.readouterr().out
    for domain in ("notify.lpb.example.nl", "nieuws.lpb.example.nl"):
        assert f"told SES of {domain}" in said
        assert f"SES waits for proof of {domain}" in said
        assert f"._domainkey.{domain}  " in said
        assert f"MX     bounce.{domain}  10 feedback-smtp." in said
        assert f"TXT    bounce.{domain}  v=spf1 include:amazonses.com ~all" in said
        assert f"TXT    _dmarc.{domain}  v=DMARC1; p=none" in said
    assert said.count("SES lets this account send") == 1


def test_nobody_at_the_keyboard_is_told_of_the_file(
    there: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(_prompt: str) -> str:
        raise EOFError

    before = _versions(there)
    monkeypatch.setattr("builtins.input", nobody)
    assert setup.main(["--stage", STAGE]) == 1
    assert "Give the answers in a file, with ANSWERS=answers.json." in capsys.readouterr().err
    assert _versions(there) == before


def _name(parameter: str) -> str:
    return f"/{stack_name(stage=STAGE)}/{parameter}"


def _kept(there: Cloud) -> dict[str, str]:
    text = there.client("ssm").get_parameter(Name=_name("settings"))["Parameter"]["Value"]
    settings: dict[str, str] = json.loads(text)
    return settings


def _versions(there: Cloud) -> dict[str, Any]:
    return {each["Name"]: each["Version"] for each in there.client("ssm").describe_parameters()["Parameters"]}
