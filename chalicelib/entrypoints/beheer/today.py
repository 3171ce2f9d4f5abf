"""Today: what needs a person, first of all; then how the edition that comes next is doing."""

from __future__ import annotations

import logging
from datetime import timedelta

from chalice.app import Response

from chalicelib.bootstrap import Application
from chalicelib.domain.calendar import local_date
from chalicelib.domain.dead_letter import WorkerQueue
from chalicelib.domain.error import QueueUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.membership import newest_terms
from chalicelib.domain.offer import newest_first
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.rendering.chart import chart_of
from chalicelib.rendering.difference_words import difference_words
from chalicelib.web.request import query

log = logging.getLogger(__name__)

ENDS_SOON = timedelta(days=60)
DAYS = 30
# What is wrong in more places than this is looked for in the list of its kind, not on this page.
MOST_SHOWN = 25


@GATE.door("GET", "/beheer", Permission.SELF)
def today(visit: Visit) -> Response:
    """Whoever may see orders sees what is to be done; all others where they may go."""
    if not visit.staff.may(Permission.SEE):
        return visit.page("today", sees=False)
    app = visit.app
    texts = app.renderer.texts(Language.NL)
    differences = sorted(app.store.differences(), key=lambda each: each.found_at)
    found = [
        {
            "code": each.code,
            "path": f"aanmeldingen/{each.code}" if each.of_order and each.code else "",
            "words": difference_words(each, texts=texts, language=Language.NL),
            "since": each.found_at,
        }
        for each in differences
    ]
    day = local_date(app.now())
    members = [each for each in newest_terms(app.lists.memberships()) if each.ends_on >= day]
    offers = newest_first(app.store.offers())
    asked = query(visit.request, "offer")
    offer = next((each for each in offers if each.id == asked), offers[0] if offers else None)
    registrations = app.lists.edition(offer.id) if offer else []
    confirmed = [each for each in registrations if each.confirmed]
    return visit.page(
        "today",
        sees=True,
        found=found[:MOST_SHOWN],
        more=max(0, len(found) - MOST_SHOWN),
        dead_letters=_dead_letters(app),
        ending=sorted((each for each in members if each.ends_on <= day + ENDS_SOON), key=lambda each: each.ends_on),
        to_confirm=app.settings.association.to_confirm() if visit.staff.may(Permission.STAFF) else (),
        offer=offer,
        offers=offers,
        numbers={
            "confirmed": len(confirmed),
            "people": sum(max(1, len(each.people)) for each in confirmed),
            "kept_cents": sum(each.kept_cents for each in registrations),
            "members": len(members),
        },
        capacity=offer.event.capacity if offer and offer.event else None,
        chart=chart_of((local_date(each.created_at) for each in confirmed), last=day, days=DAYS),
    )


def _dead_letters(app: Application) -> int | None:
    """How many messages were laid aside; None when nobody can say."""
    try:
        return sum(app.dead_letters.count(queue) for queue in WorkerQueue)
    except QueueUnavailable as error:
        log.warning("dead_letters_not_counted error=%s", type(error).__name__)
        return None
