"""Every state of an embedded form, and how a visitor gets there on somebody else's website."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.buyer import new_domain, new_email
from tests.browser.embedding import example, fill_in_congress, press_in_place, submit_label, wait_for_forms
from tests.browser.event_scenes import CONGRESS, MEMBER, all_held, sold_out
from tests.browser.pages import TEXTS, field, fill_attendee, fill_in, send
from tests.browser.scenes import DUTCH
from tests.browser.stack import Stack

type Way = Callable[[Page, Stack, str, str], None]


@dataclass(frozen=True, slots=True)
class EmbedScene:
    """A state: its name, and the way there on an example (its path) in a language."""

    name: str
    way: Way
    languages: tuple[str, ...] = ("nl", "en")


def start(page: Page, stack: Stack, path: str, lang: str) -> None:
    example(page, stack, path, lang=lang)


def congress(page: Page, stack: Stack, path: str, lang: str) -> None:
    example(page, stack, path, offer=CONGRESS, lang=lang)


def errors(page: Page, stack: Stack, path: str, lang: str) -> None:
    """Every kind of field with an error, those of an attendee and the folded ones too."""
    texts = TEXTS[lang]
    congress(page, stack, path, lang)
    press_in_place(page, texts["attendee.add"])
    page.get_by_text(texts["form.invoice"]).click()
    page.get_by_label(texts["field.registration_number.label"]).fill("1")
    fill_in(page, email="ada", organisation="", name="", postal_code="12", lang=lang)
    press_in_place(page, submit_label(lang=lang))


def three(page: Page, stack: Stack, path: str, lang: str, *, member: str, domains: tuple[str, ...]) -> None:
    congress(page, stack, path, lang)
    fill_in_congress(page, email=new_email(domains[0]), member=member, lang=lang)
    for number, domain in enumerate(domains[1:], start=2):
        press_in_place(page, TEXTS[lang]["attendee.add"])
        fill_attendee(page, number, name=f"Deelnemer {number}", email=new_email(domain), lang=lang)


def nudge(page: Page, stack: Stack, path: str, lang: str) -> None:
    domain = new_domain()
    three(page, stack, path, lang, member="no", domains=(domain, domain, domain, domain))
    page.locator(".nudge").wait_for()


def members(page: Page, stack: Stack, path: str, lang: str) -> None:
    three(page, stack, path, lang, member="yes", domains=(MEMBER, "gmail.com"))
    page.locator(".bill").filter(has_text="Voorbeeldstad").wait_for()


def ask_member(page: Page, stack: Stack, path: str, lang: str) -> None:
    three(page, stack, path, lang, member="yes", domains=(new_domain(), "gmail.com", MEMBER))
    press_in_place(page, submit_label(lang=lang))


def open_order(page: Page, stack: Stack, path: str, lang: str) -> None:
    url = example(page, stack, path, lang=lang)
    fill_in(page, email=new_email(), lang=lang)
    send(page, lang=lang)
    page.evaluate("setTimeout(() => history.back())")
    page.wait_for_url(url)
    wait_for_forms(page)
    field(page, "organisation", lang=lang).fill("Stichting Voorbeeldwijk, voor iedereen die in de wijk woont en werkt")
    press_in_place(page, submit_label(lang=lang))


def full(page: Page, stack: Stack, path: str, lang: str) -> None:
    example(page, stack, path, offer=sold_out(stack).id, lang=lang)


def held(page: Page, stack: Stack, path: str, lang: str) -> None:
    example(page, stack, path, offer=all_held(stack).id, lang=lang)


def offline(page: Page, stack: Stack, path: str, lang: str) -> None:
    start(page, stack, path, lang)
    page.context.set_offline(True)
    page.get_by_role("button", name=submit_label(lang=lang), exact=True).click()
    page.get_by_role("alert").wait_for()
    page.context.set_offline(False)


EMBED_SCENES = (
    EmbedScene("start", start),
    EmbedScene("congress", congress, DUTCH),
    EmbedScene("errors", errors),
    EmbedScene("members", members, DUTCH),
    EmbedScene("nudge", nudge, DUTCH),
    EmbedScene("ask-member", ask_member),
    EmbedScene("open-order", open_order),
    EmbedScene("sold-out", full),
    EmbedScene("all-held", held, DUTCH),
    EmbedScene("offline", offline, DUTCH),
)
