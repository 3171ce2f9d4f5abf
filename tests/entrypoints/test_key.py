"""The form key: the same form sent again is the same order and the same checkout."""

from __future__ import annotations

import pytest

from tests.desk import FORM, FORM_KEY, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import orders, said, untouched

OTHER_KEY = "a-form-key-of-somebody-else"


def test_same_form_again_is_the_same_order_and_checkout(desk: Desk) -> None:
    first = desk.post("/nl/lidmaatschap", FORM).headers["Location"]
    with untouched(desk):
        for again in (FORM, dict(reversed(FORM.items())), FORM | {"do": ""}, FORM | {"name": f" {FORM['name']} "}):
            answer = desk.post("/nl/lidmaatschap", again)
            assert (answer.status_code, answer.headers["Location"]) == (303, first)
        assert desk.post("/nl/lidmaatschap?fragment=1", FORM).json_body["url"] == first
        assert desk.post("/en/lidmaatschap", FORM).headers["Location"] == first
    assert orders(desk) == ["pending"]
    assert len(desk.gateway.stored) == 1


def test_other_key_is_another_order(desk: Desk) -> None:
    first = desk.post("/nl/lidmaatschap", FORM).headers["Location"]
    second = desk.post("/nl/lidmaatschap", FORM | {"key": OTHER_KEY}).headers["Location"]
    assert first != second
    assert orders(desk) == ["pending", "pending"]


BAD_KEYS = {
    "missing": "",
    "short": "a" * 15,
    "long": "a" * 65,
    "huge": "a" * 30000,
    "spaced": "a form key of a visitor",
    "line-break": f"{FORM_KEY}\n",
    "accented": "é" * 20,
    "digits-of-elsewhere": "１" * 20,
    "markup": '"><script>alert(1)</script>',
    "nul": f"{FORM_KEY}\x00",
    "path": "../../../etc/passwd",
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS)
def test_bad_key_is_replaced_and_everything_kept(desk: Desk, key: str) -> None:
    with untouched(desk):
        answer = desk.post("/nl/lidmaatschap", FORM | {"key": key})
    assert answer.status_code == 422
    page = Document(answer)
    assert page.notice == said(desk, "nl", "error.key_missing")
    path, fields = page.press("pay")
    assert {name: fields[name] for name in ("organisation", "name", "email")} == {
        name: FORM[name] for name in ("organisation", "name", "email")
    }
    assert fields["key"] not in {key, ""}
    assert desk.post(path, fields).status_code == 303, "pressing the button once more is all it takes"


def test_bad_key_in_a_fragment_leaves_the_new_one_to_the_script(desk: Desk) -> None:
    with untouched(desk):
        answer = desk.post("/nl/lidmaatschap?fragment=1", FORM | {"key": "short"})
    assert answer.status_code == 422
    assert Document(answer).field("key").get("value") == ""


def test_key_left_out_or_sent_twice(desk: Desk) -> None:
    without = {name: value for name, value in FORM.items() if name != "key"}
    twice = "&".join(f"{name}={value}" for name, value in FORM.items()) + f"&key={OTHER_KEY}"
    with untouched(desk):
        for sent in (without, twice):
            answer = desk.post("/nl/lidmaatschap", sent)
            assert answer.status_code == 422
            assert Document(answer).field("key").get("value") not in {"", FORM_KEY, OTHER_KEY}


def test_bad_key_beside_other_faults_is_no_fault_of_the_visitor(desk: Desk) -> None:
    page = Document(desk.post("/nl/lidmaatschap", FORM | {"key": "short", "name": ""}))
    assert page.summary == [("#lidmaatschap-name", said(desk, "nl", "error.name_missing"))]
    assert page.notice == ""
    assert page.field("key").get("value") not in {"short", ""}


def test_key_of_an_order_that_is_paid_leads_to_that_order(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    order = desk.register().order
    desk.gateway.pay(desk.gateway.session_of(order.id).id)
    page = desk.application.links.order(order.id, order.language)
    # the news comes with this very post: the webhook may be late
    assert desk.post("/nl/lidmaatschap", FORM).headers["Location"] == page
    assert orders(desk) == ["paid"]
    with untouched(desk):
        assert desk.post("/nl/lidmaatschap", FORM).headers["Location"] == page
        assert desk.post("/nl/lidmaatschap?fragment=1", FORM).json_body["url"] == page


@pytest.mark.parametrize("later", [True, False], ids=["payment under way", "paid"])
def test_other_answers_under_the_key_of_an_order_that_has_ended_are_a_new_one_once_confirmed(
    desk: Desk, later: bool
) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    order = desk.register().order
    session = desk.gateway.session_of(order.id).id
    (desk.gateway.pay_later if later else desk.gateway.pay)(session)
    desk.post("/nl/lidmaatschap", FORM)
    other = FORM | {"organisation": "Gemeente Elders"}
    with untouched(desk):
        answer = desk.post("/nl/lidmaatschap", other)
    page = Document(answer)
    assert answer.status_code == 409
    assert order.code in page.notice
    assert page.field("organisation").get("value") == "Gemeente Elders"
    presses = [desk.post(*page.press("pay")) for _ in range(2)]
    assert {each.headers["Location"].startswith("https://checkout.stripe.test/") for each in presses} == {True}
    assert sorted(orders(desk)) == sorted(["pending", "processing" if later else "paid"])


def test_key_of_an_order_whose_payment_is_under_way_leads_to_that_order(desk: Desk) -> None:
    desk.post("/nl/lidmaatschap", FORM)
    order = desk.register().order
    desk.gateway.pay_later(desk.gateway.session_of(order.id).id)
    page = desk.application.links.order(order.id, order.language)
    for _ in range(2):
        assert desk.post("/nl/lidmaatschap", FORM).headers["Location"] == page
    assert orders(desk) == ["processing"]


def test_page_that_is_no_success_says_so_in_its_title(desk: Desk) -> None:
    """forms-and-embed §4: POST without JavaScript, 422 → title prefix."""
    page = Document(desk.post("/nl/lidmaatschap", FORM | {"key": "short"}))
    assert page.notice == said(desk, "nl", "error.key_missing")
    assert page.title.startswith("Fout: ")


@pytest.mark.parametrize("sweeps", [True, False])
def test_key_of_an_order_that_lapsed_makes_a_new_one(desk: Desk, sweeps: bool) -> None:
    first = desk.post("/nl/lidmaatschap", FORM).headers["Location"]
    desk.clock.advance(minutes=40)
    if sweeps:
        desk.sweep()
        assert orders(desk) == ["expired"]
    answers = [desk.post("/nl/lidmaatschap", FORM) for _ in range(3)]
    seconds = {answer.headers["Location"] for answer in answers[1:]}
    assert len(seconds) == 1
    assert first not in seconds
    assert orders(desk) == ["expired", "pending"]


def test_payment_service_silent_at_the_post_leads_to_the_order_page(desk: Desk) -> None:
    desk.gateway.silent(2)
    answer = desk.post("/en/lidmaatschap", FORM)
    page = desk.application.links.order(desk.register().order.id, desk.register().order.language)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}?from=unavailable")
    assert desk.post("/en/lidmaatschap?fragment=1", FORM).json_body["url"] == f"{page}?from=unavailable"
    assert orders(desk) == ["pending"]
    assert not desk.gateway.stored
    assert desk.post("/en/lidmaatschap", FORM).headers["Location"].startswith("https://checkout.stripe.test/")
    assert orders(desk) == ["pending"]
