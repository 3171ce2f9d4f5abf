"""Suppress: stage that an address is mailed no more, in the commit of the news that says so."""

from datetime import datetime

from chalicelib.domain.email import MailNews
from chalicelib.domain.identity import Identity
from chalicelib.domain.suppression import suppress
from chalicelib.ports import UnitOfWork


def stage_suppression(news: MailNews, *, unit: UnitOfWork, identity: Identity, now: datetime) -> bool:
    """Stage what the news brings about, if it speaks of somebody and is for good; whether that is anything.

    A complaint stays one whatever bounces after it.
    """
    if not (news.for_good and news.address):
        return False
    suppression = suppress(news, identity=identity, now=now)
    known = unit.suppressions.get(suppression.id)
    if known and known.complained:
        return False
    unit.suppressions.keep(suppression)
    return True
