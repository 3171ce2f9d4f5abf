"""Clicks: when it is switched on, how often a link of an issue was followed is counted, and nothing of who did."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from chalicelib.adapters.dynamodb.clicks import TableClicks
from chalicelib.entrypoints import schedules
from devstack.environment import BEHEERDER
from tests.desk import BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.issues import schedule, write
from tests.entrypoints.beheer.orders import text_of
from tests.entrypoints.document import Document
from tests.events import EVENT, sample_event
from tests.flows.newsletter import Newsroom

SOURCE = """---
onderwerp: Nieuws uit de wijken
preheader: Wat er deze maand gebeurt
---

Beste {naam|lezer}, [lees](https://www.lpb.example.nl/a?b=1&c='2') en [mail](mailto:info@lpb.example.nl).

[[Lees verder]](https://www.lpb.example.nl/nieuws)

{aanbod proefcongres}

:::netwerk
organisatie: Gemeente Elders
titel: Open dag
link: https://elders.example.nl/café

[Lees](https://www.lpb.example.nl/nieuws) het.
:::
"""
LINKS = [
    "https://www.lpb.example.nl/a?b=1&c='2'",
    "https://www.lpb.example.nl/nieuws",
    f"{BASE_URL}/nl/{EVENT}",
    "https://elders.example.nl/café",
]


@pytest.fixture
def counting() -> Desk:
    return Desk(given={"LOKET_NEWSLETTER_CLICKS": "yes"})


def send(desk: Desk) -> str:
    """An issue that was sent to two; the path of its page."""
    desk.put_offer(sample_event())
    Newsroom(desk).subscribe(["ada@a.example", "bea@b.example"])
    browser = Browser(desk)
    browser.log_in(BEHEERDER)
    path = write(browser, SOURCE)
    schedule(browser, path)
    with desk.running():
        schedules.newsletter()
    return path


def ways(html: str, path: str) -> list[str]:
    """The addresses on the desk that links lead by."""
    return re.findall(rf'href="{BASE_URL}(/nl/nieuwsbrief/naar/{path.rpartition("/")[2]}/[0-9]+)"', html)


def clicks(desk: Desk) -> dict[str, str]:
    return {item["sk"]["S"]: item["count"]["N"] for item in desk.items("clicks")}


def test_unless_it_is_switched_on_links_lead_where_they_say(desk: Desk) -> None:
    path = send(desk)
    _, letter = desk.sender.sent[-1]
    assert ways(letter.html, path) == []
    assert "https://www.lpb.example.nl/nieuws" in letter.html
    assert "Waarop is geklikt" not in text_of(_browser(desk), path)
    answer = desk.get(f"/nl/nieuwsbrief/naar/{path.rpartition('/')[2]}/2")
    assert answer.headers["Location"] == LINKS[1], "of an issue that was sent while it was on"
    assert clicks(desk) == {}


def test_each_link_of_the_text_leads_by_way_of_the_desk_and_is_the_same_for_everybody(counting: Desk) -> None:
    path = send(counting)
    (_, ada), (_, bea) = counting.sender.sent[-2:]
    found = ways(ada.html, path)
    assert {each.rpartition("/")[2] for each in found} == {"1", "2", "3", "4"}
    assert ways(bea.html, path) == found
    assert "mailto:info@lpb.example.nl" in ada.html
    assert len(re.findall(r"/(?:afmelden|voorkeuren)/[a-z2-7-]{60,}", ada.html)) >= 2, "these lead straight there"
    assert all(link in ada.text for link in LINKS), "the text part says where to"
    for number, link in enumerate(LINKS, start=1):
        answer = counting.get(f"/nl/nieuwsbrief/naar/{path.rpartition('/')[2]}/{number}")
        assert (answer.status_code, answer.headers["Location"]) == (303, quote(link, safe=":/?&='"))
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    archive = counting.get(f"/nl/nieuwsbrief/archief/{path.rpartition('/')[2]}").body.decode()
    assert "/naar/" not in archive
    assert "/naar/" not in _browser(counting).get(f"{path}/mail").body.decode()


def test_they_are_counted_by_their_link_and_nothing_of_who_followed_them_is_kept(counting: Desk) -> None:
    path = send(counting)
    before = counting.items()
    for number in (2, 2, 4):
        counting.get(f"/nl/nieuwsbrief/naar/{path.rpartition('/')[2]}/{number}", cookie="a=b", user_agent="Firefox")
    assert clicks(counting) == {"CLICKS#002": "2", "CLICKS#004": "1"}
    assert [item for item in counting.items() if item["record"]["S"] != "clicks"] == before
    assert {name for item in counting.items("clicks") for name in item} == {
        *("pk", "sk", "record", "format", "number", "count")
    }
    text = text_of(_browser(counting), path)
    assert f"{LINKS[0]} 0 keer" in text
    assert f"{LINKS[1]} 2 keer" in text
    assert f"{LINKS[3]} 1 keer" in text
    assert "Programma’s die mail nakijken, volgen links ook" in text


def test_whoever_only_looks_whether_it_is_there_is_not_counted(counting: Desk) -> None:
    path = send(counting)
    with counting.running() as http:
        answer = http.request("HEAD", f"/nl/nieuwsbrief/naar/{path.rpartition('/')[2]}/1")
    assert (answer.status_code, answer.headers["Location"]) == (303, LINKS[0])
    assert clicks(counting) == {}


def test_it_leads_nowhere_but_where_an_issue_that_was_sent_does(counting: Desk) -> None:
    path = send(counting)
    issue_id = path.rpartition("/")[2]
    browser = _browser(counting)
    draft = write(browser, SOURCE.replace("wijken", "buurten")).rpartition("/")[2]
    for wrong in (
        *(f"{issue_id}/{number}" for number in ("0", "5", "01", "-1", "1000", "1e1", "https:%2F%2Felders.nl")),
        *(f"{draft}/1", f"{'a' * 32}/1", "x/1"),
    ):
        answer = counting.get(f"/nl/nieuwsbrief/naar/{wrong}")
        assert (answer.status_code, "Location" in answer.headers) == (404, False), wrong
    assert counting.get(f"/de/nieuwsbrief/naar/{issue_id}/1").status_code == 404
    assert clicks(counting) == {}


def test_a_link_stays_the_same_when_its_offer_is_gone(counting: Desk) -> None:
    composer = counting.application.issue_composer
    now = counting.clock()
    assert list(composer.links(SOURCE, now=now)) == LINKS
    assert list(composer.prepare_source(SOURCE, offers=[], now=now).links) == LINKS


def test_who_cannot_be_counted_gets_there_all_the_same(counting: Desk) -> None:
    path = send(counting)
    counting.application.clicks = TableClicks(counting.client, table="loket-nowhere")
    answer = counting.get(f"/nl/nieuwsbrief/naar/{path.rpartition('/')[2]}/1")
    assert (answer.status_code, answer.headers["Location"]) == (303, LINKS[0])


def test_a_proof_has_the_links_as_they_are(counting: Desk) -> None:
    browser = _browser(counting)
    counting.put_offer(sample_event())
    path = write(browser, SOURCE)
    fields = {each.get("name"): each.get("value") for each in Document(browser.get(f"{path}/voorbeeld")).all("input")}
    browser.post(f"{path}/voorbeeld", fields | {"naar": BEHEERDER})
    counting.work()
    assert "/naar/" not in counting.sender.sent[-1][1].html


def _browser(desk: Desk) -> Browser:
    browser = Browser(desk)
    browser.log_in(BEHEERDER)
    return browser
