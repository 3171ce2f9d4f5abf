"""A subscriber's own pages: a GET changes nothing, every link says how things are, and one click is enough to leave."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.domain.subscriber import Standing, Subscriber
from tests.desk import BASE_URL, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.gateway import request
from tests.entrypoints.test_storage import Breakage, unreachable
from tests.entrypoints.witness import safe, said, untouched

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

ADA = "ada@voorbeeldstad.nl"
FORM = "/nl/nieuwsbrief"
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
CONFIRM, PREFER, LEAVE = "bevestigen", "voorkeuren", "afmelden"
# As Gmail, Apple, Yahoo and others post it, and as nobody would.
ONE_CLICK = [
    ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
    ("application/x-www-form-urlencoded; charset=UTF-8", b"List-Unsubscribe=One-Click"),
    (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
    ),
    ("application/json", b'{"List-Unsubscribe": "One-Click"}'),
    ("application/json", b"{not json"),
    ("text/plain", b"List-Unsubscribe=One-Click"),
    ("application/x-www-form-urlencoded", b""),
    ("application/x-www-form-urlencoded", b"\xff\xfe\x00%zz"),
    ("application/x-www-form-urlencoded", b"x" * 100_000),
    ("", b"List-Unsubscribe=One-Click"),
    ("nonsense", b"List-Unsubscribe=One-Click"),
]


def ask(desk: Desk, *topics: str) -> None:
    fields = {f"topic_{topic}": "ja" for topic in topics or ("nieuwsbrief",)}
    assert desk.post(FORM, fields | {"email": ADA}).status_code == 200


def page_of(desk: Desk, page: str, *, lang: str = "nl", rest: str = "") -> str:
    identity = desk.application.identity
    rest = rest or ("/uitgave-7" if page == LEAVE else "")
    return f"/{lang}/nieuwsbrief/{page}/{identity.subscriber_token(identity.subscriber_id(ADA))}{rest}"


def known(desk: Desk) -> Subscriber:
    subscriber = desk.store.unit_of_work().subscribers.get(desk.application.identity.subscriber_id(ADA))
    assert subscriber is not None
    return subscriber


def title(answer: HTTPResponse) -> str:
    safe(answer)
    page = Document(answer)
    assert page.one("meta", name="robots").get("content") == "noindex"
    return page.one("h1").text


def says(desk: Desk, key: str, lang: str = "nl", **values: str) -> str:
    return said(desk, lang, f"newsletter.{key}", association="LPB", **values)


def press(desk: Desk, do: str, *, page: str = CONFIRM, rest: str = "") -> HTTPResponse:
    """Look at a page of his, and press a button on it."""
    action, fields = Document(desk.get(page_of(desk, page, rest=rest))).press(do)
    return desk.post(action, fields)


@pytest.fixture
def subscribed(desk: Desk) -> Desk:
    ask(desk)
    press(desk, "confirm")
    return desk


def test_again_and_from_an_old_link_it_says_how_things_are(subscribed: Desk) -> None:
    desk, path = subscribed, page_of(subscribed, CONFIRM)
    desk.clock.advance(days=400)
    with untouched(desk):
        assert title(desk.get(path)) == says(desk, "known.title")
        assert title(desk.post(path, {"do": "confirm"})) == says(desk, "known.title")
    desk.post(page_of(desk, LEAVE), {})
    with untouched(desk):
        answer = desk.get(path)
        assert title(answer) == says(desk, "unsubscribed.title")
        assert title(desk.post(path, {"do": "confirm"})) == says(desk, "unsubscribed.title")
    links = {each.text: each.get("href") for each in Document(answer).all("a")}
    assert links[says(desk, "unsubscribed.again")] == f"{BASE_URL}{page_of(desk, PREFER)}"


@pytest.mark.parametrize("page", [CONFIRM, PREFER, LEAVE])
@LANGUAGES
def test_who_did_not_confirm_in_time_or_was_erased_is_gone(desk: Desk, page: str, lang: str) -> None:
    ask(desk)
    desk.clock.advance(days=30)
    path = page_of(desk, page, lang=lang)
    with untouched(desk):
        answers = [desk.get(path), desk.post(path, {"do": "confirm"})]
    for answer, status in zip(answers, [404, 200 if page == LEAVE else 404], strict=True):
        assert (answer.status_code, title(answer)) == (status, says(desk, "gone.title", lang))
        links = [each.get("href") for each in Document(answer).all("a")]
        assert f"{BASE_URL}/{lang}/nieuwsbrief" in links


@pytest.mark.parametrize("page", [CONFIRM, PREFER, LEAVE])
@pytest.mark.parametrize("wrong", ["short", "other", "order", "é", "nothing", "lang"])
def test_a_link_that_was_tampered_with_opens_nothing(subscribed: Desk, page: str, wrong: str) -> None:
    desk, path = subscribed, page_of(subscribed, page)
    identity = desk.application.identity
    token = path.split("/")[4]
    other = {
        "short": token[:-1],
        "other": f"{identity.subscriber_id('b@x.nl')}-{token.partition('-')[2]}",
        "order": identity.link_token(identity.subscriber_id(ADA)),
        "é": "%C3%A9-%00",
        "nothing": "-",
        "lang": token,
    }
    path = path.replace(token, other[wrong])
    path = path.replace("/nl/", "/fr/") if wrong == "lang" else path
    with untouched(desk):
        shown, sent = desk.get(path), desk.post(path, {"do": "unsubscribe"})
    assert (shown.status_code, title(shown)) == (404, said(desk, "nl", "problem.link_invalid.title"))
    assert sent.status_code == (200 if page == LEAVE else 404)


# One click


@pytest.mark.parametrize(("kind", "body"), ONE_CLICK)
def test_one_click_as_mail_programs_post_it(subscribed: Desk, kind: str, body: bytes) -> None:
    desk = subscribed
    path = page_of(desk, LEAVE)
    answer = desk.post(path, body, content_type=kind)
    assert answer.status_code == 200
    assert title(answer) == says(desk, "unsubscribed.title")
    assert {name.lower() for name in answer.headers}.isdisjoint({"set-cookie", "location"})
    left = known(desk)
    assert (left.standing, left.topics, left.unsubscribed_at) == (Standing.UNSUBSCRIBED, (), desk.clock())
    desk.clock.advance(days=3)
    with untouched(desk):
        assert desk.post(path, body, content_type=kind).status_code == 200


@pytest.mark.parametrize("body", [None, "", "List-Unsubscribe=One-Click", "\ud800"])
@pytest.mark.parametrize("is_base64", [False, True])
def test_one_click_without_a_type_or_a_body(subscribed: Desk, body: str | None, is_base64: bool) -> None:
    desk = subscribed
    token = page_of(desk, LEAVE).split("/")[4]
    answer = request(
        desk,
        resource="/{lang}/nieuwsbrief/afmelden/{token}/{issue}",
        parameters={"lang": "nl", "token": token, "issue": "uitgave-7"},
        headers={},
        body=body,
        is_base64=is_base64,
    )
    assert answer["statusCode"] == 200
    assert known(desk).standing is Standing.UNSUBSCRIBED


@pytest.mark.parametrize("issue", ["-", "uitgave-7", "%00", "a" * 3_000, "<b>"])
def test_whatever_the_link_says_of_an_issue_he_is_unsubscribed(subscribed: Desk, issue: str) -> None:
    desk = subscribed
    path = page_of(desk, LEAVE, rest=f"/{issue}")
    with untouched(desk):
        assert desk.get(path).status_code == 200
    assert desk.post(path, {}).status_code == 200
    assert known(desk).standing is Standing.UNSUBSCRIBED


def test_a_program_is_told_to_come_again_while_the_table_does_not_answer(subscribed: Desk) -> None:
    desk = subscribed
    breakage = Breakage(desk, unreachable)
    assert desk.post(page_of(desk, LEAVE), {}).status_code == 503
    breakage.mend()
    assert known(desk).standing is Standing.CONFIRMED


@LANGUAGES
def test_a_person_is_asked_once_and_told(subscribed: Desk, lang: str) -> None:
    desk = subscribed
    path = page_of(desk, LEAVE, lang=lang)
    with untouched(desk):
        shown = desk.get(path)
    assert title(shown) == says(desk, "unsubscribe.title", lang)
    assert Document(shown).buttons() == ["unsubscribe"]
    action, fields = Document(shown).press("unsubscribe")
    done = desk.post(action, fields)
    page = Document(done)
    assert page.one("h1").text == says(desk, "unsubscribed.title", lang)
    assert says(desk, "unsubscribed.service", lang) in page.text
    with untouched(desk):
        assert title(desk.get(path)) == says(desk, "unsubscribed.title", lang)


# Preferences


def save(desk: Desk, **fields: str) -> HTTPResponse:
    return desk.post(page_of(desk, PREFER), {"do": "save", "language": "nl", "pause": ""} | fields)


@LANGUAGES
def test_topics_language_and_pause(subscribed: Desk, lang: str) -> None:
    desk, path = subscribed, page_of(subscribed, PREFER, lang=lang)
    with untouched(desk):
        shown = desk.get(path)
    assert title(shown) == says(desk, "preferences.title", lang)
    page = Document(shown)
    assert set(page.buttons()) == {"save", "unsubscribe", "export", "erase"}
    action, fields = page.press("save")
    assert fields == {"topic_nieuwsbrief": "ja", "language": "nl", "pause": "", "do": "save"}
    desk.clock.advance(days=2)
    answer = desk.post(action, {"topic_congres": "ja", "language": "en", "pause": "3", "do": "save"})
    assert Document(answer).notice.startswith(says(desk, "preferences.saved", lang))
    subscriber = known(desk)
    assert (subscriber.topics, subscriber.language.value) == (("congres",), "en")
    assert subscriber.paused_until == date(2027, 2, 27)
    proof = subscriber.confirmed
    assert proof
    assert (proof.at, proof.text) == (
        desk.clock(),
        f"{says(desk, 'preferences.save', lang)} ({'Congres' if lang == 'nl' else 'Congress'})",
    )
    _, fields = Document(answer).press("save")
    assert fields["pause"] == "stays"
    desk.post(action, fields)
    assert known(desk).paused_until == date(2027, 2, 27)
    desk.post(action, fields | {"pause": ""})
    assert known(desk).paused_until is None


@pytest.mark.parametrize(
    ("months", "until"), [("1", date(2026, 12, 25)), ("6", date(2027, 5, 25)), ("2", None), ("1e9", None), ("-1", None)]
)
def test_a_pause_is_one_of_those_that_there_are(subscribed: Desk, months: str, until: date | None) -> None:
    save(subscribed, topic_nieuwsbrief="ja", pause=months)
    assert known(subscribed).paused_until == until


def test_a_pause_that_is_over_is_not_told(subscribed: Desk) -> None:
    save(subscribed, topic_nieuwsbrief="ja", pause="1")
    subscribed.clock.advance(days=30)
    _, fields = Document(subscribed.get(page_of(subscribed, PREFER))).press("save")
    assert fields["pause"] == ""


def test_what_is_unchanged_keeps_its_proof(subscribed: Desk) -> None:
    before = known(subscribed)
    subscribed.clock.advance(days=1)
    with untouched(subscribed):
        save(subscribed, topic_nieuwsbrief="ja")
    assert known(subscribed) == before


def test_no_topic_at_all_is_unsubscribing(subscribed: Desk) -> None:
    assert title(save(subscribed)) == says(subscribed, "unsubscribed.title")
    assert known(subscribed).standing is Standing.UNSUBSCRIBED


def test_what_somebody_asked_in_his_name_counts_once_he_says_so(subscribed: Desk) -> None:
    desk, path = subscribed, page_of(subscribed, PREFER)
    ask(desk, "congres")
    page = Document(desk.get(path))
    assert says(desk, "preferences.wanted", topics="Congres") in page.text
    assert known(desk).topics == ("nieuwsbrief",)
    action, fields = page.press("confirm")
    assert title(desk.post(action, fields)) == says(desk, "confirmed.title")
    assert known(desk).topics == ("nieuwsbrief", "congres")


@pytest.mark.parametrize("page", [CONFIRM, PREFER])
@pytest.mark.parametrize("standing", list(Standing))
@LANGUAGES
def test_the_proof_is_what_stood_on_the_button(desk: Desk, page: str, standing: Standing, lang: str) -> None:
    if standing is not Standing.UNCONFIRMED:
        ask(desk)
        press(desk, "confirm")
    if standing is Standing.UNSUBSCRIBED:
        desk.post(page_of(desk, PREFER), {"do": "unsubscribe"})
    ask(desk, "congres")
    assert known(desk).standing is standing
    shown = Document(desk.get(page_of(desk, page, lang=lang)))
    button = shown.one("button", value="confirm")
    desk.post(*shown.press("confirm"))
    proof = known(desk).confirmed
    assert proof
    assert proof.text == f"{button.text} ({'Congres' if lang == 'nl' else 'Congress'})"


def test_whoever_has_left_is_not_asked_whether_he_wants_more(subscribed: Desk) -> None:
    subscribed.post(page_of(subscribed, PREFER), {"do": "unsubscribe"})
    ask(subscribed, "congres")
    page = Document(subscribed.get(page_of(subscribed, PREFER)))
    assert says(subscribed, "preferences.wanted_left", topics="Congres") in page.text
    assert says(subscribed, "confirm.refuse") in page.text


def test_who_has_left_comes_back_by_his_own_link(subscribed: Desk) -> None:
    desk, path = subscribed, page_of(subscribed, PREFER)
    desk.post(path, {"do": "unsubscribe"})
    shown = desk.get(path)
    assert title(shown) == says(desk, "preferences.title_left")
    action, fields = Document(shown).press("again")
    refused = desk.post(action, fields)
    assert (refused.status_code, Document(refused).title.startswith("Fout: ")) == (422, True)
    desk.clock.advance(days=1)
    done = desk.post(action, fields | {"topic_werkgroepen": "ja"})
    assert title(done) == says(desk, "confirmed.title")
    subscriber = known(desk)
    assert (subscriber.standing, subscriber.topics) == (Standing.CONFIRMED, ("werkgroepen",))
    assert subscriber.confirmed
    assert (subscriber.confirmed.at, subscriber.unsubscribed_at) == (desk.clock(), None)


def test_who_has_not_confirmed_is_asked_on_his_own_page_too(desk: Desk) -> None:
    ask(desk)
    answer = desk.get(page_of(desk, PREFER))
    assert (answer.status_code, title(answer)) == (200, says(desk, "confirm.title"))
    assert f"{BASE_URL}{page_of(desk, PREFER)}" not in [each.get("href") for each in Document(answer).all("a")]
    with untouched(desk):
        desk.post(page_of(desk, PREFER), {"do": "save", "topic_congres": "ja"})
    assert known(desk).standing is Standing.UNCONFIRMED


@pytest.mark.parametrize("do", ["", "nonsense", "confirm-now"])
def test_another_wish_is_no_wish(subscribed: Desk, do: str) -> None:
    with untouched(subscribed):
        assert subscribed.post(page_of(subscribed, PREFER), {"do": do}).status_code == 400


def test_all_of_it_as_a_file(subscribed: Desk) -> None:
    desk = subscribed
    desk.work()
    with untouched(desk):
        answer = desk.post(page_of(desk, PREFER, lang="en"), {"do": "export"})
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="nieuwsbrief.json"'
    safe(answer)
    document: dict[str, Any] = json.loads(answer.body)
    assert (document["e-mail address"], document["standing"], document["topics"]) == (ADA, "subscribed", ["Newsletter"])
    assert document["asked for"]["where"] == f"{BASE_URL}/nl/nieuwsbrief"
    assert set(document["confirmed by"]) == {"at", "how", "what it said", "where"}
    assert len(document["asked to confirm at"]) == 1


def test_erasing_asks_first_and_leaves_nothing(subscribed: Desk) -> None:
    desk, path = subscribed, page_of(subscribed, PREFER)
    with untouched(desk):
        asked = desk.post(path, {"do": "erase"})
    assert title(asked) == says(desk, "erase.title")
    action, fields = Document(asked).press("erase-now")
    assert title(desk.post(action, fields)) == says(desk, "erased.title")
    assert ADA not in json.dumps(desk.items())
    assert title(desk.get(path)) == says(desk, "gone.title")
    assert desk.post(path, {"do": "erase-now"}).status_code == 404


@pytest.mark.parametrize("page", [CONFIRM, PREFER])
def test_too_large_a_body_is_refused(subscribed: Desk, page: str) -> None:
    assert subscribed.post(page_of(subscribed, page), {"do": "x" * 70_000}).status_code == 413


@pytest.mark.parametrize("page", [CONFIRM, PREFER, LEAVE])
def test_the_other_language_is_the_same_page(subscribed: Desk, page: str) -> None:
    ask(subscribed, "congres")  # so that there is something to confirm
    path = page_of(subscribed, page) + ("?mail=subscriber-x" if page == CONFIRM else "")
    other = Document(subscribed.get(path)).one("a", class_="language")
    assert other.get("href") == f"{BASE_URL}{path.replace('/nl/', '/en/')}"
