"""Draws every page and mail into a folder and tells what is wrong: python -m tests.looks.preview FOLDER [NAME…]."""

import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.looks.studio import LANGUAGES, Studio, browser, overflow, small_targets, violations

WIDTHS = (320, 390, 1280)


def draw(chromium: Browser, document: Path, *, name: str) -> list[str]:
    """Screenshots beside the document, and the complaints about it."""
    complaints = []
    for scheme in ("light", "dark"):
        for width in WIDTHS if scheme == "light" else (390,):
            page = chromium.new_page(
                viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
            )
            page.goto(document.as_uri())
            page.screenshot(path=document.with_name(f"{document.stem}-{width}-{scheme}.png"), full_page=True)
            found = violations(page, name) + small_targets(page)
            if overflow(page) > 0:
                found.append(f"scrolls sideways by {overflow(page)} px")
            complaints += [f"{document.stem} {width} {scheme}: {complaint}" for complaint in found]
            page.close()
    return complaints


def main(folder: Path, wanted: list[str]) -> int:
    """Draw the scenes whose name starts with one of the wanted words, or all."""
    folder.mkdir(parents=True, exist_ok=True)
    complaints = []
    with browser() as chromium:
        for lang in LANGUAGES:
            studio = Studio(lang)
            for scene in studio.scenes():
                if wanted and not any(f"{lang}-{scene.name}".startswith(word) for word in wanted):
                    continue
                ending = "txt" if scene.name.endswith(".txt") else "html"
                document = folder / f"{lang}-{scene.name.removesuffix('.' + ending)}.{ending}"
                document.write_text(studio.document(scene), encoding="utf-8")
                if ending == "html":
                    complaints += draw(chromium, document.resolve(), name=scene.name)
    print("\n".join(complaints) or "nothing to complain about")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
