"""The sheet of registrations: one order a row, in the words of the desk."""

from datetime import UTC, datetime
from pathlib import Path

from chalicelib.domain.registration import Registration
from chalicelib.domain.state import State
from chalicelib.rendering.registration_sheet import STATE_WORDS, registration_sheet
from chalicelib.rendering.sheet import Euro

ONE = Registration(
    order_id="o1",
    code="C27-7KQM",
    offer_id="congres-2027",
    state=State.CANCELLED,
    created_at=datetime(2026, 11, 26, 12, tzinfo=UTC),
    currency="eur",
    total_cents=79800,
    paid_cents=79800,
    refunded_cents=39900,
    disputed_cents=100,
    organisation="Gemeente Voorbeeldstad",
    name="Ada de Vries",
    email="ada@voorbeeldstad.nl",
    people=(("Ada de Vries", "ada@voorbeeldstad.nl"), ("Zoë van ’t Hof", "")),
)


def test_an_order_is_a_row() -> None:
    sheet = registration_sheet([ONE])
    [row] = sheet.rows
    assert dict(zip(sheet.headers, row, strict=True)) == {
        "Code": "C27-7KQM",
        "Datum": ONE.created_at,
        "Stand": "geannuleerd",
        "Organisatie": "Gemeente Voorbeeldstad",
        "Naam": "Ada de Vries",
        "E-mailadres": "ada@voorbeeldstad.nl",
        "Aantal deelnemers": 2,
        "Deelnemers": "Ada de Vries, Zoë van ’t Hof",
        "Prijs": Euro(79800),
        "Betaald": Euro(79800),
        "Terugbetaald": Euro(39900),
        "Saldo": Euro(39800),
    }
    assert sheet.title == "Aanmeldingen"


def test_every_state_has_a_word_of_its_own() -> None:
    assert set(STATE_WORDS) == set(State)
    assert len(set(STATE_WORDS.values())) == len(State)


def test_the_words_are_those_of_the_list() -> None:
    parts = (Path(__file__).parents[2] / "templates" / "beheer" / "parts.html").read_text(encoding="utf-8")
    assert [word for state, word in STATE_WORDS.items() if f"'{state.value}': '{word}'" not in parts] == []
