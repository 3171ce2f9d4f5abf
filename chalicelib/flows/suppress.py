"""Suppress: an address is mailed no more, in the commit of the news that says so or in one of its own."""

from datetime import datetime

from chalicelib.domain.email import MailNews
from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.suppression import suppress
from chalicelib.ports import Store, UnitOfWork

TRIES = 5


def stage_suppression(news: MailNews, *, unit: UnitOfWork, identity: Identity, now: datetime) -> bool:
    """Stage what the news brings about, if it speaks of somebody and is for good; whether that is anything.

    A complaint stays one whatever bounces after it; one that comes at the same moment makes the commit raise Changed.
    """
    if not (news.for_good and news.address):
        return False
    suppression = suppress(news, identity=identity, now=now)
    known = unit.suppressions.get(suppression.id)
    if known and known.complained:
        return False
    unit.suppressions.keep(suppression)
    return True


def suppress_address(news: MailNews, *, store: Store, identity: Identity, now: datetime) -> None:
    """Keep what news of a mail tells of its address when the mail itself is not kept, or not any more.

    Whoever was erased and complains after it is not mailed again either. Raises StorageUnavailable; repeating is
    harmless.
    """
    for _ in range(TRIES):
        unit = store.unit_of_work()
        if not stage_suppression(news, unit=unit, identity=identity, now=now):
            return
        try:
            unit.commit()
        except Changed:
            continue
        return
    raise StorageUnavailable("a suppression kept changing")
