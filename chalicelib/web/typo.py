"""Addresses on a form that were probably typed wrong, each with the one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.mail_typo import meant_domain
from chalicelib.domain.offer import Question, QuestionKind
from chalicelib.web.formats import FORMATS, Malformed, plain_text
from chalicelib.web.posted import Posted

# The field that carries the domains of which was asked already: who sends them again is believed.
SURE = "sure"
# What the button that takes a suggestion posts, before the name of the field.
MEND = "mend-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typo:
    """A field whose address has a domain that is hardly anybody's, and the whole address that was probably meant."""

    name: str
    typed: str
    meant: str

    @property
    def domain(self) -> str:
        return self.typed.rpartition("@")[2].lower()

    def asked_before(self, posted: Posted) -> bool:
        return self.domain in posted.get(SURE).split()

    def mended(self, posted: Posted) -> Posted:
        """What was posted, with the address that was meant."""
        return Posted(fields=posted.fields | {self.name: self.meant}, repeated=posted.repeated)


def typos(questions: Iterable[Question], posted: Posted) -> tuple[Typo, ...]:
    """The addresses that were probably typed wrong, in the order of their questions."""
    found = (_typo(question, posted) for question in questions if question.kind is QuestionKind.EMAIL)
    return tuple(typo for typo in found if typo)


def meant_address(typed: str) -> str:
    """The address that was probably meant; empty when there is no doubt, or it would not be taken either."""
    local, at, domain = typed.rpartition("@")
    meant = meant_domain(domain) if at else ""
    if not meant:
        return ""
    try:
        return FORMATS[QuestionKind.EMAIL](f"{local.strip()}@{meant}")
    except Malformed:
        return ""


def _typo(question: Question, posted: Posted) -> Typo | None:
    value = posted.get(question.name)
    try:
        typed = plain_text(value) if len(value) <= question.max_length else ""
    except Malformed:
        return None
    meant = meant_address(typed)
    return Typo(name=question.name, typed=typed, meant=meant) if meant else None


def sure_of(typos: Iterable[Typo]) -> str:
    """What the field says of which domains was asked; a domain alone names nobody."""
    return " ".join(dict.fromkeys(typo.domain for typo in typos))
