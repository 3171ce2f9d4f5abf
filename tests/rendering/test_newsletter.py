"""A newsletter as it arrives: its blocks in both parts, its slots filled, and nothing that its writer did not mean."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.language import Language
from chalicelib.domain.newsletter_finding import FindingKey, Severity
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.domain.placeholder import Slot
from chalicelib.domain.prepared_issue import Slotted, marked, plain_name
from tests.looks.cast import ALL_OFFERS, EARLY, MEMBERS_FREE, NOW
from tests.looks.newsletters import FULL_ISSUE
from tests.rendering import issues
from tests.rendering.issues import COMPOSER, HEAD, html, mail, prepared, text, values


class Reader(HTMLParser):
    """Reads HTML as a program that shows it: elements with their attributes, and the words between them."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[tuple[str, object]] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.read.append((f"/{tag}", None))

    def handle_data(self, data: str) -> None:
        if self.read and self.read[-1][0] == "words":
            data = f"{self.read.pop()[1]}{data}"
        self.read.append(("words", data))

    @property
    def words(self) -> str:
        return " ".join(" ".join(str(said) for kind, said in self.read if kind == "words").split())

    def elements(self, tag: str) -> list[dict[str, str | None]]:
        return [dict(attrs) for kind, attrs in self.read if kind == tag and isinstance(attrs, list)]


# What would do harm where it is not escaped, or is read a second time.
PIECES = [
    *r"""
" ' < > & &amp; </td> <script>alert(1)</script> --> ]]> {naam} {{x}} {% {0} %s $1 \1 \ = é 👩‍👩‍👧 נועה
Bcc:x@y.nl https://x.nl javascript:
""".split(),
    *(" ", "\r\n", "\x00", "\u202e", "\u2028", "\ud800", "\ue000name\ue001", "\ue002", "\ue003"),
]
HOSTILE = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
FULL = read_issue_text(
    FULL_ISSUE[Language.NL].replace("![Bewoners", "![{naam}, bewoners").replace("[[Stuur", "[[{naam}, stuur")
)
PREPARED = COMPOSER.prepare(FULL, offers=ALL_OFFERS, now=NOW)


@settings(max_examples=150, deadline=None)
@given(HOSTILE)
def test_filling_the_slots_is_rendering_for_that_subscriber(name: str) -> None:
    filled, plain = mail(PREPARED, name=name)
    direct = COMPOSER.render(FULL, offers=ALL_OFFERS, now=NOW, filling=values(name))
    assert _read(filled) == _read(direct.html)
    assert plain.split() == direct.text.split()
    assert "\ue000" not in filled


def _read(document: str) -> list[tuple[str, object]]:
    """What is read, whatever way a sign is escaped; spaces between elements are nothing."""
    return [
        (kind, " ".join(said.split()) if isinstance(said, str) else said)
        for kind, said in Reader(document).read
        if not isinstance(said, str) or said.split()
    ]


@settings(deadline=None)
@given(HOSTILE)
def test_a_name_brings_no_element_no_address_and_no_line(name: str) -> None:
    filled, plain = mail(PREPARED, name=name)
    nobody, _ = mail(PREPARED, name="")
    shape = [(kind, attrs) for kind, attrs in Reader(filled).read if kind not in ("words", "img")]
    assert shape == [(kind, attrs) for kind, attrs in Reader(nobody).read if kind not in ("words", "img")]
    assert {link["href"] for link in Reader(filled).elements("a")} == {
        link["href"] for link in Reader(nobody).elements("a")
    }
    said = plain_name(name) or "lezer"
    assert f"Beste {said}," in plain
    assert said.split() == said.split(" ")
    assert Reader(filled).elements("img")[0]["alt"] == f"{said}, bewoners planten samen een boom op een plein"
    filled.encode()
    plain.encode()


def test_a_name_in_the_subject_stays_on_one_line() -> None:
    issue = prepared("Hallo", head="---\nonderwerp: {naam|Lieve lezer}, nieuws uit de wijk\n---\n")
    letter = issue.letter(
        to="x@y.nl", name="A\r\nBcc: b@c.nl <&>", unsubscribe_url="u", preferences_url="p", web_url="w"
    )
    assert letter.subject == "A Bcc: b@c.nl <&>, nieuws uit de wijk"
    assert issue.title == "Lieve lezer, nieuws uit de wijk"
    assert "<title>A Bcc: b@c.nl &lt;&amp;&gt;, nieuws uit de wijk</title>" in letter.html


@pytest.mark.parametrize(
    ("written", "nobody"),
    [
        ("{naam}", "lezer"),
        ("{Name}", "lezer"),
        ("{naam|buur & vriend}", "buur & vriend"),
        ("{naam|}", ""),
    ],
)
def test_a_placeholder_says_the_name_or_something_neutral(written: str, nobody: str) -> None:
    body = f"Dag {written}!"
    assert f"Dag {nobody}!" in text(body)
    assert f"Dag {nobody}!" in unescape(re.sub(r"<[^<>]*>", "", html(body)))
    assert "Dag Zoë!" in text(body, name=" Zoë\n")
    assert f'Dag <span dir="auto">{nobody.replace("&", "&amp;")}</span>!' in prepared(body).page()
    assert "naam" not in html(body)


@pytest.mark.parametrize("brace", ["{}", "{ a }", "{1, 2}", '{"naam": 1}', "a { b", "}{", "\\{naam}"])
def test_any_other_brace_is_a_brace(brace: str) -> None:
    shown = brace.removeprefix("\\")
    issue = prepared(f"Zo: {brace}.")
    assert issue.findings == ()
    assert f"Zo: {shown}." in text(f"Zo: {brace}.")
    assert f"Zo: {shown}." in Reader(html(f"Zo: {brace}.")).words


def test_every_block_is_in_both_parts_and_on_the_page() -> None:
    assert PREPARED.findings == ()
    assert PREPARED.sendable
    filled, plain = mail(PREPARED, name="Ada")
    page = PREPARED.page()
    for said in (
        "Samen maken wij de wijk",
        "vijfhonderd mensen",
        "Congres 2027",
        "9 november 2027 tot en met 11 november 2027",
        "€ 549, leden: € 399, exclusief overnachting",
        "De gaststad volgt nog.",
        "Open dag in wijkcentrum De Brug",
        "Gemeente Voorbeeldstad",
        "Uit het netwerk",
        "مهرجان الحي",
        "werkbezoeken in de stad",
    ):
        for part in (Reader(filled).words, plain, Reader(page).words):
            assert said in " ".join(part.split())  # a price has a space that does not break
    for url in (
        "https://aanmelden.example.nl/nl/congres-2027",
        "https://www.lpb.example.nl/uw-verhaal",
        "https://www.voorbeeldstad.example.nl/de-brug",
    ):
        assert f'href="{url}"' in filled
        assert f'href="{url}"' in page
        assert f"\n{url}\n" in plain
    for url in (issues.UNSUBSCRIBE, issues.PREFERENCES, issues.ONLINE):
        assert f'href="{url.replace("&", "&amp;")}"' in filled
        assert f"\n{url}" in plain
        assert url.replace("&", "&amp;") not in page


def test_a_mailbox_shows_the_preheader_or_how_the_text_begins() -> None:
    def shown(head: str) -> str:
        issue = prepared("# Nieuws\n\nBeste {naam},\n\nKom [ook](https://x.nl/).\n\n" + "woord " * 100, head=head)
        found = re.search(r"opacity:0;\">([^<]*)</div>", mail(issue, name="Ada & Co")[0])
        assert found
        return unescape(found[1])

    head = "---\nonderwerp: Nieuws uit de wijk\npreheader: Lees snel verder, {naam}.\n---\n"
    assert shown(head) == "Lees snel verder, Ada & Co."
    begun = shown(head.replace("Lees snel verder, {naam}.", ""))
    assert begun.startswith("Beste lezer, Kom ook. woord woord")
    assert begun.endswith("woord…")
    assert len(begun) <= 110


def test_a_page_has_no_styles_and_nobodys_name() -> None:
    page = PREPARED.page()
    assert "style=" not in page
    assert 'Beste <span dir="auto">lezer</span>,' in page
    assert len(Reader(page).elements("h1")) == 1
    assert re.search("[\ue000-\ue003]", page) is None


def test_text_is_narrow_where_words_allow() -> None:
    _, plain = mail(PREPARED, name="")
    assert [line for line in plain.split("\n") if len(line) > 78 and " " in line] == []
    assert "\n\n\n" not in plain
    assert "\nTot ziens in de wijk!\n\n-- \n" in plain
    assert "\n> Wij dachten dat niemand zou komen." in plain
    assert "\n1. Het programma staat vast:\n   - dinsdag: bewoners aan het woord\n" in plain
    assert (
        "\nDatum       | Waar     | Plaatsen\n------------+----------+---------\n14 januari  | Zwolle   |       40\n"
        in plain
    )
    assert "\nSamen maken wij de wijk\n=======================\n" in f"\n{plain}"
    assert "wie\ner spreken (https://www.lpb.example.nl/sprekers)" in plain


def test_a_wide_table_is_told_row_by_row() -> None:
    body = "| Wie | Wat |\n|---|---|\n" + "| {naam} | " + "lang " * 30 + "|\n| b | c |\n"
    plain = text(body, name="Ada")
    assert "Wie: Ada\nWat: lang lang" in plain
    assert "\n\nWie: b\nWat: c" in plain
    assert all(len(line) <= 78 for line in plain.split("\n") if "lang" in line)


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_block_needs_no_empty_line_around_it(gap: str) -> None:
    body = gap.join(
        (
            "Kom ook!",
            "![Een plein](https://x.example.nl/a.png)",
            "[[Meld u aan]](https://x.example.nl/)",
            "{aanbod lancering}",
            "Tot dan.",
        )
    )
    issue = prepared(body)
    assert issue.findings == ()
    read = Reader(issue.page())
    assert [image["alt"] for image in read.elements("img")] == ["Een plein"]
    assert [link["href"] for link in read.elements("a")] == [
        "https://x.example.nl/",
        "https://aanmelden.example.nl/nl/lancering",
    ]
    assert '<p dir="auto">Kom ook!</p>' in issue.page()
    assert '<p dir="auto">Tot dan.</p>' in issue.page()
    assert ">Meld u aan</a>" in issue.page()


def test_a_link_with_one_pair_of_brackets_is_no_button() -> None:
    assert 'class="button"' not in prepared("[Meld u aan](https://x.example.nl/)").page()
    assert 'class="button"' not in prepared("Dus [[meld u aan]](https://x.example.nl/).").page()


def test_a_picture_may_lead_somewhere() -> None:
    issue = prepared("[![Een plein](https://x.example.nl/a.png)](https://x.example.nl/plein)")
    assert issue.findings == ()
    assert (
        '<a href="https://x.example.nl/plein"><img src="https://x.example.nl/a.png" alt="Een plein"></a>'
        in issue.page()
    )
    assert "[Een plein]\nhttps://x.example.nl/plein" in mail(issue, name="")[1]


def test_an_offer_is_told_at_the_prices_of_now() -> None:
    offers = {"congres-2027": EARLY, "gratis": MEMBERS_FREE}
    issue = read_issue_text(f"{HEAD}{{aanbod congres-2027}}\n\n{{offer gratis}}\n\n{{aanbod niets}}")
    assert EARLY.early
    before, after = (
        COMPOSER.prepare(issue, offers=offers, now=EARLY.early.ends_at + timedelta(seconds=seconds)).page()
        for seconds in (-1, 0)
    )
    before, after = (page.replace("\xa0", " ") for page in (before, after))
    assert "€ 499, leden: € 349, exclusief overnachting. Deze prijs geldt tot" in before
    assert "€ 549, leden: € 399, exclusief overnachting<" in after
    assert "€ 95, leden: gratis" in before
    assert EARLY.closes_at
    closed = COMPOSER.prepare(issue, offers=offers, now=EARLY.closes_at).findings
    assert [finding.key for finding in closed if finding.severity is Severity.WARNING] == [FindingKey.OFFER_CLOSED] * 2
    assert "per organisatie, voor 12 maanden" in prepared("{aanbod lidmaatschap}").page()


def test_there_is_one_main_heading_and_no_level_is_passed_over() -> None:
    def levels(body: str) -> list[str]:
        return re.findall(r"<(h\d)", prepared(body).page())

    assert levels("# Een\n### Drie\n# Nog een\n#### Vier\n> # In een citaat\n") == ["h1", "h2", "h2", "h3", "h3"]
    assert levels("### Drie") == ["h1", "h2"]
    assert levels("Tekst\n\n# Een") == ["h1", "h2"]
    assert levels("# Een\n:::netwerk\norganisatie: a\ntitel: b\n# Kop\n:::") == ["h1", "h2", "h3"]
    assert '<h1 dir="auto">Nieuws uit de wijk</h1>' in prepared("Tekst").page()


def test_lists_in_lists_and_quotations_in_lists() -> None:
    plain = text("* een\n  1. twee\n\n     nog twee\n  2. drie\n* vier\n  > vijf\n")
    assert "- een\n  1. twee\n\n     nog twee\n\n  2. drie\n- vier\n  > vijf" in plain


def test_an_issue_of_ten_thousand_words_is_whole() -> None:
    body = "\n\n".join(" ".join(f"woord{number + each}" for each in range(100)) for number in range(0, 10_000, 100))
    issue = prepared(body)
    filled, plain = mail(issue, name="")
    for number in (0, 5_000, 9_999):
        assert f"woord{number}" in plain.split()
        assert f"woord{number}" in Reader(filled).words.split()
    assert [line for line in plain.split("\n") if len(line) > 78] == []


def test_a_text_is_cut_at_its_slots() -> None:
    cut = Slotted.cut(f"a{marked(Slot.NAME, 'lieve lezer')}b{marked(Slot.WEB_URL)}")
    assert cut == Slotted(literals=("a", "b", ""), slots=((Slot.NAME, "lieve lezer"), (Slot.WEB_URL, "")))
    assert cut.fill({Slot.NAME: "", Slot.WEB_URL: "w"}) == "alieve lezerbw"
    assert cut.size(slot_bytes=10) == 22
    assert replace(cut, slots=(), literals=("é",)).size(slot_bytes=10) == 2
