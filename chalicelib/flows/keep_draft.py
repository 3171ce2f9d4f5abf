"""Keep a draft: what was filled in on one form, while its visitor fills in another first."""

from datetime import datetime

from chalicelib.domain.draft import LIFE, Draft
from chalicelib.domain.language import Language
from chalicelib.ports import Store


def keep_draft(
    draft_id: str, *, offer_id: str, language: Language, fields: dict[str, str], store: Store, now: datetime
) -> Draft:
    """The draft as it is kept, in the place of an earlier one of the same form. Raises StorageUnavailable."""
    draft = Draft(
        id=draft_id,
        offer_id=offer_id,
        language=language,
        fields=tuple(fields.items()),
        created_at=now,
        expires_at=now + LIFE,
    )
    unit = store.unit_of_work()
    unit.drafts.keep(draft)
    unit.commit()
    return draft


def find_draft(draft_id: str, *, store: Store, now: datetime) -> Draft | None:
    """A draft that has not expired; DynamoDB removes one only hours later."""
    draft = store.unit_of_work().drafts.get(draft_id)
    return draft if draft and now < draft.expires_at else None
