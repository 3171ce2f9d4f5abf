"""Ask for a proof of an issue: its mail to one address, before it goes to all."""

import logging
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.error import IssueRefused
from chalicelib.domain.identity import Identity
from chalicelib.domain.limit import MINUTE, Limit
from chalicelib.domain.refusal import TooMany
from chalicelib.flows.keep_issue import name_of
from chalicelib.flows.subscribe import suppressed
from chalicelib.ports import Queue, Store, Tallies

log = logging.getLogger(__name__)

# How the id of a proof begins, beside those of the emails in the outbox.
OF_PROOF = "test"
BY_STAFF = Limit(name="issue proofs", most=10, period=60 * MINUTE)


class ProofUnwanted(Exception):
    """Its address is mailed no more: an issue would not go there, so a proof does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is asked: of which issue, to whom, and a token that tells one proof from another."""

    issue_id: str
    token: str
    to: str

    @property
    def email_id(self) -> str:
        return f"{OF_PROOF}-{self.issue_id}-{self.token}"

    @property
    def message(self) -> str:
        """In the queue; an address has no spaces."""
        return f"{self.email_id} {self.to}"


def read_proof(message: str) -> Proof:
    about, _, to = message.partition(" ")
    issue_id, _, token = about.removeprefix(f"{OF_PROOF}-").partition("-")
    return Proof(issue_id=issue_id, token=token, to=to)


def ask_proof(
    proof: Proof, *, by: str, store: Store, queue: Queue, tallies: Tallies, identity: Identity, now: datetime
) -> None:
    """Have the proof mailed. A proof that gets lost is asked for again, so it is in no outbox.

    Raises IssueRefused (there is no such issue), ProofUnwanted, TooMany, StorageUnavailable or QueueUnavailable.
    """
    unit = store.unit_of_work()
    issue = unit.issues.get(proof.issue_id)
    if issue is None:
        raise IssueRefused(f"there is no issue {proof.issue_id}")
    if suppressed(proof.to, unit=unit, identity=identity):
        raise ProofUnwanted(proof.email_id)
    tally = BY_STAFF.tally(identity.subject(BY_STAFF.name, by), now=now)
    if tallies.count(tally) > BY_STAFF.most:
        raise TooMany(BY_STAFF.name, minutes=tally.minutes_left(now=now))
    # the log is never erased, so it does not say to whom
    unit.audit.add(AuditEntry(id=proof.token, at=now, by=by, deed=Deed.ISSUE_TESTED, subject=name_of(issue), facts={}))
    unit.commit()
    queue.put(proof.message)
    log.info("issue_proof_asked issue_id=%s", issue.id)
