"""A proof of an issue: it goes to one address as the issue will go to all, and is nobody's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.email import Stream
from chalicelib.flows.ask_proof import BY_STAFF
from devstack.environment import BEHEERDER
from tests.desk import BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.issues import fields_of, newsroom, schedule, write
from tests.entrypoints.beheer.orders import text_of
from tests.entrypoints.beheer.test_newsletter import log
from tests.entrypoints.beheer.test_suppressions import keep, of
from tests.entrypoints.document import Document
from tests.entrypoints.test_behind_the_scenes import hear

if TYPE_CHECKING:
    from chalice.test import HTTPResponse


def test_a_proof_goes_to_one_address_and_its_links_are_nobodys(desk: Desk, browser: Browser) -> None:
    [reader] = newsroom(desk).subscribe([BEHEERDER])
    path = write(browser)
    assert Document(browser.get(f"{path}/voorbeeld")).one("input", name="naar").get("value") == BEHEERDER
    answer = browser.post(f"{path}/voorbeeld", fields_of(browser, f"{path}/voorbeeld") | {"naar": "Bea@LPB.example"})
    assert answer.headers["Location"].endswith("/voorbeeld?gedaan=proef")
    assert desk.sender.sent[1:] == [], "the web sends nothing itself"
    desk.work()
    email_id, letter = desk.sender.sent[-1]
    assert email_id.startswith(f"test-{path.rpartition('/')[2]}-")
    assert (letter.to, letter.subject) == ("Bea@lpb.example", "[Proef] Nieuws uit de wijken")
    assert desk.application.identity.subscriber_token(reader.id) not in letter.html + letter.text
    assert "/nl/nieuwsbrief" in letter.text
    assert not any(f"{word}/" in letter.html + letter.text for word in ("afmelden", "voorkeuren"))
    assert log(desk) == ["issue_added", "issue_tested"]
    assert "Bea" not in str(desk.items("audit_entry")), "the log says to nobody"


def test_a_proof_goes_as_the_issue_will(desk: Desk, browser: Browser) -> None:
    room = newsroom(desk, ["ada@a.example"])
    path = write(browser)
    prove(desk, browser, path, "bea@lpb.example")
    _, proof = desk.sender.sent[-1]
    schedule(browser, path)
    room.run(path.rpartition("/")[2])
    [real] = room.service.letters
    assert (
        (proof.stream, proof.list_id)
        == (real.stream, real.list_id)
        == (Stream.BULK, "nieuwsbrief.aanmelden.example.nl")
    )
    assert proof.unsubscribe_url.rpartition("/")[2] == real.unsubscribe_url.rpartition("/")[2]
    before = desk.items("subscriber")
    answer = desk.post(proof.unsubscribe_url.removeprefix(BASE_URL), "List-Unsubscribe=One-Click")
    assert answer.status_code == 200, "as a mail program expects"
    assert desk.items("subscriber") == before, "and nobody is unsubscribed by it"


@pytest.mark.parametrize("event", ["Bounce", "Complaint"])
def test_a_proof_that_does_not_arrive_is_kept_and_goes_there_no_more(desk: Desk, browser: Browser, event: str) -> None:
    path = write(browser)
    prove(desk, browser, path, "weg@elders.nl")
    email_id, _ = desk.sender.sent[-1]
    for _ in range(2):
        hear(desk, email_id, event, address="weg@elders.nl", bounce=("Permanent", "NoEmail"))
    assert "proef van een nieuwsbrief" in text_of(browser, "/beheer/niet-mailen?zoek=weg@elders.nl")
    answer = browser.post(f"{path}/voorbeeld", fields_of(browser, f"{path}/voorbeeld") | {"naar": "Weg@elders.nl"})
    assert answer.status_code == 409
    assert "mailen wij niet meer" in Document(answer).one("p", id="naar-wrong").text
    assert desk.emails.messages == []
    assert log(desk) == ["issue_added", "issue_tested"]


def test_a_proof_does_not_go_to_who_complains_while_it_waits(desk: Desk, browser: Browser) -> None:
    path = write(browser)
    sent = fields_of(browser, f"{path}/voorbeeld") | {"naar": "weg@elders.nl"}
    browser.post(f"{path}/voorbeeld", sent)
    before = len(desk.sender.sent)
    keep(desk, of(desk, "weg@elders.nl"))
    desk.work()
    assert len(desk.sender.sent) == before


def test_a_full_mailbox_of_a_proof_suppresses_nobody(desk: Desk, browser: Browser) -> None:
    path = write(browser)
    prove(desk, browser, path, "vol@elders.nl")
    hear(desk, desk.sender.sent[-1][0], "Bounce", address="vol@elders.nl", bounce=("Transient", "MailboxFull"))
    hear(desk, desk.sender.sent[-1][0], "Delivery", address="vol@elders.nl")
    assert desk.items("suppression") == []


def prove(desk: Desk, browser: Browser, path: str, address: str) -> None:
    answer = browser.post(f"{path}/voorbeeld", fields_of(browser, f"{path}/voorbeeld") | {"naar": address})
    assert answer.status_code == 303
    desk.work()


def test_a_wrong_address_for_a_proof_stays_in_its_field(desk: Desk, browser: Browser) -> None:
    path = write(browser)
    for address in ("", "geen adres", "a@b", "x@y.nl\r\nBcc: z@z.nl"):
        answer = browser.post(f"{path}/voorbeeld", fields_of(browser, f"{path}/voorbeeld") | {"naar": address})
        assert answer.status_code == 422
        assert Document(answer).one("title").text.startswith("Fout: ")
        assert Document(answer).one("input", name="naar").has("aria-invalid")
    assert desk.emails.messages == []


def test_ten_proofs_an_hour_is_enough(desk: Desk, browser: Browser) -> None:
    path = write(browser)

    def post() -> HTTPResponse:
        sent = fields_of(browser, f"{path}/voorbeeld") | {"naar": BEHEERDER}
        return browser.post(f"{path}/voorbeeld", sent)

    def ask() -> int:
        return post().status_code

    assert [ask() for _ in range(BY_STAFF.most)] == [303] * BY_STAFF.most
    refused = post()
    assert refused.status_code == 429
    minutes = int(re.findall(r"Over (\d+) minuten kan het weer", Document(refused).text)[0])
    assert len(desk.emails.messages) == BY_STAFF.most
    desk.clock.advance(minutes=minutes - 1)
    assert "Over 1 minuut kan het weer." in Document(post()).text
    desk.clock.advance(minutes=2)
    assert ask() == 303
