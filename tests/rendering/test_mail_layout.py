"""A mail to many: it stands in the same layout, with its own reason and its own line at the foot."""

import shutil
from pathlib import Path

import pytest

from chalicelib.domain.email import Letter
from chalicelib.domain.language import Language
from chalicelib.rendering.renderer import ROOT, Renderer
from tests.looks.mail_reader import complaints
from tests.looks.samples import ASSOCIATION

AUTOMATIC = "Dit bericht is automatisch verzonden."
WHY = "U krijgt dit bericht omdat u zich heeft aangemeld <&>."
LEAVE = "https://aanmelden.example.nl/afmelden/1"
TEMPLATES = {
    "bulk.html": """{% extends "mail/layout.html" %}
{% from "mail/parts.html" import h1 with context %}
{% block title %}Nieuws{% endblock %}
{% block preheader %}Wat er in de buurt gebeurt{% endblock %}
{% block main %}{{ h1("Nieuws") }}{% endblock %}
{% block why %}{{ why }}{% endblock %}
{% block footer %}<br><a href="{{ leave }}" style="color:#535d63;">Afmelden</a>{% endblock %}""",
    "bulk.txt": """{% extends "mail/layout.txt" %}
{% block main %}Nieuws{% endblock %}
{% block why %}
{{ why }}
{% endblock %}
{% block footer %}
Afmelden: {{ leave }}
{% endblock %}""",
}


@pytest.fixture
def letter(tmp_path: Path) -> Letter:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    for name, text in TEMPLATES.items():
        (tmp_path / "templates" / "mail" / name).write_text(text, encoding="utf-8")
    renderer = Renderer(ASSOCIATION, root=tmp_path)
    return renderer.letter("bulk", to="a@x.nl", language=Language.NL, subject="Nieuwsbrief 12", why=WHY, leave=LEAVE)


def test_it_says_why_and_how_to_leave_instead_of_that_it_is_automatic(letter: Letter) -> None:
    assert complaints(letter, lang="nl") == []
    for part, why in ((letter.html, "heeft aangemeld &lt;&amp;&gt;."), (letter.text, WHY)):
        assert AUTOMATIC not in part
        assert part.count(why) == part.count(LEAVE) == 1
        assert part.index(why) < part.index(ASSOCIATION.privacy_url) < part.index(LEAVE)
    assert letter.text.endswith(f"\nAfmelden: {LEAVE}\n")
