"""The link to an order: nobody reaches an order but by the very link."""

from __future__ import annotations

import pytest

from tests.desk import FORM, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import PAGE, safe, said, untouched


def links(desk: Desk) -> tuple[str, str]:
    """The tokens of two open orders."""
    desk.post("/nl/lidmaatschap", FORM)
    desk.post("/nl/lidmaatschap", FORM | {"key": "the-key-of-somebody-else"})
    mine, theirs = (desk.application.identity.link_token(item["id"]["S"]) for item in desk.items("order"))
    return mine, theirs


def refused(desk: Desk, token: str, *, lang: str = "nl") -> None:
    with untouched(desk):
        answers = [desk.get(f"/{lang}/order/{token}")]
        answers += [desk.post(f"/{lang}/order/{token}", f"do={do}") for do in ("pay", "release", "again")]
    for answer in answers:
        assert answer.status_code == 404, token
        safe(answer)
        assert b"Voorbeeldstad" not in answer.body
    page = Document(answers[0])
    known = lang if lang in {"nl", "en"} else "nl"
    assert page.language == known
    assert page.one("h1").text == said(desk, known, "problem.link_invalid.title")


def test_link_works(desk: Desk) -> None:
    for token in links(desk):
        answer = desk.get(f"/nl/order/{token}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, PAGE)


def test_every_character_counts(desk: Desk) -> None:
    token, _ = links(desk)
    with untouched(desk):
        for position, sign in enumerate(token):
            for other in {"a", "7", "-", sign.upper()} - {sign}:
                changed = token[:position] + other + token[position + 1 :]
                assert desk.get(f"/nl/order/{changed}").status_code == 404, f"{other} for {sign} at {position}"


def test_every_length_counts(desk: Desk) -> None:
    token, _ = links(desk)
    for length in range(1, len(token)):
        assert desk.get(f"/nl/order/{token[:length]}").status_code == 404, length
        assert desk.get(f"/nl/order/{token[length:]}").status_code == 404, length


def test_signature_of_another_order_does_not_fit(desk: Desk) -> None:
    mine, theirs = links(desk)
    (my_id, _, my_signature), (their_id, _, their_signature) = mine.partition("-"), theirs.partition("-")
    for token in (
        f"{their_id}-{my_signature}",
        f"{my_id}-{their_signature}",
        f"{my_signature}-{my_id}",
        my_id,
        f"{my_id}-",
        f"-{my_signature}",
        f"{mine}-{theirs}",
        mine + mine,
    ):
        refused(desk, token)


@pytest.mark.parametrize(
    "token",
    ["a", "-", "--", "é" * 32, "日本", "%00", "%ff%fe", "..%2f..", "<script>", "'", "a" * 9000, "%0d%0aX:y", " "],
)
@pytest.mark.parametrize("lang", ["nl", "en", "fr", "NL", "é"])
def test_nonsense_is_no_link(desk: Desk, token: str, lang: str) -> None:
    refused(desk, token, lang=lang)


@pytest.mark.parametrize("around", ["{}a", "a{}", "{} ", " {}", "{}%20", "{}é", "{}\x00", "{}-"])
def test_nothing_may_stand_around_a_link(desk: Desk, around: str) -> None:
    refused(desk, around.format(links(desk)[0]))


def test_link_in_a_language_that_is_not_spoken(desk: Desk) -> None:
    refused(desk, links(desk)[0], lang="de")


def test_link_without_its_token(desk: Desk) -> None:
    with untouched(desk):
        answer = desk.get("/en/order")
    assert answer.status_code == 404
    assert Document(answer).one("h1").text == said(desk, "en", "problem.form_unknown.title")


def test_rightly_signed_link_to_an_order_that_is_not_there(desk: Desk) -> None:
    refused(desk, desk.application.identity.link_token("nothere"))


def test_link_of_a_desk_with_another_secret(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    (order,) = desk.items("order")
    other = type(desk.application.identity)("another-secret-of-32-characters-or-more")
    refused(desk, other.link_token(order["id"]["S"]))
