"""Run: all parts on a few processes within a time, kept on disk so that a run that was stopped goes on."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from tests.torture.catalogue import ALL, SKEWS, habits_of, plain_cases
from tests.torture.crowd import Crowd
from tests.torture.explore import Found, explore, pairs, singles
from tests.torture.play import Case
from tests.torture.stories import Story

ROOT = Path(__file__).parent.parent.parent
STATE = ROOT / "build" / "torture"
SOURCES = (
    "app.py",
    "chalicelib",
    "devstack/stripe",
    "devstack/ses",
    "infra/resources.py",
    "tests/engines",
    "tests/hostile",
    "tests/killed",
    "tests/ledgers",
    "tests/torture",
)
SEED = 20261126
# The other proofs, in their long form, and what each is told besides: each is a piece of its own, begun in this order.
# Four seasons are 10,000 orders; a round over a season takes as long as it has orders, so four of them take less.
SUITES: dict[str, tuple[str, dict[str, str]]] = {
    "killed": ("tests/killed", {}),
    **{f"season {SEED + number}": ("tests/ledgers", {"LOKET_SEED": str(SEED + number)}) for number in range(4)},
    "hostile": ("tests/hostile", {}),
    "seeded bugs": ("tests/torture/test_seeded_bugs.py", {}),
}
SLICES, PAIRS, CROWDS = 8, 150, 150
# What of the whole time each part may take, when the ones before it took theirs.
SHARES = {"plain": 0.05, "suites": 0.60, "singles": 0.90, "pairs": 0.55, "crowds": 1.0}
SAID_EVERY = 15.0

type Work = Callable[[], tuple[Found, int]]


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of a part that is done at once and kept."""

    part: str
    name: str
    work: Work

    @property
    def path(self) -> Path:
        return STATE / self.part / f"{hashlib.sha256(self.name.encode()).hexdigest()[:16]}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is on disk of an item that is done; `possible` is how many cases there are of which these were played."""

    name: str
    found: Found
    possible: int
    seconds: float


def items(part: str) -> Iterator[Item]:
    """All pieces of a part; of those that are drawn there is no end."""
    match part:
        case "plain":
            yield Item(part, "every story", _plain)
        case "suites":
            for name, (path, told) in SUITES.items():
                yield Item(part, name, partial(_suite, name, path, told))
        case "singles":
            cases = [Case(story=story, habits=habits) for story in ALL for habits in habits_of(story)]
            for case, number in itertools.product(cases, range(SLICES)):
                yield Item(part, f"{case} {number + 1}/{SLICES}", partial(_singles, case, number))
        case "pairs":
            for number, story in ((number, story) for number in itertools.count() for story in ALL):
                yield Item(part, f"{story.name} / {number}", partial(_pairs, story, number))
        case "crowds":
            for number in itertools.count():
                yield Item(part, f"crowds {number}", partial(_crowds, number))


def _plain() -> tuple[Found, int]:
    cases = list(plain_cases())
    return explore(cases), len(cases)


def _suite(name: str, path: str, told: dict[str, str]) -> tuple[Found, int]:
    """The long form of another proof; its own figures go where they are read, build/torture/suites/*.log."""
    log = STATE / "suites" / f"{name.replace(' ', '-')}.log"
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", path]
    with log.open("w", encoding="utf-8") as out:
        code = subprocess.run(
            command, cwd=ROOT, env=os.environ | {"LOKET_TORTURE": "1"} | told, stdout=out, stderr=out, check=False
        ).returncode
    wrong = [(path, f"see {log.relative_to(ROOT)}")] if code else []
    return Found(cases=1, violations=wrong), 1


def _singles(case: Case, number: int) -> tuple[Found, int]:
    """Every single fault of a story, in so many slices that each of them is soon done."""
    cases = singles(case)[number::SLICES]
    return explore(cases), len(cases)


def _pairs(story: Story, number: int) -> tuple[Found, int]:
    """So many pairs of faults of one story, in one of its worlds, with clocks that may be apart."""
    chance = random.Random(f"{SEED} {story} {number}")
    habits = replace(chance.choice(habits_of(story)), skew=chance.choice([0, 0, *SKEWS]))
    possible, drawn = pairs(Case(story=story, habits=habits), chance=chance)
    return explore(itertools.islice(drawn, PAIRS)), possible


def _crowds(number: int) -> tuple[Found, int]:
    found = Found()
    for seed in range(SEED * 1000 + number * CROWDS, SEED * 1000 + (number + 1) * CROWDS):
        found.cases += 1
        found.violations += [(f"crowd {seed}", each) for each in Crowd(seed).come_together()]
    return found, CROWDS


def fingerprint() -> str:
    """What was proven is proven of this very code: with another nothing that was kept counts."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = ROOT / source
        for each in [path] if path.is_file() else sorted(path.rglob("*.py")):
            if any(part == "bugs" or part.startswith("test_") for part in each.relative_to(ROOT).parts):
                continue  # what is looked at is the same without them
            digest.update(str(each.relative_to(ROOT)).encode() + each.read_bytes())
    return digest.hexdigest()


def open_state(*, anew: bool) -> bool:
    """Make the state ready; whether there was some to go on with."""
    STATE.mkdir(parents=True, exist_ok=True)
    mark, now = STATE / "fingerprint", fingerprint()
    goes_on = not anew and mark.exists() and mark.read_text() == now
    for path in STATE.glob("*/*"):
        if not goes_on or path.suffix == ".claim":
            path.unlink()
    mark.write_text(now)
    return goes_on


def kept(part: str) -> list[Kept]:
    """All of a part that is done."""
    told = [json.loads(path.read_text()) for path in sorted((STATE / part).glob("*.json"))]
    return [
        Kept(
            name=each["name"],
            found=Found(**each["found"] | {"violations": [tuple(pair) for pair in each["found"]["violations"]]}),
            possible=each["possible"],
            seconds=each["seconds"],
        )
        for each in told
    ]


def run_part(part: str, *, until: float, processes: int, say: Callable[[str], None]) -> bool:
    """Do what is left of a part until then; whether all of it was done."""
    (STATE / part).mkdir(exist_ok=True)
    workers = [_worker(part, until=until) for _ in range(processes)]
    said, begun = 0.0, time.monotonic()
    try:
        while workers:
            time.sleep(0.3)
            ended = {pid for pid in workers if os.waitpid(pid, os.WNOHANG)[0]}
            workers = [pid for pid in workers if pid not in ended]
            if workers and time.monotonic() - said > SAID_EVERY:
                said = time.monotonic()
                say(f"{part}: {summary(part)}, {int(said - begun)} s")
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGTERM)
    return all(item.path.exists() for item in items(part)) if part in ("plain", "suites", "singles") else False


def summary(part: str) -> str:
    done = kept(part)
    cases = sum(each.found.cases for each in done)
    wrong = sum(len(each.found.violations) for each in done)
    return f"{len(done)} pieces, {cases:,} cases, {wrong} violations"


def _worker(part: str, *, until: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        for item in items(part):
            if time.monotonic() > until:
                break
            _do(item)
    except BaseException:  # noqa: BLE001  # whatever it is: this process ends here, and says of what
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _do(item: Item) -> None:
    claim = item.path.with_suffix(".claim")
    if item.path.exists():
        return
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        return  # the other process is at it
    begun = time.perf_counter()
    found, possible = item.work()
    seconds = time.perf_counter() - begun
    text = {"name": item.name, "found": asdict(found), "possible": possible, "seconds": seconds}
    fresh = item.path.with_suffix(".new")
    fresh.write_text(json.dumps(text))
    fresh.rename(item.path)
