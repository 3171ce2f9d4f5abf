"""Address suppressed: whose address each suppression stands for, as far as it is still known here."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.identity import Identity
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.ports import Lists


def address_suppressed(suppressions: Sequence[Suppression], *, lists: Lists, identity: Identity) -> Mapping[str, str]:
    """The addresses by the id of their suppression, without those that nobody knows any more.

    None is kept with it: it is that of whoever its mail was for, unless he has another one now or was erased. Raises
    StorageUnavailable.
    """
    found = lists.addressees({each.email_id for each in suppressions})
    known = {suppression_id(address, identity=identity): address for address in found.values()}
    return {each.id: known[each.id] for each in suppressions if each.id in known}
