"""Offers as data: what is not right is refused, with file, key and reason."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.seed_files import OFFERS, seed_files
from chalicelib.domain.error import OfferRefused
from chalicelib.domain.seed import read_offer

SEED: dict[str, Any] = tomllib.loads((OFFERS / "lidmaatschap.toml").read_text(encoding="utf-8"))


def changed(path: str, value: object) -> dict[str, Any]:
    """The seed with one value changed; None takes it out."""
    data = deepcopy(SEED)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = data
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("id", "Lid maatschap", "id"),
        ("kind", "raffle", "kind"),
        ("code_prefix", "l", "code_prefix"),
        ("price_cents", 500.0, "price_cents"),
        ("price_cents", True, "price_cents"),
        ("price_cents", "50000", "price_cents"),
        ("price_cents", 0, "price_cents"),
        ("price_cents", None, "price_cents"),
        ("term_months", -1, "term_months"),
        ("title.en", None, "title.en"),
        ("title.nl", "  ", "title.nl"),
        ("title.fr", "Adhésion", "title.fr"),
        ("title", "Lidmaatschap", "title"),
        ("vat.rate_percent", 0, "vat.rate_percent"),
        ("vat.treatment", "E", "vat.rate_percent"),
        ("vat.treatment", "X", "vat.treatment"),
        ("benefits.1.en", None, "benefits[1].en"),
        ("questions.0.kind", "telepathy", "questions[0].kind"),
        ("questions.0.required", "yes", "questions[0].required"),
        ("questions.0.required", False, "questions"),
        ("questions.1.name", "organisation", "questions"),
        ("questions.3.name", "key", "questions[3].label"),
        ("questions.3.name", "own_question", "questions[3].label"),
        ("questions.3.kind", "choice", "questions[3].options"),
        ("questions.3.max_length", 0, "questions[3].max_length"),
        ("seats", 100, "seats"),
        ("questions.0.colour", "red", "questions[0].colour"),
    ],
)
def test_each_fault_is_named(path: str, value: object, key: str) -> None:
    with pytest.raises(OfferRefused) as refused:
        read_offer(changed(path, value), source="lidmaatschap.toml")
    assert refused.value.source == "lidmaatschap.toml"
    assert refused.value.key == key
    assert refused.value.reason


def test_a_name_that_the_form_uses_itself_is_refused() -> None:
    data = changed("questions.3.name", "do")
    data["questions"][3]["label"] = {"nl": "x", "en": "x"}
    with pytest.raises(OfferRefused, match="the form itself uses"):
        read_offer(data, source="x.toml")


@pytest.mark.parametrize("data", [[], "x", None, 3])
def test_what_is_no_table_is_refused(data: object) -> None:
    with pytest.raises(OfferRefused, match="a table is needed"):
        read_offer(data, source="x.toml")


def test_the_seeds_of_the_project_are_right() -> None:
    offer = next(offer for offer in seed_files() if offer.id == "lidmaatschap")
    assert (offer.id, offer.price_cents, offer.term_months) == ("lidmaatschap", 50000, 12)
    assert len(offer.benefits) == 4


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.toml", "id = ", "is not TOML"),
        ("a.toml", b"id = '\xff'", "is not TOML"),
        ("b.toml", None, "as the file is named"),
    ],
)
def test_a_file_that_is_wrong_names_itself(tmp_path: Path, name: str, text: str | bytes | None, reason: str) -> None:
    content = (OFFERS / "lidmaatschap.toml").read_bytes() if text is None else text
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(OfferRefused, match=reason) as refused:
        seed_files(tmp_path)
    assert refused.value.source == name
