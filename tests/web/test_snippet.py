"""What an owner pastes: safe whatever it is made of, and the same in every system that lets it through."""

from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.web.snippet import reserved_height, snippet

OFFERS = seed_files()


class Parsed(HTMLParser):
    """The tags of a piece of HTML, in order, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.id)
@pytest.mark.parametrize("language", Language)
def test_link_in_a_marker(offer: Offer, language: Language) -> None:
    made = snippet(offer, language=language, words="Kom erbij", base_url="https://x.example.nl/prod")
    script, marker = (Parsed(each) for each in made.whole.splitlines())
    assert script.tags == [("script", {"async": "", "src": "https://x.example.nl/prod/embed.js"})]
    height = f"{reserved_height(offer)}em"
    assert marker.tags == [
        ("div", {"class": "loket-form", "data-lang": language.value, "style": f"min-height:{height}"}),
        ("a", {"href": f"https://x.example.nl/prod/{language.value}/{offer.id}"}),
    ]
    (frame,) = Parsed(made.frame).tags
    assert frame[1]["src"] == f"https://x.example.nl/prod/{language.value}/{offer.id}?iframe=1"
    assert frame[1]["title"] == "Kom erbij"


def test_words_of_the_link_stay_words() -> None:
    words = """"><img src=x onerror=alert(1)>' & &amp; </a></div></iframe>"""
    made = snippet(OFFERS[0], language=Language.NL, words=words, base_url="https://x.example.nl")
    assert [tag for tag, _ in Parsed(made.marker).tags] == ["div", "a"]
    assert Parsed(made.marker).text == words
    assert Parsed(made.frame).tags[0][1]["title"] == words
    assert unescape(made.marker).count(words) == 1


def test_more_questions_take_more_room() -> None:
    offer = OFFERS[0]
    heights = [reserved_height(replace(offer, questions=offer.questions[:count])) for count in (3, 4)]
    assert heights[0] < heights[1] <= reserved_height(offer)
