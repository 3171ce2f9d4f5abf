"""Exports: what a list shows, all of it and nothing else, as a file to open in Excel."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.domain.calendar import local_date
from chalicelib.domain.export import ExportKind
from chalicelib.domain.member import MemberStand, WantedMembers, members_of
from chalicelib.domain.registration import Stand, Wanted
from chalicelib.domain.staff import Permission
from chalicelib.domain.subscriber import Standing, Subscriber, WantedSubscribers
from chalicelib.entrypoints.beheer.gate import GATE, Visit, problem
from chalicelib.flows.export import export
from chalicelib.flows.find_offer import find_offer
from chalicelib.rendering.member_sheet import member_rows
from chalicelib.rendering.registration_sheet import registration_sheet
from chalicelib.rendering.sheet import Sheet, as_file
from chalicelib.rendering.subscriber_sheet import subscriber_sheet
from chalicelib.web import reply
from chalicelib.web.posted import Posted

# More than a page of the table's answer holds, which ends at 1 MB.
MOST_AT_ONCE = 10_000


def _list(path: str, *names: str) -> Callable[[Posted], str]:
    """The list that a form stands under, with its filter."""

    def back(posted: Posted) -> str:
        said = {name: posted.get(name) for name in names if posted.get(name)}
        return f"{path}?{urlencode(said)}" if said else path

    return back


REGISTRATIONS, MEMBERS, SUBSCRIBERS = (
    _list("/beheer/aanmeldingen", "offer", "zoek", "stand"),
    _list("/beheer/leden", "zoek", "stand"),
    _list("/beheer/abonnees", "stand", "rubriek"),
)


@GATE.door("POST", "/beheer/aanmeldingen/export", Permission.EXPORT, fresh=True, back=REGISTRATIONS)
def registrations(visit: Visit) -> Response:
    """The registrations of an offer that the page with the same filter lists."""
    app, posted = visit.app, visit.posted
    kind, stand = _one_of(ExportKind, posted.get("soort")), _one_of(Stand, posted.get("stand") or Stand.ALL)
    offer = find_offer(posted.get("offer"), store=app.store, seeds=app.seeds) if kind and stand else None
    if kind is None or stand is None or offer is None:
        return problem(app, "form", status=422)
    wanted = Wanted(words=posted.get("zoek"), stand=stand)
    sheet = registration_sheet(wanted.among(app.lists.edition(offer.id)))
    filtered = _filter(stand.value, words=wanted.words)
    return _handed_out(visit, sheet, kind=kind, of=f"aanmeldingen-{offer.id}", filtered=filtered)


@GATE.door("POST", "/beheer/leden/export", Permission.EXPORT, fresh=True, back=MEMBERS)
def members(visit: Visit) -> Response:
    """The members that the page with the same filter lists, each with the term that counts."""
    app, posted = visit.app, visit.posted
    kind, stand = _one_of(ExportKind, posted.get("soort")), _one_of(MemberStand, posted.get("stand") or MemberStand.ALL)
    if kind is None or stand is None:
        return problem(app, "form", status=422)
    wanted = WantedMembers(words=posted.get("zoek"), stand=stand)
    found = wanted.among(members_of(app.lists.memberships()), today=local_date(app.now()))
    headings, rows = member_rows(each.current for each in found)
    sheet = Sheet(title="Leden", headers=tuple(headings), rows=rows)
    return _handed_out(visit, sheet, kind=kind, of="leden", filtered=_filter(stand.value, words=wanted.words))


@GATE.door("POST", "/beheer/abonnees/export", Permission.EXPORT, fresh=True, back=SUBSCRIBERS)
def subscribers(visit: Visit) -> Response:
    """The subscribers that the page with the same filter lists, each with his proof."""
    app, posted = visit.app, visit.posted
    kind, stand = _one_of(ExportKind, posted.get("soort")), posted.get("stand")
    if kind is None or stand not in ("", *Standing):
        return problem(app, "form", status=422)
    wanted = WantedSubscribers(standing=Standing(stand) if stand else None, topic=posted.get("rubriek")[:40])
    found, after = list[Subscriber](), ""
    while True:
        page = app.readership.subscribers(after=after, limit=MOST_AT_ONCE)
        found += (each for each in page.items if wanted.takes(each, now=app.now()))
        if not (after := page.rest):
            break
    sheet = subscriber_sheet(found, topics=app.topics)
    filtered = ", ".join(filter(None, (stand, wanted.topic))) or "alle"
    return _handed_out(visit, sheet, kind=kind, of="abonnees", filtered=filtered)


def _handed_out(visit: Visit, sheet: Sheet, *, kind: ExportKind, of: str, filtered: str) -> Response:
    app = visit.app
    rows = list(sheet.rows)
    address = export(
        as_file(Sheet(title=sheet.title, headers=sheet.headers, rows=rows), kind),
        name=f"{of}-{local_date(app.now()).isoformat()}.{kind.value}",
        kind=kind,
        subject=of,
        facts={"filter": filtered, "kind": kind.value, "rows": str(len(rows))},
        by=visit.staff.email,
        entry_id=app.new_token(),
        exports=app.exports,
        store=app.store,
        now=app.now(),
    )
    return reply.redirect(address)


def _filter(stand: str, *, words: str) -> str:
    """What was asked for, without the words themselves: most of them are somebody's name, and the log is for ever."""
    count = len(words.split())
    searched = f"gezocht op {count} {'woord' if count == 1 else 'woorden'}" if count else ""
    return ", ".join(filter(None, (stand, searched)))


def _one_of[Choice: StrEnum](kind: type[Choice], value: str) -> Choice | None:
    return kind(value) if value in set(kind) else None
