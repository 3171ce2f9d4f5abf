"""The looks hold: complete texts, sound templates, and every page and mail usable by everybody at 320 pixels."""

import gzip
import re
import threading
from pathlib import Path

import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, Page, ViewportSize
from werkzeug.serving import make_server

from devstack.website import website_app
from tests.looks.cast import ALL_OFFERS
from tests.looks.pages import is_like_another
from tests.looks.samples import Scene
from tests.looks.studio import LANGUAGES, ROOT, Studio, catalogue, loose_names, overflow, small_targets, violations

STUDIOS = {lang: Studio(lang) for lang in LANGUAGES}
SCENES = [scene for studio in STUDIOS.values() for scene in studio.scenes()]
PAGES = [scene for scene in SCENES if not scene.name.endswith(".txt")]
SITE_PAGES = [scene for scene in PAGES if scene.template.startswith("site/")]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
SYNTAX = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
# Scenes that differ by their words alone are looked at once; dark mode only changes colours. Mails: test_mail_views.
LOOKED_AT = [
    (scene, scheme)
    for scene in PAGES
    for scheme in ("light", "dark")
    if not scene.letter and not is_like_another(scene.name)
    if scheme == "light" or (scene.lang == "nl" and not re.search("longest|emptest|fragment", scene.name))
]
OPEN_DETAILS = """() => {
  for (const root of [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)])
    for (const details of root.querySelectorAll('details')) details.open = true;
}"""
# What axe does not look at, or only half: each line of the answer is a complaint.
OWN_CHECKS = """() => {
  const complaints = [];
  for (const root of [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)]) {
    const all = selector => [...root.querySelectorAll(selector)];
    const say = (what, element) => complaints.push(`${what}: ${element.outerHTML.slice(0, 100)}`);
    const seen = new Set();
    for (const e of all('[id]')) { if (seen.has(e.id)) say('id used twice', e); seen.add(e.id) }
    for (const e of all('[aria-describedby], [aria-labelledby]'))
      for (const name of ['aria-describedby', 'aria-labelledby'])
        for (const id of (e.getAttribute(name) || '').split(' ').filter(Boolean))
          if (!root.getElementById(id)) say(`${name} leads nowhere`, e);
    for (const e of all('.sum a'))
      if (!root.querySelector(`${e.getAttribute('href')}:is(input, textarea)`)) say('error leads to no field', e);
    for (const e of all('input:not([type=hidden]), textarea'))
      if (!e.labels.length || !e.labels[0].innerText.trim()) say('no visible label', e);
    for (const e of all('form:has(input:is([type=text], [type=email]))')) {
      const first = e.querySelector('button');
      if (!['pay', 'subscribe', 'address'].includes(first.value) && e.querySelectorAll('button').length > 1)
        say('Enter presses another button', e);
    }
    for (const e of all('[aria-invalid]'))
      if (!/-e$/.test(e.getAttribute('aria-describedby') || '')) say('error is not tied to its field', e);
    for (const e of all('.err'))
      if (!root.querySelector(`[aria-invalid=true][aria-describedby~="${e.id}"]`)) say('error without a field', e);
    for (const name of ['href', 'action', 'formaction'])
      for (const e of root === document ? [] : all(`[${name}]`))
        if (!/^(https:|mailto:|#.)/.test(e.getAttribute(name))) say('works on a page only', e);
  }
  if (document.querySelectorAll('h1').length !== 1) complaints.push('not one main heading');
  return complaints;
}"""


def _name(scene: Scene) -> str:
    return f"{scene.lang}-{scene.name}"


@pytest.fixture(scope="module")
def phones(chromium: Browser) -> dict[str, Page]:
    """The narrowest phone, in light and in dark mode."""
    viewport = ViewportSize(width=320, height=700)
    return {
        "light": chromium.new_page(viewport=viewport, color_scheme="light"),
        "dark": chromium.new_page(viewport=viewport, color_scheme="dark"),
    }


@pytest.mark.parametrize("scene", SCENES, ids=_name)
def test_every_scene_is_drawn_with_its_data_escaped(scene: Scene) -> None:
    text = STUDIOS[scene.lang].document(scene)
    assert not re.search(r"\bNone\b|\bUndefined\b|{{|{%|\|email\||\|terms\|", text)
    if scene.template.endswith(".html") and "longest" in scene.name:
        assert "&lt;&amp;&gt;" in text
        assert "<&>" not in text


# The page that shows how a form comes into a website has the script and the style of that in it.
@pytest.mark.parametrize(
    "scene", [scene for scene in SITE_PAGES if not scene.name.startswith("site-builder")], ids=_name
)
def test_a_page_brings_all_it_needs(scene: Scene) -> None:
    text = STUDIOS[scene.lang].document(scene)
    # an empty icon, or the browser would ask for one
    text = text.replace('<link rel="icon" href="data:,">', "")
    assert not re.search(r"<script|<link|\sstyle=|@import|url\(|\son\w+=", text)


@pytest.mark.parametrize(
    ("scene", "scheme"), LOOKED_AT, ids=lambda value: value if isinstance(value, str) else _name(value)
)
def test_everybody_can_use_it(scene: Scene, scheme: str, phones: dict[str, Page], tmp_path: Path) -> None:
    document = tmp_path / "scene.html"
    document.write_text(STUDIOS[scene.lang].document(scene), encoding="utf-8")
    phone = phones[scheme]
    phone.goto(document.as_uri())
    phone.evaluate(OPEN_DETAILS)
    assert overflow(phone) <= 0
    assert violations(phone, scene.name) == []
    assert loose_names(phone) == []
    if scene.template.startswith("site/"):
        assert small_targets(phone) == []
        assert phone.evaluate(OWN_CHECKS) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_form_with_faults_says_so_first(lang: str, chromium: Browser, tmp_path: Path) -> None:
    studio = STUDIOS[lang]
    scene = next(scene for scene in studio.scenes() if scene.name == "form-errors")
    document = tmp_path / "form.html"
    document.write_text(studio.document(scene), encoding="utf-8")
    page = chromium.new_page()
    page.goto(document.as_uri())
    assert page.title().startswith(catalogue(lang)["site.error_prefix"])
    page.wait_for_function("document.activeElement.className === 'sum'", timeout=5000)
    page.click(".sum a >> nth=1")
    assert page.evaluate("document.activeElement.name") == "name"
    page.close()


def test_a_printed_order_is_a_receipt(chromium: Browser, tmp_path: Path) -> None:
    studio = STUDIOS["nl"]
    for name in ("order-paid", "order-pending"):
        scene = next(scene for scene in studio.scenes() if scene.name == name)
        document = tmp_path / f"{name}.html"
        document.write_text(studio.document(scene), encoding="utf-8")
        page = chromium.new_page(color_scheme="dark")
        page.emulate_media(media="print")
        page.goto(document.as_uri())
        assert page.locator("button:visible, nav:visible, .language:visible").count() == 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.locator(".code:visible").count() == 1
        page.close()


def test_style_sheets_stay_small() -> None:
    sheets = {path.name: path.read_bytes() for path in (ROOT / "assets").glob("*.css")}
    assert len(sheets["site.css"]) <= 10_000
    assert len(gzip.compress(sheets["embed.css"])) <= 2_500
    assert len(gzip.compress(sheets["embed.css"] + sheets["site.css"])) <= 4_000


def test_the_demo_website_invites(chromium: Browser) -> None:
    app = website_app(
        desk_url="http://form.example",
        members={"Gemeente Voorbeeldstad": ["voorbeeldstad.nl"]},
        mailbox_url="http://mail.example",
        stripe_url="http://pay.example",
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        page = chromium.new_page(viewport={"width": 320, "height": 700})
        for path in ("/", "/voorwaarden", "/privacy"):
            page.goto(f"http://127.0.0.1:{server.server_port}{path}")
            assert overflow(page) <= 0
            assert violations(page, "website") == []
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        markers = page.locator("div.loket-form[data-lang=nl] > a").all()
        assert len(markers) > len(ALL_OFFERS)
        assert {marker.get_attribute("href") for marker in markers} == {
            f"http://form.example/nl/{form}" for form in (*ALL_OFFERS, "nieuwsbrief")
        }
        page.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
