"""A draft: a form that was filled in but not sent on, kept while its visitor first becomes a member."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.language import Language

# Long enough to let a colleague pay for the membership; then it is personal data that serves nobody.
LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The fields of a form as they were posted; `expires_at` is when it counts as gone."""

    id: str
    offer_id: str
    language: Language
    fields: tuple[tuple[str, str], ...]
    created_at: datetime
    expires_at: datetime
