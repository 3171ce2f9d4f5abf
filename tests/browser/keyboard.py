"""The keyboard in the hands of somebody without a mouse, who sees at each step where he is."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.pages import focused

MOST_TABS = 60


def tab_to(page: Page, name: str) -> int:
    """Press Tab until the focus is on what has this name; how often that was."""
    for count in range(1, MOST_TABS):
        page.keyboard.press("Tab")
        stop = focused(page)
        assert stop["outlined"] or not stop["ours"], f"nobody can see the focus on {stop}"
        assert stop["seen"] or not stop["ours"], f"the focus is out of sight on {stop}"
        if stop["name"].startswith(name):
            return count
    raise AssertionError(f"{MOST_TABS} tabs and never on {name}")


def stops(page: Page, key: str) -> list[Any]:
    """Everything that the key comes by until the page is left or begins anew."""
    found: list[Any] = []
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        stop = focused(page)
        if stop["tag"] == "BODY" or (found and stop == found[0]):
            return found
        found.append(stop)
    raise AssertionError(f"the keyboard does not get out: {found[-6:]}")
