"""Staff: who works here, and in which role."""

from typing import Any

from chalice.app import Response

from chalicelib.domain.staff import Permission, Role, Staff
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.keep_staff import StaffChanged, add_staff, change_staff, remove_staff
from chalicelib.web import formats
from chalicelib.web.request import query

_LONGEST_NAME = 100


@GATE.door("GET", "/beheer/medewerkers", Permission.STAFF, fresh=True)
def show(visit: Visit) -> Response:
    return _page(visit, done=query(visit.request, "gedaan"))


@GATE.door("POST", "/beheer/medewerkers", Permission.STAFF, fresh=True)
def keep(visit: Visit) -> Response:
    """Add somebody, change him, or let him go: the button says which."""
    posted = visit.posted
    email, name, role = posted.get("email").strip().lower(), posted.get("name").strip(), posted.get("role")
    wrong = _wrong(email, name=name, role=role)
    if wrong and posted.get("do") != "remove":
        return _page(visit, typed={"email": email, "name": name, "role": role}, wrong=wrong, status=422)
    by: dict[str, Any] = {
        "by": visit.staff.email,
        "entry_id": visit.app.new_token(),
        "store": visit.app.store,
        "now": visit.app.now(),
    }
    try:
        if posted.get("do") == "add":
            added = add_staff(email, name=name, role=Role(role), **by)
            if added is None:
                return _page(
                    visit, typed={"email": email, "name": name, "role": role}, wrong={"email": "known"}, status=422
                )
            return visit.go("medewerkers", gedaan="toegevoegd")
        staff = _as_seen(visit)
        if posted.get("do") == "remove":
            remove_staff(staff, **by)
            return visit.go("medewerkers", gedaan="verwijderd")
        change_staff(staff, name=name, role=Role(role), **by)
    except StaffChanged:
        return _page(visit, wrong={"page": "changed"}, status=409)
    return visit.go("medewerkers", gedaan="gewijzigd")


def _as_seen(visit: Visit) -> Staff:
    """Somebody as he was on the page that the button stands on. Raises StaffChanged when he is another by now."""
    found = visit.app.store.unit_of_work().staff.get(visit.posted.get("email").strip().lower())
    if found is None or str(found.version) != visit.posted.get("version"):
        raise StaffChanged("another version")
    return found


def _wrong(email: str, *, name: str, role: str) -> dict[str, str]:
    found = {}
    if not formats.looks_like_email(email):
        found["email"] = "address"
    if not name or len(name) > _LONGEST_NAME:
        found["name"] = "name"
    if role not in set(Role):
        found["role"] = "role"
    return found


def _page(
    visit: Visit,
    *,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    return visit.page(
        "staff",
        people=visit.app.store.staff(),
        first=visit.app.settings.first_beheerder,
        roles=list(Role),
        typed=typed or {"email": "", "name": "", "role": ""},
        wrong=wrong or {},
        done=done,
        status=status,
    )
