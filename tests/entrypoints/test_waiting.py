"""The page of who cannot pay yet: his place is kept, he is told so, and he is led on when Stripe has room."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.error import PaymentBusy, PaymentUnavailable, PaymentUnknown, StorageUnavailable
from chalicelib.domain.order import GRACE, HOLD
from chalicelib.domain.state import State
from tests.desk import ANSWERS, BASE_URL, FORM, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import orders, safe, said, untouched
from tests.events import EVENT, attending, sample_event

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
REASONS = {"busy": PaymentBusy("rate_limit"), "unavailable": PaymentUnavailable("silent")}
WORDS = {"busy": "busy_", "unavailable": ""}
EACH_REASON = pytest.mark.parametrize("reason", REASONS)


class Counted:
    """Every call that the desk makes to its payment service."""

    def __init__(self, desk: Desk) -> None:
        self.calls, fail = 0, desk.gateway._fail

        def counted() -> None:
            self.calls += 1
            fail()

        desk.gateway._fail = counted  # type: ignore[method-assign]  # the same, and counted


def refused(desk: Desk, reason: str = "busy", *, lang: str = "nl", query: str = "") -> str:
    """A visitor sends the form while Stripe refuses; the address that he is led to."""
    desk.gateway.failures = [REASONS[reason]] * 2
    answer = desk.post(f"/{lang}/lidmaatschap{query}", FORM)
    desk.gateway.failures.clear()
    url = answer.json_body["url"] if query else answer.headers["Location"]
    assert url.endswith(f"?from={reason}")
    assert orders(desk) == ["pending"]
    return str(url).removeprefix(BASE_URL)


def look(desk: Desk, path: str) -> HTTPResponse:
    answer = desk.get(path)
    safe(answer)
    return answer


def following(answer: HTTPResponse) -> tuple[int, str] | None:
    """After how many seconds the page goes where by itself."""
    found = [str(each.get("content")) for each in Document(answer).all("meta", http_equiv="refresh")]
    if not found:
        return None
    seconds, _, url = found[0].partition(";url=")
    return int(seconds), url.removeprefix(BASE_URL)


def wait(desk: Desk, answer: HTTPResponse) -> HTTPResponse:
    """What comes of a page that is left alone."""
    found = following(answer)
    assert found is not None
    seconds, path = found
    desk.clock.advance(seconds=seconds)
    return look(desk, path)


@LANGUAGES
@EACH_REASON
def test_page_says_why_and_what_is_kept_and_leads_on_by_itself(desk: Desk, lang: str, reason: str) -> None:
    path = refused(desk, reason, lang=lang)
    answer = look(desk, path)
    page = Document(answer)
    words = f"payment_unavailable.{WORDS[reason]}"
    assert page.one("h1").text == said(desk, lang, f"{words}title")
    assert page.title == f"{page.one('h1').text} – LPB"
    # 12:35 in London is 13:35 in Amsterdam
    for text in (f"{words}text", f"{words}next", "payment_unavailable.kept"):
        assert said(desk, lang, text, time="13:35", count=1) in page.text
    assert page.buttons() == ["pay"]
    assert said(desk, lang, "payment_unavailable.already_paid") not in page.text, "he never was where one can pay"
    with untouched(desk):
        look(desk, path)  # the first showing asks for nothing
    led = wait(desk, answer)
    (order,) = [desk.order(item["id"]["S"]) for item in desk.items("order")]
    assert (led.status_code, led.headers["Location"]) == (303, desk.gateway.session_of(order.id).url)
    assert order.session_id == desk.gateway.session_of(order.id).id


@EACH_REASON
def test_page_waits_as_long_as_it_must_and_says_what_happens_now(desk: Desk, reason: str) -> None:
    answer, counted, pauses = look(desk, refused(desk, reason)), Counted(desk), []
    addresses = set()
    for round_ in range(40):
        now = "busy" if round_ % 3 else "unavailable"
        desk.gateway.failures.append(REASONS[now])
        seconds, address = following(answer) or (0, "")
        pauses.append(seconds)
        addresses.add(address)
        answer = wait(desk, answer)
        assert Document(answer).one("h1").text == said(desk, "nl", f"payment_unavailable.{WORDS[now]}title")
    assert counted.calls == 40, "one call for each look"
    assert 4 <= min(pauses[:3]) <= max(pauses[:3]) <= 11
    assert 10 <= min(pauses[12:]) <= max(pauses[12:]) <= 15
    assert len(set(pauses[12:])) > 3
    # a new address each time would be as many steps on the way back, each of them leading on again
    assert len(addresses) == 1
    assert wait(desk, answer).status_code == 303
    assert len(desk.gateway.stored) == 1


@EACH_REASON
def test_who_wants_no_page_that_goes_on_by_itself_has_one_that_stays(desk: Desk, reason: str) -> None:
    page = Document(look(desk, refused(desk, reason)))
    (stop,) = [str(link.get("href")) for link in page.all("a") if "stop=1" in str(link.get("href"))]
    for address in (stop.removeprefix(BASE_URL), stop.removeprefix(BASE_URL) + "&look=1"):
        with untouched(desk):
            answer = look(desk, address)
        stayed = Document(answer)
        assert following(answer) is None
        assert said(desk, "nl", "payment_unavailable.stopped") in stayed.text
        assert said(desk, "nl", "payment_unavailable.kept", time="13:35") in stayed.text
    other = stayed.one("a", class_="language").get("href")
    assert str(other).endswith(f"?from={reason}&stop=1"), "nor in the other language"
    path, fields = stayed.press("pay")
    assert desk.post(path, fields).headers["Location"].startswith("https://checkout.stripe.test/")


@EACH_REASON
def test_when_the_hold_is_over_the_page_stops_and_says_what_happened(desk: Desk, reason: str) -> None:
    answer = look(desk, refused(desk, reason))
    desk.clock.advance(seconds=(HOLD - GRACE).total_seconds())
    while (found := following(answer)) is not None:
        desk.gateway.failures = [REASONS[reason]]
        desk.clock.advance(seconds=found[0])
        answer = look(desk, found[1])
    desk.gateway.failures.clear()
    assert Document(answer).one("h1").text == said(desk, "nl", "order.pending.title")
    desk.clock.advance(minutes=2)
    desk.sweep()
    with untouched(desk):
        answer = look(desk, found_path(answer))
    assert Document(answer).one("h1").text == said(desk, "nl", "order.expired.title")


def found_path(answer: HTTPResponse) -> str:
    """The order's page, as its buttons name it, still waiting."""
    path, _ = Document(answer).press("pay")
    return f"{path}?from=busy&look=1"


def test_who_asks_after_the_hold_is_told_why_he_cannot_pay(desk: Desk) -> None:
    """Nothing is promised any more, and nothing goes on by itself; the sweep may let the order go at any moment."""
    path = refused(desk).partition("?")[0]
    desk.clock.advance(seconds=HOLD.total_seconds())
    desk.gateway.silent()
    answer = look(desk, desk.post(path, "do=pay").headers["Location"].removeprefix(BASE_URL))
    page = Document(answer)
    assert page.one("h1").text == said(desk, "nl", "payment_unavailable.title")
    assert said(desk, "nl", "payment_unavailable.later") in page.text
    assert not re.search(r"\d\d:\d\d uur", page.text)
    assert following(answer) is None


@pytest.mark.parametrize(("people", "words"), [((), "place"), (("bea@elders.nl", "cor@elders.nl"), "places")])
def test_places_are_called_places(desk: Desk, people: tuple[str, ...], words: str) -> None:
    desk.put_offer(sample_event())
    order = desk.register(attending(ANSWERS, *people), offer_id=EVENT).order
    seats = desk.seats(EVENT)
    page = Document(look(desk, f"/nl/order/{desk.application.identity.link_token(order.id)}?from=busy"))
    count = sum(order.seats().values())
    assert said(desk, "nl", f"payment_unavailable.{words}", time="13:35", count=count) in page.text
    assert seats == desk.seats(EVENT) == {EVENT: (count, 0)}


@EACH_REASON
def test_embedded_form_is_led_to_the_same_page(desk: Desk, reason: str) -> None:
    assert refused(desk, reason, query="?fragment=1") == refused(desk, reason)


def test_pressing_again_and_again_is_one_call_each_and_harmless(desk: Desk) -> None:
    path, counted = refused(desk), Counted(desk)
    desk.gateway.failures = [REASONS["busy"]] * 20
    with untouched(desk):
        for _ in range(20):
            assert desk.post(path.partition("?")[0], "do=pay").headers["Location"] == BASE_URL + path
    assert counted.calls == 20
    assert desk.post(path.partition("?")[0], "do=pay").status_code == 303
    assert len(desk.gateway.stored) == len(desk.items("order")) == 1


def test_a_call_that_was_refused_is_the_only_one(desk: Desk) -> None:
    """Whatever the visitor does and whatever Stripe was told before: it said no, and is not asked on."""
    path = refused(desk)
    page = path.partition("?")[0]
    desk.post(page, "do=pay")
    counted = Counted(desk)
    acts: list[Callable[[], HTTPResponse]] = [
        lambda: desk.post(page, "do=pay"),
        lambda: desk.post(page, "do=release"),
        lambda: desk.get(f"{path}&look=1"),
        lambda: desk.get(page),
        lambda: desk.post("/nl/lidmaatschap", FORM),
    ]
    for number, act in enumerate(acts, 1):
        desk.gateway.failures = [REASONS["busy"]]
        act()
        assert counted.calls == number
    desk.gateway.failures = []
    look(desk, path)
    assert counted.calls == len(acts), "nor for the page that he is then led to"


def test_who_may_have_paid_is_told_not_to_pay_again(desk: Desk) -> None:
    path = refused(desk)
    desk.post(path.partition("?")[0], "do=pay")
    assert said(desk, "nl", "payment_unavailable.already_paid") in Document(look(desk, path)).text


def test_who_has_paid_is_not_led_to_pay(desk: Desk) -> None:
    path = refused(desk)
    desk.post(path.partition("?")[0], "do=pay")
    (order,) = desk.items("order")
    desk.gateway.pay(desk.gateway.session_of(order["id"]["S"]).id)
    answer = look(desk, f"{path}&look=1")
    assert answer.status_code == 200
    assert Document(answer).one("h1").text == said(desk, "nl", "order.paid.title")
    assert orders(desk) == ["paid"]


def test_a_session_of_which_nobody_knows_whether_it_is_there_is_looked_for(desk: Desk) -> None:
    path = refused(desk)
    desk.gateway.failures = [PaymentUnknown("status 500"), REASONS["unavailable"]]
    answer = look(desk, f"{path}&look=1")
    assert Document(answer).one("h1").text == said(desk, "nl", "payment_unavailable.title")
    assert wait(desk, answer).status_code == 303
    assert len(desk.gateway.stored) == 1


def test_storage_that_fails_at_a_look_does_not_end_the_waiting(desk: Desk) -> None:
    path = refused(desk)
    desk.gateway.failures = [StorageUnavailable("busy as well")]
    answer = look(desk, f"{path}&look=1")
    assert answer.status_code == 200
    assert wait(desk, answer).status_code == 303


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "٣", "9" * 5000, "%00"])
def test_made_up_looks_lead_nowhere(desk: Desk, number: str) -> None:
    path = refused(desk)
    with untouched(desk):
        assert look(desk, f"{path}&look={number}").status_code == 200


@pytest.mark.parametrize(
    "query", ["", "?from=payment&look=1", "?from=cancel&look=1", "?from=unreleased&look=1", "?look=1"]
)
def test_only_who_waits_is_led_on(desk: Desk, query: str) -> None:
    path = refused(desk).partition("?")[0]
    with untouched(desk):
        assert look(desk, path + query).status_code == 200


@LANGUAGES
@EACH_REASON
def test_who_lets_go_is_not_led_to_pay(desk: Desk, lang: str, reason: str) -> None:
    path = refused(desk, lang=lang).partition("?")[0]
    desk.gateway.failures = [REASONS[reason]]
    led = desk.post(path, "do=release").headers["Location"].removeprefix(BASE_URL)
    answer = look(desk, led)
    page = Document(answer)
    assert page.one("h1").text == said(desk, lang, "payment_unavailable.unreleased_title")
    assert following(answer) is None
    assert page.buttons() == ["release", "pay"]
    assert desk.post(*page.press("release")).status_code == 303
    (order,) = desk.items("order")
    assert desk.order(order["id"]["S"]).state is State.EXPIRED


def test_a_long_wait_ends_at_a_session_that_still_can_be_opened(desk: Desk) -> None:
    """Stripe opens none that ends within half an hour: then what is held is held anew."""
    answer = look(desk, refused(desk))
    for _ in range(60):
        desk.gateway.failures = [REASONS["busy"]]
        answer = wait(desk, answer)
    assert desk.clock.moment.minute > 5
    desk.gateway.failures = []
    assert wait(desk, answer).status_code == 303
    (session,) = desk.gateway.stored.values()
    assert isinstance(session.session, CheckoutSession)
    assert session.expires_at == desk.clock() + HOLD
