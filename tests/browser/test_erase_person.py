"""Erase a person: by the keyboard, from logging in to the last trace; and his page by the link that he still has."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page

from devstack.environment import BEHEERDER, TABLE
from tests.browser.buyer import ORGANISATION, Buyer
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.pages import heading
from tests.browser.stack import Stack

NAME = "Quirina Zandvliet-Oppenheimer"


def log_in(page: Page, stack: Stack, *, path: str) -> None:
    """With the keyboard alone: the fields have the focus already."""
    before = len(stack.mails(BEHEERDER))
    page.goto(f"{stack.desk}{path}")
    page.keyboard.type(BEHEERDER)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    mails = stack.wait_for_mails(BEHEERDER, count=before + 1)
    found = re.search(r"(?m)^ +(\d{6})\r?$", str(mails[-1]["text"]))
    assert found
    page.keyboard.type(found[1])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{stack.desk}{path}"


def tab_to(page: Page, label: str) -> None:
    """Press Tab until this button has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").strip() == label:
            return
    raise AssertionError(f"the keyboard does not reach {label}")


def press(page: Page, label: str) -> None:
    tab_to(page, label)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def traces(stack: Stack, *words: str) -> set[str]:
    """Where in the whole table one of these stands, by kind."""
    pages = stack.dynamodb().get_paginator("scan").paginate(TableName=TABLE)
    return {
        item["record"]["S"]
        for each in pages
        for item in each["Items"]
        if any(word.lower() in json.dumps(item, ensure_ascii=False).lower() for word in words)
    }


def test_erase_a_person_and_search_for_the_traces(stack: Stack, open_page: OpenPage, buyer: Buyer) -> None:
    buyer.register(name=NAME).press("pay")
    stack.wait_for_mails(buyer.email)
    page = open_page(javascript=False, size=PHONE)
    assert traces(stack, buyer.email) == {"buyer", "membership"}
    log_in(page, stack, path="/beheer/personen")
    page.get_by_label("E-mailadres").focus()
    page.keyboard.type(buyer.email)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Gaat weg: het e-mailadres en de antwoorden van de aanmelder." in page.inner_text("main")
    press(page, "Deze persoon wissen …")
    assert heading(page) == "Persoon wissen"
    assert buyer.email not in page.url
    press(page, f"Wis {buyer.email}")
    assert "Gewist uit 1 aanmelding en 1 lidmaatschap." in page.inner_text("main")
    assert traces(stack, buyer.email) == set()
    assert traces(stack, NAME) == {"buyer"}, "who paid stays in the books"
    his = open_page()
    his.goto(buyer.order_url)
    assert NAME not in his.content()
    assert ORGANISATION not in his.content()
