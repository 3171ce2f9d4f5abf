"""Every page there is, and how a visitor gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.buyer import Buyer
from tests.browser.pages import TEXTS, fill_in, press, send
from tests.browser.stack import Stack

type Way = Callable[[Page, Buyer], None]

OTHER = "Stichting Voorbeeldwijk, voor iedereen die in de wijk woont en werkt"


@dataclass(frozen=True, slots=True)
class Scene:
    """A page: its name, its main heading (a key of the catalogue, or the words themselves) and the way there."""

    name: str
    heading: str
    way: Way
    languages: tuple[str, ...] = ("nl", "en")

    def title(self, lang: str) -> str:
        return TEXTS[lang].get(self.heading, self.heading)


def at_desk(path: str) -> Way:
    return lambda page, buyer: _open(page, f"{buyer.stack.desk}/{buyer.language}{path}")


def at(place: Callable[[Stack], str]) -> Way:
    return lambda page, buyer: _open(page, place(buyer.stack))


def at_order(*steps: str, coming_from: str = "") -> Way:
    """The page of an order, after pressing these buttons of the payment page and the order's own."""

    def way(page: Page, buyer: Buyer) -> None:
        buyer.register()
        for step in steps:
            buyer.do(step) if step == "release" else buyer.press(step)
        _open(page, buyer.order_url + (f"?from={coming_from}" if coming_from else ""))

    return way


def at_stripe(*steps: str) -> Way:
    def way(page: Page, buyer: Buyer) -> None:
        buyer.register()
        for step in steps:
            buyer.press(step)
        _open(page, buyer.pay_url)

    return way


def with_errors(page: Page, buyer: Buyer) -> None:
    """Every kind of field with an error, the folded ones too."""
    _open(page, buyer.form)
    texts = TEXTS[buyer.language]
    page.get_by_text(texts["form.invoice"]).click()
    fill_in(page, email="ada", organisation="", name="", postal_code="12", lang=buyer.language)
    page.get_by_label(texts["field.registration_number.label"]).fill("1")
    send(page, lang=buyer.language)


def open_order(page: Page, buyer: Buyer) -> None:
    """Back from the payment page, with other answers."""
    _open(page, buyer.form)
    fill_in(page, email=buyer.email, lang=buyer.language)
    send(page, lang=buyer.language)
    page.go_back()
    fill_in(page, email=buyer.email, organisation=OTHER, reference="INK-7", lang=buyer.language)
    send(page, lang=buyer.language)


def begun_again(page: Page, buyer: Buyer) -> None:
    at_order("release")(page, buyer)
    press(page, TEXTS[buyer.language]["order.again"])


def letter(page: Page, buyer: Buyer) -> None:
    buyer.register().press("before")
    newest = buyer.stack.wait_for_mails(buyer.email)[-1]
    _open(page, f"{buyer.stack.mailbox}/messages/{newest['id']}")


def _open(page: Page, url: str) -> None:
    page.goto(url)


DUTCH = ("nl",)
WEBSITE = "Landelijk Platform Buurt- en wijkgericht werken"
SCENES = (
    Scene("index", "index.title", at_desk("")),
    Scene("form", "", at_desk("/lidmaatschap")),
    Scene("form-errors", "", with_errors),
    Scene("form-again", "", begun_again, DUTCH),
    Scene("open-order", "open_order.title", open_order),
    Scene("order-pending", "order.pending.title", at_order()),
    Scene("order-waiting", "order.waiting.title", at_order(coming_from="payment")),
    Scene("order-processing", "order.processing.title", at_order("later")),
    Scene("order-paid", "order.paid.title", at_order("before")),
    Scene("order-expired", "order.expired.title", at_order("release")),
    Scene("cancelled", "cancelled.title", at_order(coming_from="cancel")),
    Scene("payment-unavailable", "payment_unavailable.title", at_order(coming_from="unavailable&stop=1"), DUTCH),
    Scene("problem-form", "problem.form_unknown.title", at_desk("/bestaat-niet"), DUTCH),
    Scene("problem-link", "problem.link_invalid.title", at_desk("/order/bestaat-niet")),
    Scene("website", "Sterke buurten maakt u samen", at(lambda stack: stack.website), DUTCH),
    Scene("website-terms", "Voorwaarden", at(lambda stack: f"{stack.website}/voorwaarden"), DUTCH),
    Scene("website-privacy", "Privacyverklaring", at(lambda stack: f"{stack.website}/privacy"), DUTCH),
    Scene("stripe-pay", "Betaal €\u00a0500,00", at_stripe(), DUTCH),
    Scene("stripe-failed", "Betaal €\u00a0500,00", at_stripe("fail"), DUTCH),
    Scene("stripe-under-way", "De betaling is onderweg", at_stripe("later"), DUTCH),
    Scene("stripe-overview", "Betalingen", at(lambda stack: stack.stripe), DUTCH),
    Scene("mailbox", "", at(lambda stack: f"{stack.mailbox}/?verversen=uit"), DUTCH),
    Scene("mailbox-letter", "", letter, DUTCH),
)
