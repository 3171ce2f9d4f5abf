"""A link in a marker becomes the form it leads to: whatever a website does with the script, and only our links."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from chalicelib.web.snippet import NEWSLETTER
from tests.browser.conftest import OpenPage
from tests.browser.embedding import (
    LABEL,
    announced,
    embedded,
    hold,
    link,
    marker,
    press_in_place,
    put_page,
    requests,
    script,
    serve,
    submit_label,
    wait_for_events,
    wait_for_forms,
    wait_for_held,
)
from tests.browser.pages import NL, TEXTS, fill_in
from tests.browser.stack import Stack

OFFERS = ("congres-2027", "lancering", "werkgroep", "lidmaatschap")
FOREIGN = (
    "https://elders.example/nl/lidmaatschap",
    "DESK.elders.example/nl/lidmaatschap",
    "DESK0/nl/lidmaatschap",
    "DESK@elders.example/nl/lidmaatschap",
    "javascript:alert(1)//DESK/nl/lidmaatschap",
    "/nl/lidmaatschap",
)
ACTIONS = "[...document.querySelectorAll('loket-form')].map(e => e.shadowRoot?.querySelector('form')?.action)"


def actions(page: Page) -> list[str | None]:
    """Where each form of the page sends to, without its query; None where no form came."""
    return [action and action.partition("?")[0] for action in page.evaluate(ACTIONS)]


def test_every_marker_of_the_demo_website_becomes_its_form(stack: Stack, page: Page) -> None:
    """The marker stays, with the room it reserves; the link stays in the page, behind the form."""
    page.goto(stack.website)
    forms = [*OFFERS, NEWSLETTER]
    wait_for_forms(page, len(forms))
    assert actions(page) == [f"{stack.desk}/nl/{form}" for form in forms]
    assert page.locator("div.loket-form[style*=min-height] > loket-form > a").count() == len(forms)
    assert page.locator("loket-form > a").filter(visible=True).count() == 0


def test_marker_and_element_in_both_languages(stack: Stack, page: Page) -> None:
    """`data-lang` goes before the language of the link, which counts when there is none."""
    there, english = link(stack), link(stack, lang="en")
    body = "".join(
        f'<div class="loket-form" {lang}>{a}</div><loket-form {lang}>{a}</loket-form>'
        for lang, a in (("", there), ('data-lang="en"', there), ("", english), ('data-lang="nl"', english))
    )
    put_page(page, stack, body)
    wait_for_forms(page, 8)
    wanted = [lang for lang in ("nl", "en", "en", "nl") for _ in range(2)]
    assert actions(page) == [f"{stack.desk}/{lang}/lidmaatschap" for lang in wanted]
    assert page.locator("loket-form .loket").evaluate_all("all => all.map(e => e.lang)") == wanted
    for number, lang in enumerate(wanted, start=1):
        assert embedded(page, number).get_by_label(TEXTS[lang]["field.organisation.label"]).is_visible()


def test_what_wordpress_puts_around_the_link_does_no_harm(stack: Stack, page: Page) -> None:
    put_page(page, stack, f'<div class="loket-form wp-block" data-lang="nl"><p>{link(stack)}<br></p>\n<p></p></div>')
    wait_for_forms(page)
    assert actions(page) == [f"{stack.desk}/nl/lidmaatschap"]


def test_two_forms_on_a_page_do_not_mix(stack: Stack, page: Page, email: str) -> None:
    """The same form twice, even: each has its own key, its own fields and its own errors."""
    put_page(page, stack, marker(stack) + marker(stack) + marker(stack, "congres-2027"))
    wait_for_forms(page, 3)
    keys = page.locator("loket-form [name=key]").evaluate_all("all => all.map(e => e.value)")
    assert len(set(keys)) == 3
    assert min(map(len, keys)) >= 16
    embedded(page, 1).locator("[name=organisation]").fill("De eerste")
    embedded(page, 3).locator("[name=organisation]").fill("De derde")
    assert press_in_place(page, submit_label(), form=2) == 422
    assert [embedded(page, number).locator(".sum").count() for number in (1, 2, 3)] == [0, 1, 0]
    # its label leads to its own field, although the other form has the same id
    embedded(page, 2).get_by_text(NL["field.organisation.label"], exact=True).click()
    page.keyboard.type("De tweede")
    typed = [embedded(page, number).locator("[name=organisation]").input_value() for number in (1, 2, 3)]
    assert typed == ["De eerste", "De tweede", "De derde"]
    assert page.locator("loket-form [name=key]").evaluate_all("all => all.map(e => e.value)") == keys


def test_foreign_origin_link_is_untouched(stack: Stack, page: Page) -> None:
    """Else whoever may write a comment could put a form of his own into the page."""
    seen, heard = requests(page), announced(page)
    links = [f'<a href="{address.replace("DESK", stack.desk)}">Elders</a>' for address in FOREIGN]
    tags = ('<div class="loket-form">', "</div>"), ("<loket-form>", "</loket-form>")
    put_page(page, stack, "".join(f"{start}{a}{end}" for a in links for start, end in tags) + marker(stack))
    wait_for_forms(page)
    assert page.get_by_role("link", name="Elders").filter(visible=True).count() == 2 * len(FOREIGN)
    assert actions(page) == [None] * len(FOREIGN) + [f"{stack.desk}/nl/lidmaatschap"]
    assert {each.url.partition("/nl/")[0] for each in seen if "/nl/" in each.url} == {stack.desk}
    wait_for_events(page, heard, "ready")


def test_comment_like_marker_with_a_foreign_link_before_ours_is_untouched(stack: Stack, page: Page) -> None:
    """The first link counts: one of ours behind it does not lend it anything."""
    foreign = f'<div class="loket-form"><a href="https://elders.example/">Elders</a> {link(stack)}</div>'
    put_page(page, stack, foreign + marker(stack))
    wait_for_forms(page)
    assert page.locator("loket-form").count() == 1
    assert page.locator("div.loket-form > a").filter(visible=True).count() == 2


@pytest.mark.parametrize("way", ["module", "combined", "twice", "tag-manager"])
def test_script_does_not_rely_on_where_it_stands(stack: Stack, page: Page, way: str) -> None:
    """Websites combine, inline, move and repeat scripts: nothing may depend on `document.currentScript`."""
    text = stack.http.get(f"{stack.desk}/embed.js", timeout=10).text
    together = f"window.before = 1\n;{text}\n;window.after = 1"
    page.route(f"{stack.website}/alles.js", lambda route: route.fulfill(body=together, content_type="text/javascript"))
    heads = {
        "module": f'<script type="module">{text}</script>',
        "combined": '<script defer src="/alles.js"></script>',
        "twice": script(stack) * 2 + f"<script>{text}</script>",
        "tag-manager": "",
    }
    heard = announced(page)
    put_page(page, stack, marker(stack) + f"<loket-form>{link(stack, 'congres-2027')}</loket-form>", head=heads[way])
    if way == "tag-manager":
        page.evaluate(
            "src => document.body.append(Object.assign(document.createElement('script'), {src}))", "/alles.js"
        )
    wait_for_forms(page, 2)
    assert actions(page) == [f"{stack.desk}/nl/lidmaatschap", f"{stack.desk}/nl/congres-2027"]
    wait_for_events(page, heard, "ready", "ready")


@pytest.mark.parametrize("tag", ["div", "loket-form"])
def test_element_that_is_met_while_the_page_is_still_read(stack: Stack, page: Page, tag: str) -> None:
    """A script that is there already meets the element before the link in it is read: it must wait for that."""
    held = hold(page, f"{stack.website}/traag.js", method="GET")
    slow = f'<{tag} class="loket-form"><script src="/traag.js"></script>{link(stack)}</{tag}>'
    heard = announced(page)
    body = f'<script src="{stack.desk}/embed.js"></script>{slow}'
    serve(page, f"{stack.website}/komt", body)
    page.goto(f"{stack.website}/komt", wait_until="commit")
    wait_for_held(page, held)
    assert page.get_by_text(LABEL).count() == 0
    held[0].fulfill(body="window.slow = 1", content_type="text/javascript")
    wait_for_forms(page)
    assert actions(page) == [f"{stack.desk}/nl/lidmaatschap"]
    wait_for_events(page, heard, "ready")


def test_element_that_a_website_adds_and_moves_later(stack: Stack, page: Page) -> None:
    """As websites do that are one program: it becomes a form, and keeps what was typed when it is moved."""
    put_page(page, stack, '<section id="a"></section><section id="b"></section>')
    page.evaluate(
        "html => { document.querySelector('#a').innerHTML = html }", f"<loket-form>{link(stack)}</loket-form>"
    )
    wait_for_forms(page)
    embedded(page).locator("[name=organisation]").fill("Gemeente Elders")
    page.evaluate("document.querySelector('#b').append(document.querySelector('loket-form'))")
    assert embedded(page).locator("[name=organisation]").input_value() == "Gemeente Elders"
    assert press_in_place(page, submit_label()) == 422
    assert embedded(page).locator("[name=organisation]").input_value() == "Gemeente Elders"


def test_form_in_a_shadow_root_of_the_website_itself_pays(stack: Stack, open_page: OpenPage, email: str) -> None:
    """A website made of components has its own: the element works in it."""
    page = open_page()
    put_page(page, stack, '<div id="outer"></div>')
    page.evaluate(
        "html => { document.querySelector('#outer').attachShadow({mode: 'open'}).innerHTML = html }",
        f"<loket-form>{link(stack)}</loket-form>",
    )
    wait_for_forms(page)
    fill_in(page, email=email)
    page.get_by_role("button", name=NL["form.submit"], exact=True).click()
    page.wait_for_url(f"{stack.stripe}/**")
    assert stack.counts(email) == (1, 1)
