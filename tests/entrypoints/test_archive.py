"""The archive of the newsletter: what was sent, for everybody, and nothing of anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.issue import Issue
from chalicelib.domain.segment import Segment, SegmentKind
from tests.desk import BASE_URL, Desk
from tests.entrypoints.document import Document
from tests.flows.newsletter import ISSUE, SOURCE, Newsroom

ARCHIVE = "/nl/nieuwsbrief/archief"


@pytest.fixture
def room(desk: Desk) -> Newsroom:
    return Newsroom(desk)


def publish(room: Newsroom, name: str, *, segment: Segment | None = None, source: str = SOURCE) -> Issue:
    """An issue that is being sent."""
    issue = room.issue(issue_id=f"{name:a<16}", segment=segment, source=source)
    return change(room, issue.started(now=room.desk.clock()))


def change(room: Newsroom, issue: Issue) -> Issue:
    unit = room.desk.store.unit_of_work()
    after = unit.issues.update(issue)
    unit.commit()
    return after


def test_an_empty_archive_leads_to_the_form(desk: Desk) -> None:
    for lang, words in (("nl", "Er is nog geen nieuwsbrief verstuurd"), ("en", "No newsletter has been sent yet")):
        page = Document(desk.get(f"/{lang}/nieuwsbrief/archief"))
        assert words in page.text
        assert [each.get("href") for each in page.all("a", class_="button")] == [f"{BASE_URL}/{lang}/nieuwsbrief"]


def test_what_was_sent_to_everybody_is_listed_newest_first(room: Newsroom) -> None:
    desk = room.desk
    for name in ("b", "c"):
        publish(room, name)
        desk.clock.advance(minutes=5)
    publish(room, "leden", segment=Segment(kind=SegmentKind.MEMBERS))
    stopped = publish(room, "stop")
    change(room, stopped.cancelled(now=desk.clock()))
    room.issue(issue_id="d" * 16)
    answer = desk.get(ARCHIVE)
    links = [each.get("href") for each in Document(answer).all("a")]
    assert [link for link in links if "/archief/" in link] == [
        f"{BASE_URL}{ARCHIVE}/{name:a<16}" for name in ("c", "b")
    ]
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_an_issue_is_shown_as_nobody_in_particular_reads_it(room: Newsroom) -> None:
    [reader] = room.subscribe(["ada@a.example"])
    issue = publish(room, "b", segment=Segment(kind=SegmentKind.MEMBERS))
    for lang in ("nl", "en"):
        answer = room.desk.get(f"/{lang}/nieuwsbrief/archief/{issue.id}")
        page = Document(answer)
        assert answer.status_code == 200
        assert page.one("h1").text == "Nieuws uit de buurt"
        assert "Beste lezer," in page.text
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        text = answer.body.decode()
        assert reader.id not in text
        assert "afmelden/" not in text
        assert "voorkeuren/" not in text
        assert page.one("html").get("lang") == lang
        assert page.one("div", lang="nl").get("lang") == "nl"


def test_the_link_in_a_mail_leads_to_it_also_when_it_was_stopped_half_way(room: Newsroom) -> None:
    room.subscribe(["ada@a.example"])
    room.issue()
    room.run()
    link = room.desk.application.links.issue(ISSUE, room.stored().language)
    assert link in room.service.letters[0].text
    assert room.desk.get(link.removeprefix(BASE_URL)).status_code == 200
    stopped = publish(room, "stop")
    change(room, stopped.paused().cancelled(now=room.desk.clock() + timedelta(minutes=1)))
    assert room.desk.get(f"{ARCHIVE}/{stopped.id}").status_code == 200


def test_what_speaks_of_an_offer_that_is_gone_is_shown_all_the_same(room: Newsroom) -> None:
    issue = publish(room, "b", source=f"{SOURCE}\n{{aanbod is-er-niet-meer}}\n")
    assert "Er is nieuws uit de buurt." in Document(room.desk.get(f"{ARCHIVE}/{issue.id}")).text


def test_before_it_is_sent_there_is_none_nor_under_any_other_name(room: Newsroom) -> None:
    scheduled = room.issue()
    draft = change(room, scheduled.drafted())
    thrown = change(room, draft.cancelled(now=room.desk.clock()))
    for name in (ISSUE, thrown.id, "x", "a" * 32, "a" * 9_000, "A" * 20, "%23", "."):
        answer = room.desk.get(f"{ARCHIVE}/{name}")
        assert answer.status_code == 404, name
        assert "Deze pagina bestaat niet" in Document(answer).text
    assert room.desk.get("/de/nieuwsbrief/archief").status_code == 404
    assert room.desk.get(f"/de/nieuwsbrief/archief/{ISSUE}").status_code == 404
