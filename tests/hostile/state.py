"""What a request can have changed: the table, queues, mails and Stripe, as they are at one moment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tests.hostile.canary import SECRET, owned, seen
from tests.hostile.scene import Scene


@dataclass(frozen=True, kw_only=True)
class State:
    """A digest of all items but the tallies; the tallies; what was ever queued, mailed and asked of Stripe.

    `unheard` are the sessions that are paid or ended at Stripe, of which the desk does not know it yet.
    """

    table: str
    tallies: dict[str, int]
    emails: int
    payments: int
    mails: int
    calls: int
    sessions: tuple[tuple[str, str], ...]
    unheard: frozenset[str]
    refusals: int
    secrets: frozenset[str]


def state_of(scene: Scene) -> State:
    items = scene.desk.items()
    rows = json.dumps([item for item in items if item["record"]["S"] != "limit"])
    drawer = scene.till.drawer
    # what each session would be called at Stripe, if all that happened there were known
    waiting = {
        item["session_id"]["S"]: "open" if item["state"]["S"] == "pending" else "complete"
        for item in items
        if item["record"]["S"] == "order" and item["state"]["S"] in ("pending", "processing")
    }
    return State(
        table=hashlib.sha256(rows.encode()).hexdigest(),
        tallies={item["pk"]["S"]: int(item["count"]["N"]) for item in items if item["record"]["S"] == "limit"},
        emails=len(scene.emails.ever),
        payments=len(scene.payments.ever),
        mails=len(scene.desk.sender.sent),
        calls=len(drawer.calls),
        sessions=tuple((name, str(session["status"])) for name, session in drawer.sessions.items()),
        unheard=frozenset(
            name for name, session in drawer.sessions.items() if waiting.get(name) not in (None, session["status"])
        ),
        refusals=drawer.refusals,
        secrets=owned(seen(rows), SECRET),
    )
