"""All doors behind the desk: each module makes its own at the gate, when it is imported."""

from chalicelib.entrypoints.beheer import log, login, persons, retention, sessions, staff, today
from chalicelib.entrypoints.beheer.gate import GATE

beheer = GATE.blueprint

__all__ = ["GATE", "beheer", "log", "login", "persons", "retention", "sessions", "staff", "today"]
