"""The catalogues: whole in both languages, said by the product and seen in the scenes, and neither speaks the other."""

import ast
import re
from dataclasses import fields, is_dataclass
from functools import cache
from html import unescape
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from chalicelib.domain.language import Language, Text
from tests.looks.cast import ALL_OFFERS
from tests.looks.studio import LANGUAGES, ROOT, Studio, catalogue

TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
# What is behind the desk speaks Dutch only: its words stand where they are read.
IN_TWO_LANGUAGES = [path for path in TEMPLATES if path.parent.name != "beheer"]
MODULES = sorted((ROOT / "chalicelib").rglob("*.py"))
SYNTAX = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
# Macros that look a text up, beside the catalogue itself.
SPEAKERS = {"t", "mailing", "told"}
# Everyday words that the other language has not, nor any name in the scenes.
OWN_WORDS = {
    "nl": {"uw", "u", "het", "een", "wij", "niet", "deze", "naar", "voor", "bij", "wordt", "heeft", "staat"},
    "en": {"the", "your", "you", "we", "not", "this", "with", "from", "are", "have", "has", "registration"},
}


@cache
def studio(lang: str) -> Studio:
    return Studio(lang)


@cache
def documents(lang: str) -> dict[str, str]:
    """Every scene as it is read: without its style sheet, spaces made plain."""
    return {scene.name: _read(studio(lang).document(scene)) for scene in studio(lang).scenes()}


def _read(document: str) -> str:
    document = re.sub(r"<style>.*?</style>|<!--.*?-->", " ", document, flags=re.DOTALL)
    return " ".join(unescape(document).split())


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_catalogues_have_the_same_keys_and_placeholders() -> None:
    dutch, english = (catalogue(lang) for lang in LANGUAGES)
    assert dutch.keys() == english.keys()
    assert {key: _placeholders(text) for key, text in dutch.items()} == {
        key: _placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_a_hint_may_be_without_text(lang: str) -> None:
    empty = {key for key, text in catalogue(lang).items() if not text.strip()}
    assert all(key.startswith("field.") and key.endswith(".hint") for key in empty)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_text_a_template_names_exists(path: Path) -> None:
    calls = [
        call
        for call in SYNTAX.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in SPEAKERS
    ]
    named = {call.args[0].value for call in calls if isinstance(call.args[0], nodes.Const)}
    assert named <= catalogue("nl").keys()


@pytest.mark.parametrize("path", IN_TWO_LANGUAGES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_template_holds_words_of_its_own(path: Path) -> None:
    pieces = (
        node.data if isinstance(node, nodes.TemplateData) else "0"
        for output in SYNTAX.parse(path.read_text(encoding="utf-8")).find_all(nodes.Output)
        for node in output.nodes
    )
    text = re.sub(r"<style>.*?</style>|<!--.*?-->|<[^<>]*>|<[^<>]*$|^[^<>]*>", " ", "".join(pieces), flags=re.DOTALL)
    words = set(re.findall(r"(?<![\w&=\"-])[A-Za-zÀ-ÿ]{3,}(?![\w=\"-])", text))
    assert words <= {"required", "autofocus"}  # attributes, which a macro writes outside a tag


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_seen_in_a_scene(lang: str) -> None:
    assert documents(lang)
    said = studio(lang).said() | {"site.language"}  # each catalogue's own name is said on the other's pages
    silent = catalogue(lang).keys() - said
    # what somebody takes along of his subscription is a file, which tests/entrypoints/test_subscription.py reads
    assert {key for key in silent if not key.startswith("newsletter.document.")} == set()


def test_every_text_is_said_by_the_product() -> None:
    """A scene can say a text by itself; here it must stand in the code, whole or put together."""
    sources = [path.read_text(encoding="utf-8") for path in (*TEMPLATES, *MODULES)]
    code = "\n".join(sources)
    composed = [re.compile(pattern) for path in (*TEMPLATES, *MODULES) for pattern in _composed(path)]
    silent = {
        key
        for key in catalogue("nl")
        if not re.search(rf"[\"']{re.escape(key)}[\"']", code) and not any(each.fullmatch(key) for each in composed)
    }
    assert silent == set()


def _composed(path: Path) -> set[str]:
    """Patterns of the keys that a file puts together, such as: order\\.[a-z_.0-9]+\\.title."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        found = [
            [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.JoinedStr)
        ]
    else:
        found = [
            [part.value if isinstance(part, nodes.Const) else None for part in node.nodes]
            for node in SYNTAX.parse(source).find_all(nodes.Concat)
        ]
    patterns = {"".join("[a-z_.0-9]+" if part is None else re.escape(str(part)) for part in parts) for parts in found}
    return {pattern for pattern in patterns if re.search(r"[a-z]{3}", pattern.replace("[a-z_.0-9]+", ""))}


@pytest.mark.parametrize(("lang", "other"), [("nl", "en"), ("en", "nl")])
def test_no_scene_holds_a_sentence_of_the_other_language(lang: str, other: str) -> None:
    foreign = _sentences(other)
    assert len(foreign) > 150
    assert not foreign & _sentences(lang), "said in both languages"
    heard = {
        name: [sentence for sentence in foreign if sentence in document] for name, document in documents(lang).items()
    }
    assert {name: sentences for name, sentences in heard.items() if sentences} == {}


@pytest.mark.parametrize(("lang", "other"), [("nl", "en"), ("en", "nl")])
def test_no_scene_holds_everyday_words_of_the_other_language(lang: str, other: str) -> None:
    for name, document in documents(lang).items():
        words = set(re.findall(r"[a-zà-ÿ]+", re.sub(r"<[^<>]+>|https?://\S+", " ", document).lower()))
        assert words & OWN_WORDS[lang], name
        assert not words & OWN_WORDS[other], name


def _sentences(lang: str) -> set[str]:
    """The sentences of a language, of the catalogue and of the offers, that are long enough to be nothing else."""
    texts = [*catalogue(lang).values(), *(text.within(Language(lang)) for text in _texts(ALL_OFFERS))]
    pieces = {" ".join(piece.split()) for text in texts for piece in re.split(r"\{[^}]*\}|(?<=[.?!:;]) ", text)}
    return {piece for piece in pieces if len(re.findall(r"\w+", piece)) >= 4}


def _texts(thing: object) -> list[Text]:
    """All texts that a thing is made of."""
    if isinstance(thing, Text):
        return [thing]
    if isinstance(thing, dict):
        return [text for value in thing.values() for text in _texts(value)]
    if isinstance(thing, tuple):
        return [text for value in thing for text in _texts(value)]
    if is_dataclass(thing):
        return [text for field in fields(thing) for text in _texts(getattr(thing, field.name))]
    return []
