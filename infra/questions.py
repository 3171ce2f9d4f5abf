"""What setup asks: every setting that an association chooses, with the words that explain it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib.settings import SECRETS, SettingsWrong, read_settings

ALARM_EMAIL = "ALARM_EMAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to answer; an `optional` one may stay empty."""

    name: str
    text: str
    example: str = ""
    optional: bool = False


QUESTIONS = (
    Question(name="LOKET_ASSOCIATION_NAME", text="The full name of the association", example="Vereniging Voorbeeld"),
    Question(name="LOKET_ASSOCIATION_SHORT_NAME", text="Its short name, for titles and mails", example="VVB"),
    Question(name="LOKET_ASSOCIATION_WEBSITE", text="Its website", example="https://example.nl"),
    Question(name="LOKET_ASSOCIATION_EMAIL", text="Where questions of visitors go", example="info@example.nl"),
    Question(name="LOKET_MAIL_FROM", text="The address mails come from", example="aanmelden@notify.example.nl"),
    Question(
        name="LOKET_BULK_MAIL_FROM",
        text="The address a newsletter comes from; empty for the same",
        example="nieuwsbrief@nieuws.example.nl",
        optional=True,
    ),
    Question(
        name="LOKET_NEWSLETTER_CLICKS",
        text="Count how often the links of a newsletter are followed? yes or no; empty is no",
        optional=True,
    ),
    Question(name="LOKET_BEHEERDER", text="Who may first log in behind the desk", example="beheer@example.nl"),
    Question(name=ALARM_EMAIL, text="Who is told when something is wrong", example="beheer@example.nl"),
    Question(
        name="LOKET_BASE_URL",
        text="Where the desk is reached; empty for the address that AWS gives",
        example="https://aanmelden.example.nl",
        optional=True,
    ),
    Question(
        name="LOKET_ALLOWED_ORIGINS",
        text="Websites that show the forms, a space between",
        example="https://example.nl https://www.example.nl",
        optional=True,
    ),
    Question(name="LOKET_TERMS_URL", text="The terms", example="https://example.nl/voorwaarden", optional=True),
    Question(
        name="LOKET_PRIVACY_URL", text="The privacy statement", example="https://example.nl/privacy", optional=True
    ),
    Question(name="LOKET_ASSOCIATION_ADDRESS", text="Postal address, in one line", optional=True),
    Question(name="LOKET_ASSOCIATION_KVK", text="KvK number, 8 digits", optional=True),
    Question(name="LOKET_ASSOCIATION_VAT_ID", text="VAT id, such as NL123456782B90", optional=True),
    Question(name="LOKET_ASSOCIATION_IBAN", text="Bank account, without spaces", optional=True),
    Question(
        name="LOKET_VAT_CONFIRMED", text="Has a tax adviser confirmed the VAT of the offers? yes or no", optional=True
    ),
    Question(name="LOKET_ACCENT", text="Colour of buttons, such as #1f5f4a", optional=True),
    Question(name="LOKET_ON_ACCENT", text="Colour of text on that, such as #fefefe", optional=True),
    Question(name="LOKET_LOGO_URL", text="Address of a logo, 48 pixels high", optional=True),
)

# What the stack itself tells its functions, filled in so that the rest can be judged.
_OF_THE_STACK = {
    "LOKET_TABLE": "loket",
    "LOKET_EMAIL_QUEUE_URL": "https://queue.example",
    "LOKET_PAYMENT_QUEUE_URL": "https://queue.example",
    "LOKET_DELIVERY_QUEUE_URL": "https://queue.example",
    "LOKET_EMAIL_DEAD_LETTERS_URL": "https://queue.example",
    "LOKET_PAYMENT_DEAD_LETTERS_URL": "https://queue.example",
    "LOKET_DELIVERY_DEAD_LETTERS_URL": "https://queue.example",
    "LOKET_EXPORT_BUCKET": "loket-exports",
    "LOKET_EXPORT_ORIGIN": "https://exports.example",
    "LOKET_CONFIGURATION_SET": "loket",
    "LOKET_BULK_CONFIGURATION_SET": "loket-bulk",
}
# And what setup or deploy add themselves.
_LATER = {
    "LOKET_BASE_URL": "https://desk.example",
    "LOKET_SECRET_KEY": "0123456789" * 4,
    "STRIPE_SECRET_KEY": "sk_test_later",
    "STRIPE_WEBHOOK_SECRET": "whsec_later",
}


def complaints(values: Mapping[str, str], *, stage: str) -> list[str]:
    """What the desk itself would say of these settings and secrets; of one that setup adds later, nothing."""
    given = {name: value for name, value in values.items() if value}
    try:
        read_settings(_OF_THE_STACK | _LATER | {"LOKET_STAGE": stage} | given)
    except SettingsWrong as wrong:
        return list(wrong.complaints)
    return []


class _Asked(dict[str, str]):
    """Remembers what is looked for in it."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def known() -> set[str]:
    """Every setting there is that setup may keep: what the stack tells, and secrets, are not among them."""
    asked = _Asked()
    with suppress(SettingsWrong):
        read_settings(asked)
    return asked.names - {*_OF_THE_STACK, "LOKET_STAGE", "LOKET_METRICS", *SECRETS} | {ALARM_EMAIL}


def complaint_about(name: str, values: Mapping[str, str], *, stage: str) -> str:
    """What is wrong with one of them; empty when nothing is."""
    found = [each for each in complaints(values, stage=stage) if each.startswith(f"{name} ")]
    return found[0] if found else ""
