"""Every seeded bug and what notices it, as a table; or the search for what notices them."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

import pytest

from tests.torture.bugs.bug import Bug
from tests.torture.bugs.case import read
from tests.torture.bugs.catalogue import BUGS, BUGS_BY_NAME, NOTICED, Noticed, noticed
from tests.torture.bugs.search import Hit, search
from tests.torture.bugs.table import as_markdown, as_text, rows


def main(arguments: Sequence[str] | None = None) -> int:
    given, others = _arguments(arguments)
    logging.getLogger("chalicelib").setLevel(logging.ERROR)
    match given.what:
        case "search":
            return _search([BUGS_BY_NAME[name] for name in given.bug] or list(BUGS), given)
        case "with":
            with BUGS_BY_NAME[given.bug].put_in():
                return int(pytest.main(others))
        case "play":
            found = read(given.case).violations(BUGS_BY_NAME[given.bug])
            print("\n".join(found) or "no violations")
            return 0
        case _:
            print(as_markdown(rows()) if given.markdown else as_text(rows()))
            return 0


def _arguments(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.bugs", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="the table for a page")
    what = parser.add_subparsers(dest="what")
    find = what.add_parser("search", help="find what notices them, from scratch")
    find.add_argument("bug", nargs="*", help="only these")
    find.add_argument("--write", action="store_true", help="write down what was found beside the bugs")
    find.add_argument("--most", type=int, default=10**6, help="how many cases are played of each at most")
    find.add_argument("--processes", type=int, default=2, help="how many processes (2)")
    inside = what.add_parser("with", help="run pytest with a bug in: with <bug> <what pytest is to be told>")
    inside.add_argument("bug")
    play = what.add_parser("play", help="one case with a bug in")
    play.add_argument("bug")
    play.add_argument("case")
    return parser.parse_known_args(arguments)


def _search(bugs: list[Bug], given: argparse.Namespace) -> int:
    found, missed = dict(noticed()), 0
    with ProcessPoolExecutor(given.processes) as processes:
        waiting = {processes.submit(_find, bug.name, given.most): bug.name for bug in bugs}
        for done in as_completed(waiting):
            name, hit = waiting[done], done.result()
            missed += hit is None
            found.pop(name, None)
            if hit:
                found[name] = Noticed(case=str(hit.case), after=hit.after)
            print(f"{name:36} {f'case {hit.after}: {hit.case}: {hit.says}' if hit else 'not noticed'}", flush=True)
    print(f"{len(bugs) - missed} of {len(bugs)} noticed")
    if given.write:
        write(found)
    return 0


def write(found: dict[str, Noticed]) -> None:
    """Write down what notices which bug, in the order of the catalogue."""
    known = [(bug.name, found[bug.name]) for bug in BUGS if bug.name in found]
    lines = ["# What notices each bug: written by `python -m tests.torture.bugs search --write`.", ""]
    lines += [f'{name} = {{ case = "{each.case}", after = {each.after} }}' for name, each in known]
    NOTICED.write_text("\n".join(lines) + "\n")


def _find(name: str, most: int) -> Hit | None:
    return search(BUGS_BY_NAME[name], most=most)


if __name__ == "__main__":
    sys.exit(main())
