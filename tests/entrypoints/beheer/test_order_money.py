"""Cancelling, refunding and reviewing: said before, done once, and a colleague's decision stands."""

from __future__ import annotations

import pytest

from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from devstack.environment import BEHEERDER
from tests.desk import BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.orders import form_of, led_to, paid_event, paid_member, path_of, text_of, under_review
from tests.entrypoints.beheer.test_order_pages import deeds
from tests.events import EVENT
from tests.flows.money import ledger, settle

CANCEL, REFUND, REVIEW = "/annuleren", "/terugbetalen", "/beoordelen"
CENTS = 164_700


def press(browser: Browser, order: Order, page: str, form: dict[str, str] | None = None, **fields: str) -> str:
    """Send a form of a page; where it leads to, or the page that says what is wrong."""
    sent = form_of(browser, path_of(order, page)) if form is None else form
    answer = browser.post(path_of(order, page), sent | fields)
    return (
        led_to(answer.headers["Location"])
        if answer.status_code == 303
        else f"{answer.status_code} {answer.body.decode()}"
    )


def test_what_cancelling_does_is_said_before(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    text = text_of(browser, path_of(order, CANCEL))
    for said in (order.code, "De 3 plaatsen komen vrij", "ada@voorbeeldstad.nl, bea@elders.nl", "1.647,00"):
        assert said in text
    assert 'value="1647,00"' in browser.get(path_of(order, CANCEL)).body.decode()
    assert "lidmaatschap eindigt vandaag" in text_of(browser, path_of(paid_member(desk), CANCEL))


def test_cancelling_with_half_of_it_back_happens_once(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    form = form_of(browser, path_of(order, CANCEL))
    for _ in range(3):
        assert press(browser, order, CANCEL, form, amount="823,50") == f"{path_of(order)}?gedaan=geannuleerd"
    desk.sweep()
    desk.work()
    now = desk.order(order.id)
    assert (now.state, now.kept_cents) == (State.CANCELLED, CENTS - 82_350)
    assert desk.seats(EVENT)[EVENT] == (0, 0)
    assert deeds(desk) == [("cancelled", BEHEERDER, order.code)]
    text = text_of(browser, path_of(order))
    assert "Geannuleerd" in text
    assert "823,50 terug" in text_of(browser, "/beheer/logboek")
    assert [letter.to for _, letter in desk.sender.sent].count("bea@elders.nl") == 2, "a ticket, and that it is none"


def test_cancelling_with_nothing_back(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    assert press(browser, order, CANCEL, amount=" ") == f"{path_of(order)}?gedaan=geannuleerd"
    assert desk.order(order.id).kept_cents == CENTS
    assert ledger(desk, order).refunds == ()


@pytest.mark.parametrize("page", [CANCEL, REFUND])
@pytest.mark.parametrize("amount", ["9999", "1647,01", "-5", "abc", "12,3", "1e3", "٣", "1.647.00"])
def test_an_amount_that_cannot_be_is_refused_and_stays_typed(
    desk: Desk, browser: Browser, page: str, amount: str
) -> None:
    order = paid_event(desk)
    before = desk.items()
    said = press(browser, order, page, amount=amount)
    assert said.startswith("422 ")
    assert "Vul een bedrag in van hoogstens" in said
    assert desk.items() == before


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("199,50", 19_950),
        ("€ 199,50", 19_950),
        ("1.647,00", CENTS),
        ("1647.00", CENTS),
        ("100", 10_000),
        ("100,-", 10_000),
    ],
)
def test_an_amount_is_read_as_people_write_it(desk: Desk, browser: Browser, amount: str, cents: int) -> None:
    order = paid_event(desk)
    assert press(browser, order, REFUND, amount=amount).endswith("?gedaan=terugbetaald")
    desk.sweep()
    assert desk.order(order.id).refunded_cents == cents


def test_a_refund_is_made_once_however_often_it_is_pressed(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    form = form_of(browser, path_of(order, REFUND))
    for _ in range(3):
        assert press(browser, order, REFUND, form, amount="1647,00").endswith("?gedaan=terugbetaald")
    desk.sweep()
    assert desk.order(order.id).refunded_cents == CENTS
    assert deeds(desk) == [("refunded", BEHEERDER, order.code)]
    assert "kan niets (meer) worden terugbetaald" in text_of(browser, path_of(order, REFUND))


def test_gone_back_to_and_filled_in_otherwise_it_is_not_said_to_be_done(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    form = form_of(browser, path_of(order, REFUND))
    assert press(browser, order, REFUND, form, amount="50").endswith("?gedaan=terugbetaald")
    assert press(browser, order, REFUND, form, amount="20").startswith("409 ")
    assert [each.amount_cents for each in ledger(desk, order).refunds] == [5_000]


def test_a_payment_that_is_on_its_way_back_is_not_accepted(desk: Desk, browser: Browser) -> None:
    order = under_review(desk)
    form = form_of(browser, path_of(order, REVIEW))
    assert press(browser, order, REFUND, amount="10").endswith("?gedaan=terugbetaald")
    assert "onderweg terug" in text_of(browser, path_of(order, REVIEW))
    fresh = form | {"version": str(desk.order(order.id).version)}
    assert press(browser, order, REVIEW, fresh, do="accept").startswith("409 ")
    assert desk.order(order.id).state is State.REVIEW


@pytest.mark.parametrize("page", [CANCEL, REFUND])
def test_what_a_colleague_did_first_stands_and_is_shown(desk: Desk, browser: Browser, page: str) -> None:
    order = paid_event(desk)
    mine = form_of(browser, path_of(order, page))
    assert press(browser, order, REFUND, amount="600").endswith("?gedaan=terugbetaald")
    said = press(browser, order, page, mine, amount="600")
    assert said.startswith("409 ")
    assert "Iemand anders heeft deze aanmelding net gewijzigd." in said
    assert len(ledger(desk, order).refunds) == 1
    assert desk.order(order.id).state is State.PAID
    # having seen it, one may
    assert press(browser, order, page, amount="600").startswith(path_of(order))


def test_money_asks_for_a_fresh_code_and_comes_back_to_the_page(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    form = form_of(browser, path_of(order, REFUND))
    desk.clock.advance(minutes=11)
    before = desk.items("refund")
    there = f"{BASE_URL}/beheer/inloggen?naar=%2Fbeheer%2Faanmeldingen%2F{order.code}%2Fterugbetalen&opnieuw=1"
    assert browser.get(path_of(order, REFUND)).headers["Location"] == there
    assert browser.post(path_of(order, REFUND), form | {"amount": "1"}).headers["Location"] == there
    assert desk.items("refund") == before
    browser.ask(BEHEERDER)
    code = desk.application.identity.login_code(
        sorted(desk.items("login"), key=lambda item: item["expires"]["N"])[-1]["id"]["S"]
    )
    answer = browser.post("/beheer/code", {"code": code, "naar": path_of(order, REFUND)})
    assert answer.headers["Location"] == f"{BASE_URL}{path_of(order, REFUND)}"


@pytest.mark.parametrize(
    ("do", "done", "state"), [("accept", "aangenomen", State.PAID), ("return", "teruggegeven", State.REFUND_DUE)]
)
def test_a_review_is_decided_once(desk: Desk, browser: Browser, do: str, done: str, state: State) -> None:
    order = under_review(desk)
    assert "10,00 betaald, terwijl € 1.647,00" in text_of(browser, path_of(order, REVIEW)).replace("\u00a0", " ")
    form = form_of(browser, path_of(order, REVIEW))
    for _ in range(2):
        assert press(browser, order, REVIEW, form, do=do) == f"{path_of(order)}?gedaan={done}"
    assert desk.order(order.id).state is state
    assert len(deeds(desk)) == 1
    assert "al beslist" in text_of(browser, path_of(order, REVIEW))
    other = form | {"key": "0" * 32}
    assert press(browser, order, REVIEW, other, do="return").startswith("409 ")


def test_a_review_without_a_choice_asks_for_one(desk: Desk, browser: Browser) -> None:
    assert press(browser, under_review(desk), REVIEW).startswith("422 ")


def test_what_failed_to_go_back_is_said_and_can_go_again(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    press(browser, order, REFUND, amount="100")
    desk.sweep()
    [refund] = ledger(desk, order).refunds
    desk.gateway.fail_refund(refund.service_id)
    settle(desk, order.session_id)
    assert "Een terugbetaling is mislukt" in text_of(browser, path_of(order))
    desk.clock.advance(minutes=9)
    desk.reconcile()
    assert order.code in text_of(browser, "/beheer")
    press(browser, order, REFUND, amount="100")
    assert order.code not in text_of(browser, "/beheer"), "it is on its way again"
