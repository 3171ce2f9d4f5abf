"""The addresses that are not mailed: listed with their reason, found by address, and mailed again when asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.email import Delivery
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.staff import Role
from chalicelib.domain.subscriber import Evidence, Means, new_subscriber
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.flows.erase_subscription import erase_subscription
from devstack.environment import BEHEERDER
from tests.desk import ANSWERS, Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.orders import form_of, led_to, paid_event, paid_member, path_of, text_of
from tests.entrypoints.beheer.test_order_pages import deeds
from tests.entrypoints.test_behind_the_scenes import hear
from tests.flows.line import before_writing
from tests.flows.rights import erase as erase_whom

LIST = "/beheer/niet-mailen"


def key_of(desk: Desk, address: str = ANSWERS.email) -> str:
    return suppression_id(address, identity=desk.application.identity)


def reader(desk: Desk, address: str) -> str:
    """The id of a copy of an issue that went to a reader."""
    asked = Evidence(means=Means.FORM, text="Ja", language=Language.NL, source="", detail="", at=desk.clock())
    subscriber = new_subscriber(
        address,
        subscriber_id=desk.application.identity.subscriber_id(address),
        name="",
        language=Language.NL,
        topics=("nieuwsbrief",),
        asked=asked,
    )
    unit = desk.store.unit_of_work()
    unit.subscribers.add(subscriber)
    unit.commit()
    return f"copy-uitgave-{subscriber.id}"


def keep(desk: Desk, *suppressions: Suppression) -> None:
    for each in suppressions:
        unit = desk.store.unit_of_work()
        unit.suppressions.keep(each)
        unit.commit()


def of(desk: Desk, address: str, *, cause: Delivery = Delivery.BOUNCED, email_id: str = "copy-a-b") -> Suppression:
    return Suppression(
        id=key_of(desk, address),
        cause=cause,
        reason="Permanent NoEmail" if cause is Delivery.BOUNCED else "",
        email_id=email_id,
        at=desk.clock(),
    )


@pytest.fixture
def order(desk: Desk) -> Order:
    order = paid_member(desk)
    hear(desk, f"confirmation-{order.id}", "Bounce", bounce=("Permanent", "NoEmail"))
    return order


def test_the_list_says_who_why_since_when_and_by_which_mail(desk: Desk, browser: Browser, order: Order) -> None:
    desk.clock.advance(minutes=1)
    keep(
        desk,
        of(desk, "weg@elders.nl", email_id="subscriber-abc-20261125"),
        of(desk, "boos@elders.nl", cause=Delivery.COMPLAINED, email_id=reader(desk, "boos@elders.nl")),
    )
    text = text_of(browser, LIST)
    assert f"{ANSWERS.email} dit adres bestaat niet, en dat blijft zo · sinds" in text
    assert f"bevestiging bij {order.code}" in text
    assert "(adres niet meer bekend)" in text
    assert "weg@elders.nl" not in text
    assert "boos@elders.nl heeft onze mail als ongewenst gemeld" in text
    assert "vraag om de nieuwsbrief te bevestigen" in text
    assert text.index("boos@") < text.index(ANSWERS.email), "newest first"


def test_each_is_named_by_whoever_its_mail_was_for(desk: Desk, browser: Browser) -> None:
    """The buyer, an attendee, and whoever was asked about the newsletter; of none is it written down beside."""
    order = paid_event(desk)
    desk.post("/nl/nieuwsbrief", {"email": "zoe@elders.nl", "topic_congres": "ja"})
    (question,) = [item["id"]["S"] for item in desk.items("email") if item["id"]["S"].startswith("subscriber-")]
    desk.work()
    told = {
        f"confirmation-{order.id}": ANSWERS.email,
        f"ticket-{order.id}-2": "bea@elders.nl",
        question: "zoe@elders.nl",
    }
    for email_id, address in told.items():
        hear(desk, email_id, "Bounce", bounce=("Permanent", "NoEmail"), address=address)
    text = text_of(browser, LIST)
    assert all(address in text for address in told.values())
    assert "niet meer bekend" not in text
    assert not [item for item in desk.items("suppression") if "@" in json.dumps(item)]


def test_who_was_erased_or_has_a_better_address_is_named_no_more(desk: Desk, browser: Browser, order: Order) -> None:
    email_id = reader(desk, "zoe@elders.nl")
    keep(desk, of(desk, "zoe@elders.nl", email_id=email_id))
    app = desk.application
    erase_subscription("zoe@elders.nl", store=app.store, lists=app.lists, identity=app.identity)
    buyer, unit = desk.buyer(order.id), desk.store.unit_of_work()
    unit.buyers.keep(replace(buyer, answers=replace(buyer.answers, email="ada.devries@voorbeeldstad.nl")))
    unit.commit()
    text = text_of(browser, LIST)
    assert text.count("(adres niet meer bekend)") == 2
    assert "ada" not in text
    assert "Een adres dat wij niet meer kennen weer mailen?" in text_of(browser, f"{LIST}/{key_of(desk)}")
    assert order.code in text_of(browser, f"{LIST}?zoek={ANSWERS.email}"), "whoever has it finds it"


def test_a_bounce_that_comes_after_he_was_erased_writes_no_address(desk: Desk, order: Order) -> None:
    unit = desk.store.unit_of_work()
    known = unit.suppressions.get(key_of(desk))
    assert known is not None
    unit.suppressions.remove(known)
    unit.commit()
    erase_whom(desk, email=ANSWERS.email)
    hear(desk, f"welcome-{order.id}", "Bounce", bounce=("Permanent", "NoEmail"))
    (item,) = desk.items("suppression")
    assert item["id"]["S"] == key_of(desk)
    assert ANSWERS.email not in json.dumps(desk.items())


def test_an_address_is_found_however_it_is_written(desk: Desk, browser: Browser, order: Order) -> None:
    assert order.code in text_of(browser, f"{LIST}?zoek={ANSWERS.email.upper()}")
    assert "staat niet op deze lijst" in text_of(browser, f"{LIST}?zoek=iemand@anders.nl")


def test_lifting_is_asked_done_once_and_written_in_the_log(desk: Desk, browser: Browser, order: Order) -> None:
    page = f"{LIST}/{key_of(desk)}"
    assert "Weer mailen" in text_of(browser, page)
    form = form_of(browser, page)
    for _ in range(2):
        assert led_to(browser.post(page, form).headers["Location"]) == f"{LIST}?gedaan=weer"
    assert desk.items("suppression") == []
    assert deeds(desk) == [("suppression_lifted", BEHEERDER, order.code)]
    assert "Adres wordt weer gemaild" in text_of(browser, path_of(order))
    assert ANSWERS.email not in text_of(browser, "/beheer/logboek")


def test_of_a_complaint_the_page_says_what_it_means(desk: Desk, browser: Browser) -> None:
    keep(
        desk,
        of(desk, "boos@elders.nl", cause=Delivery.COMPLAINED, email_id=reader(desk, "boos@elders.nl")),
        of(desk, "weg@elders.nl", cause=Delivery.COMPLAINED),
    )
    page = f"{LIST}/{key_of(desk, 'boos@elders.nl')}"
    assert "Doe dit alleen als hij u zelf heeft gezegd" in text_of(browser, page)
    assert 'abonnees?zoek=boos%40elders.nl">meld hem dan eerst af' in browser.get(page).body.decode()
    nobody = text_of(browser, f"{LIST}/{key_of(desk, 'weg@elders.nl')}")
    assert "Doe dit alleen als hij u zelf heeft gezegd" in nobody
    assert "Is hij abonnee" not in nobody, "whose address it is is not known any more"
    browser.post(page, form_of(browser, page))
    assert deeds(desk) == [("suppression_lifted", BEHEERDER, key_of(desk, "boos@elders.nl")[:12])]


def complain(desk: Desk) -> None:
    keep(desk, of(desk, ANSWERS.email, cause=Delivery.COMPLAINED))


def test_what_became_a_complaint_since_it_was_shown_is_shown_again_and_not_lifted(
    desk: Desk, browser: Browser, order: Order
) -> None:
    page = f"{LIST}/{key_of(desk)}"
    form = form_of(browser, page)
    complain(desk)
    answer = browser.post(page, form)
    assert answer.status_code == 409
    text = answer.body.decode()
    assert "Er is intussen iets veranderd" in text
    assert "heeft onze mail als ongewenst gemeld" in text
    assert len(desk.items("suppression")) == 1
    assert deeds(desk) == []
    browser.post(page, form_of(browser, page))
    assert desk.items("suppression") == [], "whoever has seen that it is a complaint may lift it"


def test_who_complains_while_it_is_lifted_stays_on_the_list(desk: Desk, browser: Browser, order: Order) -> None:
    page = f"{LIST}/{key_of(desk)}"
    form = form_of(browser, page)
    before_writing(desk, lambda: complain(desk))
    assert browser.post(page, form).status_code == 409
    assert [item["cause"]["S"] for item in desk.items("suppression")] == ["complained"]
    assert deeds(desk) == []


def test_two_who_lift_it_at_one_moment_lift_it_once(desk: Desk, browser: Browser, order: Order) -> None:
    page = f"{LIST}/{key_of(desk)}"
    forms = [form_of(browser, page) for _ in range(2)]
    before_writing(desk, lambda: browser.post(page, forms[0]))
    assert led_to(browser.post(page, forms[1]).headers["Location"]) == f"{LIST}?gedaan=weer"
    assert len(deeds(desk)) == 1


def test_a_mail_that_arrives_lifts_no_complaint_that_comes_at_the_same_moment(desk: Desk, order: Order) -> None:
    unit = desk.store.unit_of_work()
    email = unit.emails.get(f"confirmation-{order.id}")
    assert email is not None
    again = email.sent_again(key="pressed-once", now=desk.clock())
    unit.emails.add(again)
    unit.commit()
    desk.send(again.id)
    before_writing(desk, lambda: complain(desk))
    hear(desk, again.id, "Delivery")
    assert [item["cause"]["S"] for item in desk.items("suppression")] == ["complained"]


def test_the_mail_of_an_order_says_what_sending_it_again_does(desk: Desk, browser: Browser, order: Order) -> None:
    text = text_of(browser, path_of(order, f"/mail?id=confirmation-{order.id}"))
    assert f"{ANSWERS.email} mailen wij niet meer" in text
    assert "dan proberen wij het toch" in text
    desk.clock.advance(hours=1)
    again = desk.register(ANSWERS, key="another-form-of-the-same-person").order
    assert "mailen wij niet meer" not in text_of(browser, path_of(again))


def test_who_may_only_see_lifts_nothing(desk: Desk, order: Order) -> None:
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[Role.PENNINGMEESTER])
    assert "Weer mailen" not in text_of(browser, LIST)
    assert browser.get(f"{LIST}/{key_of(desk)}").status_code == 403
    assert browser.press("/beheer/sessies", f"{LIST}/{key_of(desk)}", {"key": "a-key-of-nobody"}).status_code == 403
    assert len(desk.items("suppression")) == 1


@pytest.mark.parametrize("path", [f"{LIST}/onzin", f"{LIST}/{'0' * 64}"])
def test_one_that_is_not_there_says_so(desk: Desk, browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_long_list_goes_on_page_by_page_with_few_questions(desk: Desk, browser: Browser) -> None:
    start = desk.clock()
    for number in range(95):
        address = f"iemand.met.een.lange.naam.{number:03}@gemeente-met-een-lange-naam.nl"
        email_id = reader(desk, address) if number % 2 else f"confirmation-{'q' * 29}{number:03}"
        keep(desk, replace(of(desk, address, email_id=email_id), at=start + timedelta(seconds=number)))
    path, seen = LIST, list[str]()
    while path:
        with counted(desk) as asked:
            answer = browser.get(path)
        assert len(asked) <= 5, asked
        assert weight(answer) < MOST_WEIGHT
        text = answer.body.decode()
        seen += [each.split("@")[0][-3:] for each in text.split("<strong>")[1:] if "@" in each.partition("<")[0]]
        path = text.partition('href="https://aanmelden.example.nl/beheer/niet-mailen?verder=')[2].partition('"')[0]
        path = f"{LIST}?verder={path}" if path else ""
    assert seen == [f"{number:03}" for number in reversed(range(1, 95, 2))]
