"""Subscribers: how many there are of what, one of them with the proof that he wants it, and ending it on request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chalice.app import Response

from chalicelib.domain.error import ChangedMeanwhile
from chalicelib.domain.page import page_after
from chalicelib.domain.staff import Permission
from chalicelib.domain.subscriber import Standing, Subscriber, WantedSubscribers
from chalicelib.domain.suppression import suppression_id
from chalicelib.entrypoints.beheer.dossier import form_key, seen
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.end_subscription import end_subscription
from chalicelib.rendering.subscriber_sheet import MEANS, STANDINGS
from chalicelib.web import formats
from chalicelib.web.request import query

# As many as make a page of less than 30 kB.
PAGE = 50
LONGEST_SEARCH = 254
# An answer of the table ends at 1 MB, which is some 1500 subscribers: so many answers a page waits for.
MOST_ANSWERS, AT_ONCE = 4, 10_000
_ID = re.compile(r"[a-z2-7]{32}")


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber in the list, by his address."""

    subscriber: Subscriber

    @property
    def place(self) -> str:
        return f"{self.subscriber.email.lower()}#{self.subscriber.id}"


@GATE.door("GET", "/beheer/abonnees", Permission.SEE)
def show(visit: Visit) -> Response:
    """All of a standing and a topic; a whole address leads to its subscriber."""
    words = query(visit.request, "zoek").strip()[:LONGEST_SEARCH]
    if words:
        found = _find(visit, visit.app.identity.subscriber_id(formats.as_stored(words)))
        if found:
            return visit.go(f"abonnees/{found.id}")
    stand, topic = query(visit.request, "stand"), query(visit.request, "rubriek")[:40]
    wanted = WantedSubscribers(standing=Standing(stand) if stand in set(Standing) else None, topic=topic)
    everybody, more = _everybody(visit)
    readers = [Reader(each) for each in everybody if wanted.takes(each, now=visit.app.now())]
    readers.sort(key=lambda each: each.place)
    page = page_after(readers, after=_place(everybody, query(visit.request, "verder")), limit=PAGE)
    return visit.page(
        "subscribers",
        subscribers=[each.subscriber for each in page.items],
        rest=page.items[-1].subscriber.id if page.rest else "",
        count=len(readers),
        standings=Counter(each.standing.value for each in everybody),
        of_topics=Counter(topic for each in everybody if each.standing is Standing.CONFIRMED for topic in each.topics),
        topics=visit.app.topics,
        stand=wanted.standing.value if wanted.standing else "",
        topic=topic,
        words=words,
        more=more,
        names={each.value: word for each, word in STANDINGS.items()},
    )


@GATE.door("GET", "/beheer/abonnees/{id}", Permission.SEE)
def show_one(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    found = _find(visit, id)
    return _page(visit, found) if found else visit.unknown()


@GATE.door("POST", "/beheer/abonnees/{id}", Permission.HELP)
def end(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    """Nothing is sent to him any more: he asked us so."""
    app, found = visit.app, _find(visit, id)
    if found is None:
        return visit.unknown()
    try:
        end_subscription(
            found, key=form_key(visit), by=visit.staff.email, seen=seen(visit), store=app.store, now=app.now()
        )
    except ChangedMeanwhile:
        return _page(visit, _find(visit, id) or found, changed=True, status=409)
    return visit.go(f"abonnees/{found.id}", gedaan="afgemeld")


def _find(visit: Visit, subscriber_id: str) -> Subscriber | None:
    """As he is now; whoever did not answer in time is nobody any more."""
    found = visit.app.store.unit_of_work().subscribers.get(subscriber_id) if _ID.fullmatch(subscriber_id) else None
    return None if found is None or found.forgotten(now=visit.app.now()) else found


def _everybody(visit: Visit) -> tuple[list[Subscriber], bool]:
    """All subscribers, or as many as a page can wait for; and whether there are more."""
    found, after = list[Subscriber](), ""
    for _ in range(MOST_ANSWERS):
        page = visit.app.readership.subscribers(after=after, limit=AT_ONCE)
        found += (each for each in page.items if not each.forgotten(now=visit.app.now()))
        if not (after := page.rest):
            break
    return found, bool(after)


def _place(everybody: Sequence[Subscriber], subscriber_id: str) -> str:
    """Where a page begins that follows him: by his id, since an address of a page may not tell whose that is."""
    return next((Reader(each).place for each in everybody if each.id == subscriber_id), "")


def _page(visit: Visit, subscriber: Subscriber, *, changed: bool = False, status: int = 200) -> Response:
    app = visit.app
    suppressed = suppression_id(subscriber.email, identity=app.identity)
    return visit.page(
        "subscriber",
        status=status,
        subscriber=subscriber,
        pending=subscriber.pending(now=app.now()),
        suppression=app.store.unit_of_work().suppressions.get(suppressed),
        questions=app.lists.questions(subscriber.id),
        titles={each.id: each.title.nl for each in app.topics},
        standing=STANDINGS[subscriber.standing],
        means={each.value: word for each, word in MEANS.items()},
        key=app.new_token(),
        changed=changed,
        done=query(visit.request, "gedaan"),
    )
