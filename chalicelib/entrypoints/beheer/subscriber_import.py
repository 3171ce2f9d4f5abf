"""The import of subscribers as a page: the rows are pasted, the plan is shown, and one button does it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalice.app import Response

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.calendar import local_date
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.staff import Permission
from chalicelib.domain.subscriber_import import (
    Ask,
    Confirm,
    Later,
    Leave,
    Proof,
    Refuse,
    Same,
    SubscriberList,
    Verdict,
    Writing,
    counted,
)
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.import_subscribers import MOST_QUESTIONS, SubscriberImport, plan_fingerprint
from chalicelib.web.formats import Malformed
from chalicelib.web.request import numbers
from chalicelib.web.subscriber_file import LONGEST_PROOF, read_consent_day, read_subscriber_file
from chalicelib.web.table_file import LARGEST_SENT, FileFault, FileRefused, pasted

log = logging.getLogger(__name__)

PATH = "/beheer/abonnees/importeren"
COUNTED: dict[type[Verdict], str] = {
    Confirm: "bevestigd",
    Ask: "gevraagd",
    Leave: "afgemeld",
    Later: "later",
    Same: "al",
    Refuse: "geweigerd",
}
# As the log calls them.
FACTS = {Confirm: "confirmed", Ask: "asked", Leave: "unsubscribed", Later: "later", Same: "already", Refuse: "refused"}
LONGEST_SOURCE = 120
NO_DAY = "Vul een dag in die geweest is, zoals 31-12-2025."
# So many of each kind are told one by one: a page stays small, and the command tells all of them.
MOST_TOLD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was filled in, and what is wrong with it by field."""

    rows: str
    source: str
    told: str
    day: str
    wrong: dict[str, str]
    whole: SubscriberList | None = None
    faults: tuple[FileFault, ...] = ()


@GATE.door("GET", PATH, Permission.MEMBERS)
def show(visit: Visit) -> Response:
    return _page(
        visit, Typed(rows="", source="", told="", day="", wrong={}), done=numbers(visit.request, COUNTED.values())
    )


@GATE.door("POST", PATH, Permission.MEMBERS, largest=LARGEST_SENT)
def take(visit: Visit) -> Response:
    """Show what the rows come to; do it when that is what the button was pressed under."""
    typed = _typed(visit)
    if typed.whole is None:
        return _page(visit, typed, status=422)
    work = _work(visit, typed.whole)
    plan = work.plan()
    fingerprint = plan_fingerprint(plan, of=typed.whole)
    writes = any(isinstance(each, Writing) for each in plan)
    if visit.posted.get("do") != "import" or not writes:
        return _page(visit, typed, plan=plan, fingerprint=fingerprint)
    if visit.posted.get("plan") != fingerprint:
        return _page(visit, typed, plan=plan, fingerprint=fingerprint, other_plan=True, status=409)
    return _write(visit, typed, work, plan)


def _typed(visit: Visit) -> Typed:
    posted, wrong = visit.posted, dict[str, str]()
    source, told, day = (posted.get(name).strip() for name in ("bron", "bewijs", "datum"))
    if not source or len(source) > LONGEST_SOURCE or not source.isprintable():
        wrong["bron"] = "Vul in waar deze lijst vandaan komt, in hoogstens 120 tekens."
    if len(told) > LONGEST_PROOF or not told.isprintable():
        wrong["bewijs"] = "Schrijf dit op één regel, in hoogstens 500 tekens."
    on = None
    try:
        on = read_consent_day(day) if day else None
    except Malformed:
        wrong["datum"] = NO_DAY
    if on and on > local_date(visit.app.now()):
        wrong["datum"] = NO_DAY
    if told and not day:
        wrong["datum"] = (
            "Vul in op welke dag deze mensen ja hebben gezegd. Weet u alleen het jaar? Neem de laatste dag."
        )
    elif day and not told and "datum" not in wrong:
        wrong["bewijs"] = "Vul ook in waar en hoe toestemming is gevraagd."
    typed = Typed(rows=posted.get("rijen"), source=source, told=told, day=day, wrong=wrong)
    try:
        rows = read_subscriber_file(pasted(posted.get("rijen")), topics=visit.app.topics)
    except FileRefused as refused:
        return replace(typed, faults=refused.faults)
    if wrong:
        return typed
    return replace(typed, whole=SubscriberList(rows=rows, source=source, proof=Proof(told=told, on=on)))


def _work(visit: Visit, whole: SubscriberList) -> SubscriberImport:
    app = visit.app
    return SubscriberImport(of=whole, store=app.store, readership=app.readership, identity=app.identity, now=app.now())


def _write(visit: Visit, typed: Typed, work: SubscriberImport, plan: Sequence[Verdict]) -> Response:
    app = visit.app
    entry = AuditEntry(
        id=app.new_token(),
        at=app.now(),
        by=visit.staff.email,
        deed=Deed.SUBSCRIBERS_IMPORTED,
        subject=typed.source,
        facts={FACTS[kind]: str(number) for kind, number in counted(plan).items()},
    )
    done: list[Verdict] = []
    try:
        done.extend(work.run(entry=entry))
    except StorageUnavailable as error:
        log.exception("import_stopped rows=%d", len(done), exc_info=error)
        return _page(visit, typed, stopped=True, status=503)
    numbers = {COUNTED[kind]: str(number) for kind, number in counted(done).items()}
    return visit.go("abonnees/importeren", **numbers)


def _page(
    visit: Visit,
    typed: Typed,
    *,
    plan: Sequence[Verdict] | None = None,
    fingerprint: str = "",
    other_plan: bool = False,
    done: dict[str, int] | None = None,
    stopped: bool = False,
    status: int = 200,
) -> Response:
    of = {word: [each for each in plan or () if isinstance(each, kind)] for kind, word in COUNTED.items()}
    return visit.page(
        "subscriber_import",
        text=typed.rows.replace("\r\n", "\n"),
        typed=typed,
        planned=plan is not None,
        of=of,
        most=MOST_TOLD,
        most_questions=MOST_QUESTIONS,
        fingerprint=fingerprint,
        other_plan=other_plan,
        done=done or {},
        stopped=stopped,
        topics=visit.app.topics,
        status=status,
    )
