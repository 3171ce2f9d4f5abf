"""Find who works here: by the table, or by the settings that name the first one."""

from chalicelib.domain.staff import Role, Staff
from chalicelib.ports import Store


def find_staff(email: str, *, first: str, store: Store) -> Staff | None:
    """Somebody who works here by an address, however it is written.

    `first` is the beheerder of the settings (empty: none), who can be neither removed nor made less, so that nobody
    ever stands outside. Raises StorageUnavailable.
    """
    email = email.lower()
    found = store.unit_of_work().staff.get(email)
    if first and email == first.lower():
        return Staff(email=email, name=found.name if found else "", role=Role.BEHEERDER, version=0)
    return found
