"""What site builders are told of is what there is: in the style sheet, the script and the templates."""

import re
from pathlib import Path

from chalicelib.web.theme import EVENTS, PARTS, PREFILLED, VARIABLES

ROOT = Path(__file__).parents[2]
SHEET = (ROOT / "assets" / "embed.css").read_text(encoding="utf-8")
SCRIPT = (ROOT / "assets" / "embed.js").read_text(encoding="utf-8")
TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "site").glob("*.html"))
DOCS = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")


def test_variables_and_their_defaults() -> None:
    found = dict(re.findall(r"var\(--loket-([a-z-]+), *([^()]+|var\([^()]*\))\)", SHEET))
    assert found.keys() == VARIABLES.keys()
    for name, default in VARIABLES.items():
        assert "--house-" in found[name] if not default else found[name] == default, name


def test_parts() -> None:
    assert set(re.findall(r'\bpart="([a-z]+)"', TEMPLATES)) == set(PARTS)


def test_events() -> None:
    assert set(re.findall(r"fire\('([a-z]+)'", SCRIPT)) == set(EVENTS)


def test_prefilled_answers() -> None:
    listed = re.search(r"PREFILL = \[([^\]]+)\]", SCRIPT)
    assert listed
    assert tuple(re.findall(r"'([a-z]+)'", listed[1])) == PREFILLED


def test_the_manual_names_them_all() -> None:
    for name, default in VARIABLES.items():
        assert f"`--loket-{name}`" in DOCS
        assert default in DOCS
    for name in (*PARTS, *PREFILLED):
        assert f"`{name}`" in DOCS
    for name in EVENTS:
        assert f"`loket:{name}`" in DOCS
