"""Find a person: all that lies here under one address."""

from datetime import datetime

from chalicelib.domain.calendar import local_date
from chalicelib.domain.person import Person, person_of
from chalicelib.ports import Lists, Store


def find_person(email: str, *, years: int, lists: Lists, store: Store, now: datetime) -> Person:
    """The person, whom nothing may be known of; `years` is how long the books are kept. Raises StorageUnavailable."""
    email = email.lower()
    unit = store.unit_of_work()
    dossiers = [lists.dossier(order_id) for order_id in lists.orders_of(email)]
    memberships = [unit.memberships.get(membership_id) for membership_id in lists.memberships_of(email)]
    return person_of(
        email,
        dossiers=[each for each in dossiers if each],
        memberships=[each for each in memberships if each],
        years=years,
        today=local_date(now),
    )
