"""The whole journey: from the association's website to the mail with the link, with and without JavaScript."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.buyer import NAME, ORGANISATION, Buyer
from tests.browser.conftest import OpenPage
from tests.browser.pages import NL, TEXTS, fill_in, heading, order_code, pay, press, send, wait_for_heading
from tests.browser.stack import Json, Stack

PROMISED = timedelta(seconds=2)


def to_membership_form(page: Page, stack: Stack, *, javascript: bool) -> Locator:
    """On the website, where a script has put the form there; or by the link that stands there without one."""
    page.goto(stack.website)
    place = page.locator("#lid-worden")
    if javascript:
        place.locator("loket-form .loket").wait_for()
        return place
    place.locator(f'a[href="{stack.form}"]').click()
    assert page.url == stack.form
    return page.locator("main")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_from_website_to_mail_and_back(stack: Stack, open_page: OpenPage, email: str, javascript: bool) -> None:
    page = open_page(javascript=javascript)
    form = to_membership_form(page, stack, javascript=javascript)
    for name, answer in (("organisation", ORGANISATION), ("name", NAME), ("email", email), ("reference", "INK-0042")):
        form.locator(f"[name={name}]").fill(answer)
    form.get_by_role("button", name=NL["form.submit"]).click()
    page.wait_for_url(f"{stack.stripe}/pay/**")
    assert heading(page) == "Betaal €\u00a0500,00"
    pay(page)

    assert page.url.startswith(f"{stack.desk}/nl/order/")
    assert heading(page) == NL["order.paid.title"]
    code = order_code(page)
    shown = page.get_by_role("main").inner_text()
    for fact in (ORGANISATION, NAME, email, "INK-0042", "€ 500,00"):
        assert fact in shown.replace("\u00a0", " ")

    stack.wait_for_mails(email)
    page.goto(f"{stack.mailbox}/?verversen=uit")
    mine = page.get_by_role("listitem").filter(has_text=email)
    assert mine.count() == 2
    mine.get_by_role("link", name=NL["mail.confirmation.paid.subject"].format(code=code)).click()
    with page.context.expect_page() as opening:
        page.frame_locator("iframe").get_by_role("link", name=NL["mail.confirmation.button"]).click()
    order = opening.value
    order.wait_for_load_state()
    assert order.url.startswith(f"{stack.desk}/nl/order/")
    assert heading(order) == NL["order.paid.title"]
    assert order_code(order) == code


def test_welcome_mail_leads_to_the_same_order(stack: Stack, open_page: OpenPage, buyer: Buyer) -> None:
    buyer.register()
    page = open_page()
    page.goto(buyer.press("pay"))
    code = order_code(page)
    confirmation, welcome = sorted(stack.wait_for_mails(buyer.email), key=lambda mail: str(mail["subject"]))
    assert code in confirmation["subject"]
    assert welcome["subject"] == NL["mail.welcome.subject"].format(association="LPB")
    page.goto(f"{stack.mailbox}/messages/{welcome['id']}")
    with page.context.expect_page() as opening:
        page.frame_locator("iframe").get_by_role("link", name=NL["mail.welcome.button"]).click()
    opening.value.wait_for_load_state()
    assert order_code(opening.value) == code


def test_mails_are_there_within_two_seconds_of_paying(stack: Stack, page: Page) -> None:
    """The best of three: a busy machine may be slow once, slow code is slow each time."""
    took = []
    for _ in range(3):
        buyer = Buyer(stack=stack).register()
        page.goto(buyer.pay_url)
        clicked = datetime.now(UTC)
        pay(page)
        wait_for_heading(page, NL["order.paid.title"])
        took.append(max(_sent_at(mail) for mail in stack.wait_for_mails(buyer.email)) - clicked)
        if took[-1] < PROMISED:
            break
    print(f"\npaid to both mails: {[round(each.total_seconds(), 2) for each in took]} s")
    assert min(took) < PROMISED


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_journey_speaks_one_language(stack: Stack, page: Page, email: str, lang: str) -> None:
    """Begun in one language and changed on the form, it goes on in the other to the last mail."""
    texts, other = TEXTS[lang], "en" if lang == "nl" else "nl"
    page.goto(f"{stack.desk}/{other}/lidmaatschap")
    press(page, texts["site.language"])
    assert page.url == f"{stack.desk}/{lang}/lidmaatschap?send=1"
    assert page.locator("html").get_attribute("lang") == lang
    fill_in(page, email=email, lang=lang)
    send(page, lang=lang)
    assert stack.sessions(email)[0]["locale"] == lang
    pay(page)
    wait_for_heading(page, texts["order.paid.title"])
    code = order_code(page)
    subjects = {mail["subject"] for mail in stack.wait_for_mails(email)}
    assert texts["mail.confirmation.paid.subject"].format(code=code) in subjects
    # the page of the order has a way to the other language too, and the same order is there
    page.get_by_role("link", name=TEXTS[other]["site.language"]).click()
    wait_for_heading(page, TEXTS[other]["order.paid.title"])
    assert order_code(page) == code


def test_no_cookie_is_set_and_nobody_else_is_called(stack: Stack, page: Page, email: str) -> None:
    """Nothing to block and nothing to consent to: no cookie, no storage, no address but our own five."""
    called: set[str] = set()
    cookies: list[str] = []
    page.on("request", lambda request: called.add("/".join(request.url.split("/")[:3])))
    page.on("response", lambda response: cookies.extend(response.header_values("set-cookie")))
    page.goto(stack.website)
    page.goto(stack.form)
    send(page)
    fill_in(page, email=email)
    send(page)
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert called <= {stack.website, stack.desk, stack.stripe}
    assert (cookies, page.context.cookies()) == ([], [])
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_works_with_every_cookie_blocked(stack: Stack, page: Page, email: str) -> None:
    """Third-party cookies first of all; proven with a cookie that is refused."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    page.goto(stack.form)
    page.evaluate("document.cookie = 'control=1'")
    assert page.evaluate("document.cookie") == ""
    fill_in(page, email=email)
    send(page)
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert stack.wait_for_mails(email)


def _sent_at(mail: Json) -> datetime:
    return datetime.fromisoformat(mail["sent_at"])
