"""An offer: what one can register for, with its price, term and questions; data, never code."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.language import Text
from chalicelib.domain.money import Vat


class OfferKind(StrEnum):
    """What a paid order of this offer starts."""

    MEMBERSHIP = "membership"


class QuestionKind(StrEnum):
    """How a question is asked and what its answer must look like."""

    TEXT = "text"
    EMAIL = "email"
    POSTAL_CODE = "postal_code"
    REGISTRATION_NUMBER = "registration_number"
    CHOICE = "choice"
    TICK = "tick"


class QuestionGroup(StrEnum):
    """Where on the form a question stands."""

    MAIN = "main"
    INVOICE = "invoice"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of a question with a choice."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One field of the form; without texts of its own it takes those of the catalogue."""

    name: str
    kind: QuestionKind
    group: QuestionGroup = QuestionGroup.MAIN
    required: bool = False
    max_length: int = 120
    autocomplete: str = ""
    label: Text | None = None
    hint: Text | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something one can register for; `price_cents` is what is charged."""

    id: str
    kind: OfferKind
    code_prefix: str
    title: Text
    summary: Text
    benefits: tuple[Text, ...]
    price_cents: int
    vat: Vat
    term_months: int
    questions: tuple[Question, ...]
