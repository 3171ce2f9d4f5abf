"""Look at the dead letters of a queue, and give them back."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import islice

from chalicelib.domain.dead_letter import DeadLetter, Explained, WorkerQueue
from chalicelib.ports import DeadLetters

# As many as anybody reads in one go.
MOST = 500


def look_at_dead_letters(
    queue: WorkerQueue,
    *,
    dead_letters: DeadLetters,
    explain: Callable[[DeadLetter], Explained],
    most: int = MOST,
) -> Iterator[Explained]:
    """The letters that can be seen now, oldest first, each explained when it is asked for.

    They are given back before the first one is explained, so that nobody waits for a slow reader. Those that somebody
    else looks at just now are hidden, and `most` may leave some out: `DeadLetters.count` tells whether there are more.
    Raises QueueUnavailable.
    """
    with closing(take_each(queue, dead_letters=dead_letters)) as taken:
        found = list(islice(taken, most))
    for letter in sorted(found, key=lambda each: (each.put_at, each.id)):
        yield explain(letter)


def take_each(queue: WorkerQueue, *, dead_letters: DeadLetters) -> Generator[DeadLetter]:
    """Each letter once, page by page; whatever was not deleted is given back in the end, be it an early one."""
    seen: dict[str, DeadLetter] = {}
    try:
        # the service may hand a letter out twice, and does when paging takes longer than it hides one
        while page := {each.id: each for each in dead_letters.take(queue) if each.id not in seen}:
            seen |= page
            yield from page.values()
    finally:
        dead_letters.give_back(list(seen.values()))
