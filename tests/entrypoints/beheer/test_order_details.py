"""Correcting who ordered and who comes: shown before it is kept, kept once, and nobody is overruled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.order import Order
from chalicelib.domain.refusal import AlreadyRegistered
from devstack.environment import BEHEERDER
from tests.desk import ANSWERS, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.orders import (
    form_of,
    led_to,
    other_event,
    paid,
    paid_event,
    paid_member,
    path_of,
    text_of,
)
from tests.entrypoints.beheer.test_order_pages import HOSTILE, deeds
from tests.events import EVENT, FREE, attending, sample_event

PAGE = "/gegevens"


def show(browser: Browser, order: Order, **values: str) -> str:
    """What the page says that would change."""
    form = form_of(browser, path_of(order, PAGE)) | {"do": "show"} | named(values)
    answer = browser.post(path_of(order, PAGE), form)
    assert answer.status_code == 200, answer.body
    return answer.body.decode()


def save(browser: Browser, order: Order, **values: str) -> int:
    form = form_of(browser, path_of(order, PAGE)) | {"do": "save"} | named(values)
    return browser.post(path_of(order, PAGE), form).status_code


def named(values: dict[str, str]) -> dict[str, str]:
    """email_2 is the e-mail address of the second attendee, 0 the buyer."""
    return {"-".join(name.rsplit("_", 1)) if name[-1].isdigit() else name: value for name, value in values.items()}


def test_what_changes_is_shown_first_and_nothing_else_is_written(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    before = desk.items()
    page = show(browser, order, name_2="Béa Bos", city_0="Sneek")
    assert "Naam, deelnemer 2" in page
    assert "Béa Bos" in page
    assert "Plaats" in page
    assert "E-mailadres, deelnemer 2" not in page
    assert desk.items() == before


def test_an_address_that_was_probably_typed_wrong_is_pointed_out_and_may_be_kept(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    assert "Bedoelt u" not in show(browser, order, email_2="bea@gmail.com", name_2="bea@gmial.com")
    assert "Bedoelt u bea@gmail.com?" in show(browser, order, email_2="bea@gmial.com")
    assert save(browser, order, email_2="bea@gmial.com") == 303


def test_once_kept_it_is_everywhere_and_the_seat_is_the_new_ones(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    desk.sender.sent.clear()
    form = form_of(browser, path_of(order, PAGE)) | {
        "do": "save",
        "name-2": "Béa Bos",
        "email-2": "bea.bos@elders.nl",
        "tickets": "ja",
    }
    for _ in range(2):
        answer = browser.post(path_of(order, PAGE), form)
        assert answer.status_code == 303
    desk.work()
    assert [letter.to for _, letter in desk.sender.sent] == ["bea.bos@elders.nl"], "one new ticket, to whoever changed"
    assert "Béa Bos" in desk.sender.sent[0][1].text
    assert deeds(desk) == [("corrected", BEHEERDER, order.code)]
    assert desk.seats(EVENT)[EVENT] == (0, 3)
    assert len(desk.items("attendance")) == 3
    assert "naam van deelnemer 2, e-mailadres van deelnemer 2" in text_of(browser, "/beheer/logboek")
    assert "P. 2. → Béa Bos" in text_of(browser, path_of(order))
    assert order.code in text_of(browser, f"/beheer/aanmeldingen?offer={EVENT}&zoek=bea.bos")
    desk.reconcile()
    assert desk.store.differences() == []


def test_without_the_tick_no_ticket_goes(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    desk.sender.sent.clear()
    assert save(browser, order, name_2="Béa Bos") == 303
    desk.work()
    assert desk.sender.sent == []


def test_a_buyer_who_comes_himself_is_one_person(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    assert save(browser, order, name_0="Adriana de Vries", email_0="adriana@voorbeeldstad.nl", tickets="ja") == 303
    first = desk.store.attendees(order.id)[0]
    assert (first.name, first.email, first.is_buyer) == ("Adriana de Vries", "adriana@voorbeeldstad.nl", True)
    assert desk.buyer(order.id).answers.name == "Adriana de Vries"
    # his colleague may not be registered with that address again
    answers = attending(replace(ANSWERS, email="adriana@voorbeeldstad.nl"))
    with pytest.raises(AlreadyRegistered):
        desk.register(answers, key="again", offer_id=EVENT)


def test_the_contact_of_a_membership_changes_along_unless_somebody_made_it_another(
    desk: Desk, browser: Browser
) -> None:
    order = paid_member(desk)
    assert save(browser, order, email_0="nieuw@voorbeeldstad.nl", name_0="Nina Nieuw") == 303
    membership = desk.store.unit_of_work().memberships.get(order.id)
    assert membership
    assert (membership.contact_name, membership.contact_email) == ("Nina Nieuw", "nieuw@voorbeeldstad.nl")
    unit = desk.store.unit_of_work()
    unit.memberships.update(replace(membership, contact_email="ander@voorbeeldstad.nl"))
    unit.commit()
    assert save(browser, order, email_0="weer@voorbeeldstad.nl") == 303
    membership = desk.store.unit_of_work().memberships.get(order.id)
    assert membership
    assert membership.contact_email == "ander@voorbeeldstad.nl"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email-0", "geen adres", "Dit is geen e-mailadres."),
        ("email-2", "", "Vul dit in."),
        ("name-0", "  ", "Vul dit in."),
        ("organisation-0", "x" * 121, "Dit is te lang."),
        ("postal_code-0", "12345", "Dit is geen postcode."),
        ("registration_number-0", "123", "Dit is geen KvK-nummer"),
        ("name-2", "kijk op www.elders.nl", "Hier mag geen webadres staan."),
        ("city-0", "Sneek\nZwolle", "Dit moet op één regel."),
        ("street-0", "Straat \u202e12", "Hier staan onzichtbare tekens in."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_all_that_was_typed_stays(
    desk: Desk, browser: Browser, field: str, value: str, said: str
) -> None:
    order = paid_event(desk)
    before = desk.items()
    for do in ("show", "save"):
        form = form_of(browser, path_of(order, PAGE)) | {"do": do, "reference-0": "PO 7", field: value}
        answer = browser.post(path_of(order, PAGE), form)
        assert answer.status_code == 422
        body = answer.body.decode()
        assert "<title>Fout: " in body
        assert f'id="{field}-wrong">{said}' in body
        assert 'value="PO 7"' in body
    assert desk.items() == before


def test_whoever_comes_already_cannot_come_twice(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    paid(desk, other_event(desk, email="wim@anders.nl", key="another"))
    form = form_of(browser, path_of(order, PAGE)) | {"do": "save", "email-2": "WIM@anders.nl"}
    answer = browser.post(path_of(order, PAGE), form)
    assert answer.status_code == 422
    assert 'id="email-2-wrong">Met dit adres is iemand al aangemeld' in answer.body.decode()
    assert desk.store.attendees(order.id)[1].email == "bea@elders.nl"


def test_two_who_become_the_same_free_attendee_at_one_moment_are_told_apart(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event(**FREE))
    one = other_event(desk, email="ada@voorbeeldstad.nl", key="one")
    two = other_event(desk, email="bea@voorbeeldstad.nl", key="two")
    assert save(browser, one, email_0="cas@voorbeeldstad.nl") == 303
    assert save(browser, two, email_0="cas@voorbeeldstad.nl") == 422
    assert desk.store.attendees(two.id)[0].email == "bea@voorbeeldstad.nl"


def test_a_colleague_who_was_first_is_not_overruled(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    mine = form_of(browser, path_of(order, PAGE)) | {"do": "save", "name-2": "Van mij"}
    assert save(browser, order, name_2="Van hem") == 303
    answer = browser.post(path_of(order, PAGE), mine)
    assert answer.status_code == 409
    assert "er is niets van u opgeslagen" in answer.body.decode()
    assert 'value="Van hem"' in answer.body.decode()
    assert desk.store.attendees(order.id)[1].name == "Van hem"


def test_nothing_changed_is_said_and_written_nowhere(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    before = desk.items()
    answer = browser.post(path_of(order, PAGE), form_of(browser, path_of(order, PAGE)) | {"do": "show"})
    assert led_to(answer.headers["Location"]) == f"{path_of(order)}?gedaan=niets"
    # fields that are none of ours change nothing
    form = form_of(browser, path_of(order, PAGE)) | {
        "do": "show",
        "total_cents-0": "1",
        "state-0": "paid",
        "name-9": "x",
    }
    assert browser.post(path_of(order, PAGE), form).status_code == 303
    assert desk.items() == before


def test_whatever_is_typed_is_text(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    assert save(browser, order, name_2=HOSTILE, organisation_0=HOSTILE) == 303
    for page in (
        path_of(order),
        path_of(order, PAGE),
        f"/beheer/aanmeldingen?offer={EVENT}",
        "/beheer/logboek",
        "/beheer",
    ):
        body = browser.get(page).body.decode()
        assert "<script>" not in body
    # and in the mail that goes out with it
    assert save(browser, order, name_3=HOSTILE, tickets="ja") == 303
    desk.sender.sent.clear()
    desk.work()
    [(_, letter)] = desk.sender.sent
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert HOSTILE in letter.text
    body = browser.get(path_of(order)).body.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}=1+1&#34;&amp;" in body
