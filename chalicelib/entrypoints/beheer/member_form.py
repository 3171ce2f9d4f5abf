"""The form of a member: adding one by hand, and correcting one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from chalice.app import Response

from chalicelib.domain.calendar import last_day_of_term, local_date
from chalicelib.domain.member_import import Fault, Reason
from chalicelib.domain.membership import Membership
from chalicelib.domain.staff import Permission
from chalicelib.domain.typed_member import FieldFault, TypedMember
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.keep_member import MemberChanged, MemberKnown, MemberRefused, add_member, change_member
from chalicelib.web.day import read_day
from chalicelib.web.formats import Malformed
from chalicelib.web.member_file import read_member

FIELDS = ("organisation", "registration_number", "domains", "contact_name", "contact_email", "starts_on", "ends_on")
A_YEAR = 12


@GATE.door("GET", "/beheer/leden/nieuw", Permission.MEMBERS)
def show_empty(visit: Visit) -> Response:
    today = local_date(visit.app.now())
    days = {"starts_on": today, "ends_on": last_day_of_term(first_day=today, months=A_YEAR)}
    return _page(visit, typed=dict.fromkeys(FIELDS, "") | {name: _day(day) for name, day in days.items()})


@GATE.door("POST", "/beheer/leden/nieuw", Permission.MEMBERS)
def add(visit: Visit) -> Response:
    typed = _typed(visit)
    app = visit.app
    try:
        membership = add_member(
            _read(typed),
            by=visit.staff.email,
            entry_id=app.new_token(),
            store=app.store,
            lists=app.lists,
            identity=app.identity,
            now=app.now(),
        )
    except MemberRefused as refused:
        return _page(visit, typed=typed, wrong=_by_field(refused.faults), status=422)
    except MemberKnown as known:
        return _page(visit, typed=typed, known=known.membership, status=422)
    return _done(visit, membership, "toegevoegd")


@GATE.door("GET", "/beheer/leden/{id}/wijzigen", Permission.MEMBERS)
def show(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    membership = visit.app.store.unit_of_work().memberships.get(id)
    if membership is None:
        return visit.unknown()
    return _page(visit, typed=_written(membership), membership=membership)


@GATE.door("POST", "/beheer/leden/{id}/wijzigen", Permission.MEMBERS)
def change(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    app, typed = visit.app, _typed(visit)
    before = app.store.unit_of_work().memberships.get(id)
    if before is None:
        return visit.unknown()
    try:
        kept = change_member(
            before,
            _read(typed),
            seen=visit.posted.get("version"),
            by=visit.staff.email,
            entry_id=app.new_token(),
            store=app.store,
            lists=app.lists,
            now=app.now(),
        )
    except MemberRefused as refused:
        return _page(visit, typed=typed, membership=before, wrong=_by_field(refused.faults), status=422)
    except MemberChanged as changed:
        now_there = _written(changed.membership)
        yours = {name: typed[name] for name in FIELDS if typed[name].strip() != now_there[name]}
        return _page(visit, typed=now_there, membership=changed.membership, yours=yours, status=409)
    return _done(visit, kept, "gewijzigd")


def _done(visit: Visit, membership: Membership, done: str) -> Response:
    return visit.go(f"leden/{membership.id}", gedaan=done, versie=str(membership.version))


def _typed(visit: Visit) -> dict[str, str]:
    """What was typed, with the line ends that a browser makes of it as one sign."""
    return {name: visit.posted.get(name).replace("\r\n", "\n") for name in FIELDS}


def _read(typed: Mapping[str, str]) -> TypedMember:
    row, first = read_member({**typed, "valid_until": typed["ends_on"]}), typed["starts_on"]
    try:
        return TypedMember(row=row, starts_on=read_day(first))
    except Malformed as wrong:
        return TypedMember(row=row, starts_on=None, starts_fault=Fault(Reason(str(wrong)), first.strip()))


def _written(membership: Membership) -> dict[str, str]:
    """A membership as it is typed."""
    texts = {name: str(getattr(membership, name)) for name in FIELDS}
    days = {name: _day(getattr(membership, name)) for name in ("starts_on", "ends_on")}
    return texts | days | {"domains": "\n".join(membership.domains)}


def _day(day: object) -> str:
    return f"{day:%d-%m-%Y}"


def _by_field(faults: Iterable[FieldFault]) -> Mapping[str, list[Fault]]:
    found: dict[str, list[Fault]] = defaultdict(list)
    for each in faults:
        found[each.field].append(each.fault)
    return found


def _page(
    visit: Visit,
    *,
    typed: Mapping[str, str],
    membership: Membership | None = None,
    wrong: Mapping[str, list[Fault]] | None = None,
    known: Membership | None = None,
    yours: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """`yours` is what was typed over what a colleague has made of it meanwhile."""
    return visit.page(
        "member_form",
        typed=typed,
        membership=membership,
        wrong=dict(wrong or {}),
        known=known,
        yours=yours,
        status=status,
    )
