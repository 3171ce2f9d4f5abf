"""The newsletter's form: one field, the same answer to everybody, and nothing lost when something is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from chalicelib.domain.suppression import suppression_id
from tests.adapters.subscriber_samples import SUPPRESSION
from tests.desk import BASE_URL, STRICT, WEBSITE, Desk
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.document import Document
from tests.entrypoints.gateway import request
from tests.entrypoints.test_storage import Breakage, unreachable
from tests.entrypoints.witness import safe, said, untouched
from tests.flows.line import before_writing

PATH = "/nl/nieuwsbrief"
ADA = "ada@voorbeeldstad.nl"
FILLED = {"email": ADA, "topic_nieuwsbrief": "ja", "do": "subscribe"}
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
BOTH_WAYS = pytest.mark.parametrize("query", ["", "?fragment=1"])


def topics(document: Document) -> dict[str, bool]:
    return {
        each.get("name").removeprefix("topic_"): each.has("checked") for each in document.all("input", type="checkbox")
    }


@LANGUAGES
@BOTH_WAYS
def test_one_field_and_the_topics_folded_away(desk: Desk, lang: str, query: str) -> None:
    with untouched(desk):
        answer = desk.get(f"/{lang}/nieuwsbrief{query}")
    assert answer.status_code == 200
    safe(answer, cache="public, max-age=300" if query else "no-store")
    page = Document(answer)
    assert page.language == lang
    assert page.field("email").get("type") == "email"
    assert topics(page) == {"nieuwsbrief": True, "themabijeenkomsten": False, "werkgroepen": False, "congres": False}
    assert not page.one("details").has("open")
    action, fields = page.press("subscribe")
    assert (action, set(fields)) == (f"/{lang}/nieuwsbrief", {"email", "topic_nieuwsbrief", "website", "do"})
    consent = said(desk, lang, "newsletter.consent", association=desk.application.settings.association.name)
    assert consent in page.text


@LANGUAGES
@BOTH_WAYS
def test_it_is_sent_and_the_answer_is_to_look_in_the_mailbox(desk: Desk, lang: str, query: str) -> None:
    more = {"topic_congres": "ja", "page": f"{WEBSITE}/nieuws"}
    answer = desk.post(f"/{lang}/nieuwsbrief{query}", FILLED | more)
    assert answer.status_code == 200
    safe(answer)
    page = Document(answer)
    assert said(desk, lang, "newsletter.asked.title") in page.text
    assert ADA in page.text
    (item,) = desk.items("subscriber")
    asked = item["asked"]["M"]
    assert [each["S"] for each in item["wanted"]["L"]] == ["nieuwsbrief", "congres"]
    titles = "Nieuwsbrief, Congres" if lang == "nl" else "Newsletter, Congress"
    consent = said(desk, lang, "newsletter.consent", association=desk.application.settings.association.name)
    assert asked["text"]["S"] == f"{consent} ({titles})"
    assert (asked["language"]["S"], asked["means"]["S"]) == (lang, "form")
    assert asked["source"]["S"] == f"{WEBSITE}/nieuws"
    desk.work()
    (letter,) = [letter for _, letter in desk.sender.sent]
    assert letter.to == ADA
    assert f"{BASE_URL}/{lang}/nieuwsbrief/bevestigen/" in letter.text
    assert "?mail=subscriber-" in letter.text


def test_the_answer_is_the_same_whoever_it_is(desk: Desk) -> None:
    """Unknown, asked already, subscribed, unsubscribed, and never to be mailed."""
    answers = [desk.post(PATH, FILLED).body, desk.post(PATH, FILLED).body]
    token = desk.application.identity.subscriber_token(desk.application.identity.subscriber_id(ADA))
    desk.post(f"{PATH}/bevestigen/{token}", {"do": "confirm", "shown": "nieuwsbrief"})
    answers.append(desk.post(PATH, FILLED).body)
    desk.post(f"{PATH}/afmelden/{token}/-", {})
    answers.append(desk.post(PATH, FILLED).body)
    unit = desk.store.unit_of_work()
    suppressed = suppression_id(ADA, identity=desk.application.identity)
    unit.suppressions.keep(replace(SUPPRESSION, id=suppressed))
    unit.commit()
    desk.work()
    before = [desk.items(kind) for kind in ("subscriber", "email", "suppression")], len(desk.sender.sent)
    answers.append(desk.post(PATH, FILLED).body)
    desk.work()
    assert ([desk.items(kind) for kind in ("subscriber", "email", "suppression")], len(desk.sender.sent)) == before
    assert len(set(answers)) == 1


def test_as_much_is_asked_of_the_table_and_the_queue_whoever_it_is(desk: Desk) -> None:
    """How long the answer takes tells no more than what it says."""
    asked: dict[str, list[str]] = {}

    def sends(case: str, email: str = ADA, **more: str) -> None:
        desk.emails.take()
        with counted(desk) as calls:
            assert desk.post(PATH, FILLED | {"email": email} | more).status_code == 200
        asked[case] = [*calls, *("SendMessage" for _ in desk.emails.messages)]

    def of(page: str, **fields: str) -> None:
        token = desk.application.identity.subscriber_token(desk.application.identity.subscriber_id(ADA))
        assert desk.post(f"{PATH}/{page}/{token}{'/-' if page == 'afmelden' else ''}", fields).status_code == 200

    sends("unknown")
    sends("asked today")
    of("bevestigen", do="confirm", shown="nieuwsbrief")
    sends("reads it")
    sends("reads it, more is asked", topic_congres="ja")
    sends("reads it, the same more is asked", topic_congres="ja")
    desk.clock.advance(days=1)
    sends("reads it, not asked today")
    of("afmelden")
    sends("left")
    for case, address in (("suppressed", "weg@elders.nl"), ("reads it, suppressed", ADA)):
        unit = desk.store.unit_of_work()
        unit.suppressions.keep(replace(SUPPRESSION, id=suppression_id(address, identity=desk.application.identity)))
        unit.commit()
        sends(case, address)
    assert set(map(tuple, asked.values())) == {
        (*["UpdateItem"] * 3, *["GetItem"] * 3, "TransactWriteItems", "SendMessage")
    }


def test_who_is_mailed_again_at_that_very_moment_is_asked(desk: Desk) -> None:
    key, unit = suppression_id(ADA, identity=desk.application.identity), desk.store.unit_of_work()
    known = replace(SUPPRESSION, id=key)
    unit.suppressions.keep(known)
    unit.commit()

    def lift() -> None:
        unit = desk.store.unit_of_work()
        unit.suppressions.remove(known)
        unit.commit()

    before_writing(desk, lift)
    desk.post(PATH, FILLED)
    desk.work()
    assert len(desk.sender.sent) == 1


@BOTH_WAYS
@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "email_missing"),
        ("  ", "email_missing"),
        ("ada", "email_invalid"),
        ("ada@@x.nl", "email_invalid"),
        ("=?utf-8?q?a?=@x.nl", "email_invalid"),
        ("a@x.nl\r\nBcc: b@x.nl", "line_breaks"),
        ("\u202eada@x.nl", "control_characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(desk: Desk, query: str, typed: str, fault: str) -> None:
    with untouched(desk):
        answer = desk.post(PATH + query, FILLED | {"email": typed, "topic_congres": "ja"})
    assert answer.status_code == 422
    page = Document(answer)
    assert page.error_at("email") == f"Fout: {said(desk, 'nl', f'error.{fault}')}"
    assert page.summary == [("#nieuwsbrief-email", said(desk, "nl", f"error.{fault}"))]
    assert topics(page)["congres"], "what was chosen stays chosen"
    if not query:
        assert page.title.startswith("Fout: ")


@BOTH_WAYS
def test_an_address_that_was_probably_typed_wrong_is_asked_about_once(desk: Desk, query: str) -> None:
    filled = FILLED | {"email": "ada@gmial.com", "topic_congres": "ja"}
    with untouched(desk):
        answer = desk.post(f"{PATH}{query}", filled)
    assert answer.status_code == 422
    page = Document(answer)
    assert said(desk, "nl", "typo.meant", meant="ada@gmail.com") in page.text
    assert "nieuwsbrief-email-m" in page.field("email").get("aria-describedby")
    assert page.field("email").get("value") == "ada@gmial.com"
    assert topics(page)["congres"]
    with untouched(desk):
        mended = Document(desk.post(f"{PATH}{query}", filled | {"sure": "gmial.com", "do": "mend-email"}))
    assert mended.field("email").get("value") == "ada@gmail.com"
    assert mended.field("email").has("autofocus"), "where he was"
    assert topics(mended)["congres"]
    assert desk.post(f"{PATH}{query}", filled | {"sure": "gmial.com"}).status_code == 200
    assert [item["email"]["S"] for item in desk.items("subscriber")] == ["ada@gmial.com"], "who insists is believed"


def test_too_long_an_address_is_not_kept(desk: Desk) -> None:
    answer = desk.post(PATH, FILLED | {"email": f"{'a' * 60}@{'b' * 250}.nl"})
    assert answer.status_code == 422
    assert "254" in Document(answer).error_at("email")


def test_without_a_topic_nothing_is_asked(desk: Desk) -> None:
    with untouched(desk):
        answer = desk.post(PATH, {"email": ADA, "do": "subscribe", "topic_nooit": "ja", "topic_congres": "nee"})
    page = Document(answer)
    assert answer.status_code == 422
    assert page.summary == [("#nieuwsbrief-topics", said(desk, "nl", "newsletter.topics_missing"))]
    assert page.one("details").has("open")
    assert page.one(id="nieuwsbrief-topics").tag == "input"


@BOTH_WAYS
def test_what_people_do_not_see_must_stay_empty(desk: Desk, query: str) -> None:
    with untouched(desk):
        answer = desk.post(PATH + query, FILLED | {"website": "https://spam.example"})
    page = Document(answer)
    assert answer.status_code == 422
    assert page.field("email").get("value") == ADA
    assert page.field("website").get("value") == ""
    email = desk.application.settings.association.email
    assert page.notice == said(desk, "nl", "limit.honeypot", email=email)


@BOTH_WAYS
@pytest.mark.parametrize("limit", ["LOKET_LIMIT_ADDRESS", "LOKET_LIMIT_RECIPIENT", "LOKET_LIMIT_FORM"])
def test_over_a_limit_it_says_when_to_try_again(query: str, limit: str) -> None:
    desk = Desk(given=STRICT | {limit: "1/10"})
    desk.clock.advance(minutes=3)

    def sent(email: str) -> dict[str, object]:
        return request(
            desk,
            resource="/{lang}/nieuwsbrief",
            parameters={"lang": "nl"},
            body=urlencode(FILLED | {"email": email}),
            source="192.0.2.7",
        )

    assert sent(ADA)["statusCode"] == 200
    email = ADA if limit.endswith("RECIPIENT") else "grace@elders.nl"
    with untouched(desk):
        refused = sent(email)
        answer = desk.post(PATH + query, FILLED) if limit.endswith(("RECIPIENT", "FORM")) else None
    assert refused["statusCode"] == 429
    wait = said(desk, "nl", "limit.minutes", minutes=7)
    assert said(desk, "nl", "newsletter.too_many", wait=wait, email="info@lpb.example.nl") in str(refused["body"])
    if answer:
        assert (answer.status_code, answer.headers["Retry-After"]) == (422 if query else 429, "420")


@BOTH_WAYS
@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_without_the_table_it_says_so_and_keeps_what_was_typed(desk: Desk, query: str, operation: str) -> None:
    breakage = Breakage(desk, unreachable, operation=operation)
    answer = desk.post(PATH + query, FILLED)
    assert breakage.happened
    assert answer.status_code == (422 if query else 503)
    page = Document(answer)
    assert page.field("email").get("value") == ADA
    assert page.notice == said(desk, "nl", "newsletter.unavailable", email="info@lpb.example.nl")
    assert desk.items("subscriber") == []


@pytest.mark.parametrize("lang", ["fr", "NL", "%3Cb%3E"])
def test_unknown_language_is_not_found(desk: Desk, lang: str) -> None:
    for answer in (desk.get(f"/{lang}/nieuwsbrief"), desk.post(f"/{lang}/nieuwsbrief", FILLED)):
        assert answer.status_code == 404


def test_too_large_a_form_is_refused(desk: Desk) -> None:
    assert desk.post(PATH, FILLED | {"more": "x" * 70_000}).status_code == 413


def test_api_gateway_finds_a_door_for_what_is_posted() -> None:
    """There a path of its own is preferred to one with a parameter."""
    import app

    assert set(app.app.routes["/{lang}/nieuwsbrief"]) == set(app.app.routes["/{lang}/{slug}"]) == {"GET", "POST"}


def test_websites_that_may_show_it_may_read_it(desk: Desk) -> None:
    answer = desk.get(f"{PATH}?fragment=1", origin=WEBSITE)
    assert answer.headers["Access-Control-Allow-Origin"] == WEBSITE
    framed = desk.get(f"{PATH}?iframe=1")
    ancestors = framed.headers["Content-Security-Policy"].partition("frame-ancestors ")[2].partition(";")[0]
    assert ancestors == WEBSITE
    assert Document(framed).one("base").get("target") == "_top"
    assert "frame-ancestors 'none'" in desk.get(PATH).headers["Content-Security-Policy"]


def test_an_address_in_another_script_is_written_as_mail_takes_it(desk: Desk) -> None:
    answer = desk.post(PATH, FILLED | {"email": " Zoë@Bücher.example "})
    assert answer.status_code == 422, "the part before the @ cannot be mailed"
    answer = desk.post(PATH, FILLED | {"email": " zoe@Bücher.example "})
    assert answer.status_code == 200
    assert [item["email"]["S"] for item in desk.items("subscriber")] == ["zoe@xn--bcher-kva.example"]


def test_nothing_of_whom_it_is_about_is_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    desk.post(PATH, FILLED)
    desk.work()
    assert "subscription_asked" in caplog.text
    assert ADA not in caplog.text
    assert "voorbeeldstad" not in caplog.text + json.dumps(desk.emails.messages)
