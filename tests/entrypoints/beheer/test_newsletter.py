"""Writing issues: the list, the form, what a colleague does meanwhile, and what is kept of it."""

from __future__ import annotations

import pytest

from chalicelib.domain.issue import IssueState
from chalicelib.domain.language import Language
from chalicelib.domain.segment import Segment, SegmentKind
from chalicelib.domain.staff import Role
from chalicelib.flows.keep_issue import MOST_BYTES
from tests.desk import Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.issues import NEW, SOURCE, agree, fields_of, form, hidden, newsroom, schedule, write
from tests.entrypoints.document import Document
from tests.events import EVENT, sample_event

MOST_REQUESTS = 5


def typed(page: Document) -> str:
    """What stands in the big field, as a browser reads it: without its first line end."""
    text = "".join(page.one("textarea", name="tekst").pieces)
    return text.removeprefix("\n")


def log(desk: Desk) -> list[str]:
    entries = desk.store.audit(f"{desk.clock():%Y-%m}", rest="", limit=50).items
    return [each.deed.value for each in entries if each.deed.value.startswith("issue_")][::-1]


def state(desk: Desk, path: str) -> IssueState:
    issue = desk.store.unit_of_work().issues.get(path.rpartition("/")[2])
    assert issue is not None
    return issue.state


def test_an_empty_list_says_what_to_do_and_the_text_to_begin_with_has_nothing_wrong(browser: Browser) -> None:
    assert "Er is nog geen nieuwsbrief" in Document(browser.get("/beheer/nieuwsbrief")).text
    page = Document(browser.get(NEW))
    path = write(browser, typed(page))
    answer = browser.get(path)
    assert "Nakijken" not in Document(answer).text
    assert weight(answer) < MOST_WEIGHT
    assert typed(Document(answer)) == typed(page)


def test_what_is_written_is_kept_shown_and_logged(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event())
    path = write(browser, SOURCE, groep=f"deelnemers {EVENT}", leest="en", rubriek="congres")
    issue = desk.store.unit_of_work().issues.get(path.rpartition("/")[2])
    assert issue is not None
    assert (issue.subject, issue.language, issue.topic) == ("Nieuws uit de wijken", Language.NL, "congres")
    assert issue.segment == Segment(kind=SegmentKind.ATTENDEES, offer_id=EVENT, language=Language.EN)
    page = Document(browser.get(path))
    assert typed(page) == SOURCE
    chosen = [each.get("value") for each in page.all("option") if each.has("selected")]
    assert chosen == ["congres", f"deelnemers {EVENT}", "en"]
    answer = browser.post(path, fields_of(browser, path) | form(SOURCE + "\nMeer."))
    assert answer.headers["Location"].endswith("?gedaan=bewaard")
    assert "Meer." in typed(Document(browser.get(path)))
    assert log(desk) == ["issue_added", "issue_changed"]
    assert "Nieuwsbrief bewaard" in Document(browser.get("/beheer/logboek")).text
    assert "Nieuws uit de wijken" in Document(browser.get("/beheer/nieuwsbrief")).text


def test_each_button_keeps_first_and_leads_on(desk: Desk, browser: Browser) -> None:
    path = write(browser)
    for word in ("voorbeeld", "versturen"):
        answer = browser.post(path, fields_of(browser, path) | form(f"{SOURCE}\n{word}", do=word))
        assert answer.headers["Location"].endswith(f"{path}/{word}")
        assert typed(Document(browser.get(path))).endswith(word)


def test_pressed_twice_it_is_one_draft_and_gone_back_to_it_nothing_typed_is_lost(desk: Desk, browser: Browser) -> None:
    sent = fields_of(browser, NEW) | form()
    first, second = browser.post(NEW, sent), browser.post(NEW, sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(desk.items("issue")) == 1
    assert log(desk) == ["issue_added"]
    answer = browser.post(NEW, sent | {"tekst": f"{SOURCE}\nNog iets"})
    assert answer.status_code == 409
    assert typed(Document(answer)).endswith("Nog iets")


def test_where_the_text_says_for_whom_it_is_that_counts(desk: Desk, browser: Browser) -> None:
    path = write(browser, SOURCE.replace("preheader", "rubriek: congres\ndoelgroep: leden nl\npreheader"))
    page = Document(browser.get(path))
    chosen = [each.get("value") for each in page.all("option") if each.has("selected")]
    assert chosen == ["congres", "leden", "nl"]


@pytest.mark.parametrize(
    ("source", "given", "words"),
    [
        (SOURCE, {"rubriek": "onzin"}, "Deze rubriek is er niet"),
        (SOURCE.replace("preheader", "rubriek: onzin\npreheader"), {}, "Deze rubriek is er niet"),
        (SOURCE, {"groep": "deelnemers is-er-niet"}, "Deze groep is er niet"),
        (SOURCE, {"groep": "vrienden"}, "Deze groep is er niet"),
        (SOURCE + "é" * (MOST_BYTES // 2), {}, "De tekst is te lang"),
    ],
)
def test_what_cannot_be_kept_stays_in_the_form(
    desk: Desk, browser: Browser, source: str, given: dict[str, str], words: str
) -> None:
    before = len(desk.items("issue"))
    answer = browser.press(NEW, NEW, form(source, **given))
    page = Document(answer)
    assert answer.status_code == 422
    assert page.one("title").text.startswith("Fout: ")
    assert words in page.text
    assert typed(page) == source
    path = write(browser)
    answer = browser.post(path, fields_of(browser, path) | form(source, **given))
    assert answer.status_code == 422
    assert typed(Document(answer)) == source
    assert len(desk.items("issue")) == before + 1


def test_a_text_as_long_as_may_be_comes_through_whole(browser: Browser) -> None:
    source = SOURCE + "é\n" * ((MOST_BYTES - 1000) // 3)
    assert typed(Document(browser.get(write(browser, source)))) == source


def test_nothing_that_is_typed_works_in_the_page(browser: Browser) -> None:
    hostile = "</textarea><script>alert(1)</script>{{7*7}}<img src=x onerror=alert(1)>"
    source = SOURCE.replace("Nieuws uit de wijken", f"Nieuws {hostile}") + hostile
    path = write(browser, source)
    for page in (
        path,
        f"{path}/voorbeeld",
        f"{path}/versturen",
        "/beheer/nieuwsbrief",
        "/beheer/logboek",
        f"{path}/mail",
    ):
        text = browser.get(page).body.decode()
        assert "<script" not in text, page
        assert "<img src=x" not in text, page
    assert typed(Document(browser.get(path))) == source


def test_a_colleague_who_was_first_is_not_overwritten_unseen(desk: Desk, browser: Browser) -> None:
    path = write(browser)
    other = Browser(desk)
    other.log_in(WORKS_HERE[Role.SECRETARIAAT])
    mine, hers = fields_of(browser, path), fields_of(other, path)
    assert other.post(path, hers | form(f"{SOURCE}\nVan haar")).status_code == 303
    answer = browser.post(path, mine | form(f"{SOURCE}\nVan mij"))
    page = Document(answer)
    assert answer.status_code == 409
    assert typed(page).endswith("Van mij")
    assert page.one("pre").text.endswith("Van haar")
    assert f"van {WORKS_HERE[Role.SECRETARIAAT]}" in page.text
    assert typed(Document(browser.get(path))).endswith("Van haar"), "nothing of mine was kept"
    # whoever has seen that, may
    again = mine | {"version": hidden(page, "version")}
    assert browser.post(path, again | form(f"{SOURCE}\nVan mij")).status_code == 303
    assert typed(Document(browser.get(path))).endswith("Van mij")


def test_what_is_scheduled_is_written_on_no_more_and_what_was_typed_is_shown(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    mine = fields_of(browser, path)
    schedule(browser, path)
    before = desk.items("issue_text")
    answer = browser.post(path, mine | form(f"{SOURCE}\nTe laat"))
    assert answer.status_code == 409
    assert Document(answer).one("pre").text.endswith("Te laat")
    assert desk.items("issue_text") == before
    assert agree_is_gone(browser, path)


def agree_is_gone(browser: Browser, path: str) -> bool:
    return not list(Document(browser.get(f"{path}/versturen")).all("input", name="akkoord"))


def test_an_issue_that_is_not_there_is_not_there(browser: Browser) -> None:
    for name in ("x" * 20, "onzin", "A" * 20, "a" * 9_000):
        path = f"/beheer/nieuwsbrief/{name}"
        for page in (path, f"{path}/voorbeeld", f"{path}/mail", f"{path}/versturen", f"{path}/sturen?wat=stoppen"):
            assert browser.get(page).status_code == 404, page
        for page in (path, f"{path}/voorbeeld", f"{path}/versturen", f"{path}/sturen"):
            assert browser.press("/beheer/sessies", page, form()).status_code == 404, page


def test_a_page_asks_the_table_five_times_at_most(desk: Desk, browser: Browser) -> None:
    room = newsroom(desk, ["ada@a.example"])
    path = write(browser)
    for page in ("/beheer/nieuwsbrief", NEW, path, f"{path}/voorbeeld", f"{path}/mail"):
        with counted(desk) as asked:
            assert browser.get(page).status_code == 200
        assert len(asked) <= MOST_REQUESTS, (page, asked)
    # everybody is counted: a question for readers, one for suppressions
    with counted(desk) as asked:
        agree(browser, path)
    assert len(asked) <= MOST_REQUESTS + 2, asked
    schedule(browser, path)
    room.run(path.rpartition("/")[2])
    for page in (path, "/beheer/nieuwsbrief"):
        with counted(desk) as asked:
            answer = browser.get(page)
        assert len(asked) <= MOST_REQUESTS, (page, asked)
        assert weight(answer) < MOST_WEIGHT


def test_many_issues_come_in_pages(desk: Desk, browser: Browser) -> None:
    for number in range(41):
        write(browser, SOURCE.replace("wijken", f"wijken {number:02}"))
        desk.clock.advance(seconds=1)
    answer = browser.get("/beheer/nieuwsbrief")
    page = Document(answer)
    assert "wijken 40" in page.text
    assert "wijken 00" not in page.text
    assert weight(answer) < MOST_WEIGHT
    assert "wijken 00" in Document(browser.get("/beheer/nieuwsbrief?verder=40")).text
    for word in ("x", "-1", "9" * 5_000, "²"):
        assert browser.get(f"/beheer/nieuwsbrief?verder={word}").status_code == 200
