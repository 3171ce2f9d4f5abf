"""Inline assets: a style sheet or script that one page holds, and the hash under which its policy allows it."""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass
from functools import cache

from chalicelib.rendering.renderer import ROOT


@dataclass(frozen=True, slots=True)
class Inline:
    """A text within a page, and its hash."""

    text: str
    hash: str


def inline(text: str) -> Inline:
    """Any text, such as the value of a style attribute."""
    digest = hashlib.sha256(text.encode()).digest()
    return Inline(text=text, hash=f"'sha256-{base64.b64encode(digest).decode()}'")


@cache
def inline_asset(name: str) -> Inline:
    """A file of assets/."""
    return inline((ROOT / "assets" / name).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture within a page: its data: address and its size in pixels."""

    address: str
    width: int
    height: int


@cache
def inline_picture(name: str) -> Picture:
    """A PNG of assets/."""
    content = (ROOT / "assets" / name).read_bytes()
    # the header chunk comes first, by its definition
    width, height = struct.unpack(">II", content[16:24])
    return Picture(f"data:image/png;base64,{base64.b64encode(content).decode()}", width, height)
