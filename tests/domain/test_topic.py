"""Topics: what comes with the code is right, and what is wrong in a file is named with its place."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.seed_files import TOPICS, topics_file
from chalicelib.domain.error import OfferRefused
from chalicelib.domain.language import Language
from chalicelib.domain.topic import named, of_the_tick, read_topics, written

DATA = tomllib.loads(TOPICS.read_text(encoding="utf-8"))
WORDS = {"nl": "Nieuws", "en": "News"}


def topic(**changed: Any) -> dict[str, Any]:
    row = {"id": "nieuws", "title": WORDS, "description": WORDS} | changed
    return {name: value for name, value in row.items() if value is not None}


def test_what_comes_with_the_code() -> None:
    topics = topics_file()
    assert [each.id for each in topics] == ["nieuwsbrief", "themabijeenkomsten", "werkgroepen", "congres"]
    assert len({each.title.within(language) for each in topics for language in Language}) == 8
    assert of_the_tick(topics) == ("nieuwsbrief",)


def test_topics_are_found_again_in_what_is_written_of_them_whatever_they_are_called() -> None:
    titles = ["Wonen, zorg; werk", "Nieuws|kort", "zorg", "Zorg", "t1", "Wijk\nen dorp", " Buurt "]
    rows = [topic(id=f"t{number}", title={"nl": title, "en": "Zorg"}) for number, title in enumerate(titles)]
    topics = read_topics({"topic": rows}, source="t.toml")
    ids = tuple(each.id for each in topics)
    assert tuple(named(written(ids, topics=topics), topics=topics).values()) == ids
    assert written(("nieuwsbrief", "congres", "weg"), topics=topics_file()) == "Nieuwsbrief, Congres, weg"
    assert named("koken; Congress |congres", topics=topics_file()) == {
        "koken": "",
        "Congress": "congres",
        "congres": "congres",
    }


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "t.toml: topic: there must be from 1 through 12, not 0"),
        ([topic(id=f"t{number}") for number in range(13)], "t.toml: topic: there must be from 1 through 12, not 13"),
        ([topic(), topic()], "t.toml: topic[1].id: 'nieuws' is there twice"),
        ([topic(id="Nieuws")], "t.toml: topic[0].id: 'Nieuws' does not match [a-z][a-z0-9-]{0,39}"),
        ([topic(title=None)], "t.toml: topic[0].title: is missing"),
        ([topic(title={"nl": "Nieuws"})], "t.toml: topic[0].title.en: is missing"),
        ([topic(description={"nl": " ", "en": "x"})], "t.toml: topic[0].description.nl: "),
        ([topic(colour="red")], "t.toml: topic[0].colour: is not a known key"),
        (["nieuws"], "t.toml: topic[0]: a table is needed here"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(rows: list[Any], said: str) -> None:
    with pytest.raises(OfferRefused) as refusal:
        read_topics({"topic": rows}, source="t.toml")
    assert str(refusal.value).startswith(said)


def test_another_key_beside_the_topics_is_refused() -> None:
    with pytest.raises(OfferRefused, match="more: is not a known key"):
        read_topics(DATA | {"more": 1}, source="t.toml")


def test_a_file_that_is_no_toml_says_so(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text("[[topic]\n", encoding="utf-8")
    with pytest.raises(OfferRefused, match=r"topics.toml: \(whole file\): is not TOML"):
        topics_file(tmp_path / "topics.toml")
