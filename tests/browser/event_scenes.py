"""Every page there is about an event, and how a visitor gets there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page

from chalicelib.domain.offer import Offer
from devstack.demo import MEMBERS
from devstack.environment import TABLE
from tests.browser.buyer import Buyer, new_domain, new_email
from tests.browser.events import PAID, change, in_days, put_event
from tests.browser.evidence import euro
from tests.browser.pages import (
    TEXTS,
    add_attendee,
    field,
    fill_attendee,
    fill_in,
    follow,
    press,
    remove_attendee,
    say_member,
    send,
    tick_self,
    wait_for_total,
)
from tests.browser.scenes import DUTCH, Scene, Way, at_desk
from tests.browser.stack import Stack

CONGRESS = "congres-2027"
MEMBER = MEMBERS[0][2][0]
BRAM = "Bram van den Berg-Wijkontwikkelingsmaatschappij"
GROUPS: dict[str, Any] = {
    "group_label": {"nl": "Dagdeel", "en": "Half of the day"},
    "groups": [
        {"id": "ochtend", "capacity": 5, "title": {"nl": "Ochtend, met rondleiding", "en": "Morning, with a tour"}},
        {"id": "middag", "title": {"nl": "Middag", "en": "Afternoon"}},
    ],
}
EARLY = {"price_cents": 449_50, "member_price_cents": 299_95, "ends_at": in_days(20)}
COMES = {"self": "ja", "member": "nee"}


def at_form(offer_id: str) -> Way:
    return lambda page, buyer: _open_form(page, buyer, offer_id)


def at_made_up(put: Callable[[Stack], Offer]) -> Way:
    """The form of an event that is put into the table for this."""
    return lambda page, buyer: _open_form(page, buyer, put(buyer.stack).id)


def with_attendees(page: Page, buyer: Buyer) -> None:
    """The buyer, a member and somebody with a public provider's address, with the total of now."""
    _open_form(page, buyer, CONGRESS)
    _fill_three(page, buyer)
    wait_for_total(page, euro(1_347_00, buyer.language), lang=buyer.language)


def one_removed(page: Page, buyer: Buyer) -> None:
    with_attendees(page, buyer)
    remove_attendee(page, 2, lang=buyer.language)


def with_errors(page: Page, buyer: Buyer) -> None:
    """Every kind of field of an event with an error: radio, tick, an attendee's name and address, his group."""
    lang = buyer.language
    offer = put_event(buyer.stack, **PAID, event={**GROUPS, "most_per_order": 2})
    _open_form(page, buyer, offer.id)
    fill_in(page, email="ada", organisation="", lang=lang)
    # as many as fit, and then himself as well
    tick_self(page, attends=False, lang=lang)
    for _ in range(2):
        add_attendee(page, lang=lang)
    tick_self(page, attends=True, lang=lang)
    fill_attendee(page, 2, name="", email="bram", lang=lang)
    send(page, lang=lang)


def asked(page: Page, buyer: Buyer) -> None:
    """Who says that he is a member and is not recognised, nor all of those who come with him."""
    lang = buyer.language
    _open_form(page, buyer, CONGRESS)
    _fill_three(page, buyer)
    field(page, "email", lang=lang).fill(new_email(new_domain()))
    send(page, lang=lang)


def asked_members_only(page: Page, buyer: Buyer) -> None:
    _open_form(page, buyer, "werkgroep")
    fill_in(page, email=new_email(new_domain()), lang=buyer.language)
    page.locator("input[name=group]").first.check()
    send(page, lang=buyer.language, free=True)


def joining(page: Page, buyer: Buyer) -> None:
    """The membership's form on the way back to the congress."""
    asked(page, buyer)
    press(page, TEXTS[buyer.language]["ask_member.join"])


def joined(page: Page, buyer: Buyer) -> None:
    """The order of a membership that leads on."""
    joining(page, buyer)
    send(page, lang=buyer.language)
    press(page, "Betalen")


def come_back(page: Page, buyer: Buyer) -> None:
    """The form that was kept, with everything in it."""
    joined(page, buyer)
    follow(page, TEXTS[buyer.language]["order.go_on"])


def price_changed(page: Page, buyer: Buyer) -> None:
    offer = put_event(buyer.stack, **PAID, early=EARLY)
    _open_form(page, buyer, offer.id)
    fill_in(page, email=buyer.email, lang=buyer.language)
    say_member(page, "no", lang=buyer.language)
    change(buyer.stack, offer.id, early=None)
    send(page, lang=buyer.language)


def too_few_seats(page: Page, buyer: Buyer) -> None:
    """One seat for two: the form stays as it was."""
    offer = put_event(buyer.stack, event={"capacity": 1})
    _open_form(page, buyer, offer.id)
    fill_in(page, email=buyer.email, lang=buyer.language)
    add_attendee(page, lang=buyer.language)
    fill_attendee(page, 2, name=BRAM, email=new_email(), lang=buyer.language)
    send(page, lang=buyer.language, free=True)


def just_too_late(page: Page, buyer: Buyer) -> None:
    """The last seat went while the form was filled in."""
    offer = put_event(buyer.stack, event={"capacity": 1})
    _open_form(page, buyer, offer.id)
    fill_in(page, email=buyer.email, lang=buyer.language)
    Buyer(stack=buyer.stack, offer=offer.id).confirm(self="ja")
    send(page, lang=buyer.language, free=True)


def all_held_meanwhile(page: Page, buyer: Buyer) -> None:
    """Somebody else is paying for the last seat; the form is behind the button."""
    offer = put_event(buyer.stack, **PAID, event={"capacity": 1})
    _open_form(page, buyer, offer.id)
    fill_in(page, email=buyer.email, lang=buyer.language)
    say_member(page, "no", lang=buyer.language)
    Buyer(stack=buyer.stack, offer=offer.id).register(**COMES)
    send(page, lang=buyer.language)


def at_order(*steps: str, coming_from: str = "") -> Way:
    """The page of a congress order of three, after pressing these buttons of the payment page and the order's own."""

    def way(page: Page, buyer: Buyer) -> None:
        ordered = Buyer(stack=buyer.stack, language=buyer.language, offer=CONGRESS, email=new_email(MEMBER))
        other = {"p1_name": BRAM, "p1_email": new_email("gmail.com"), "p2_name": "Chantal", "p2_email": new_email()}
        ordered.register(**COMES, **other)
        for step in steps:
            ordered.do(step) if step == "release" else ordered.press(step)
        page.goto(ordered.order_url + (f"?from={coming_from}" if coming_from else ""))

    return way


def begun_again(page: Page, buyer: Buyer) -> None:
    at_order("release")(page, buyer)
    press(page, TEXTS[buyer.language]["order.again"])


def confirmed(page: Page, buyer: Buyer) -> None:
    """The page of a free order of two, in groups."""
    offer = put_event(buyer.stack, event=GROUPS)
    ordered = Buyer(stack=buyer.stack, language=buyer.language, offer=offer.id)
    other = {"p1_name": BRAM, "p1_email": new_email(), "p1_group": "middag"}
    page.goto(ordered.confirm(self="ja", group="ochtend", **other).order_url)


def open_order(page: Page, buyer: Buyer) -> None:
    """Back from the payment page, and with other people."""
    lang = buyer.language
    _open_form(page, buyer, CONGRESS)
    fill_in(page, email=buyer.email, lang=lang)
    say_member(page, "no", lang=lang)
    add_attendee(page, lang=lang)
    fill_attendee(page, 2, name=BRAM, email=new_email(), lang=lang)
    send(page, lang=lang)
    page.go_back()
    fill_attendee(page, 2, name="Chantal", email=new_email(), lang=lang)
    add_attendee(page, lang=lang)
    fill_attendee(page, 3, name="Dirk", email=new_email(), lang=lang)
    send(page, lang=lang)


def ticket(page: Page, buyer: Buyer) -> None:
    to = new_email()
    Buyer(stack=buyer.stack, offer="lancering").confirm(p1_name=BRAM, p1_email=to)
    (mail,) = buyer.stack.wait_for_mails(to, count=1)
    page.goto(f"{buyer.stack.mailbox}/messages/{mail['id']}")


def all_held(stack: Stack) -> Offer:
    offer = put_event(stack, **PAID, event={"capacity": 1})
    Buyer(stack=stack, offer=offer.id).register(**COMES)
    return offer


def all_held_by_a_bank(stack: Stack) -> Offer:
    """The hold is long over, but the payment is still under way: nobody can say how many minutes."""
    offer, past = all_held(stack), datetime.now(UTC) - timedelta(hours=1)
    stack.dynamodb().update_item(
        TableName=TABLE,
        Key={"pk": {"S": f"SEATS#{offer.id}"}, "sk": {"S": f"SEATS#{offer.id}"}},
        UpdateExpression="SET #until = :past",
        ConditionExpression="attribute_exists(#until)",
        ExpressionAttributeNames={"#until": "held_until"},
        ExpressionAttributeValues={":past": {"S": past.isoformat()}},
    )
    return offer


def sold_out(stack: Stack) -> Offer:
    offer = put_event(stack, event={"capacity": 1})
    Buyer(stack=stack, offer=offer.id).confirm(self="ja")
    return offer


def _open_form(page: Page, buyer: Buyer, offer_id: str) -> None:
    page.goto(f"{buyer.stack.desk}/{buyer.language}/{offer_id}")


def _fill_three(page: Page, buyer: Buyer) -> None:
    lang = buyer.language
    fill_in(page, email=new_email(MEMBER), lang=lang)
    say_member(page, "yes", lang=lang)
    for number, (name, domain) in enumerate(((BRAM, "gmail.com"), ("Chantal", MEMBER)), start=2):
        add_attendee(page, lang=lang)
        fill_attendee(page, number, name=name, email=new_email(domain), lang=lang)


# The words of both languages are looked at in tests/looks; here it is the way there that counts.
EVENT_SCENES = (
    Scene("event-form", "", at_form(CONGRESS)),
    Scene("event-form-attendees", "", with_attendees),
    Scene("event-form-removed", "", one_removed, DUTCH),
    Scene("event-form-errors", "", with_errors),
    Scene("event-form-free", "", at_form("lancering"), DUTCH),
    Scene("event-form-members-only", "", at_form("werkgroep"), DUTCH),
    Scene("event-form-few", "", at_made_up(lambda stack: put_event(stack, event={"capacity": 2})), DUTCH),
    Scene("event-form-early", "", at_made_up(lambda stack: put_event(stack, **PAID, early=EARLY, event=GROUPS))),
    Scene("event-form-again", "", begun_again, DUTCH),
    Scene("event-form-kept", "", come_back, DUTCH),
    Scene("event-form-price-changed", "", price_changed, DUTCH),
    Scene("event-form-too-few", "", too_few_seats, DUTCH),
    Scene("ask-member", "ask_member.title", asked),
    Scene("ask-members-only", "ask_member.title", asked_members_only, DUTCH),
    Scene("form-joining", "", joining, DUTCH),
    Scene("order-joined", "order.paid.title", joined, DUTCH),
    Scene("sale-not-yet", "sale.not_yet.title", at_made_up(lambda stack: put_event(stack, opens_at=in_days(3))), DUTCH),
    Scene("sale-closed", "sale.closed.title", at_made_up(lambda stack: put_event(stack, closes_at=in_days(-1))), DUTCH),
    Scene("sale-all-held", "sale.all_held.title", at_made_up(all_held), DUTCH),
    Scene("sale-all-held-by-a-bank", "sale.all_held.title", at_made_up(all_held_by_a_bank), DUTCH),
    Scene("sale-sold-out", "sale.sold_out.title", at_made_up(sold_out), DUTCH),
    Scene("sale-just-too-late", "sale.sold_out.title", just_too_late, DUTCH),
    Scene("sale-all-held-meanwhile", "sale.all_held.title", all_held_meanwhile),
    Scene("event-order-pending", "order.pending.title", at_order(), DUTCH),
    Scene("event-order-paid", "order.paid.title", at_order("before")),
    Scene("event-order-expired", "order.expired.title", at_order("release"), DUTCH),
    Scene("event-order-confirmed", "order.confirmed.title", confirmed, DUTCH),
    Scene("event-cancelled", "cancelled.title", at_order(coming_from="cancel"), DUTCH),
    Scene("event-open-order", "open_order.title", open_order),
    Scene("problem-draft", "problem.draft_gone.title", at_desk(f"/draft/{'a' * 32}"), DUTCH),
    Scene("mailbox-ticket", "", ticket, DUTCH),
)
