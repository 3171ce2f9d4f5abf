"""The import of members as a page: the rows are pasted, the plan is shown, and one button does it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from chalice.app import Response

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.member_import import Add, Change, MemberRow, Refuse, Same, Verdict
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.import_members import import_members, plan_fingerprint, plan_from_list
from chalicelib.web.member_file import read_member_file
from chalicelib.web.request import numbers
from chalicelib.web.table_file import LARGEST_SENT, FileFault, FileRefused, pasted

log = logging.getLogger(__name__)

COUNTED = {Add: "toegevoegd", Change: "gewijzigd", Same: "gelijk", Refuse: "geweigerd"}


@GATE.door("GET", "/beheer/leden/importeren", Permission.MEMBERS)
def show(visit: Visit) -> Response:
    return _page(visit, done=numbers(visit.request, COUNTED.values()))


@GATE.door("POST", "/beheer/leden/importeren", Permission.MEMBERS, largest=LARGEST_SENT)
def take(visit: Visit) -> Response:
    """Show what the rows come to; do it when that is what the button was pressed under."""
    app, text = visit.app, visit.posted.get("rijen")
    try:
        rows = read_member_file(pasted(text))
    except FileRefused as refused:
        return _page(visit, text=text, faults=refused.faults, status=422)
    plan = plan_from_list(rows, store=app.store, lists=app.lists, identity=app.identity, now=app.now())
    fingerprint = plan_fingerprint(plan)
    if visit.posted.get("do") != "import":
        return _page(visit, text=text, plan=plan, fingerprint=fingerprint)
    if not any(isinstance(each, Add | Change) for each in plan):
        return _page(visit, text=text, plan=plan, fingerprint=fingerprint)
    if visit.posted.get("plan") != fingerprint:
        return _page(visit, text=text, plan=plan, fingerprint=fingerprint, other_plan=True, status=409)
    return _write(visit, text, rows, plan)


def _write(visit: Visit, text: str, rows: Sequence[MemberRow], plan: Sequence[Verdict]) -> Response:
    app = visit.app
    planned = _counts(plan)
    entry = AuditEntry(
        id=app.new_token(),
        at=app.now(),
        by=visit.staff.email,
        deed=Deed.MEMBERS_IMPORTED,
        subject="import",
        facts={word: str(number) for word, number in planned.items()},
    )
    to_write = {each.row for each in plan if isinstance(each, Add | Change)}
    chosen = [row for row in rows if row.number in to_write]
    done = Counter({word: planned[word] for word in ("gelijk", "geweigerd")})
    try:
        for verdict in import_members(chosen, store=app.store, identity=app.identity, now=app.now(), entry=entry):
            done[COUNTED[type(verdict)]] += 1
    except StorageUnavailable as error:
        log.exception("import_stopped rows=%d", done["toegevoegd"] + done["gewijzigd"], exc_info=error)
        return _page(visit, text=text, stopped=dict(done), status=503)
    return visit.go("leden/importeren", **{word: str(done[word]) for word in COUNTED.values()})


def _counts(plan: Sequence[Verdict]) -> Counter[str]:
    found = Counter(dict.fromkeys(COUNTED.values(), 0))
    found.update(COUNTED[type(each)] for each in plan)
    return found


def _page(
    visit: Visit,
    *,
    text: str = "",
    plan: Sequence[Verdict] | None = None,
    fingerprint: str = "",
    other_plan: bool = False,
    faults: Sequence[FileFault] = (),
    done: dict[str, int] | None = None,
    stopped: dict[str, int] | None = None,
    status: int = 200,
) -> Response:
    def of(kind: type[Verdict]) -> list[Verdict]:
        return [each for each in plan or () if isinstance(each, kind)]

    return visit.page(
        "member_import",
        text=text.replace("\r\n", "\n"),
        planned=plan is not None,
        adds=of(Add),
        changes=of(Change),
        same=len(of(Same)),
        refusals=of(Refuse),
        fingerprint=fingerprint,
        other_plan=other_plan,
        faults=faults,
        done=done or {},
        stopped=stopped,
        status=status,
    )
