"""The addresses that are not mailed any more: which, why and since when, and mailing one again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chalice.app import Response

from chalicelib.domain.error import ChangedMeanwhile
from chalicelib.domain.staff import Permission
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.entrypoints.beheer.dossier import form_key
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.address_suppressed import address_suppressed
from chalicelib.flows.lift_suppression import lift_suppression
from chalicelib.web import formats
from chalicelib.web.request import query

# As many as make a page of less than 30 kB, and whose orders one question to the table finds.
PAGE = 40
LONGEST_SEARCH = 254
_ID = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r"[0-9T:.+-]{20,40}#[0-9a-f]{64}")


@GATE.door("GET", "/beheer/niet-mailen", Permission.SEE)
def show(visit: Visit) -> Response:
    """The list, newest first; of an address that is looked for only what is known of it."""
    app, words, rest = visit.app, query(visit.request, "zoek").strip()[:LONGEST_SEARCH], query(visit.request, "verder")
    if words:
        found = _find(visit, suppression_id(formats.as_stored(words), identity=app.identity))
        return _page(visit, [found] if found else [], words=words)
    page = app.lists.suppressions(rest=rest if _PLACE.fullmatch(rest) else "", limit=PAGE)
    return _page(visit, page.items, rest=page.rest)


@GATE.door("GET", "/beheer/niet-mailen/{id}", Permission.HELP)
def ask(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    found = _find(visit, id)
    return _ask(visit, found) if found else visit.unknown()


@GATE.door("POST", "/beheer/niet-mailen/{id}", Permission.HELP)
def lift(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    app, found, seen = visit.app, _find(visit, id), visit.posted.get("gezien")
    if found:
        try:
            lift_suppression(
                found, seen=seen, key=form_key(visit), by=visit.staff.email, store=app.store, now=app.now()
            )
        except ChangedMeanwhile:
            return _ask(visit, _find(visit, id) or found, changed=True, status=409)
    return visit.go("niet-mailen", gedaan="weer")


def _find(visit: Visit, key: str) -> Suppression | None:
    return visit.app.store.unit_of_work().suppressions.get(key) if _ID.fullmatch(key) else None


def _ask(visit: Visit, found: Suppression, *, changed: bool = False, status: int = 200) -> Response:
    return visit.page(
        "suppression",
        status=status,
        suppression=found,
        address=_addresses(visit, [found]).get(found.id, ""),
        codes=_codes(visit, [found]),
        key=visit.app.new_token(),
        changed=changed,
    )


def _page(visit: Visit, found: Sequence[Suppression], *, words: str = "", rest: str = "") -> Response:
    return visit.page(
        "suppressions",
        suppressions=found,
        addresses=_addresses(visit, found),
        codes=_codes(visit, found),
        words=words,
        rest=rest,
        done=query(visit.request, "gedaan"),
    )


def _addresses(visit: Visit, suppressions: Sequence[Suppression]) -> Mapping[str, str]:
    return address_suppressed(suppressions, lists=visit.app.lists, identity=visit.app.identity)


def _codes(visit: Visit, suppressions: Sequence[Suppression]) -> dict[str, str]:
    """The codes of the orders that their mails were about."""
    wanted = dict.fromkeys(each.order_id for each in suppressions if each.order_id)
    return {each.order_id: each.code for each in visit.app.lists.registrations(wanted)} if wanted else {}
