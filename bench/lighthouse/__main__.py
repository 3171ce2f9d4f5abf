"""Lighthouse's four categories for the form pages, as on a phone with a slow network; each the median of three runs.

    make lighthouse                                      # on a desk that is started for it
    make lighthouse URL=https://aanmelden.example.nl     # on a desk that runs

Ends with 1 when a category of a page is below 98, and says what costs the points.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.stack import running_stack
from tests.elsewhere.installation import NODE, node_modules, path
from tests.program import ProgramMissing, is_root

HERE = Path(__file__).parent
PAGES = ("nl/lidmaatschap", "en/lidmaatschap", "nl/congres-2027", "en/congres-2027")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3
WANTED = 98


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: the score of each category, and what cost points, the dearest first."""

    scores: dict[str, int]
    complaints: tuple[str, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help="the address of a desk that runs; without it one is started")
    given = parser.parse_args()
    try:
        node_modules(HERE)
    except ProgramMissing as missing:
        raise SystemExit(str(missing)) from missing
    with _desk(given.url) as desk:
        print(f"{'page':20}" + "".join(f"{name:>16}" for name in CATEGORIES) + f"   median of {RUNS}")
        poor = [page for page in PAGES if not _is_good(desk, page)]
    print(f"Below {WANTED}: {', '.join(poor)}" if poor else f"Every page has {WANTED} or more in all four.")
    return 1 if poor else 0


@contextmanager
def _desk(url: str) -> Iterator[str]:
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as scratch, running_stack(log=Path(scratch, "log.txt")) as stack:
        yield stack.desk


def _is_good(desk: str, page: str) -> bool:
    """Measure one page and print what came of it."""
    runs = [_run(f"{desk}/{page}") for _ in range(RUNS)]
    scores = {name: int(statistics.median(run.scores[name] for run in runs)) for name in CATEGORIES}
    print(f"{page:20}" + "".join(f"{scores[name]:16}" for name in CATEGORIES), flush=True)
    for complaint in dict.fromkeys(complaint for run in runs for complaint in run.complaints):
        print(f"    {complaint}")
    return min(scores.values()) >= WANTED


def _run(url: str) -> Run:
    flags = ["--headless=new", *FLAGS, *(["--no-sandbox"] if is_root() else [])]
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "report.json")
        done = subprocess.run(
            [
                path(NODE),
                str(HERE / "node_modules" / "lighthouse" / "cli" / "index.js"),
                url,
                "--quiet",
                "--no-enable-error-reporting",
                f"--only-categories={','.join(CATEGORIES)}",
                f"--chrome-flags={' '.join(flags)}",
                "--output=json",
                f"--output-path={output}",
            ],
            env={**os.environ, "CHROME_PATH": chromium_path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"Lighthouse failed on {url}:\n{done.stderr}")
        report = json.loads(output.read_text(encoding="utf-8"))
    if error := report.get("runtimeError"):
        raise SystemExit(f"Lighthouse could not look at {url}: {error['message']}")
    scores = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
    return Run(scores=scores, complaints=tuple(_complaints(report)))


def _complaints(report: dict[str, Any]) -> Iterator[str]:
    for name in CATEGORIES:
        category = report["categories"][name]
        weights = sum(ref["weight"] for ref in category["auditRefs"])
        for ref in category["auditRefs"]:
            audit = report["audits"][ref["id"]]
            score = audit["score"]
            if ref["weight"] and score is not None and score < 1:
                lost = 100 * (1 - score) * ref["weight"] / weights
                value = audit.get("displayValue", "").replace("\xa0", " ")
                yield f"{name} −{lost:.1f}: {audit['title']}{f' ({value})' if value else ''}"


if __name__ == "__main__":
    sys.exit(main())
