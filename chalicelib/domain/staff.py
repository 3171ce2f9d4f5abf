"""Staff: who may come behind the desk, in which role, and what each role may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the association's desk."""

    BEHEERDER = "beheerder"
    SECRETARIAAT = "secretariaat"
    PENNINGMEESTER = "penningmeester"
    DEUR = "deur"


class Permission(StrEnum):
    """What may be done behind the desk."""

    # one's own sessions
    SELF = "self"
    # orders, members and what needs a person
    SEE = "see"
    # send again, correct, note
    HELP = "help"
    # cancel, refund, decide a review
    MONEY = "money"
    EXPORT = "export"
    MEMBERS = "members"
    LOG = "log"
    ERASE = "erase"
    STAFF = "staff"
    # write and send issues of the newsletter
    NEWSLETTER = "newsletter"
    # who comes in at an event
    DOOR = "door"


ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.BEHEERDER: frozenset(Permission),
    Role.SECRETARIAAT: frozenset(Permission) - {Permission.STAFF, Permission.ERASE},
    Role.PENNINGMEESTER: frozenset({Permission.SELF, Permission.SEE, Permission.EXPORT, Permission.LOG}),
    Role.DEUR: frozenset({Permission.SELF, Permission.DOOR}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody who works behind the desk; `email` is in lower case."""

    email: str
    name: str
    role: Role
    version: int

    def may(self, permission: Permission) -> bool:
        return permission in ALLOWED[self.role]
