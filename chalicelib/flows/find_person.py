"""Find a person: all that lies here under one address."""

from datetime import datetime

from chalicelib.domain.calendar import local_date
from chalicelib.domain.identity import Identity
from chalicelib.domain.person import Person, person_of
from chalicelib.flows.find_subscription import find_subscription
from chalicelib.ports import Lists, Store


def find_person(email: str, *, years: int, lists: Lists, store: Store, identity: Identity, now: datetime) -> Person:
    """The person, whom nothing may be known of; `years` is how long the books are kept. Raises StorageUnavailable."""
    email = email.lower()
    unit = store.unit_of_work()
    dossiers = [lists.dossier(order_id) for order_id in lists.orders_of(email)]
    memberships = [unit.memberships.get(membership_id) for membership_id in lists.memberships_of(email)]
    return person_of(
        email,
        dossiers=[each for each in dossiers if each],
        memberships=[each for each in memberships if each],
        subscription=find_subscription(email, store=store, lists=lists, identity=identity),
        years=years,
        today=local_date(now),
    )
