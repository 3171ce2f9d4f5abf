"""The script that turns a link in somebody else's page into a form: made once, with the desk and its looks in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.association import Association
from chalicelib.rendering.renderer import ROOT


@dataclass(frozen=True, slots=True)
class Script:
    """The script as it is served, and a tag that changes with it."""

    text: str
    etag: str


def embed_script(base_url: str, *, association: Association, root: Path = ROOT) -> Script:
    """The script of a desk; small, since every visitor of the website it stands in waits for it."""
    # only this address needs them: a page should not wait for them
    from rcssmin import cssmin
    from rjsmin import jsmin

    assets = root / "assets"
    # inside the form, where no rule of the website for `*` reaches
    style = cssmin((assets / "embed.css").read_text(encoding="utf-8")).replace(":root,:host", ".loket")
    for name, colour in (("accent", association.accent), ("on-accent", association.on_accent)):
        style = style.replace(f"var(--house-{name})", colour)
    script = jsmin((assets / "embed.js").read_text(encoding="utf-8"))
    for name, value in (("'@BASE@'", base_url), ("'@CSS@'", style)):
        script = script.replace(name, json.dumps(value, ensure_ascii=False))
    return Script(text=script, etag=f'"{hashlib.sha256(script.encode()).hexdigest()[:32]}"')
