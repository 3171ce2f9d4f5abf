"""Every mail can be read in whatever way a mail program shows it: narrow, dark, without pictures, without styles."""

import base64
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.looks.mailbox import HOUSES, mails
from tests.looks.studio import LANGUAGES, loose_names, overflow, violations

PHONE, DESK = {"width": 320, "height": 600}, {"width": 700, "height": 600}
# One mail of each make-up; the others differ from one of these by their words alone.
MAKE_UPS = (
    "confirmation-going-on",
    "confirmation-event-groups",
    "confirmation-free-no-dates",
    "welcome",
    "ticket-by-another",
    "cancelled_ticket",
    "refund-late-three",
    "cancellation-event-three",
    "payment_failed-event-three",
    "code",
    "newsletter",
)
# How each is looked at by axe: of which association, how wide, in which mode.
WAYS: dict[str, tuple[str, dict[str, int], dict[str, str]]] = {
    "light": ("emptest", PHONE, {}),
    "dark": ("usual", DESK, {"color_scheme": "dark"}),
    "forced": ("usual", PHONE, {"color_scheme": "dark", "forced_colors": "active"}),
}
# A logo as most are: dark, nothing behind it, and wider than a phone.
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="960" height="96" viewBox="0 0 960 96">
<path fill="#14281e" d="M0 20h960v30H0z"/></svg>"""
# What is wrong with the mail that is shown, besides what axe finds; each line of the answer is a complaint.
OWN_CHECKS = """() => {
  const complaints = [];
  for (const button of document.querySelectorAll('a.edge')) {
    const {width, height} = button.getBoundingClientRect();
    if (Math.min(width, height) < 44) complaints.push(`button of ${width}x${height}`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode())
    if (text.data.trim() && text.parentElement.checkVisibility() && !text.parentElement.closest('style')
        && parseFloat(getComputedStyle(text.parentElement).fontSize) < 14)
      complaints.push(`small print: ${text.data}`);
  for (const cell of document.querySelectorAll('td, p, h1, h2, li, a'))
    if (cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth)
      complaints.push(`sticks out: ${cell.outerHTML.slice(0, 80)}`);
  return complaints;
}"""
# The lowest and the highest lightness in a picture (WCAG's relative luminance), and that of most of it.
LIGHTNESS = """async picture => {
  const bitmap = await createImageBitmap(await (await fetch(picture)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), pen = canvas.getContext('2d');
  pen.drawImage(bitmap, 0, 0);
  const {data} = pen.getImageData(0, 0, bitmap.width, bitmap.height), found = [];
  const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  for (let i = 0; i < data.length; i += 4)
    found.push(0.2126 * linear(data[i]) + 0.7152 * linear(data[i + 1]) + 0.0722 * linear(data[i + 2]));
  found.sort((a, b) => a - b);
  return [found[0], found[found.length - 1], found[found.length >> 1]];
}"""
# How the words that stand for the logo come out: its colour and what is behind it, and how high they would be.
WORDS_FOR_LOGO = """() => {
  const logo = document.querySelector('img'), words = document.createElement('div');
  words.style.cssText = logo.style.cssText;
  words.style.maxHeight = 'none';
  words.textContent = logo.alt;
  logo.after(words);
  let behind = logo;
  while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  const {width, height} = logo.getBoundingClientRect(), needed = words.getBoundingClientRect().height;
  words.remove();
  return {loaded: logo.naturalWidth > 0, width, height, needed,
    color: getComputedStyle(logo).color, behind: getComputedStyle(behind).backgroundColor};
}"""


def _styleless(html: str) -> str:
    """As some programs show it: without the style sheet and what stands in the head."""
    return re.sub(r'<style>.*?</style>|<meta name="[^"]*color-schemes?"[^>]*>', "", html, flags=re.DOTALL)


def _bare(html: str) -> str:
    """As a program shows it that knows no styles at all."""
    return re.sub(r'\s(?:style|bgcolor|class)="[^"]*"', "", _styleless(html))


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """One page for all; pictures are not loaded."""
    opened = chromium.new_page()
    opened.route("**/*", lambda route: route.abort())
    yield opened
    opened.close()


@pytest.fixture
def view(page: Page) -> Callable[..., Page]:
    """Shows a mail, in a size and mode."""

    def shown(html: str, *, size: dict[str, int] = PHONE, **mode: str) -> Page:
        if page.viewport_size != size:
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict will do
        page.emulate_media(**({"color_scheme": "light", "forced_colors": "none"} | mode))  # type: ignore[arg-type]
        page.set_content(html, wait_until="domcontentloaded")
        return page

    return shown


type View = Callable[..., Page]


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_mail_fits_the_narrowest_phone(lang: str, house: str, view: View) -> None:
    found: dict[str, list[str]] = {}
    for name, letter in mails(lang, house).items():
        page = view(letter.html)
        sideways = overflow(page)
        said = [*page.evaluate(OWN_CHECKS), *loose_names(page), *([f"{sideways} px sideways"] if sideways > 0 else [])]
        found |= {name: said} if said else {}
    assert found == {}


def test_a_long_label_leaves_room_for_its_value(view: View) -> None:
    page = view(mails("nl", "longest")["ticket-longest"].html, size=DESK)
    widths = page.evaluate("[...document.querySelectorAll('.value')].map(cell => cell.getBoundingClientRect().width)")
    assert len(widths) == 4
    assert min(widths) > 200


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MAKE_UPS)
def test_everybody_can_read_it(name: str, way: str, view: View) -> None:
    house, size, mode = WAYS[way]
    page = view(mails("nl", house)[name].html, size=size, **mode)
    assert violations(page, name) == []
    assert overflow(page) <= 0
    assert page.evaluate(OWN_CHECKS) == []


def test_a_program_without_style_sheets_shows_every_mail_whole(view: View) -> None:
    for name, letter in mails("nl", "longest").items():
        assert overflow(view(_styleless(letter.html))) <= 0, name


@pytest.mark.parametrize("strip", [_styleless, _bare])
@pytest.mark.parametrize("name", ["confirmation-event-groups", "ticket-by-another"])
def test_what_has_no_styles_can_still_be_read(name: str, strip: Callable[[str], str], view: View) -> None:
    page = view(strip(mails("nl", "usual")[name].html))
    assert violations(page, name) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_name_is_read_where_the_logo_is_not_loaded(scheme: str, view: View) -> None:
    page = view(mails("nl", "usual")["code"].html, color_scheme=scheme)
    page.wait_for_function("document.images[0].complete")
    found = page.evaluate(WORDS_FOR_LOGO)
    assert not found["loaded"]
    assert found["width"] > 200
    assert found["height"] >= found["needed"] > 0, "cut off"
    assert _contrast(*(_lightness(found[which]) for which in ("color", "behind"))) >= 4.5


@pytest.mark.parametrize(("scheme", "size", "height"), [("light", PHONE, 28.8), ("dark", DESK, 48)])
def test_the_logo_is_seen_whole(scheme: str, size: dict[str, int], height: float, chromium: Browser) -> None:
    page = chromium.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]  # plain words will do
    page.route("**/*", lambda route: route.fulfill(body=LOGO, content_type="image/svg+xml"))
    page.set_content(mails("nl", "usual")["code"].html)
    logo = page.locator("img")
    box = logo.bounding_box()
    assert box
    assert (box["width"], box["height"]) == pytest.approx((height * 10, height), abs=0.5)
    assert overflow(page) <= 0
    darkest, lightest, _ = _lightnesses(page, logo)
    assert _contrast(darkest, lightest) >= 4.5
    page.close()


def test_a_program_that_darkens_by_itself_leaves_it_legible(chromium: Browser) -> None:
    """Those that do drop the style sheet; Chromium has a way of its own to darken what does not do so itself."""
    page = chromium.new_page(viewport=DESK)  # type: ignore[arg-type]  # a plain dict will do
    page.route("**/*", lambda route: route.abort())
    page.context.new_cdp_session(page).send("Emulation.setAutoDarkModeOverride", {"enabled": True})
    page.set_content(_styleless(mails("nl", "usual")["confirmation-event-groups"].html))
    for selector in ("h1", "p.ink >> nth=1", "a.edge", "p.soft >> nth=0", "td.soft a"):
        darkest, lightest, most = _lightnesses(page, page.locator(selector))
        assert _contrast(darkest, lightest) >= 4.5, selector
        assert most < 0.2, f"{selector} stays light"
    page.close()


def _lightnesses(page: Page, seen: Locator) -> list[float]:
    picture = f"data:image/png;base64,{base64.b64encode(seen.screenshot()).decode()}"
    return list(page.evaluate(LIGHTNESS, picture))


def _lightness(color: str) -> float:
    """WCAG's relative luminance of a colour such as rgb(1, 2, 3)."""
    shares = [int(share) / 255 for share in re.findall(r"\d+", color)[:3]]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(*lightness: float) -> float:
    darker, lighter = sorted(lightness)
    return (lighter + 0.05) / (darker + 0.05)
