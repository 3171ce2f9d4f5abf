"""The total follows what is typed, and only the mail domain of each attendee leaves the page for that."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.buyer import NAME, new_domain, new_email
from tests.browser.embedding import (
    announced,
    embedded,
    example,
    fill_in_congress,
    hold,
    marker,
    press_in_place,
    put_page,
    requests,
    to_desk,
    wait_for_events,
    wait_for_forms,
    wait_for_held,
)
from tests.browser.event_scenes import CONGRESS, MEMBER
from tests.browser.evidence import plain
from tests.browser.pages import (
    NL,
    TEXTS,
    Place,
    add_attendee,
    attendee,
    field,
    fill_attendee,
    fill_in,
    follow,
    heading,
    pay,
    press,
    say_member,
    send,
    tick_self,
    total,
    wait_for_total,
)
from tests.browser.stack import Stack, wait_until

TOTAL = "**/nl/congres-2027/total?*"
FOLLOWS = "Boolean(document.querySelector('form[data-total]')?.oninput)"
# Longer than the script waits after a key.
QUIET = 600
GONE = {"nl": "Ledenprijs: Gemeente Voorbeeldstad", "en": "Member price: Gemeente Voorbeeldstad"}


@pytest.fixture(params=["embed", "hosted"])
def congress(stack: Stack, page: Page, request: pytest.FixtureRequest) -> Place:
    """The congress's form, wherever it stands."""
    return open_congress(stack, page, request.param)


def open_congress(stack: Stack, page: Page, where: str, *, lang: str = "nl") -> Place:
    if where == "embed":
        example(page, stack, "/strikt", offer=CONGRESS, lang=lang)
        return page
    if where == "hosted":
        page.goto(f"{stack.desk}/{lang}/{CONGRESS}")
        page.wait_for_function(FOLLOWS)
        return page
    page.goto(f"{stack.website}/iframe?form={CONGRESS}&lang={lang}")
    frame = page.frame(url=f"{stack.desk}/**")
    assert frame is not None
    frame.wait_for_function(FOLLOWS)
    return frame


def whole(place: Place) -> Page:
    return place.page if isinstance(place, Frame) else place


@pytest.mark.parametrize("where", ["embed", "hosted", "iframe"])
def test_only_the_domain_leaves_the_page_before_the_button(stack: Stack, page: Page, where: str) -> None:
    """Each key is typed; of all that, nothing but domains is sent, and no request per key."""
    place = open_congress(stack, page, where)
    seen = requests(page)
    for name, text in {"organisation": "Geheime Dienst", "name": "Agent Zeven", "reference": "X-77"}.items():
        field(place, name).press_sequentially(text)
    field(place, "email").press_sequentially(f"agent.zeven@{MEMBER}", delay=15)
    wait_for_total(place, "€ 399,00")
    say_member(place, "yes")
    place.get_by_text(NL["form.invoice"]).click()
    place.get_by_label(NL["field.street.label"]).press_sequentially("Geheimstraat 7")
    page.wait_for_timeout(QUIET)
    sent = to_desk(seen, stack)
    assert {last for last, _ in sent} == {"total"}
    assert {name for _, fields in sent for name in fields} == {"domains"}
    assert sent[-1] == ("total", {"domains": f"{MEMBER},"})
    assert all("zeven" not in fields["domains"] for _, fields in sent)
    assert len(sent) <= 4
    assert all(request.url.startswith((stack.desk, stack.website)) for request in seen)
    assert not any("Zeven" in request.url or "zeven" in request.url for request in seen)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_member_price_is_told_with_the_organisations_name(stack: Stack, page: Page, lang: str) -> None:
    example(page, stack, "/strikt", offer=CONGRESS, lang=lang)
    bill = embedded(page).locator(".bill")
    fill_in(page, email=f"wie@{MEMBER}", lang=lang)
    expect(bill).to_contain_text(GONE[lang])
    expect(bill).to_contain_text("399")
    field(page, "email", lang=lang).fill("wie@gmail.com")
    expect(bill).to_contain_text("549")
    expect(bill).not_to_contain_text(GONE[lang])
    assert bill.get_attribute("role") == "status"


def test_ticking_oneself_off_and_on_counts(congress: Place) -> None:
    fill_in(congress, email=f"wie@{MEMBER}")
    wait_for_total(congress, "€ 399,00")
    tick_self(congress, attends=False)
    wait_for_total(congress, "€ 0,00")
    tick_self(congress, attends=True)
    wait_for_total(congress, "€ 399,00")


def test_each_attendee_counts_by_his_own_address(stack: Stack, page: Page) -> None:
    example(page, stack, "/strikt", offer=CONGRESS)
    fill_in_congress(page, email=new_email(new_domain()))
    for number, domain in ((2, MEMBER), (3, "gmail.com")):
        press_in_place(page, NL["attendee.add"])
        fill_attendee(page, number, name="Bram", email=new_email(domain))
    wait_for_total(page, "€ 1.497,00")
    lines = [plain(line) for line in embedded(page).locator(".total dt").all_inner_texts()]
    assert [line.partition(" ")[0] for line in lines[:-1]] == ["2", "1"]
    press_in_place(page, NL["attendee.remove"].format(number=2))
    wait_for_total(page, "€ 1.098,00")


def test_nudge_comes_at_the_fourth_and_its_button_keeps_the_answers(stack: Stack, page: Page) -> None:
    """For three it costs more to become a member first, for four it costs less: said at once, with by how much."""
    lang, domain = "en", new_domain()
    texts = TEXTS[lang]
    heard = announced(page)
    example(page, stack, "/strikt", offer=CONGRESS, lang=lang)
    join = page.get_by_role("button", name=texts["bill.join"], exact=True)
    fill_in_congress(page, email=new_email(domain), lang=lang)
    for number in (2, 3):
        press_in_place(page, texts["attendee.add"])
        fill_attendee(page, number, name=f"Deelnemer {number}", email=new_email(domain), lang=lang)
    page.wait_for_timeout(QUIET)
    assert join.count() == 0
    press_in_place(page, texts["attendee.add"])
    assert join.count() == 1
    fill_attendee(page, 4, name="Deelnemer 4", email=new_email(MEMBER), lang=lang)
    expect(join).to_have_count(0)
    attendee(page, 4, lang=lang).get_by_label(texts["attendee.email"], exact=True).fill(new_email(domain))
    expect(join).to_be_visible()
    said = plain(embedded(page).locator(".nudge").inner_text())
    assert all(f"€ {euros}" in said or f"€{euros}" in said for euros in (100, 500, 399)), said
    press(page, texts["bill.join"])
    assert page.url.startswith(f"{stack.desk}/{lang}/lidmaatschap?draft=")
    send(page, lang=lang)
    pay(page)
    follow(page, texts["order.go_on"])
    assert field(page, "name", lang=lang).input_value() == NAME
    assert page.locator(".person").count() == 3
    # the button leads to a form, not to a checkout
    wait_for_events(page, heard, "ready")


def test_old_answer_that_comes_late_does_not_win(congress: Place) -> None:
    page = whole(congress)
    held = hold(page, TOTAL)
    fill_in(congress, email="wie@gmail.com")
    wait_for_held(page, held, 1)
    field(congress, "email").fill(f"wie@{MEMBER}")
    wait_for_held(page, held, 2)
    held[1].continue_()
    wait_for_total(congress, "€ 399,00")
    held[0].continue_()
    page.wait_for_timeout(200)
    assert total(congress) == "€ 399,00"


def test_desk_that_is_down_leaves_the_total_and_the_next_key_asks_again(congress: Place) -> None:
    page = whole(congress)
    page.route(TOTAL, lambda route: route.fulfill(status=503, body="<h1>weg</h1>"), times=1)
    with page.expect_response(TOTAL):
        fill_in(congress, email=f"wie@{MEMBER}")
    page.wait_for_timeout(QUIET)
    assert total(congress) == "€ 549,00"
    # the same domain: it is asked again because the first answer never came
    field(congress, "email").press("Home")
    page.keyboard.type("a")
    wait_for_total(congress, "€ 399,00")


def test_being_offline_while_typing_disturbs_nobody(stack: Stack, page: Page) -> None:
    example(page, stack, "/strikt", offer=CONGRESS)
    page.context.set_offline(True)
    fill_in(page, email=f"wie@{MEMBER}")
    page.wait_for_timeout(QUIET)
    assert total(page) == "€ 549,00"
    assert embedded(page).locator(".say").inner_text() == ""
    page.context.set_offline(False)
    field(page, "email").press("End")
    page.keyboard.type(" ")
    wait_for_total(page, "€ 399,00")


def test_no_request_while_nothing_that_counts_changes(congress: Place) -> None:
    page = whole(congress)
    fill_in(congress, email=f"wie@{MEMBER}")
    wait_for_total(congress, "€ 399,00")
    seen = requests(page)
    field(congress, "name").press_sequentially("Een heel andere naam")
    field(congress, "email").fill(f"iemand.anders@{MEMBER}")
    say_member(congress, "no")
    page.wait_for_timeout(QUIET)
    assert seen == []


def test_form_of_which_the_price_never_changes_asks_nothing(stack: Stack, page: Page) -> None:
    put_page(page, stack, "".join(marker(stack, offer) for offer in ("lidmaatschap", "lancering", "werkgroep")))
    wait_for_forms(page, 3)
    seen = requests(page)
    for number in (1, 2, 3):
        embedded(page, number).locator("[name=email]").fill(f"wie@{MEMBER}")
    page.wait_for_timeout(QUIET)
    assert seen == []


def test_embedded_form_is_two_requests_and_nobody_elses(stack: Stack, page: Page) -> None:
    offer = CONGRESS
    seen = requests(page)
    put_page(page, stack, marker(stack, offer))
    wait_for_forms(page)
    page.wait_for_load_state("networkidle")
    asked = [each.url for each in seen if not each.url.startswith((stack.website, "data:"))]
    assert asked == [f"{stack.desk}/embed.js", f"{stack.desk}/nl/{offer}?fragment=1"]


def test_without_javascript_a_button_counts_anew(stack: Stack, any_page: Page) -> None:
    """It is gone where the total follows by itself."""
    any_page.goto(f"{stack.desk}/nl/{CONGRESS}")
    any_page.wait_for_load_state()
    recount = any_page.get_by_role("button", name=NL["form.recount"], exact=True)
    fill_in(any_page, email=f"wie@{MEMBER}")
    if recount.count():
        press(any_page, NL["form.recount"])
        assert heading(any_page) == "Congres 2027"
        add_attendee(any_page)
    assert bool(recount.count()) != any_page.locator("form[data-total]").evaluate("e => Boolean(e.oninput)")
    wait_until(lambda: total(any_page).startswith(("€ 399", "€ 948")), seconds=10, what=lambda: total(any_page))
