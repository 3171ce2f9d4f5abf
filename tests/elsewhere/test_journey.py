"""Errors, paying and the back button in Firefox and WebKit, on the hosted page and in somebody else's website."""

import pytest

from tests.browser.buyer import NAME, ORGANISATION, new_domain, new_email
from tests.browser.pages import NL
from tests.browser.stack import Stack
from tests.elsewhere.conftest import ENGINES, FORGETFUL, Visit
from tests.elsewhere.visitor import Visitor

SUBMIT = NL["form.submit"]
TOTAL = """return here?.querySelector('.total .sumline dd')?.innerText.replace(/\\s/g, ' ') === arguments[0]"""


def test_empty_form_is_answered_with_its_errors_and_keeps_what_was_typed(visitor: Visitor) -> None:
    visitor.type(reference="INK 7")
    visitor.press(SUBMIT)
    visitor.wait("return !!here?.querySelector('.sum')", what="the errors")
    told = visitor.ask("return [...here.querySelectorAll('.sum li')].map(e => e.innerText.trim())")
    assert told == [NL[f"error.{name}_missing"] for name in ("organisation", "name", "email")]
    assert visitor.focus() == "sum"
    assert visitor.answers()["reference"] == "INK 7"
    visitor.engine.click(f"{visitor.here}\nreturn here.querySelector('.sum li:last-child a')")
    visitor.wait("return here.activeElement?.name === 'email'", what="the link leads to its field")


def test_pay(stack: Stack, visitor: Visitor, email: str) -> None:
    visitor.type(organisation=ORGANISATION, name=NAME, email=email)
    visitor.press(SUBMIT)
    visitor.wait_for_address(f"{stack.stripe}/pay/")
    visitor.press_there("Betalen")
    visitor.wait_for_address(f"{stack.desk}/nl/order/")
    visitor.wait_for_heading(NL["order.paid.title"])
    assert [order["state"] for order in stack.orders(email)] == ["paid"]


@pytest.mark.parametrize("engine", [*ENGINES, *FORGETFUL], indirect=True)
def test_back_from_the_payment_page_is_the_same_form_and_the_same_order(
    stack: Stack, visitor: Visitor, email: str
) -> None:
    visitor.type(organisation=ORGANISATION, name=NAME, email=email)
    visitor.ask("window.mark = 'kept'")
    visitor.press(SUBMIT)
    checkout = visitor.wait_for_address(f"{stack.stripe}/pay/")
    visitor.go_back()
    assert visitor.ask("return window.mark === 'kept'") is visitor.engine.keeps_pages
    kept = visitor.answers()
    assert {name: kept[name] for name in ("organisation", "name", "email")} == {
        "organisation": ORGANISATION,
        "name": NAME,
        "email": email,
    }
    visitor.press(SUBMIT)
    assert visitor.wait_for_address(f"{stack.stripe}/pay/") == checkout
    assert stack.counts(email) == (1, 1)


def test_total_follows_what_is_typed_and_a_colleague_comes_along(stack: Stack, visit: Visit) -> None:
    email = new_email(new_domain())
    visitor = visit("congres-2027")
    visitor.type(organisation=ORGANISATION, name=NAME, email=email)
    visitor.wait(TOTAL, "€ 549,00", what="the price for others")
    visitor.press(NL["attendee.add"])
    visitor.wait("return !!here?.querySelector('[name=p1_name]')", what="the fields of a colleague")
    assert visitor.focus() == "p1_name"
    visitor.type(p1_name="Bas Jansen", p1_email="bas@voorbeeldstad.nl")
    visitor.wait(TOTAL, "€ 948,00", what="the price for a member beside it")
    visitor.engine.click(f"{visitor.here}\nreturn here?.querySelector('[name=member][value=nee]')")
    visitor.press(SUBMIT)
    visitor.wait_for_address(f"{stack.stripe}/pay/")
    assert [session["amount_total"] for session in stack.sessions(email)] == [94800]
