"""Changed answers under an open order: pay that one, or replace it."""

from __future__ import annotations

import pytest

from chalicelib.domain.checkout import Outcome
from tests.desk import BASE_URL, FORM, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import kept, orders, safe, said, untouched

CHANGED = FORM | {"name": 'Bea "<b>" Bakker', "reference": "INK 2026/17"}
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])


def outcomes(desk: Desk) -> list[Outcome]:
    """Of the sessions, oldest first."""
    found = [desk.gateway.fetch(session_id) for session_id in desk.gateway.stored]
    return [session.outcome for session in found if session]


@LANGUAGES
@pytest.mark.parametrize(("query", "status"), [("", 409), ("?fragment=1", 422)])
def test_changed_answers_ask_which_counts(desk: Desk, lang: str, query: str, status: int) -> None:
    desk.post(f"/{lang}/lidmaatschap", FORM)
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap{query}", CHANGED)
    assert answer.status_code == status
    safe(answer, cache=kept(query))
    page = Document(answer)
    assert page.language == lang
    assert said(desk, lang, "open_order.title") in page.text
    assert page.buttons() == ["pay", "replace"]
    changes = page.one("dl", class_="changes").text
    for text in (FORM["name"], CHANGED["name"], said(desk, lang, "open_order.empty"), CHANGED["reference"]):
        assert text in changes
    assert FORM["email"] not in changes
    assert bool(list(page.all("html"))) is not bool(query)
    assert not list(page.all("b"))
    if query:
        assert not list(page.all("h1")), "below a heading of somebody else's page"


def test_pay_that_one_leads_to_the_same_checkout(desk: Desk) -> None:
    first = desk.post("/nl/lidmaatschap", FORM).headers["Location"]
    path, fields = Document(desk.post("/nl/lidmaatschap", CHANGED)).press("pay")
    with untouched(desk):
        answer = desk.post(path, fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, first)


def test_replace_it_closes_the_old_session_and_makes_one_new_order(desk: Desk) -> None:
    first = desk.post("/nl/lidmaatschap", FORM).headers["Location"]
    page = Document(desk.post("/nl/lidmaatschap", CHANGED))
    path, fields = page.press("replace")
    path = path.partition("?")[0]
    assert path == "/nl/lidmaatschap"
    assert {name: fields[name] for name in CHANGED if name != "do"} == {
        name: value for name, value in CHANGED.items() if name != "do"
    }
    second = desk.post(path, fields).headers["Location"]
    assert second not in {first, ""}
    assert orders(desk) == ["expired", "pending"]
    assert outcomes(desk) == [Outcome.EXPIRED, Outcome.OPEN]
    with untouched(desk):
        assert desk.post(path, fields).headers["Location"] == second, "pressing it twice"
        assert desk.post(path, CHANGED).headers["Location"] == second, "and the form itself"
        assert desk.post(f"{path}?fragment=1", fields).json_body["url"] == second


def test_old_session_is_closed_before_the_new_order_is_made(desk: Desk) -> None:
    """With the payment service silent nothing is replaced: the form says so with everything kept."""
    desk.post("/nl/lidmaatschap", FORM)
    _, fields = Document(desk.post("/nl/lidmaatschap", CHANGED)).press("replace")
    for query in ("", "?fragment=1"):
        desk.gateway.silent()
        with untouched(desk):
            answer = desk.post(f"/nl/lidmaatschap{query}", fields)
        assert answer.status_code == 503
        safe(answer, cache=kept(query))
        form = Document(answer)
        assert said(desk, "nl", "payment_unavailable.text") in form.notice
        path, again = form.press("pay")
        assert again.items() >= {name: value for name, value in CHANGED.items() if name != "do"}.items()
    assert orders(desk) == ["pending"]
    asked = Document(desk.post(path, again))
    assert asked.buttons() == ["pay", "replace"], "the choice is still there"
    assert desk.post(*asked.press("replace")).status_code == 303
    assert orders(desk) == ["expired", "pending"]


def test_stale_page_replaces_nothing_but_what_it_showed(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    path, stale = Document(desk.post("/nl/lidmaatschap", CHANGED)).press("replace")
    third = FORM | {"name": "Cor Cornelissen"}
    desk.post(*Document(desk.post("/nl/lidmaatschap", third)).press("replace"))
    assert orders(desk) == ["expired", "pending"]
    with untouched(desk):
        answer = desk.post(path, stale)
    assert answer.status_code == 409
    assert "Cor Cornelissen" in Document(answer).text
    assert Document(answer).press("replace")[1]["replaces"] != stale["replaces"]


@pytest.mark.parametrize("replaces", ["", "somebody-elses", "\x00", "é" * 3000, "<script>"])
def test_made_up_order_to_replace_is_asked_about(desk: Desk, replaces: str) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    with untouched(desk):
        answer = desk.post("/nl/lidmaatschap", CHANGED | {"do": "replace", "replaces": replaces})
    assert answer.status_code == 409


def test_order_of_somebody_else_cannot_be_replaced(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM | {"key": "the-key-of-somebody-else"})
    (theirs,) = desk.items("order")
    sent = CHANGED | {"do": "replace", "replaces": theirs["id"]["S"]}
    assert desk.post("/nl/lidmaatschap", sent).status_code == 303, "there was nothing of one's own to replace"
    assert orders(desk) == ["pending", "pending"]
    with untouched(desk):
        assert desk.post("/nl/lidmaatschap", sent | {"name": "Dirk"}).status_code == 409


@pytest.mark.parametrize("known", [True, False], ids=["and the webhook came", "before the webhook"])
def test_replace_after_it_was_paid_replaces_nothing_and_says_so(desk: Desk, known: bool) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    press = Document(desk.post("/nl/lidmaatschap", CHANGED)).press("replace")
    order = desk.register().order
    session = desk.gateway.pay(desk.gateway.session_of(order.id).id)
    if known:
        desk.payments.put(session.id)
        desk.work()
    answer = desk.post(*press)
    assert answer.status_code == 409
    assert order.code in Document(answer).notice
    assert orders(desk) == ["paid"]
    assert len(desk.items("payment")) == 1


def test_replace_after_the_hold_ran_out(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    press = Document(desk.post("/nl/lidmaatschap", CHANGED)).press("replace")
    desk.clock.advance(minutes=36)
    assert desk.post(*press).headers["Location"].startswith("https://checkout.stripe.test/")
    assert orders(desk) == ["expired", "pending"]
    assert outcomes(desk) == [Outcome.EXPIRED, Outcome.OPEN]


def test_replace_with_faults_names_them(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    path, fields = Document(desk.post("/nl/lidmaatschap", CHANGED)).press("replace")
    with untouched(desk):
        answer = desk.post(path, fields | {"email": ""})
    assert answer.status_code == 422
    assert Document(answer).summary == [("#lidmaatschap-email", said(desk, "nl", "error.email_missing"))]


def test_choice_survives_an_erased_buyer(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    (buyer,) = desk.items("buyer")
    desk.client.delete_item(TableName="loket-test", Key={name: buyer[name] for name in ("pk", "sk")})
    page = Document(desk.post("/nl/lidmaatschap", CHANGED))
    assert said(desk, "nl", "order.your_organisation") in page.text
    assert FORM["email"] not in page.one("dl", class_="facts").text
    assert page.press("pay")[0].startswith("/nl/order/")
    assert BASE_URL not in page.press("pay")[0]
