"""A rush on places that Stripe cannot keep up with: how long until the last visitor is led on to pay.

    make bench-rush [ADMITTED=20]

320 people register within 10 seconds for 300 places, at a desk that is started for it and a Stripe that admits so many
calls a second to one endpoint. They do nothing but wait for what their page does by itself; then all pay at once, and
wait at the page that they come back to. One machine does all of it: the figures say how the waiting ends, not how fast
AWS is.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from chalicelib.domain.seat import SeatCount
from tests.browser import patient
from tests.browser.busy import ADMITTED
from tests.browser.events import PAID, put_event
from tests.browser.pages import NL
from tests.browser.stack import Json, Stack, running_stack

PEOPLE, PLACES, SECONDS = 320, 300, 10.0
ONE = re.compile(r"(cs|pi|re)_\w+")


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_stack(log=Path(scratch, "log"), sweep_seconds=60, module="tests.browser.busy") as stack,
    ):
        offer = put_event(stack, **PAID, event={"capacity": PLACES})
        watch = Watch(stack, offer_id=offer.id)
        crowd = patient.register(stack, offer_id=offer.id, visitors=PEOPLE, within=SECONDS, member="nee")
        led_on = [visitor for visitor in crowd if visitor.url.startswith(f"{stack.stripe}/pay/")]
        full = [visitor for visitor in crowd if visitor.headings[-1:] == [NL["sale.all_held.title"]]]
        answered, led = ([getattr(visitor, name) for visitor in led_on] for name in ("answered", "seconds"))
        refusals = Counter(len(visitor.pauses) for visitor in led_on)
        sessions = len(stack.books()["sessions"])
        patient.pay(led_on)
        paid = [visitor.seconds for visitor in led_on if visitor.headings[-1:] == [NL["order.paid.title"]]]
        most, end = watch.stop()
        orders = len(stack.items("order", offer_id=offer.id))
        calls = stack.books()["requests"]
    print(
        f"{PEOPLE} people in {SECONDS:.0f} s for {PLACES} places, at a Stripe that admits {ADMITTED}/s per endpoint\n"
    )
    print(f"led on to pay {len(led_on):7}   told that all places are taken: {len(full)}")
    print(f"  first answer          {spread(answered)}")
    print(f"  at Stripe             {spread(led)}")
    for times, count in sorted(refusals.items()):
        print(f"  refused {times:2} times {count:5} of them")
    print(f"paid {len(paid):16}")
    print(f"  confirmed             {spread(paid)}")
    print(f"orders {orders:14}   sessions {sessions}")
    print(f"places sold {end.sold:9}   held {end.held}, at most {most} taken at any moment")
    print(f"calls to Stripe\n{table(calls)}")
    right = {len(led_on), len(paid), orders, sessions, end.sold} == {PLACES} and most <= PLACES
    print("\nas promised" if right else "\nNOT as promised")
    return 0 if right else 1


class Watch:
    """Looks at the seat counter again and again: how many were taken at most."""

    def __init__(self, stack: Stack, *, offer_id: str) -> None:
        self._store, self._offer_id, self._most, self._done = stack.store(), offer_id, 0, Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.2):
            self._most = max(self._most, self._count().taken)

    def _count(self) -> SeatCount:
        none = SeatCount(counter=self._offer_id, held=0, sold=0)
        return self._store.seats(self._offer_id).get(self._offer_id, none)

    def stop(self) -> tuple[int, SeatCount]:
        """The most at any moment, and the count at the end."""
        self._done.set()
        self._thread.join()
        return self._most, self._count()


def spread(seconds: Sequence[float]) -> str:
    """The middle one, the one that only a twentieth passes, and the most."""
    ordered = sorted(seconds) or [0.0]
    middle, most = ordered[len(ordered) // 2], ordered[-1]
    return f"median {middle:5.1f} s   95% {ordered[int(len(ordered) * 0.95)]:5.1f} s   most {most:5.1f} s"


def table(calls: Sequence[Json]) -> str:
    """How many calls of each kind were answered, and how many refused."""
    kinds = Counter((f"{call['method']} {ONE.sub('<id>', call['path'])}", call["status"]) for call in calls)
    return "\n".join(f"  {kind:34} {status} {count:6}" for (kind, status), count in sorted(kinds.items()))


if __name__ == "__main__":
    sys.exit(main())
