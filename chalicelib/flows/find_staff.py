"""Find who works here: by the table, or by the settings that name the first one."""

from collections.abc import Iterable

from chalicelib.domain.staff import Role, Staff


def find_staff(email: str, *, first: str, among: Iterable[Staff]) -> Staff | None:
    """Somebody who works here by an address, however it is written.

    `first` is the beheerder of the settings (empty: none), who can be neither removed nor made less, so that nobody
    ever stands outside.
    """
    email = email.lower()
    found = next((each for each in among if each.email == email), None)
    if first and email == first.lower():
        return Staff(email=email, name=found.name if found else "", role=Role.BEHEERDER, version=0)
    return found
