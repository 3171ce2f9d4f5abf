"""Every guard taken out in turn: each must be noticed, or what notices nothing proves nothing.

What notices it is found by `python -m tests.torture.bugs search --write` and kept beside the bugs; here it is played
again, with the bug and without. With LOKET_TORTURE=1 it is searched for from scratch, and so are the tests elsewhere.
"""

from __future__ import annotations

import os

import pytest

from tests.torture.bugs.catalogue import BUGS, BUGS_BY_NAME, noticed
from tests.torture.bugs.elsewhere import fails_with, is_there
from tests.torture.bugs.search import search
from tests.torture.bugs.table import Row, as_text, played

ENOUGH = 25
HERE = noticed()
ELSEWHERE = [each for each in BUGS if each.name not in HERE and each.elsewhere]
NOWHERE = [each for each in BUGS if each.name not in HERE and not each.elsewhere]
long_form = pytest.mark.skipif(not os.environ.get("LOKET_TORTURE"), reason="only with LOKET_TORTURE=1")


@pytest.mark.parametrize("name", HERE)
def test_is_noticed(name: str) -> None:
    bug, kept = BUGS_BY_NAME[name], HERE[name]
    says = played(bug)
    assert says, f"not noticed by {kept.case}: python -m tests.torture.bugs search {name} --write"
    print("\n" + as_text([Row(bug=bug, noticed_by=kept.case, after=kept.after, says=says[0])]))


@pytest.mark.parametrize("bug", ELSEWHERE, ids=str)
def test_is_noticed_by_a_test_elsewhere(bug: object) -> None:
    known = BUGS_BY_NAME[str(bug)]
    assert is_there(known.elsewhere), f"no such test: {known.elsewhere}"
    print(f"\n{known.name:36} {known.removed}\n{'':36} {known.elsewhere}")


@pytest.mark.parametrize("bug", NOWHERE, ids=str)
def test_what_nothing_notices_is_judged(bug: object) -> None:
    known = BUGS_BY_NAME[str(bug)]
    assert known.judgement, "useless or untested: say which"
    with known.put_in():
        pass  # the guard is still there to be taken out
    print(f"\n{known.name:36} {known.removed}\n{'':36} noticed by nothing: {known.judgement}")


def test_there_are_enough_and_most_are_noticed_here() -> None:
    print(f"\n{len(BUGS)} bugs: {len(HERE)} noticed here, {len(ELSEWHERE)} elsewhere, {len(NOWHERE)} by nothing")
    assert len(BUGS_BY_NAME) == len(BUGS), "two bugs have one name"
    assert set(HERE) <= set(BUGS_BY_NAME), "what notices a bug that is there no more"
    assert len(HERE) >= ENOUGH
    assert len(NOWHERE) < len(BUGS) / 10


@long_form
@pytest.mark.parametrize("name", HERE)
def test_is_found_from_scratch(name: str) -> None:
    hit = search(BUGS_BY_NAME[name], most=2 * HERE[name].after + 10)
    assert hit, f"not noticed within twice as many cases as {HERE[name].after}"
    print(f"{name}: case {hit.after}: {hit.case}: {hit.says}")


@long_form
@pytest.mark.parametrize("bug", ELSEWHERE, ids=str)
def test_the_test_elsewhere_fails_with_it(bug: object) -> None:
    assert fails_with(BUGS_BY_NAME[str(bug)])
