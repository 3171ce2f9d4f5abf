"""Every mail, with the longest and the emptest data and associations, is whole, light and safe in both its parts."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest

from chalicelib.domain.email import EmailKind, Letter
from chalicelib.domain.refund import RefundReason
from chalicelib.rendering.letters import REASONS
from tests.looks.mail_reader import complaints
from tests.looks.mailbox import HOUSES, mails
from tests.looks.studio import LANGUAGES, ROOT

TEMPLATES = ROOT / "templates" / "mail"
EXTENDS = re.compile(r'{%-? extends "mail/layout\.(?:html|txt)" -?%}')
NAMES = mails("nl", "usual").keys()


def _kinds(part: str) -> set[str]:
    """What is mailed: each template that fills the layout."""
    return {path.stem for path in TEMPLATES.glob(f"*.{part}") if EXTENDS.search(path.read_text(encoding="utf-8"))}


def test_every_kind_of_mail_has_both_parts() -> None:
    assert _kinds("html") == _kinds("txt")
    assert {kind.value for kind in EmailKind} <= _kinds("html")


@pytest.mark.parametrize("kind", sorted(_kinds("html") | _kinds("txt")))
def test_every_kind_of_mail_is_shown_at_its_longest_and_emptest(kind: str) -> None:
    """A new mail gets its samples in tests/looks/letters.py, named after its template."""
    ours = {name for name in NAMES if name.partition("-")[0] == kind}
    assert {data for data in ("longest", "emptest") if not any(name.endswith(f"-{data}") for name in ours)} == set()


def test_so_is_every_reason_why_money_goes_back() -> None:
    why = {f"refund-{reason.value}" for reason in REASONS} | {"refund"}
    assert {f"{name}-{data}" for name in why for data in ("longest", "emptest")} <= NAMES
    assert RefundReason.STAFF not in REASONS


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_wrong_with_a_mail(lang: str, house: str) -> None:
    found = {name: complaints(letter, lang=lang) for name, letter in mails(lang, house).items()}
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_subject_is_one_line_that_fits(lang: str) -> None:
    for name, letter in mails(lang, "usual").items():
        assert re.fullmatch(r"\S.{8,}\S", letter.subject), name
        assert len(letter.subject) <= 78 or "longest" in name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_association_signs_with_what_is_known_of_it(lang: str) -> None:
    usual, longest, emptest = (mails(lang, house)["confirmation"] for house in ("usual", "longest", "emptest"))
    assert HOUSES["usual"]["logo_url"] in usual.html
    known = dict(HOUSES["longest"])
    assert known.pop("short_name") in longest.html
    for part in (unescape(longest.html), longest.text):
        assert [value for value in known.values() if value not in part] == []
    assert "<img" not in emptest.html
    assert not re.search(r"<br>\s*<br>", emptest.html)


def _html(old: str, new: str) -> Callable[[Letter], Letter]:
    return lambda letter: replace(letter, html=_changed(letter.html, old, new))


def _text(old: str, new: str) -> Callable[[Letter], Letter]:
    return lambda letter: replace(letter, text=_changed(letter.text, old, new))


def _changed(text: str, old: str, new: str) -> str:
    assert re.search(old, text, re.DOTALL), old
    return re.sub(old, new, text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (_html('lang="nl"', ""), "says that it is in no language"),
        (_html("<title>.*?</title>", "<title> </title>"), "no title"),
        (_html("<h1", "<h1></h1><h1"), "main headings"),
        (_html('(opacity:0;">)[^<]*', r"\1"), "no preheader"),
        (_html('(opacity:0;">)[^<]*', r"\1Uw aanmelding is betaald"), "the preheader repeats the subject"),
        (_html(' alt="[^"]*"', ""), "no words for the picture"),
        (_html(' alt="[^"]*"', ' alt=" "'), "no words for the picture"),
        (_html("https://aanmelden", "http://aanmelden"), "leads to http:"),
        (_html('href="https://[^"]*"', 'href="/nl"'), "leads to /nl"),
        (_html("Beste", "Beste {{ name }}"), "left over: {{"),
        (_html("Beste", "Beste {name}"), "left over: {name}"),
        (_html("Beste", "Beste None"), "left over: None"),
        (_text("Beste", "Beste None"), "left over in the text: None"),
        (_text("Beste", "Beste {% if %}"), "left over in the text: {%"),
        (_text("Beste", "Beste &amp;"), "HTML in the text: &amp;"),
        (_text("\n\n", "\n\n\n"), "a hole in the text"),
        (_text("https://aanmelden", "aanmelden"), "in one of the two parts only: https://aanmelden"),
        (_text("$", "\nhttps://elsewhere.example/x.\n"), "in one of the two parts only: https://elsewhere.example/x"),
        (_html("</body>", '<a href="mailto:a@x.nl">x</a></body>'), "in one of the two parts only: a@x.nl"),
        (_html("</body>", "<script>x</script></body>"), "loads or runs something: <script"),
        (_html("#1d2529", "#000"), "pure colour: #000"),
        (_html("</body>", f"<p>{'é' * 15_000}</p></body>"), "bytes"),
    ],
)
def test_the_reader_overlooks_nothing(broken: Callable[[Letter], Letter], said: str) -> None:
    found = complaints(broken(mails("nl", "usual")["confirmation"]), lang="nl")
    assert [each for each in found if each.startswith(said) or each.endswith(said)], found
