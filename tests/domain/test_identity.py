"""Ids, codes and signatures."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.identity import CODE_ALPHABET, Identity

NOW = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
IDENTITY, OTHER = Identity("a" * 32), Identity("b" * 32)
ANSWERS = Answers(organisation="Gemeente Voorbeeldstad", name="Ada", email="ada@voorbeeldstad.nl")


def order_id(offer: str = "lidmaatschap", key: str = "key", identity: Identity = IDENTITY) -> str:
    return identity.order_id(offer_id=offer, form_key=key)


def test_the_same_form_finds_the_same_order_and_any_other_another() -> None:
    assert order_id() == order_id()
    others = {order_id(offer="congres"), order_id(key="kez"), order_id(identity=OTHER)}
    assert len(others | {order_id()}) == 4
    # the borders between the facts count
    assert order_id(offer="a", key="bc") != order_id(offer="ab", key="c")


def test_an_order_id_fits_in_a_link_and_in_stripes_reference() -> None:
    assert re.fullmatch(r"[a-z2-7]{32}", order_id())


def test_a_code_is_short_speakable_and_of_the_year_in_amsterdam() -> None:
    codes = {IDENTITY.order_code(order_id=f"o{n}", prefix="L", now=NOW, attempt=0) for n in range(2000)}
    assert all(re.fullmatch(rf"L27-[{CODE_ALPHABET}]{{4}}", code) for code in codes)
    assert not set("AEIOU01L") & set(CODE_ALPHABET)
    assert len(codes) > 1990, "codes must be spread well"


def test_a_taken_code_has_a_next_one() -> None:
    codes = {IDENTITY.order_code(order_id="o", prefix="L", now=NOW, attempt=n) for n in range(20)}
    assert len(codes) == 20


def test_a_fingerprint_tells_changed_answers_without_telling_which() -> None:
    same = Answers(organisation="Gemeente Voorbeeldstad", name="Ada", email="ada@voorbeeldstad.nl")
    changed = Answers(organisation="Gemeente Voorbeeldstad", name="Ada", email="ada@voorbeeldstad.nl", newsletter=True)
    assert IDENTITY.fingerprint(ANSWERS) == IDENTITY.fingerprint(same)
    assert IDENTITY.fingerprint(ANSWERS) != IDENTITY.fingerprint(changed)
    assert IDENTITY.fingerprint(ANSWERS) != OTHER.fingerprint(ANSWERS)
    jelle, fenna = (AttendeeAnswers(name=name, email=f"{name}@stad.nl") for name in ("jelle", "fenna"))
    parties = [(), (jelle,), (fenna,), (jelle, fenna), (fenna, jelle), (replace(jelle, group="vuur"),)]
    assert len({IDENTITY.fingerprint(replace(ANSWERS, attendees=party)) for party in parties}) == len(parties)
    assert "ada" not in IDENTITY.fingerprint(ANSWERS)


def attendance(email: str, offer: str = "congres", identity: Identity = IDENTITY) -> str:
    return identity.attendance(offer_id=offer, email=email)


def test_an_attendance_is_the_same_however_an_address_is_written() -> None:
    assert (
        attendance("Ada.de.Vries@Stad.NL") == attendance("ada.de.vries@stad.nl") == attendance("ADA.DE.VRIES@STAD.NL")
    )


def test_an_attendance_stands_for_one_address_at_one_event() -> None:
    ada = attendance("ada@stad.nl")
    others = {
        attendance("ada@stad.nl", offer="lancering"),
        attendance("ada@stad.nl", identity=OTHER),
        attendance("ad@astad.nl"),
        attendance("ada@stad.n"),
        attendance(""),
    }
    assert len(others | {ada}) == 6
    assert attendance("b@c.nl", offer="a") != attendance("@c.nl", offer="ab"), "the borders between the facts count"


def test_an_attendance_says_nothing() -> None:
    digest = attendance("ada@stad.nl", offer="congres")
    assert re.fullmatch(r"[0-9a-f]{64}", digest), "always as long, whatever the address"
    for fact in ("ada@stad.nl", "stad", "congres"):
        for written in (fact, fact.encode().hex(), base64.b32encode(fact.encode()).decode().rstrip("=").lower()):
            assert written not in digest
    # without the secret nobody can try out addresses
    assert digest not in {
        hashlib.sha256(guess.encode()).hexdigest()
        for guess in ("ada@stad.nl", "congresada@stad.nl", '["attendance", "congres", "ada@stad.nl"]')
    }


def test_a_draft_of_the_same_form_is_the_same_and_nothing_else_is() -> None:
    draft = IDENTITY.draft_id(offer_id="congres", form_key="key")
    assert draft == IDENTITY.draft_id(offer_id="congres", form_key="key")
    others = {
        IDENTITY.draft_id(offer_id="lancering", form_key="key"),
        IDENTITY.draft_id(offer_id="congres", form_key="kez"),
        OTHER.draft_id(offer_id="congres", form_key="key"),
        # an order's id is in Stripe's hands; it must not open a draft
        order_id(offer="congres"),
    }
    assert len(others | {draft}) == 5
    assert re.fullmatch(r"[a-z2-7]{32}", draft)


def test_a_link_leads_to_its_order_only() -> None:
    token = IDENTITY.link_token(order_id())
    assert IDENTITY.order_of_link(token) == order_id()
    assert OTHER.order_of_link(token) is None


def test_no_tampered_link_leads_anywhere() -> None:
    token = IDENTITY.link_token(order_id())
    for place in range(len(token)):
        changed = token[:place] + ("b" if token[place] != "b" else "c") + token[place + 1 :]
        assert IDENTITY.order_of_link(changed) is None, f"changed at {place}"


@pytest.mark.parametrize("token", ["", "-", "é-é", "a" * 5000, order_id(), f"{order_id()}-", "x-\ud800"[:2]])
def test_nonsense_leads_nowhere(token: str) -> None:
    assert IDENTITY.order_of_link(token) is None


def test_the_key_for_beginning_anew_is_always_the_same_and_nobody_can_guess_it() -> None:
    key = IDENTITY.form_key_after(order_id())
    assert key == IDENTITY.form_key_after(order_id())
    assert len({key, IDENTITY.form_key_after(order_id(key="kez")), OTHER.form_key_after(order_id())}) == 3
    assert re.fullmatch(r"[0-9a-f]{64}", key)
