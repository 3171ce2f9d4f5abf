"""Congress, meeting and working group from the form to the last ticket, in both languages and to the cent."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from devstack.demo import MEMBERS
from tests.browser.buyer import NAME, ORGANISATION, Buyer, new_domain, new_email
from tests.browser.conftest import OpenPage
from tests.browser.events import PAID, in_days, offer_of, put_event
from tests.browser.evidence import Comer, Evidence, euro, plain
from tests.browser.pages import (
    NL,
    TEXTS,
    add_attendee,
    field,
    fill_attendee,
    fill_in,
    follow,
    heading,
    kept,
    pay,
    press,
    say_member,
    send,
    tick_self,
    total,
    wait_for_heading,
    wait_for_total,
)
from tests.browser.stack import Stack

CONGRESS = "congres-2027"
MEMBER, OTHER_MEMBER = MEMBERS[0][2][0], MEMBERS[1][2][-1]
LIST, MEMBERS_PRICE = 549_00, 399_00
BRAM = "Bram van den Berg"


@pytest.fixture(params=["nl", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    """Every walk is made in both languages."""
    return str(request.param)


@pytest.fixture
def walker(open_page: OpenPage, lang: str) -> Page:
    """A page with JavaScript in Dutch, and without it in English: both must be good enough for all."""
    return open_page(javascript=lang == "nl")


def member(name: str, email: str) -> Comer:
    """Somebody who pays the member price of the congress."""
    return Comer(name=name, email=email, cents=MEMBERS_PRICE, rule="member_price", member=True)


def prove(evidence: Evidence, page: Page) -> None:
    """Pay, and look at everything afterwards."""
    evidence.must_be_asked_at_stripe(page)
    pay(page)
    evidence.must_be_on_the_page(page)
    evidence.must_be_in_the_table()
    evidence.must_be_mailed()


@pytest.mark.parametrize(
    ("says", "is_member"),
    [("yes", True), ("no", True), ("no", False)],
    ids=["member", "member-who-says-no", "no-member"],
)
def test_one_attendee_pays_what_his_address_says(
    stack: Stack, walker: Page, lang: str, says: str, is_member: bool
) -> None:
    """The radio sets no price: a member who says no pays the member price all the same."""
    page, email = walker, new_email(MEMBER if is_member else new_domain())
    page.goto(f"{stack.desk}/{lang}/{CONGRESS}")
    fill_in(page, email=email, lang=lang)
    say_member(page, says, lang=lang)
    wait_for_total(page, euro(MEMBERS_PRICE if is_member else LIST, lang), lang=lang)
    assert "exclusief overnachting" in page.content() or lang == "en"
    send(page, lang=lang)
    comer = member(NAME, email) if is_member else Comer(name=NAME, email=email, cents=LIST)
    evidence = Evidence(stack=stack, offer=offer_of(stack, CONGRESS), lang=lang, email=email, comers=(comer,))
    prove(evidence, page)


def test_mixed_group_is_asked_once_and_agrees(stack: Stack, walker: Page, lang: str) -> None:
    """A member, somebody with a public provider's address, and somebody of another member: € 1.347,00."""
    page, texts, email = walker, TEXTS[lang], new_email(MEMBER)
    others = (
        Comer(name=BRAM, email=new_email("gmail.com"), cents=LIST),
        member("Chantal Ó Súilleabháin", new_email(OTHER_MEMBER)),
    )
    page.goto(f"{stack.desk}/{lang}/{CONGRESS}")
    fill_in(page, email=email, lang=lang)
    say_member(page, "yes", lang=lang)
    for number, comer in enumerate(others, start=2):
        add_attendee(page, lang=lang)
        fill_attendee(page, number, name=comer.name, email=comer.email, lang=lang)
    answers = kept(page)
    send(page, lang=lang)
    assert heading(page) == texts["ask_member.title"]
    assert page.locator(".rows li strong").all_inner_texts() == [BRAM]
    assert texts["ask_member.public_provider"] in page.get_by_role("main").inner_text()
    assert stack.orders(email) == []

    press(page, texts["ask_member.change"])
    assert kept(page) == answers
    send(page, lang=lang)
    press(page, texts["ask_member.agree"].format(total=euro(1_347_00, lang).replace("€ ", "€\u00a0")))
    evidence = Evidence(
        stack=stack,
        offer=offer_of(stack, CONGRESS),
        lang=lang,
        email=email,
        comers=(member(NAME, email), *others),
    )
    assert evidence.cents == 1_347_00
    prove(evidence, page)


def test_become_a_member_first_and_come_back_to_the_filled_in_form(stack: Stack, walker: Page, lang: str) -> None:
    page, texts, domain = walker, TEXTS[lang], new_domain()
    email, colleague = new_email(domain), member(BRAM, new_email(domain))
    page.goto(f"{stack.desk}/{lang}/{CONGRESS}")
    fill_in(page, email=email, reference="INK-7", lang=lang)
    say_member(page, "yes", lang=lang)
    add_attendee(page, lang=lang)
    fill_attendee(page, 2, name=colleague.name, email=colleague.email, lang=lang)
    answers = kept(page)
    send(page, lang=lang)
    assert page.locator(".rows li strong").all_inner_texts() == [NAME, colleague.name]
    press(page, texts["ask_member.join"])

    assert page.url.startswith(f"{stack.desk}/{lang}/lidmaatschap?draft=")
    filled = {name: field(page, name, lang=lang).input_value() for name in ("organisation", "name", "email")}
    assert filled == {"organisation": ORGANISATION, "name": NAME, "email": email}
    send(page, lang=lang)
    assert heading(page) == "Betaal €\u00a0500,00"
    pay(page)
    wait_for_heading(page, texts["order.paid.title"])
    way_back = page.get_by_role("link", name=texts["order.go_on"]).get_attribute("href")
    assert way_back
    confirmation, _ = sorted(stack.wait_for_mails(email), key=lambda mail: way_back not in mail["text"])
    assert way_back in confirmation["html"]

    follow(page, texts["order.go_on"])
    assert page.get_by_text(texts["form.draft_kept"]).is_visible()
    # with a key of its own: the link may be in more hands than the buyer's
    assert kept(page) == answers | {"key": kept(page)["key"]}
    assert kept(page)["key"] != answers["key"]
    assert total(page) == euro(798_00, lang)
    send(page, lang=lang)
    evidence = Evidence(
        stack=stack,
        offer=offer_of(stack, CONGRESS),
        lang=lang,
        email=email,
        comers=(member(NAME, email), colleague),
    )
    prove(evidence, page)


def test_whoever_became_a_member_meanwhile_pays_less_for_the_same_form(stack: Stack, walker: Page, lang: str) -> None:
    """At the payment page for € 549 somebody learns of the membership, gets it, goes back and sends the form again."""
    page, texts, email = walker, TEXTS[lang], new_email(new_domain())
    page.goto(f"{stack.desk}/{lang}/{CONGRESS}")
    fill_in(page, email=email, lang=lang)
    say_member(page, "no", lang=lang)
    send(page, lang=lang)
    assert plain(heading(page)) == f"Betaal {euro(LIST)}"
    Buyer(stack=stack, email=new_email(email.rpartition("@")[2])).register().press("before")
    page.go_back()
    send(page, lang=lang)
    wait_for_heading(page, texts["open_order.title"])
    changes = plain(page.locator(".changes").inner_text())
    assert euro(LIST, lang) in changes
    assert euro(MEMBERS_PRICE, lang) in changes
    press(page, texts["open_order.replace"])
    page.wait_for_url(f"{stack.stripe}/**")
    assert plain(heading(page)) == f"Betaal {euro(MEMBERS_PRICE)}"
    pay(page)
    wait_for_heading(page, texts["order.paid.title"])
    assert [order["state"] for order in stack.orders(email)] == ["expired", "paid"]


def test_free_meeting_is_confirmed_at_once(stack: Stack, walker: Page, lang: str) -> None:
    page, email = walker, new_email(new_domain())
    other = Comer(name=BRAM, email=new_email("outlook.com"))
    page.goto(f"{stack.desk}/{lang}/lancering")
    fill_in(page, email=email, lang=lang)
    add_attendee(page, lang=lang)
    fill_attendee(page, 2, name=other.name, email=other.email, lang=lang)
    send(page, lang=lang, free=True)
    assert page.url.startswith(f"{stack.desk}/{lang}/order/")
    evidence = Evidence(
        stack=stack,
        offer=offer_of(stack, "lancering"),
        lang=lang,
        email=email,
        comers=(Comer(name=NAME, email=email), other),
    )
    evidence.must_be_on_the_page(page)
    evidence.must_be_in_the_table()
    evidence.must_be_mailed()
    assert stack.sessions(email) == []


def test_working_group_lets_members_in_only(stack: Stack, walker: Page, lang: str) -> None:
    """Refused with an address that is no member's, through with one that is; no other way round it is offered."""
    page, texts, domain = walker, TEXTS[lang], new_domain()
    offer = offer_of(stack, "werkgroep")
    group = {"nl": "Midden en west", "en": "Centre and west"}[lang]
    page.goto(f"{stack.desk}/{lang}/werkgroep")
    fill_in(page, email=new_email(domain), lang=lang)
    tick_self(page, attends=True, lang=lang)
    page.get_by_role("radio", name=group, exact=True).check()
    send(page, lang=lang, free=True)
    assert heading(page) == texts["ask_member.title"]
    only, _, _ = texts["ask_member.only_text"].partition("{title}")
    assert only in page.get_by_role("main").inner_text()
    assert f"@{domain}" in page.locator(".rows").inner_text()
    assert page.locator("[name=agreed]").count() == 0

    press(page, texts["ask_member.change"])
    email = new_email(OTHER_MEMBER)
    field(page, "email", lang=lang).fill(email)
    send(page, lang=lang, free=True)
    comer = Comer(name=NAME, email=email, member=True, group=group)
    evidence = Evidence(stack=stack, offer=offer, lang=lang, email=email, comers=(comer,))
    evidence.must_be_on_the_page(page)
    evidence.must_be_in_the_table()
    evidence.must_be_mailed()


def test_early_price_of_an_event_that_is_data_only(stack: Stack, walker: Page, lang: str) -> None:
    """An event that no code knows of, with groups, an early price and a price note, walks the same way."""
    groups = [
        {"id": "ochtend", "capacity": 5, "title": {"nl": "Ochtend", "en": "Morning"}},
        {"id": "middag", "title": {"nl": "Middag", "en": "Afternoon"}},
    ]
    offer = put_event(
        stack,
        **PAID,
        early={"price_cents": 449_50, "member_price_cents": 299_95, "ends_at": in_days(20)},
        price_note={"nl": "inclusief lunch", "en": "lunch included"},
        event={
            "group_label": {"nl": "Dagdeel", "en": "Half of the day"},
            "groups": groups,
            "sessions": [
                {"starts_at": in_days(60, hour=9), "ends_at": in_days(60, hour=12)},
                {"starts_at": in_days(60, hour=13), "ends_at": in_days(60, hour=16)},
            ],
        },
    )
    page, texts, email = walker, TEXTS[lang], new_email(new_domain())
    morning, afternoon = ("Ochtend", "Middag") if lang == "nl" else ("Morning", "Afternoon")
    comers = (
        Comer(name=NAME, email=email, cents=449_50, rule="early_price", group=morning),
        Comer(
            name=BRAM,
            email=new_email(MEMBER),
            cents=299_95,
            rule="early_member_price",
            member=True,
            group=afternoon,
        ),
    )
    page.goto(f"{stack.desk}/{lang}/{offer.id}")
    until, _, _ = texts["offer.early_until"].partition("{moment}")
    assert until in page.get_by_role("main").inner_text()
    fill_in(page, email=email, lang=lang)
    say_member(page, "no", lang=lang)
    page.get_by_role("radio", name=morning, exact=True).check()
    add_attendee(page, lang=lang)
    fill_attendee(page, 2, name=BRAM, email=comers[1].email, group=afternoon, lang=lang)
    send(page, lang=lang)
    prove(Evidence(stack=stack, offer=offer, lang=lang, email=email, comers=comers), page)


def test_ticket_of_each_attendee_is_in_the_mailbox_to_read(stack: Stack, page: Page) -> None:
    """As a person sees it: the mail opens, names who registered him, and has the entry for the calendar beside it."""
    email, other = new_email(MEMBER), new_email(OTHER_MEMBER)
    page.goto(f"{stack.desk}/nl/lancering")
    fill_in(page, email=email)
    tick_self(page, attends=False)
    add_attendee(page)
    fill_attendee(page, 1, name=BRAM, email=other)
    send(page, free=True)
    (ticket,) = stack.wait_for_mails(other, count=1)
    page.goto(f"{stack.mailbox}/messages/{ticket['id']}")
    letter = page.frame_locator("iframe").locator("body")
    letter.get_by_role("heading", name=NL["mail.ticket.why"]).wait_for()
    assert NAME in letter.inner_text()
    assert ORGANISATION in letter.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"event\.ics")).click()
    assert download.value.suggested_filename == "event.ics"
    assert [mail["subject"] for mail in stack.mails(email)] == [
        NL["mail.confirmation.free.subject"].format(code=stack.orders(email)[0]["code"])
    ]


def test_website_leads_to_every_form(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(javascript=False)
    page.goto(stack.website)
    titles = {}
    for link in page.locator("div.loket-form > a").all():
        address = link.get_attribute("href")
        assert address
        titles[address] = stack.http.get(address, timeout=30).text.partition("<h1>")[2].partition("</h1>")[0]
    assert titles == {
        f"{stack.desk}/nl/{offer_id}": title
        for offer_id, title in {
            CONGRESS: "Congres 2027",
            "lancering": "4 februari: lancering en online bijeenkomst",
            "werkgroep": "Werkgroep wijkgericht werken",
            "lidmaatschap": "Lidmaatschap",
            "nieuwsbrief": "Nieuwsbrief van LPB",
        }.items()
    }
