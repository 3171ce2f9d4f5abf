"""All doors behind the desk: each module makes its own at the gate, when it is imported."""

from chalicelib.entrypoints.beheer import (
    exports,
    log,
    login,
    member_form,
    member_import,
    members,
    newsletter,
    newsletter_sending,
    order,
    order_details,
    order_mail,
    order_money,
    persons,
    registrations,
    retention,
    sessions,
    staff,
    subscriber_import,
    subscribers,
    suppressions,
    today,
)
from chalicelib.entrypoints.beheer.gate import GATE

beheer = GATE.blueprint

__all__ = [
    "GATE",
    "beheer",
    "exports",
    "log",
    "login",
    "member_form",
    "member_import",
    "members",
    "newsletter",
    "newsletter_sending",
    "order",
    "order_details",
    "order_mail",
    "order_money",
    "persons",
    "registrations",
    "retention",
    "sessions",
    "staff",
    "subscriber_import",
    "subscribers",
    "suppressions",
    "today",
]
