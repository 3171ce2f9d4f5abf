"""The details of an order: who ordered and who comes, put right by hand; what changes is shown before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalice.app import Response

from chalicelib.domain.correction import FieldChange, changes_of, fields_of
from chalicelib.domain.error import AttendsAlready, ChangedMeanwhile
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.dossier import Opened, checked, form_key, open_dossier, seen
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.correct_order import correct_order
from chalicelib.web import formats
from chalicelib.web.typo import meant_address

PAGE = "/beheer/aanmeldingen/{code}/gegevens"
_NAME = re.compile(r"([a-z_]+)-(\d{1,3})")
_LONGEST = {"email": 254, "organisation": 120, "name": 120}
_LONGEST_OTHER = 120
_NEEDED = frozenset({"organisation", "name", "email"})

type Values = dict[tuple[int, str], str]


@GATE.door("GET", PAGE, Permission.HELP)
def show(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    if opened is None or opened.dossier.buyer is None:
        return visit.unknown()
    return _page(visit, opened, values=fields_of(opened.dossier))


@GATE.door("POST", PAGE, Permission.HELP)
def keep(visit: Visit, code: str) -> Response:
    """First what changes, and after that pressed once more it is kept."""
    opened = open_dossier(visit, code)
    if opened is None or opened.dossier.buyer is None:
        return visit.unknown()
    before = fields_of(opened.dossier)
    typed = before | _typed(visit)
    values, wrong = _read(typed, before=before)
    if wrong:
        return _page(visit, opened, values=typed, wrong=wrong, status=422)
    if visit.posted.get("do") == "save":
        return _save(visit, opened, values)
    changes = changes_of(opened.dossier, values) if visit.posted.get("do") == "show" else ()
    if not changes and visit.posted.get("do") == "show":
        return visit.go(opened.path, gedaan="niets")
    return _page(visit, opened, values=values, changes=changes)


def _save(visit: Visit, opened: Opened, values: Values) -> Response:
    app, order, key = visit.app, opened.dossier.order, form_key(visit)
    try:
        changed = bool(
            correct_order(
                order.id,
                values=values,
                tickets=visit.posted.get("tickets") == "ja",
                key=key,
                by=visit.staff.email,
                seen=seen(visit),
                store=app.store,
                lists=app.lists,
                identity=app.identity,
                emails=app.emails,
                now=app.now(),
            )
        )
    except AttendsAlready as refusal:
        field = (refusal.number, "email") if (refusal.number, "email") in values else (0, "email")
        return _page(visit, opened, values=values, wrong={field: "attends"}, status=422)
    except ChangedMeanwhile:
        current = open_dossier(visit, order.code) or opened
        # pressed twice at one moment: the other half did it
        if not current.dossier.was_done(key):
            return _page(visit, current, values=fields_of(current.dossier), changed=True, status=409)
        changed = True
    checked(visit, opened.dossier)
    return visit.go(opened.path, gedaan="verbeterd" if changed or opened.dossier.was_done(key) else "niets")


def _typed(visit: Visit) -> Values:
    found: Values = {}
    for name, value in visit.posted.fields.items():
        field = _NAME.fullmatch(name)
        if field:
            found[int(field[2]), field[1]] = value
    return found


def _read(
    typed: Mapping[tuple[int, str], str], *, before: Mapping[tuple[int, str], str]
) -> tuple[Values, dict[tuple[int, str], str]]:
    """What was typed as it is kept, and what is wrong with it, by field; who was erased may stay so."""
    values: Values = {}
    wrong: dict[tuple[int, str], str] = {}
    for (number, name), value in typed.items():
        try:
            values[number, name] = _checked(name, value) if value or before.get((number, name)) else ""
        except formats.Malformed as fault:
            wrong[number, name] = str(fault)
    return values, wrong


def _checked(name: str, value: str) -> str:
    """The value in the way it is written down. Raises Malformed with the name of what is wrong."""
    text = formats.plain_text(value)
    if not text:
        if name in _NEEDED:
            raise formats.Malformed("missing")
        return ""
    if len(text) > _LONGEST.get(name, _LONGEST_OTHER):
        raise formats.Malformed("too_long")
    match name:
        case "email":
            return formats.email(text)
        case "postal_code":
            return formats.postal_code(text)
        case "registration_number":
            return formats.registration_number(text)
        case "name" | "organisation":
            return formats.without_link(text)
    return text


def _page(
    visit: Visit,
    opened: Opened,
    *,
    values: Mapping[tuple[int, str], str],
    wrong: Mapping[tuple[int, str], str] | None = None,
    changes: tuple[FieldChange, ...] = (),
    changed: bool = False,
    status: int = 200,
) -> Response:
    dossier = opened.dossier
    return visit.page(
        "order_details",
        status=status,
        order=dossier.order,
        numbers=sorted({number for number, _ in fields_of(dossier)}),
        values={f"{name}-{number}": value for (number, name), value in values.items()},
        wrong={f"{name}-{number}": fault for (number, name), fault in (wrong or {}).items()},
        changes=changes,
        meant={each: meant_address(each.after) for each in changes if each.field == "email"},
        tickets=any(each.field in ("name", "email") for each in changes) and dossier.order.confirmed,
        attends={each.number for each in dossier.attendees} | {0 for each in dossier.attendees if each.is_buyer},
        changed=changed,
        key=visit.app.new_token(),
    )
