"""The languages Loket speaks, and texts that exist in each of them."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language of forms, pages and mails."""

    NL = "nl"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text in every language."""

    nl: str
    en: str

    def within(self, language: Language) -> str:
        return self.nl if language is Language.NL else self.en
