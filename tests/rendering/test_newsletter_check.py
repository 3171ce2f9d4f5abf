"""The preflight of a newsletter: what is found, at which line; and nothing gets through both walls."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.language import Language
from chalicelib.domain.newsletter_finding import Finding, FindingKey, Severity
from chalicelib.domain.newsletter_text import IssueText, read_issue_text
from chalicelib.domain.prepared_issue import Slotted
from chalicelib.rendering.newsletter_check import MOST_BYTES, found_in_mail
from chalicelib.rendering.newsletter_html import cleaned
from chalicelib.rendering.newsletter_words import finding_words
from tests.looks.cast import ALL_OFFERS
from tests.looks.newsletters import LEAST_ISSUE
from tests.rendering.issues import COMPOSER, HEAD, NOW, RENDERER, html, keys, mail, prepared, text
from tests.rendering.test_newsletter import Reader

# The body begins at the fifth line of the source.
FIRST = HEAD.count("\n") + 1
ACTIVITY = ":::netwerk\norganisatie: a\ntitel: b\n"


@pytest.mark.parametrize(
    ("body", "key", "line"),
    [
        ("", FindingKey.BODY_MISSING, 0),
        ("Dag {voornaam}", FindingKey.PLACEHOLDER_UNKNOWN, 0),
        ("a\nb\n**c\n{x|y}**", FindingKey.PLACEHOLDER_UNKNOWN, 3),
        ("a\n\n* b\n* {x}", FindingKey.PLACEHOLDER_UNKNOWN, 3),
        ("| a |\n|---|\n| b |\n| {x} |", FindingKey.PLACEHOLDER_UNKNOWN, 3),
        ("Dag {naam |lezer}", FindingKey.PLACEHOLDER_BROKEN, 0),
        ("Dag { naam }", FindingKey.PLACEHOLDER_BROKEN, 0),
        ("Dag {naam|lezer", FindingKey.PLACEHOLDER_BROKEN, 0),
        ("Dag {aanbod}, en dan", FindingKey.PLACEHOLDER_UNKNOWN, 0),
        ("Dag {{naam}}", FindingKey.PLACEHOLDER_FOREIGN, 0),
        ("Dag {% if naam %}", FindingKey.PLACEHOLDER_FOREIGN, 0),
        ("Dag *|FNAME|*", FindingKey.PLACEHOLDER_FOREIGN, 0),
        ("a\n\n    Beste {naam},", FindingKey.PLACEHOLDER_IN_CODE, 2),
        ("Dag `{naam}`", FindingKey.PLACEHOLDER_IN_CODE, 0),
        ("[a](https://x.nl/?n={naam})", FindingKey.PLACEHOLDER_IN_LINK, 0),
        ("[[a]](https://x.nl/?n={naam})", FindingKey.PLACEHOLDER_IN_LINK, 0),
        ("![a](https://x.nl/{{id}}.png)", FindingKey.PLACEHOLDER_IN_LINK, 0),
        ("a\n{aanbod congres-2026}", FindingKey.OFFER_UNKNOWN, 1),
        ("Zie {aanbod lancering}.", FindingKey.OFFER_NOT_ALONE, 0),
        ("* {aanbod lancering}", FindingKey.OFFER_NOT_ALONE, 0),
        (f"{ACTIVITY}\n{{aanbod lancering}}\n:::", FindingKey.OFFER_NOT_ALONE, 4),
        (":::knop\nx\n:::", FindingKey.BLOCK_UNKNOWN, 0),
        (":::", FindingKey.BLOCK_UNKNOWN, 0),
        (f"a\n{ACTIVITY}\nTekst", FindingKey.BLOCK_OPEN, 1),
        ("* a\n\n  :::netwerk\n  titel: x\n  :::", FindingKey.BLOCK_MISPLACED, 2),
        (f"{ACTIVITY}\n:::netwerk\nx\n:::", FindingKey.BLOCK_MISPLACED, 4),
        (":::netwerk\ntitel: b\n\nTekst\n:::", FindingKey.FIELD_MISSING, 0),
        (":::netwerk\norganisatie: b\ntitel:\n:::", FindingKey.FIELD_MISSING, 0),
        (":::netwerk\n\norganisatie: b\ntitel: c\nwaar: d\n:::", FindingKey.FIELD_UNKNOWN, 4),
        (f"{ACTIVITY}link: www.x.nl\n:::", FindingKey.LINK_NOT_HTTPS, 3),
        ("[a](www.x.nl)", FindingKey.LINK_NOT_HTTPS, 0),
        ("[a](http://x.nl)", FindingKey.LINK_NOT_HTTPS, 0),
        ("[a](/x)", FindingKey.LINK_NOT_HTTPS, 0),
        ("[a]()", FindingKey.LINK_NOT_HTTPS, 0),
        ("[a](https://localhost/)", FindingKey.LINK_NOT_HTTPS, 0),
        ("[a](mailto:)", FindingKey.LINK_NOT_HTTPS, 0),
        ("[a](https://[x)", FindingKey.LINK_NOT_HTTPS, 0),
        ("[[a]](tel:0612345678)", FindingKey.LINK_NOT_HTTPS, 0),
        ("![a](data:image/png;base64,AAAA)", FindingKey.LINK_NOT_HTTPS, 0),
        ("[a](javascript:alert(1))", FindingKey.LINK_UNREADABLE, 0),
        ("Lees [meer] (https://x.nl)", FindingKey.LINK_UNREADABLE, 0),
        ("Lees [meer](https://x.nl/a b)", FindingKey.LINK_UNREADABLE, 0),
        ("[](https://x.nl)", FindingKey.LINK_WITHOUT_WORDS, 0),
        ("[[ ]](https://x.nl)", FindingKey.LINK_WITHOUT_WORDS, 0),
        ("Kijk op www.x.nl", FindingKey.ADDRESS_WITHOUT_LINK, 0),
        ("![](https://x.nl/a.png)", FindingKey.ALT_MISSING, 0),
        ("[![ ](https://x.nl/a.png)](https://x.nl)", FindingKey.ALT_MISSING, 0),
        ("Kijk ![a](https://x.nl/a.png)", FindingKey.IMAGE_NOT_ALONE, 0),
        (f"{ACTIVITY}\n![a](https://x.nl/a.png)\n:::", FindingKey.IMAGE_NOT_ALONE, 4),
        ("Dit is <b>vet</b>", FindingKey.HTML_IS_TEXT, 0),
    ],
)
def test_what_is_wrong_is_found_at_its_line(body: str, key: FindingKey, line: int) -> None:
    found = [each for each in keys(body) if each[0] is not FindingKey.ADDRESS_WITHOUT_LINK or key is each[0]]
    assert found[0] == (key, FIRST + line)
    assert {each[0] for each in found} == {key}


@pytest.mark.parametrize(
    ("head", "key", "line"),
    [
        ("---\npreheader: x\n---\n", FindingKey.FIELD_MISSING, 1),
        ("---\npreheader: x\nonderwerp: Nieuws\n---\n", FindingKey.SUBJECT_LENGTH, 3),
        (f"---\npreheader: x\nonderwerp: {'n' * 79}\n---\n", FindingKey.SUBJECT_LENGTH, 3),
        ("---\npreheader: x\nonderwerp: {naam|Lief}, hoi\n---\n", FindingKey.SUBJECT_LENGTH, 3),
        ("---\nonderwerp: Nieuws uit de wijk\n---\n", FindingKey.PREHEADER_MISSING, 2),
        ("---\npreheader: x {y}\nonderwerp: Nieuws uit de wijk\n---\n", FindingKey.PLACEHOLDER_UNKNOWN, 2),
        ("---\npreheader: x\nonderwerp: Nieuws voor {{naam}}\n---\n", FindingKey.PLACEHOLDER_FOREIGN, 3),
        ("---\npreheader: x\nonderwerp: Nieuws uit de {aanbod lancering}\n---\n", FindingKey.OFFER_NOT_ALONE, 3),
        ("", FindingKey.FRONT_MISSING, 1),
    ],
)
def test_what_is_wrong_with_the_head_is_found(head: str, key: FindingKey, line: int) -> None:
    found = keys("Tekst", head=head)
    assert (key, line) in found
    assert len(found) == (3 if not head else 1)


@pytest.mark.parametrize(("length", "right"), [(9, False), (10, True), (78, True), (79, False)])
def test_a_subject_is_neither_short_nor_long(length: int, right: bool) -> None:
    issue = IssueText(subject="n" * length, preheader="x", body="x", lines={})
    assert (COMPOSER.prepare(issue, offers={}, now=NOW).findings == ()) is right


def test_a_subject_from_elsewhere_may_have_spaces_around_it() -> None:
    issue = IssueText(subject="Nieuws uit de wijk ", preheader="x", body="x", lines={})
    assert [each.key for each in COMPOSER.prepare(issue, offers={}, now=NOW).findings] == [FindingKey.SUBJECT_SPACE]


def test_a_warning_does_not_keep_it_from_being_sent() -> None:
    issue = prepared("Kijk op www.x.nl, <b>nu</b>", head="---\nonderwerp: Nieuws uit de wijk\n---\n")
    assert {each.severity for each in issue.findings} == {Severity.WARNING}
    assert len(issue.findings) == 3
    assert issue.sendable
    assert not prepared("{x}").sendable


def test_a_mail_that_gmail_would_cut_is_too_large() -> None:
    assert keys("woord " * 10_000) == []
    assert keys("woord " * 15_000) == [(FindingKey.TOO_LARGE, 0)]
    issue = prepared("x")
    assert len(mail(issue, name="x" * 120)[0].encode()) < issue.html.size(slot_bytes=400) < MOST_BYTES


def test_a_mail_without_a_way_out_is_found() -> None:
    whole = prepared("x")
    bare = Slotted(literals=("".join(whole.text.literals),), slots=())
    assert list(found_in_mail(html=whole.html, text=whole.text)) == []
    for html_part, text_part in ((whole.html, bare), (bare, whole.text)):
        found = [each.key for each in found_in_mail(html=html_part, text=text_part)]
        assert FindingKey.UNSUBSCRIBE_MISSING in found


def test_a_link_that_is_not_in_the_text_part_is_found() -> None:
    whole = prepared("[a](https://x.nl/?a=1&b=2) en [b](mailto:info@x.nl?subject=Dag%20allen)")
    assert whole.findings == ()
    lost = Slotted(literals=tuple(each.replace("&b=2", "") for each in whole.text.literals), slots=whole.text.slots)
    assert list(found_in_mail(html=whole.html, text=lost)) == [
        Finding(key=FindingKey.LINK_NOT_IN_TEXT, values={"url": "https://x.nl/?a=1&b=2"})
    ]


@pytest.mark.parametrize("language", list(Language))
def test_every_finding_has_words_with_its_values(language: Language) -> None:
    texts = RENDERER.texts(language)
    for body in ("{x}", "{aanbod x}", ":::x", "[a](x)", "![](https://x.nl/a.png)", "<b>", "{{x}}", "www.x.nl"):
        for finding in prepared(body).findings:
            words = finding_words(finding, texts=texts)
            assert any(value in words for value in finding.values.values())
            assert str(finding.line) in words
    assert finding_words(Finding(key=FindingKey.BODY_MISSING), texts=texts)[0] in "DT"


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](vbscript:x) [x](file:///etc/passwd) [x](data:text/html;base64,AAAA)",
    "![x](data:image/svg+xml;base64,AAAA)",
    '![x" onerror="alert(1)](https://x.nl/a.png)',
    '![x](https://x.nl/a.png" onerror="alert)',
    '[x](https://x.nl/ "t\\" onmouseover=\\"alert(1)")',
    '[x](https://x.nl/"onmouseover="alert(1))',
    "[[x]](javascript:alert(1))",
    "[[<b>x</b>]](https://x.nl)",
    '<https://x.nl/"onclick=alert(1)>',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>`\n\n    <script>\n\n```<script>\n<script>\n```",
    "| <script> |\n|---|\n| <img onerror=x> |",
    "# <svg onload=alert(1)>",
    ':::netwerk\norganisatie: <script>\ntitel: " onclick="x\nlink: https://x.nl/"onclick="x\n<script>\n:::',
    ":::netwerk\norganisatie: a\ntitel: b\nlink: javascript:alert(1)\n:::",
    "{naam|<script>alert(1)</script>}",
    '![{naam|" onerror="x}](https://x.nl/a.png)',
    "{{7*7}} {% raw %} {{ association }}",
    "</td></tr></table></div></body>",
    "--> <!-- <![endif]-->",
]
PLAIN_TAGS = set(
    "html head meta title style body div table tbody thead tr td th a img span p br h1 h2 h3 hr ul ol li blockquote "
    "pre code strong em link article section dl dt dd".split()
)


def _is_harmless(document: str) -> None:
    read = Reader(document)
    for kind, attributes in read.read:
        if isinstance(attributes, list):
            assert kind in PLAIN_TAGS
            for name, value in attributes:
                assert not name.startswith("on"), (kind, name)
                if name in ("href", "src"):
                    assert re.match(r"https://|mailto:", value or ""), (kind, value)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "* a\n* {}", "> {}", "**{}**", f"{ACTIVITY}\n{{}}\n:::"])
def test_nothing_comes_through(attack: str, around: str) -> None:
    body = around.replace("{}", attack)
    issue = prepared(body)
    filled, _ = mail(issue, name='"><script>')
    _is_harmless(filled)
    _is_harmless(issue.page())
    assert Reader(filled).elements("table")[0]["class"] == "back"
    assert Reader(filled).read[-3:-1] != []
    assert filled.rstrip().endswith("</html>")
    assert Reader(filled).words.endswith("Bekijk online · Voorkeuren · Afmelden")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([*ATTACKS, *":[](){}<>!|*_`#\n\n\n> -1.\"'&", "{naam}", "https://x.nl", ACTIVITY, "\n:::\n"])
    ).map("".join)
)
def test_broken_markdown_is_harmless(body: str) -> None:
    issue = prepared(body)
    filled, plain = mail(issue, name="")
    _is_harmless(filled)
    _is_harmless(issue.page())
    assert re.search("[\ue000-\ue003]", filled + plain + issue.page()) is None
    assert "\n\n\n\n" not in plain


@pytest.mark.parametrize(
    "body", ["&#xE000;foo&#xE001;x&#xE002;", "&#xE000;name&#xE001;x&#xE002;", "![&#xE000;a](https://x.nl/a.png)"]
)
def test_an_entity_makes_no_slot(body: str) -> None:
    issue = prepared(body)
    filled, plain = mail(issue, name="Ada")
    assert re.search("[\ue000-\ue003]", filled + plain + issue.page()) is None
    assert "Ada" not in filled + plain


def test_the_second_wall_holds_without_the_first() -> None:
    html_of_others = (
        '<p class="ink" style="margin:0" onclick="x">a<script>alert(1)</script><a href="javascript:x" id="y">b</a>'
        '<a href="/x">e</a><a href="https://x.nl">c</a><iframe src="https://x.nl"></iframe>'
        '<svg onload="x"></svg><!-- d --></p>'
    )
    assert cleaned(html_of_others) == (
        '<p class="ink" style="margin:0">a<a>b</a><a>e</a><a href="https://x.nl">c</a></p>'
    )


@pytest.mark.parametrize(
    "deep", ["> " * 5_000 + "x", "* " * 3_000 + "x", "[" * 20_000, "**" * 10_000, "{" * 20_000, "`" * 5_000]
)
def test_what_is_nested_without_end_is_survived(deep: str) -> None:
    issue = prepared(deep)
    _is_harmless(issue.page())


def test_an_issue_of_nothing_has_a_heading_and_a_way_out() -> None:
    issue = prepared("", head="")
    assert not issue.sendable
    assert "Afmelden" in mail(issue, name="")[1]
    for language, source in LEAST_ISSUE.items():
        least = COMPOSER.prepare(read_issue_text(source), offers=ALL_OFFERS, now=NOW)
        assert least.sendable
        assert least.language is language


def test_right_to_left_and_emoji_stay_whole() -> None:
    body = "نص عربي (مثال).\n\n* שלום 👩‍👩‍👧\n"
    assert "نص عربي (مثال)." in text(body)
    assert '<li dir="auto"' in html(body)
    assert "👩‍👩‍👧" in html(body)
