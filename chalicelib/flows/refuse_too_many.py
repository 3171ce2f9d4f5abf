"""Refuse too many: count what is sent, and say no when it is more than a person, or a town hall, sends."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.limit import Limit, Limits
from chalicelib.domain.refusal import TooMany
from chalicelib.ports import Tallies

log = logging.getLogger(__name__)

# Whoever has the link to an order may put an address right so often; who needs it more often mails us.
CORRECTIONS = Limit(name="correction", most=5, period=timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends what: from which network address, for which addresses for mail, on which form."""

    address: str
    recipients: Sequence[str]
    offer_id: str

    def counted(self, limits: Limits) -> Iterator[tuple[Limit, str]]:
        """The limits that hold for it, his network's first: whoever is over that uses up nobody's mail, and no form."""
        yield limits.address, self.address
        for recipient in dict.fromkeys(each.lower() for each in self.recipients):
            yield limits.recipient, recipient
        yield limits.form, self.offer_id


def refuse_too_many(sender: Sender, *, tallies: Tallies, identity: Identity, limits: Limits, now: datetime) -> None:
    """Count once in each limit that holds for it. Raises TooMany at the first that is used up.

    While the table does not count, everybody may go on: a limit must not be what closes the desk.
    """
    for limit, subject in sender.counted(limits):
        try:
            _count(limit, subject, tallies=tallies, identity=identity, now=now)
        except StorageUnavailable as error:
            log.warning("tally_unavailable limit=%s error=%s", limit.name, error)
            return


def asked_too_often(
    address: str, *, tallies: Tallies, identity: Identity, limits: Limits, now: datetime
) -> TooMany | None:
    """Count that it is told who is a member; the refusal when somebody at this network address asks too often."""
    try:
        _count(limits.lookup, address, tallies=tallies, identity=identity, now=now)
    except StorageUnavailable as error:
        log.warning("tally_unavailable limit=%s error=%s", limits.lookup.name, error)
    except TooMany as refusal:
        log.info("lookup_refused detail=%s", refusal)
        return TooMany("address", minutes=refusal.minutes)
    return None


def may_look_up(address: str, *, tallies: Tallies, identity: Identity, limits: Limits, now: datetime) -> bool:
    """Whether somebody at this network address may ask once more what it costs him."""
    return asked_too_often(address, tallies=tallies, identity=identity, limits=limits, now=now) is None


def refuse_corrections(
    order_id: str, recipient: str, *, tallies: Tallies, identity: Identity, limits: Limits, now: datetime
) -> None:
    """Count that the visitor of an order has a mail sent again. Raises TooMany."""
    for limit, subject in ((CORRECTIONS, order_id), (limits.recipient, recipient)):
        try:
            _count(limit, subject, tallies=tallies, identity=identity, now=now)
        except StorageUnavailable as error:
            log.warning("tally_unavailable limit=%s error=%s", limit.name, error)
            return


def _count(limit: Limit, subject: str, *, tallies: Tallies, identity: Identity, now: datetime) -> None:
    if not limit.most:
        return
    tally = limit.tally(identity.subject(f"limit {limit.name}", subject), now=now)
    if tallies.count(tally) > limit.most:
        raise TooMany(limit.name, minutes=tally.minutes_left(now=now))
