"""Export a person: find all that lies under an address, and write in the log that it was handed out."""

from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.identity import Identity
from chalicelib.domain.person import Person
from chalicelib.flows.erase_person import subject_of
from chalicelib.flows.find_person import find_person
from chalicelib.ports import Lists, Store


def export_person(
    email: str, *, entry_id: str, by: str, years: int, lists: Lists, store: Store, identity: Identity, now: datetime
) -> Person:
    """The person, once the log says so; of whom nothing is known, nothing is logged. Raises StorageUnavailable."""
    person = find_person(email, years=years, lists=lists, store=store, identity=identity, now=now)
    if person:
        counts = {"orders": str(len(person.parts)), "memberships": str(len(person.memberships))}
        if person.subscription:
            counts["subscription"] = "1"
        subject = subject_of(email, identity=identity)
        unit = store.unit_of_work()
        unit.audit.add(AuditEntry(id=entry_id, at=now, by=by, deed=Deed.PERSON_EXPORTED, subject=subject, facts=counts))
        unit.commit()
    return person
