"""All of the proof, one case or one crowd, from the command line."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from tests.torture.catalogue import ALL, read_case
from tests.torture.crowd import Crowd
from tests.torture.play import play, violations
from tests.torture.run import SEED, SHARES, items, kept, open_state, run_part, summary

PARTS = tuple(SHARES)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    logging.getLogger("chalicelib").setLevel(logging.ERROR)
    match given.what:
        case "case":
            return _case(given.case, trace=given.trace)
        case "crowd":
            return _crowd(given.seed, trace=given.trace)
        case "stories":
            print("\n".join(story.name for story in ALL))
            return 0
        case _:
            return _run(given)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    run = what.add_parser("run", help="all parts; a run that was stopped goes on where it was")
    run.add_argument("--minutes", type=float, default=85, help="how long all parts may take together (85)")
    run.add_argument("--processes", type=int, default=2, help="how many processes (2)")
    run.add_argument("--part", action="append", choices=PARTS, help="only this part; may be given again")
    run.add_argument("--anew", action="store_true", help="forget what was kept")
    case = what.add_parser("case", help="one case: '<story> / <habits> / <place>=<fault> ...', as a violation names it")
    case.add_argument("case")
    crowd = what.add_parser("crowd", help="one crowd by its seed")
    crowd.add_argument("seed", type=int)
    for each in (case, crowd):
        each.add_argument("--trace", action="store_true", help="tell every call as it is made")
    what.add_parser("stories", help="the names of all stories")
    return parser.parse_args(arguments)


def _case(text: str, *, trace: bool) -> int:
    case = read_case(text)
    play(replace(case, plan={}))  # whatever is made at the first time draws from the same chance
    world = play(case, alter=(lambda world: setattr(world.gate, "says", print)) if trace else None)
    found = violations(world, case.story)
    print(f"{len(world.gate.places)} places; struck: {', '.join(world.gate.struck) or 'nothing'}")
    print("\n".join(found) or "no violations")
    return 1 if found else 0


def _crowd(seed: int, *, trace: bool) -> int:
    Crowd(seed).come_together()  # as above
    crowd = Crowd(seed, alter=(lambda world: setattr(world.gate, "says", print)) if trace else None)
    found = crowd.come_together()
    print(f"happened: {dict(crowd.happened)}; struck: {', '.join(crowd.world.gate.struck) or 'nothing'}")
    print("\n".join(found) or "no violations")
    return 1 if found else 0


def _run(given: argparse.Namespace) -> int:
    goes_on = open_state(anew=given.anew)
    print(f"Seed {SEED}. {'Going on where the last run stopped.' if goes_on else 'Beginning anew.'}", flush=True)
    begun, whole = time.monotonic(), given.minutes * 60
    for part in given.part or PARTS:
        left = begun + whole - time.monotonic()
        until = time.monotonic() + left * (1.0 if given.part else SHARES[part])
        run_part(part, until=until, processes=given.processes, say=_say)
        _say(f"{part}: {summary(part)}")
    return _table(time.monotonic() - begun)


def _say(text: str) -> None:
    print(text, flush=True)


def _table(seconds: float) -> int:
    """Part, cases, of how many, violations, seconds; then each violation with the command that repeats it."""
    print(f"\n{'part':10}{'cases':>12}{'of':>30}{'twice mailed':>14}{'violations':>12}{'seconds':>10}")
    wrong = []
    for part in PARTS:
        done = kept(part)
        cases = sum(each.found.cases for each in done)
        seconds_of = sum(each.seconds for each in done)
        second = sum(each.found.second_mails for each in done)
        found = [pair for each in done for pair in each.found.violations]
        wrong += found
        print(f"{part:10}{cases:>12,}{_of(part):>30}{second:>14}{len(found):>12}{seconds_of:>10,.0f}")
    print(f"This run took {seconds / 60:.1f} minutes.")
    for case, what in wrong[:50]:
        print(f"\n{what}\n  {_again(case)}")
    if len(wrong) > 50:
        print(f"\nand {len(wrong) - 50} more: build/torture has them all")
    return 1 if wrong else 0


def _again(case: str) -> str:
    """The command that repeats it."""
    if case.startswith("tests/"):
        return f"LOKET_TORTURE=1 python -m pytest -s {case}"
    return f"python -m tests.torture {case if case.startswith('crowd') else f'case "{case}"'}"


def _of(part: str) -> str:
    """Of how many cases those of a part are."""
    done = kept(part)
    match part:
        case "crowds":
            return "no end"
        case "pairs":
            # each piece tells how many pairs its story has in its world
            worlds = {each.name.partition(" / ")[0]: each.possible for each in done}
            return f"~{sum(worlds.values()) * 4:,}"
        case _:
            missing = sum(not item.path.exists() for item in items(part))
            possible = sum(each.possible for each in done)
            return f"{possible:,}" + (f" (+{missing} pieces)" if missing else "")


if __name__ == "__main__":
    sys.exit(main())
