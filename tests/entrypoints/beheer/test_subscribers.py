"""Subscribers behind the desk: counted, found, shown with their proof, ended on request, and exported."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape

import openpyxl
import pytest

from chalicelib.domain.email import Delivery
from chalicelib.domain.language import Language
from chalicelib.domain.staff import Role
from chalicelib.domain.subscriber import PATIENCE, Evidence, Means, Standing, Subscriber, new_subscriber
from chalicelib.domain.subscriber_import import Proof, SubscriberList
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.flows.import_subscribers import SubscriberImport
from chalicelib.web.subscriber_file import read_subscriber_file
from devstack.environment import BEHEERDER
from tests.desk import Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.orders import form_of, led_to, text_of
from tests.entrypoints.beheer.test_order_pages import deeds

LIST = "/beheer/abonnees"
ADA, BEA, CAS = "ada@voorbeeld.nl", "bea@voorbeeld.nl", "cas@voorbeeld.nl"
DIRK, FAY = "dirk@voorbeeld.nl", "fay@voorbeeld.nl"
HOSTILE = '=HYPERLINK("https://elders.nl";"klik")'
HOSTILE_CELL = f"'{HOSTILE}"


def evidence(desk: Desk, means: Means, **facts: str) -> Evidence:
    given = {"text": "Ja, stuur mij de nieuwsbrief.", "source": "https://lpb.example.nl/nieuws", "detail": ""} | facts
    return Evidence(means=means, language=Language.NL, at=desk.clock(), **given)


def asked(desk: Desk, email: str, *topics: str, name: str = "") -> Subscriber:
    return new_subscriber(
        email,
        subscriber_id=desk.application.identity.subscriber_id(email),
        name=name,
        language=Language.NL,
        topics=topics or ("nieuwsbrief",),
        asked=evidence(desk, Means.FORM),
    )


def keep(desk: Desk, *subscribers: Subscriber) -> None:
    for start in range(0, len(subscribers), 50):
        unit = desk.store.unit_of_work()
        for each in subscribers[start : start + 50]:
            unit.subscribers.add(each)
        unit.commit()


def path_of(desk: Desk, email: str) -> str:
    return f"{LIST}/{desk.application.identity.subscriber_id(email)}"


@pytest.fixture
def three(desk: Desk) -> None:
    """Ada gets two topics, Bea has not answered, Cas has left."""
    proof = evidence(desk, Means.LINK, detail="subscriber-abc-20261125", text="Ja, ik wil de nieuwsbrief ontvangen")
    keep(
        desk,
        asked(desk, ADA, "nieuwsbrief", "congres", name=HOSTILE).confirms(proof),
        asked(desk, BEA),
        asked(desk, CAS).confirms(proof).unsubscribes(now=desk.clock()),
    )


def test_how_many_there_are_of_what_is_counted(desk: Desk, browser: Browser, three: None) -> None:
    with counted(desk) as questions:
        text = text_of(browser, LIST)
    assert len(questions) <= 5
    for said in (
        "alle (3)",
        "ontvangt (1)",
        "nog niet bevestigd (1)",
        "afgemeld (1)",
        "Congres (1)",
        "Werkgroepen (0)",
    ):
        assert said in text
    assert [each in text_of(browser, f"{LIST}?stand=confirmed&rubriek=congres") for each in (ADA, BEA, CAS)] == [
        True,
        False,
        False,
    ]
    assert "Met dit filter zijn er geen abonnees." in text_of(browser, f"{LIST}?stand=confirmed&rubriek=werkgroepen")
    assert text_of(browser, f"{LIST}?stand=onzin&rubriek=%3Cscript%3E")


def test_without_anybody_the_page_says_how_to_begin(browser: Browser) -> None:
    assert "Er zijn nog geen abonnees." in text_of(browser, LIST)


def test_a_whole_address_leads_to_whoever_has_it(desk: Desk, browser: Browser, three: None) -> None:
    assert led_to(browser.get(f"{LIST}?zoek={ADA.upper()}").headers["Location"]) == path_of(desk, ADA)
    assert "‘niemand@voorbeeld.nl’ is geen abonnee." in text_of(browser, f"{LIST}?zoek=niemand@voorbeeld.nl")
    assert browser.get(f"{LIST}/{'a' * 32}").status_code == 404
    assert browser.get(f"{LIST}/onzin").status_code == 404


def test_his_page_shows_the_proof(desk: Desk, browser: Browser, three: None) -> None:
    with counted(desk) as questions:
        text = text_of(browser, path_of(desk, ADA))
    assert len(questions) <= 5
    for said in ("link in een mail", "“Ja, ik wil de nieuwsbrief ontvangen”", "subscriber-abc-20261125", "Congres"):
        assert said in text
    assert "Hoe dit adres hier kwam" in text
    text = text_of(browser, path_of(desk, BEA))
    assert "Nog niet bevestigd. Tot dan" in text


def test_whoever_did_not_answer_in_time_is_nobody(desk: Desk, browser: Browser, three: None) -> None:
    desk.clock.advance(days=PATIENCE.days, hours=1)
    browser.log_in(BEHEERDER)
    assert browser.get(path_of(desk, BEA)).status_code == 404
    assert "nog niet bevestigd (0)" in text_of(browser, LIST)
    assert BEA not in export(desk, browser).decode()


def test_an_address_that_is_not_mailed_is_named_so(desk: Desk, browser: Browser, three: None) -> None:
    unit = desk.store.unit_of_work()
    key = suppression_id(ADA, identity=desk.application.identity)
    unit.suppressions.keep(
        Suppression(id=key, cause=Delivery.COMPLAINED, reason="", email_id="copy-a-b", at=desk.clock())
    )
    unit.commit()
    assert "Dit adres mailen wij niet meer" in text_of(browser, path_of(desk, ADA))


def test_he_is_unsubscribed_on_request_once_with_who_did_it(desk: Desk, browser: Browser, three: None) -> None:
    page = path_of(desk, ADA)
    form = form_of(browser, page)
    for _ in range(2):
        assert led_to(browser.post(page, form).headers["Location"]) == f"{page}?gedaan=afgemeld"
    assert "afgemeld op" in text_of(browser, page)
    assert deeds(desk) == [("subscriber_ended", BEHEERDER, f"abonnee {page.rpartition('/')[2][:12]}")]
    assert ADA not in text_of(browser, "/beheer/logboek")
    assert "Afmelden op verzoek" not in text_of(browser, page)


def test_what_is_asked_of_whoever_has_left_is_withdrawn_on_request(desk: Desk, browser: Browser, three: None) -> None:
    page = path_of(desk, CAS)
    assert "Vraag intrekken" not in text_of(browser, page)
    desk.clock.advance(minutes=5)
    desk.post("/nl/nieuwsbrief", {"email": CAS, "topic_congres": "ja"})
    text = text_of(browser, page)
    assert "Gevraagd, nog niet bevestigd Congres" in text
    assert "zonder ja blijft deze persoon afgemeld" in text
    browser.post(page, form_of(browser, page))
    text = text_of(browser, page)
    assert "nog niet bevestigd" not in text
    assert "Vraag intrekken" not in text
    assert len(deeds(desk)) == 1
    desk.work()
    assert CAS not in [letter.to for _, letter in desk.sender.sent], "a question that waited goes no more"


def test_what_he_did_not_answer_in_time_is_asked_no_more(desk: Desk, browser: Browser, three: None) -> None:
    desk.post("/nl/nieuwsbrief", {"email": CAS, "topic_congres": "ja"})
    desk.clock.advance(days=PATIENCE.days)
    browser.log_in(BEHEERDER)
    text = text_of(browser, path_of(desk, CAS))
    assert "nog niet bevestigd" not in text
    assert "Vraag intrekken" not in text


def test_of_whoever_left_elsewhere_is_said_that_his_address_stays(desk: Desk, browser: Browser) -> None:
    keep(desk, asked(desk, CAS).unsubscribes(now=desk.clock()))
    text = text_of(browser, path_of(desk, CAS))
    assert "Van deze persoon is geen toestemming bekend. Het adres blijft als afgemeld staan" in text
    assert "na 30 dagen vergeten" not in text


def test_what_he_chose_meanwhile_is_seen_first(desk: Desk, browser: Browser, three: None) -> None:
    page = path_of(desk, ADA)
    form = form_of(browser, page)
    unit = desk.store.unit_of_work()
    found = unit.subscribers.get(page.rpartition("/")[2])
    assert found is not None
    unit.subscribers.update(
        found.prefers(topics=("congres",), language=Language.EN, paused_until=None, now=desk.clock())
    )
    unit.commit()
    answer = browser.post(page, form)
    assert answer.status_code == 409
    assert "heeft net zelf iets gewijzigd" in answer.body.decode()
    assert deeds(desk) == []


@pytest.mark.parametrize("role", [Role.PENNINGMEESTER, Role.DEUR])
def test_who_may_not_help_ends_nothing_and_imports_nothing(desk: Desk, three: None, role: Role) -> None:
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[role])
    assert browser.get(LIST).status_code == (200 if role is Role.PENNINGMEESTER else 403)
    for path in (path_of(desk, ADA), f"{LIST}/importeren"):
        assert browser.press("/beheer/sessies", path, {}).status_code == 403
    assert deeds(desk) == []


def export(desk: Desk, browser: Browser, **fields: str) -> bytes:
    answer = browser.press("/beheer/sessies", f"{LIST}/export", {"stand": "", "rubriek": "", "soort": "csv"} | fields)
    return desk.exports.files[answer.headers["Location"]].content


def test_all_of_the_filter_goes_into_the_file_with_its_proof(desk: Desk, browser: Browser, three: None) -> None:
    rows = list(csv.reader(io.StringIO(export(desk, browser).decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["E-mail", ADA, BEA, CAS]
    ada = dict(zip(rows[0], rows[1], strict=True))
    assert ada["Rubrieken"] == "Nieuwsbrief, Congres"
    assert (ada["Stand"], ada["Toestemming via"]) == ("ontvangt", "link in een mail")
    assert ada["Naam"] == HOSTILE_CELL
    book = openpyxl.load_workbook(io.BytesIO(export(desk, browser, stand="unsubscribed", soort="xlsx")))
    assert [row[0].value for row in book.active.iter_rows()] == ["E-mail", CAS]
    assert [(deed, subject) for deed, _, subject in deeds(desk)] == [("exported", "abonnees")] * 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_that_goes_to_another_desk_leaves_everybody_as_he_stands(
    desk: Desk, browser: Browser, kind: str
) -> None:
    proof = evidence(desk, Means.LINK, detail="subscriber-abc-20261125", text="Ja, ik wil de nieuwsbrief ontvangen")
    ada = asked(desk, ADA, "nieuwsbrief", "congres", name="Ada").confirms(proof)
    left = asked(desk, CAS).confirms(proof).unsubscribes(now=desk.clock() - timedelta(days=3))
    again = replace(left, id=desk.application.identity.subscriber_id(FAY), email=FAY)
    resting = replace(asked(desk, DIRK).confirms(proof), paused_until=date(2027, 3, 1))
    keep(
        desk,
        ada,
        asked(desk, BEA),
        left,
        resting,
        again.asks(topics=("congres",), name="", language=Language.NL, asked=again.asked),
    )
    content = export(desk, browser, soort=kind)
    elsewhere = Desk()
    whole = SubscriberList(
        rows=read_subscriber_file(content, topics=elsewhere.application.topics),
        source="abonnees.xlsx",
        # that whoever comes with it said yes is told of the whole list, and must not count for who did not
        proof=Proof(told="lijst van de andere balie", on=date(2026, 1, 1)),
    )
    app = elsewhere.application
    run = SubscriberImport(
        of=whole, store=app.store, readership=app.readership, identity=app.identity, now=elsewhere.clock()
    )
    list(run.run())
    found = {each.email: each for each in app.readership.subscribers(after="", limit=100).items}
    assert {email: each.standing for email, each in found.items()} == {
        ADA: Standing.CONFIRMED,
        BEA: Standing.UNCONFIRMED,
        CAS: Standing.UNSUBSCRIBED,
        DIRK: Standing.CONFIRMED,
        FAY: Standing.UNSUBSCRIBED,
    }
    assert (found[ADA].topics, found[ADA].name) == (ada.topics, "Ada")
    assert (found[DIRK].paused_until, found[ADA].paused_until) == (date(2027, 3, 1), None)
    assert [found[each].unsubscribed_at == datetime(2026, 11, 22, 12, tzinfo=UTC) for each in (CAS, FAY)] == [True] * 2
    assert (found[CAS].confirmed, found[CAS].topics, found[FAY].wanted) == (None, (), ())
    brought = found[ADA].confirmed
    assert brought is not None
    assert (brought.means, brought.text, brought.source) == (Means.IMPORT, proof.text, "abonnees.xlsx")
    assert brought.detail == f"{proof.source}, {proof.detail}"
    assert [each["subscriber_id"]["S"] for each in elsewhere.items("email")] == [found[BEA].id]


def test_of_whoever_does_not_read_it_the_file_has_no_proof(desk: Desk, browser: Browser, three: None) -> None:
    rows = list(csv.DictReader(io.StringIO(export(desk, browser).decode("utf-8-sig")), delimiter=";"))
    proofs = {row["E-mail"]: [row[name] for name in row if "Toestemming" in name or "Bewijs" in name] for row in rows}
    assert (all(proofs[ADA]), any(proofs[BEA]), any(proofs[CAS])) == (True, False, False)


@pytest.mark.parametrize("wrong", [{"soort": "exe"}, {"stand": "onzin"}])
def test_an_export_of_nothing_known_is_refused(
    desk: Desk, browser: Browser, three: None, wrong: dict[str, str]
) -> None:
    fields = {"stand": "", "rubriek": "", "soort": "csv"} | wrong
    assert browser.press("/beheer/sessies", f"{LIST}/export", fields).status_code == 422


def test_thousands_are_counted_and_listed_in_a_light_page(desk: Desk, browser: Browser) -> None:
    proof = evidence(desk, Means.IMPORT, detail="vinkje op het formulier van het congres", source="lezers.csv", text="")
    names = [f"voornaam.achternaam{number:04}@gemeente-met-een-lange-naam.nl" for number in range(2000)]
    keep(desk, *(asked(desk, each, name="Voornaam van der Achternaam").confirms(proof) for each in names))
    with counted(desk) as questions:
        answer = browser.get(LIST)
    assert len(questions) <= 5, questions
    assert weight(answer) < MOST_WEIGHT
    assert "ontvangt (2000)" in answer.body.decode()
    assert names[0] in answer.body.decode()
    assert names[50] not in answer.body.decode()
    seen = 50
    while rest := re.search(r'href="[^"]+(/beheer/abonnees[^"]+verder=[^"]+)"', answer.body.decode()):
        assert "gemeente" not in rest[1], "whose address it is stands in no address of a page"
        answer = browser.get(unescape(rest[1]))
        assert names[seen] in answer.body.decode()
        assert names[seen - 1] not in answer.body.decode()
        seen += 50
    assert seen == 2000


def test_a_page_whose_last_reader_left_the_list_goes_on_where_he_stood(desk: Desk, browser: Browser) -> None:
    names = [f"lezer{number:03}@voorbeeld.nl" for number in range(101)]
    keep(desk, *(asked(desk, each).confirms(evidence(desk, Means.LINK)) for each in names))
    rest = re.search(r"verder=(\w+)", browser.get(f"{LIST}?stand=confirmed").body.decode())
    assert rest
    unit = desk.store.unit_of_work()
    last = unit.subscribers.get(rest[1])
    assert last is not None
    unit.subscribers.update(last.unsubscribes(now=desk.clock()))
    unit.commit()
    text = text_of(browser, f"{LIST}?stand=confirmed&verder={rest[1]}")
    assert names[49] not in text
    assert names[50] in text
    assert names[0] in text_of(browser, f"{LIST}?verder={'a' * 32}"), "of whoever is not known any more, the first page"
