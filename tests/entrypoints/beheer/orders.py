"""Orders behind the desk, as the tests of its pages bring them about."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from chalicelib.domain.email import Delivery, MailNews
from chalicelib.domain.order import Order
from chalicelib.flows.record_delivery import record_delivery
from tests.desk import ANSWERS, BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.events import EVENT, attending, sample_event
from tests.flows.money import settle

THREE = attending(ANSWERS, "bea@elders.nl", "cas@voorbeeldstad.nl")


def paid_member(desk: Desk) -> Order:
    """A membership of € 500 that was paid, its mails sent."""
    return paid(desk, desk.register().order)


def paid_event(desk: Desk) -> Order:
    """Three seats that were paid, their tickets sent."""
    desk.put_offer(sample_event(event={"capacity": 10}))
    return paid(desk, desk.register(THREE, offer_id=EVENT).order)


def other_event(desk: Desk, *, email: str, key: str) -> Order:
    """One more order of the same event, by somebody else."""
    return desk.register(attending(replace(ANSWERS, email=email)), key=key, offer_id=EVENT).order


def paid(desk: Desk, order: Order) -> Order:
    opened = desk.open_checkout(order).order
    desk.gateway.pay(opened.session_id)
    settled = settle(desk, opened.session_id)
    desk.work()
    return settled


def under_review(desk: Desk) -> Order:
    """Three seats of which another amount was paid than was asked."""
    desk.put_offer(sample_event(event={"capacity": 10}))
    order = desk.open_checkout(desk.register(THREE, offer_id=EVENT).order).order
    desk.gateway.pay(order.session_id, amount_cents=1_000)
    return settle(desk, order.session_id)


def bounced(desk: Desk, email_id: str, *, reason: str = "MailboxFull") -> None:
    news = MailNews(email_id=email_id, delivery=Delivery.BOUNCED, message_id="m", reason=reason)
    record_delivery(news, store=desk.store, identity=desk.application.identity, now=desk.clock())


def path_of(order: Order, page: str = "") -> str:
    return f"/beheer/aanmeldingen/{order.code}{page}"


def form_of(browser: Browser, path: str) -> dict[str, str]:
    """The hidden fields of the last form of a page, as a browser would send them."""
    body = browser.get(path).body.decode()
    form = body[body.rfind("<form") :]
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.body.decode(), flags=re.S)))


def led_to(location: str) -> str:
    """The path of our own that a redirect leads to."""
    assert location.startswith(BASE_URL), location
    return location.removeprefix(BASE_URL)
