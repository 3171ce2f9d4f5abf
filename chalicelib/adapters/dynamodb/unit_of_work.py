"""The unit of work: staged writes, each knowing what its failed condition means, and one transaction."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.shelves import (
    AttendanceTableShelf,
    CodeTableShelf,
    HoldTableShelf,
    KeptTableShelf,
    LeavingTableShelf,
    LivingTableShelf,
    MembershipTableShelf,
    PassingTableShelf,
    SeatTableShelf,
    SlotTableShelf,
    SuppressionTableShelf,
    TableShelf,
)
from chalicelib.adapters.dynamodb.write import Write
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.audit_entry import AuditEntry, OrderDeed
from chalicelib.domain.copy import Copy
from chalicelib.domain.difference import Difference
from chalicelib.domain.dispute import Dispute
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import Email
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.issue import Issue, IssueCount, IssueText
from chalicelib.domain.ledger import Entry
from chalicelib.domain.note import Note
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.payment import Payment
from chalicelib.domain.payout import Payout
from chalicelib.domain.reconciliation import Round
from chalicelib.domain.refund import Refund
from chalicelib.domain.retention import RetentionRun
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import StaffSession
from chalicelib.domain.subscriber import Subscriber

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

# botocore repeats neither of these by itself, and both are over in a moment.
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
TRIES = 8


class TableUnitOfWork:
    """Writes to the table that happen together or not at all."""

    def __init__(self, client: DynamoDBClient, *, table: str, token: str) -> None:
        self._client, self._token = client, token
        self._writes: list[Write] = []
        shared: Any = {"client": client, "table": table, "stage": self._writes.append}
        self.offers: LivingTableShelf[Offer] = LivingTableShelf(records.OFFER, **shared)
        self.orders: LivingTableShelf[Order] = LivingTableShelf(records.ORDER, **shared)
        self.buyers: PassingTableShelf[Buyer] = PassingTableShelf(records.BUYER, **shared)
        self.consents: PassingTableShelf[Consent] = PassingTableShelf(records.CONSENT, **shared)
        self.payments: KeptTableShelf[Payment] = KeptTableShelf(records.PAYMENT, **shared)
        self.refunds: KeptTableShelf[Refund] = KeptTableShelf(records.REFUND, **shared)
        self.disputes: KeptTableShelf[Dispute] = KeptTableShelf(records.DISPUTE, **shared)
        self.entries: KeptTableShelf[Entry] = KeptTableShelf(records.ENTRY, **shared)
        self.payouts: KeptTableShelf[Payout] = KeptTableShelf(records.PAYOUT, **shared)
        self.differences: PassingTableShelf[Difference] = PassingTableShelf(records.DIFFERENCE, **shared)
        self.rounds: LivingTableShelf[Round] = LivingTableShelf(records.ROUND, **shared)
        self.retentions: LivingTableShelf[RetentionRun] = LivingTableShelf(records.RETENTION, **shared)
        self.memberships = MembershipTableShelf(records.MEMBERSHIP, **shared)
        self.emails: LeavingTableShelf[Email] = LeavingTableShelf(records.EMAIL, **shared)
        self.attendees: PassingTableShelf[Attendee] = PassingTableShelf(records.ATTENDEE, **shared)
        self.attendances = AttendanceTableShelf(records.ATTENDANCE, **shared)
        self.drafts: KeptTableShelf[Draft] = KeptTableShelf(records.DRAFT, **shared)
        self.staff: LeavingTableShelf[Staff] = LeavingTableShelf(records.STAFF, **shared)
        self.staff_sessions: LivingTableShelf[StaffSession] = LivingTableShelf(records.STAFF_SESSION, **shared)
        self.audit: TableShelf[AuditEntry] = TableShelf(records.AUDIT_ENTRY, **shared)
        self.deeds: PassingTableShelf[OrderDeed] = PassingTableShelf(records.DEED, **shared)
        self.subscribers: LeavingTableShelf[Subscriber] = LeavingTableShelf(records.SUBSCRIBER, **shared)
        self.suppressions = SuppressionTableShelf(records.SUPPRESSION, **shared)
        self.issues: LivingTableShelf[Issue] = LivingTableShelf(records.ISSUE, **shared)
        self.issue_texts: LivingTableShelf[IssueText] = LivingTableShelf(records.ISSUE_TEXT, **shared)
        self.issue_counts: KeptTableShelf[IssueCount] = KeptTableShelf(records.ISSUE_COUNT, **shared)
        self.copies: LeavingTableShelf[Copy] = LeavingTableShelf(records.COPY, **shared)
        self.notes: PassingTableShelf[Note] = PassingTableShelf(records.NOTE, **shared)
        self.holds, self.slots = HoldTableShelf(**shared), SlotTableShelf(**shared)
        self.seats = SeatTableShelf(table=table, stage=self._writes.append)
        self.codes = CodeTableShelf(table=table, stage=self._writes.append)

    def commit(self) -> None:
        """One transaction with one client request token, so that a repeat after a lost answer is the same one."""
        writes = tuple(self._writes)
        for attempt in range(1, TRIES + 1):
            try:
                self._client.transact_write_items(
                    TransactItems=[write.action for write in writes],  # type: ignore[misc]  # built above
                    ClientRequestToken=self._token,
                )
            except ClientError as error:
                # by its code: botocore makes the class of an error when it is first asked for, without a lock
                if error.response.get("Error", {}).get("Code") != "TransactionCanceledException":
                    raise StorageUnavailable(type(error).__name__) from error
                _raise_conflict(error, writes)
                if attempt == TRIES:
                    raise StorageUnavailable("transaction kept being cancelled") from error
                _pause(attempt)
            except BotoCoreError as error:
                raise StorageUnavailable(type(error).__name__) from error
            else:
                return


def _raise_conflict(error: ClientError, writes: tuple[Write, ...]) -> None:
    """Raise what the failed condition means; return when nothing but a passing collision stopped the transaction."""
    codes = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
    if len(codes) != len(writes):
        raise StorageUnavailable("transaction cancelled without a reason for each write") from error
    for write, code in zip(writes, codes, strict=False):
        if code == "ConditionalCheckFailed" and write.conflict:
            raise write.conflict from error
    if not _PASSING.intersection(codes):
        raise StorageUnavailable(f"transaction refused: {', '.join(codes)}") from error


def _pause(attempt: int) -> None:
    # Full jitter: transactions that collided once must not collide again in step.
    time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  # no secret is made of it
