"""A reader typed in by hand: asked by mail, kept as one who has not confirmed, and never somebody who left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.email import Delivery
from chalicelib.domain.language import Language
from chalicelib.domain.staff import Role
from chalicelib.domain.subscriber import Means, Standing, Subscriber
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.flows.add_subscriber import BY_STAFF
from devstack.environment import BEHEERDER
from tests.desk import BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.orders import form_of, led_to, text_of
from tests.entrypoints.beheer.test_order_pages import deeds
from tests.entrypoints.beheer.test_subscribers import ADA, asked, evidence, keep, path_of
from tests.entrypoints.document import Document
from tests.flows.line import before_writing

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

FORM = "/beheer/abonnees/nieuw"
TYPED = {"email": ADA, "name": "Ada de Vries", "language": "en", "topic_congres": "ja", "do": "add"}


def send(browser: Browser, **other: str) -> HTTPResponse:
    return browser.post(FORM, form_of(browser, FORM) | TYPED | other)


def known(desk: Desk, email: str = ADA) -> Subscriber | None:
    return desk.store.unit_of_work().subscribers.get(desk.application.identity.subscriber_id(email))


def test_he_is_asked_by_mail_and_reads_it_once_he_says_yes(desk: Desk, browser: Browser) -> None:
    assert "Iemand toevoegen" in text_of(browser, "/beheer/abonnees")
    assert "Pas als hij in die mail ja zegt" in text_of(browser, FORM)
    answer = send(browser)
    assert led_to(answer.headers["Location"]) == f"{path_of(desk, ADA)}?gedaan=gevraagd"
    text = text_of(browser, led_to(answer.headers["Location"]))
    assert "Er gaat een mail heen met de vraag" in text
    assert "secretariaat" in text
    reader = known(desk)
    assert reader is not None
    assert (reader.standing, reader.topics, reader.wanted) == (Standing.UNCONFIRMED, (), ("congres",))
    assert (reader.name, reader.language, reader.asked.means) == ("Ada de Vries", Language.EN, Means.STAFF)
    assert not reader.mailed("congres", now=desk.clock())
    desk.work()
    (letter,) = [letter for _, letter in desk.sender.sent if letter.to == ADA]
    link = desk.application.links.confirm_subscription(reader.id, Language.EN)
    assert link in letter.text
    desk.post(link.removeprefix(BASE_URL), {"do": "confirm", "shown": "congres"})
    after = known(desk)
    assert after is not None
    assert (after.standing, after.topics) == (Standing.CONFIRMED, ("congres",))


def test_both_halves_of_a_double_click_at_the_same_time_are_one(desk: Desk, browser: Browser) -> None:
    form, halves = form_of(browser, FORM) | TYPED, list[int]()

    def other_half() -> None:
        desk.clock.advance(seconds=1)
        halves.append(browser.post(FORM, form).status_code)

    before_writing(desk, other_half)
    halves.append(browser.post(FORM, form).status_code)
    assert halves == [303, 303]
    desk.work()
    assert len(deeds(desk)) == 1
    assert len([letter for _, letter in desk.sender.sent if letter.to == ADA]) == 1


def test_the_log_tells_of_it_once_and_not_of_whom(desk: Desk, browser: Browser) -> None:
    form = form_of(browser, FORM) | TYPED
    for _ in range(3):
        assert browser.post(FORM, form).status_code == 303
        desk.clock.advance(minutes=1)
    desk.work()
    assert deeds(desk) == [
        ("subscriber_added", BEHEERDER, f"abonnee {desk.application.identity.subscriber_id(ADA)[:12]}")
    ]
    assert ADA not in text_of(browser, "/beheer/logboek")
    assert "Abonnee toegevoegd, vraag gemaild" in text_of(browser, "/beheer/logboek")
    assert len([letter for _, letter in desk.sender.sent if letter.to == ADA]) == 1


@pytest.mark.parametrize("stands", ["subscribed", "left", "left and asked again", "suppressed"])
def test_who_reads_it_or_left_or_is_not_mailed_is_left_alone(desk: Desk, browser: Browser, stands: str) -> None:
    reader = asked(desk, ADA).confirms(evidence(desk, Means.LINK))
    left = reader.unsubscribes(now=desk.clock())
    match stands:
        case "subscribed":
            keep(desk, reader)
        case "left":
            keep(desk, left)
        case "left and asked again":
            keep(desk, left.asks(topics=("congres",), name="", language=Language.NL, asked=evidence(desk, Means.FORM)))
        case "suppressed":
            unit, key = desk.store.unit_of_work(), suppression_id(ADA, identity=desk.application.identity)
            unit.suppressions.keep(
                Suppression(id=key, cause=Delivery.BOUNCED, reason="", email_id="copy-a-b", at=desk.clock())
            )
            unit.commit()
    before = (desk.items("subscriber"), desk.items("email"))
    answer = send(browser)
    said = {"subscribed": "Dit adres is al abonnee.", "suppressed": "Dit adres mailen wij niet meer"}
    assert answer.status_code == 422
    assert said.get(stands, "Met dit adres heeft iemand zich afgemeld.") in Document(answer).text
    assert Document(answer).field("email").get("value") == ADA
    assert (desk.items("subscriber"), desk.items("email"), deeds(desk)) == (*before, [])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": ""}, "Vul een e-mailadres in."),
        ({"email": "ada@"}, "Dit is geen e-mailadres."),
        ({"name": "kijk op www.elders.nl"}, "Schrijf de naam op één regel, zonder webadres"),
        ({"name": "x" * 121}, "Schrijf de naam op één regel"),
        ({"topic_congres": ""}, "Kies ten minste één rubriek."),
        ({"email": "ada@gmial.com"}, "Bedoelt u ada@gmail.com?"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desk: Desk, browser: Browser, wrong: dict[str, str], said: str) -> None:
    answer = send(browser, **wrong)
    page = Document(answer)
    assert (answer.status_code, page.title.startswith("Fout: ")) == (422, True)
    assert said in page.text
    assert page.field("email").get("value") == wrong.get("email", ADA)
    assert desk.items("subscriber") == []


def test_an_address_that_is_doubted_is_taken_as_meant_or_as_it_is(desk: Desk, browser: Browser) -> None:
    doubted = send(browser, email="ada@gmial.com")
    mended = browser.post(FORM, form_of(browser, FORM) | TYPED | {"email": "ada@gmial.com", "do": "mend-email"})
    assert Document(mended).field("email").get("value") == "ada@gmail.com"
    sure = str(Document(doubted).field("sure").get("value"))
    assert send(browser, email="ada@gmial.com", sure=sure).status_code == 303
    assert known(desk, "ada@gmial.com") is not None


def test_enter_in_a_field_does_not_take_the_address_that_is_proposed(browser: Browser) -> None:
    doubted = send(browser, email="ada@gmial.com")
    form = doubted.body.decode().split('class="card"')[1]
    assert re.findall(r'<button[^>]* value="([^"]+)"', form) == ["add", "mend-email", "add"]
    assert Document(doubted).buttons().count("add") == 1, "the first is for the keyboard: nobody sees or hears it"


def test_nobody_types_in_a_whole_list(desk: Desk, browser: Browser) -> None:
    form = form_of(browser, FORM) | TYPED
    for number in range(BY_STAFF.most):
        sent = form | {"email": f"lezer{number}@voorbeeld.nl", "key": f"key-of-form-{number}"}
        assert browser.post(FORM, sent).status_code == 303
    answer = send(browser)
    assert answer.status_code == 429
    assert "of importeer een lijst." in Document(answer).text
    assert known(desk) is None


@pytest.mark.parametrize("role", [Role.PENNINGMEESTER, Role.DEUR])
def test_who_may_not_import_adds_nobody_either(desk: Desk, role: Role) -> None:
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[role])
    assert browser.press("/beheer/sessies", FORM, TYPED).status_code == 403
    assert desk.items("subscriber") == []
