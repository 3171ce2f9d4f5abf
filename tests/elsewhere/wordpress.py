"""Debian's WordPress: its own code makes a page of what somebody pastes, without a web server or a database."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass

from tests.elsewhere.installation import HERE, PHP, path, wordpress


@dataclass(frozen=True, kw_only=True)
class Made:
    """What WordPress makes of a piece of HTML.

    `filtered` is what wp_kses_post leaves of it, `paragraphs` that with wpautop over it, `page` all that saving and
    showing do to it; `trusted` is the page when the writer may paste everything (`unfiltered_html`).
    """

    filtered: str
    paragraphs: str
    page: str
    trusted: str


def paste(*pasted: str) -> list[Made]:
    """What becomes of each of them."""
    folder = wordpress()
    # in one move: another process may be reading it
    copied = shutil.copyfile(HERE / "wordpress" / "nothing.php", folder / "wp-content" / f"{os.getpid()}.tmp")
    copied.replace(folder / "wp-content" / "db.php")
    done = subprocess.run(
        [path(PHP), str(HERE / "wordpress" / "paste.php"), str(folder)],
        input=json.dumps(pasted),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    print(f"\nWordPress {answer['version']}")
    return [Made(**made) for made in answer["made"]]
