"""Send an issue: copy it for all who get it, then deliver the copies at a pace that leaves room for tickets."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from chalicelib.domain.copy import Copy
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import Changed, SlotTaken
from chalicelib.domain.identity import Identity
from chalicelib.domain.issue import TURN, Hindrance, Issue, IssueState
from chalicelib.domain.link import Links
from chalicelib.domain.mail_quota import MailQuota
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.prepared_issue import Prepared
from chalicelib.flows.copy_issue import copy_issue
from chalicelib.flows.count_issue import count_issue, count_shelf, keep_count
from chalicelib.flows.deliver_copies import Postman, hangs
from chalicelib.flows.draw_circle import draw_circle
from chalicelib.ports import Beat, IssueComposer, Lists, MailAccount, MailSender, Readership, Store

log = logging.getLogger(__name__)

# Whoever sends is the only one, of all issues: nobody else would know how fast he goes.
THE_TURN = "newsletter"
# How often he says that he is still at it, looks whether somebody paused the issue, and counts.
SAYS, LOOKS, COUNTS = timedelta(seconds=30), timedelta(seconds=1), timedelta(seconds=10)
# Counting reads every copy, a shelf at a time so that no mail waits for it, and takes at most this part of the time: a
# large issue is counted less often.
COUNTING = 1 / 10
# An account that may send no more today is asked again by then.
QUOTA_PAUSE = timedelta(hours=1)
# A mail service that does not work is asked again by then, and an issue that waits for another, or fails, by then.
TROUBLE_PAUSE, AFTER_OTHERS = timedelta(minutes=5), timedelta(minutes=5)
# Of each shelf so many are in memory.
COPIES_AT_ONCE = 50
# How long a mail takes at most, from its claim to what is written down of it: so many hands are needed for a rate.
LATENCY = 0.25
MOST_HANDS, MOST_AT_ONCE = 64, 25
# A hand that takes several at once asks the table less: for each so many a second it takes one more.
ONE_MORE = 33


@dataclass(kw_only=True)
class IssueSending:
    """One run; it stops when its time is over, the issue is paused, or nothing is left, and any other run goes on.

    `run_id` tells it apart from all other runs.
    """

    run_id: str
    store: Store
    readership: Readership
    lists: Lists
    composer: IssueComposer
    sender: MailSender
    account: MailAccount
    beat: Callable[[float], Beat]
    links: Links
    identity: Identity
    clock: Callable[[], datetime]
    goes_on: Callable[[], bool]
    # whether its links lead by way of the desk, which counts how often they are followed
    counts_clicks: bool = False
    _said: datetime = field(init=False)
    _looked: datetime = field(init=False)

    def send(self, issue_id: str) -> Issue | None:
        """The issue as this run leaves it; None when nothing is to be done about it, or not by us.

        Raises StorageUnavailable or MailUnavailable. Whatever it raises, the issue lets others go first for a while.
        """
        issue = self.store.unit_of_work().issues.get(issue_id)
        now = self.clock()
        if issue is None or issue.due is None or issue.due > now:
            return None
        if not self._takes_turn():
            self._kept(issue.goes_on(at=now + AFTER_OTHERS, hindrance=issue.hindrance))
            return None
        self._said = self._looked = now
        after = None
        done = False
        try:
            after = self._counted(issue) if issue.over else self._sent(issue)
            done = True
        finally:
            if not done:
                self._put_off(issue)
            self._ends_turn()
        return after

    def _counted(self, issue: Issue) -> Issue | None:
        """What is over is counted; one of which a copy was left goes on."""
        now = self.clock()
        count = count_issue(issue.id, store=self.store, readership=self.readership, per_hour=0, now=now)
        left = issue.state is IssueState.SENT and count.counts.get(Delivery.QUEUED.value, 0)
        return self._kept(issue.resumed(now=now) if left else issue.counted_again())

    def _sent(self, issue: Issue) -> Issue | None:
        if issue.state is IssueState.SCHEDULED:
            started = self._kept(issue.started(now=self.clock()))
            if started is None:
                return None
            log.info("issue_started issue_id=%s", issue.id)
            issue = started
        issue = self._copied(issue)
        return self._deliver(issue) if issue.state is IssueState.SENDING and issue.prepared else issue

    def _put_off(self, issue: Issue) -> None:
        """One that fails whenever it is tried must not keep all others waiting."""
        current = self.store.unit_of_work().issues.get(issue.id)
        if current and current.due is not None:
            self._kept(current.goes_on(at=self.clock() + AFTER_OTHERS, hindrance=current.hindrance))

    def _copied(self, issue: Issue) -> Issue:
        circle = draw_circle(issue.segment, lists=self.lists, now=self.clock())
        return copy_issue(
            issue,
            circle=circle,
            store=self.store,
            readership=self.readership,
            identity=self.identity,
            goes_on=lambda: self._is_on_time(issue),
            now=self.clock(),
        )

    def _deliver(self, issue: Issue) -> Issue:
        text = self._text(issue)
        if not text.sendable:
            # what it speaks of may be gone since it was looked at; a person has to see to it
            log.error("issue_malformed issue_id=%s findings=%d", issue.id, len(text.findings))
            current = self.store.unit_of_work().issues.get(issue.id) or issue
            if not current.may_become(IssueState.PAUSED):
                return current
            return self._kept(current.paused(hindrance=Hindrance.MALFORMED)) or current
        quota = self.account.quota()
        delivery = _Delivery(self, issue, text=text, quota=quota, rate=quota.rate)
        with ThreadPoolExecutor(max_workers=delivery.hands) as hands:
            hindrance = delivery.run(hands)
        return self._concluded(issue, hindrance=hindrance, later=delivery.later)

    def _text(self, issue: Issue) -> Prepared:
        text = self.store.unit_of_work().issue_texts.get(issue.id)
        assert text is not None, "an issue and its text are written in one commit"
        prepared = self.composer.prepare_source(text.source, offers=self.store.offers(), now=self.clock())
        if not self.counts_clicks:
            return prepared
        return prepared.through(lambda number: self.links.issue_link(issue.id, number, issue.language))

    def _concluded(self, issue: Issue, *, hindrance: Hindrance | None, later: datetime | None) -> Issue:
        """Write down what comes next: nothing when all were sent, the rest as soon as it may go."""
        now = self.clock()
        count = count_issue(issue.id, store=self.store, readership=self.readership, per_hour=0, now=now)
        current = self.store.unit_of_work().issues.get(issue.id) or issue
        if current.state is not IssueState.SENDING:
            return current
        if hindrance is None and count.counts.get(Delivery.QUEUED.value, 0):
            # somebody else had it in hand
            hindrance = Hindrance.LATER
        match hindrance:
            case None:
                after = current.finished(now=now)
            case Hindrance.QUOTA:
                after = current.goes_on(at=now + QUOTA_PAUSE, hindrance=hindrance)
            case Hindrance.TROUBLE:
                after = current.goes_on(at=now + TROUBLE_PAUSE, hindrance=hindrance)
            case Hindrance.LATER:
                after = current.goes_on(at=max(now, later or now), hindrance=hindrance)
            case _:
                after = current.goes_on(at=now)
        log.info("issue_%s issue_id=%s hindrance=%s", after.state.value, issue.id, hindrance or "none")
        # whoever changed it meanwhile knows better; what is left is found by its due
        return self._kept(after) or current

    def may_go_on(self, issue: Issue) -> bool:
        """Whether there is time, the turn is ours, and nobody has stopped the issue."""
        now = self.clock()
        if not self._is_on_time(issue):
            return False
        if now - self._looked < LOOKS:
            return True
        self._looked = now
        current = self.store.unit_of_work().issues.get(issue.id)
        return current is not None and current.state is IssueState.SENDING

    def _is_on_time(self, issue: Issue) -> bool:
        now = self.clock()
        if not self.goes_on():
            return False
        if now - self._said < SAYS:
            return True
        self._said = now
        current = self.store.unit_of_work().issues.get(issue.id)
        if current and current.state is IssueState.SENDING:
            self._kept(current.goes_on(at=now + TURN))
        return self._takes_turn()

    def _takes_turn(self) -> bool:
        unit, now = self.store.unit_of_work(), self.clock()
        unit.slots.take(MailSlot(id=THE_TURN, email_id=self.run_id, until=now + TURN), now=now)
        try:
            unit.commit()
        except SlotTaken:
            log.info("issue_waits_for_its_turn")
            return False
        return True

    def _ends_turn(self) -> None:
        """Others need not wait until it runs out."""
        unit, now = self.store.unit_of_work(), self.clock()
        unit.slots.take(MailSlot(id=THE_TURN, email_id=self.run_id, until=now), now=now)
        try:
            unit.commit()
        except SlotTaken:
            log.info("issue_turn_was_over")

    def _kept(self, issue: Issue) -> Issue | None:
        unit = self.store.unit_of_work()
        after = unit.issues.update(issue)
        try:
            unit.commit()
        except Changed:
            return None
        return after


class _Delivery:
    """The copies of an issue on their way: a few at a time in each of several hands."""

    def __init__(self, sending: IssueSending, issue: Issue, *, text: Prepared, quota: MailQuota, rate: float) -> None:
        self._sending, self._issue, self._quota = sending, issue, quota
        self._left = quota.left
        self._began = sending.clock()
        self._shelves = sending.readership.shelves(issue.id)
        self._uncounted, self._count = list(self._shelves), Counter[str]()
        self._counts_at = self._began
        self.later: datetime | None = None
        self.hands = min(MOST_HANDS, max(2, ceil(rate * LATENCY)))
        # what hangs after a crash is what was in all hands: of a slow account next to nothing
        self._at_once = min(MOST_AT_ONCE, max(1, int(rate / ONE_MORE)))
        self._postman = Postman(
            issue,
            text=text,
            store=sending.store,
            readership=sending.readership,
            sender=sending.sender,
            beat=sending.beat(rate),
            links=sending.links,
            identity=sending.identity,
        )

    def run(self, hands: Executor) -> Hindrance | None:
        """Deliver all that may go now; why some are left, None when none are."""
        under_way: deque[Future[Counter[str]]] = deque()
        became = Counter[str]()
        for number, copies in enumerate(self._sheaves()):
            if not self._sending.may_go_on(self._issue):
                self._postman.stop(Hindrance.NONE)
            elif not self._quota.unlimited and self._left < len(copies):
                self._postman.stop(Hindrance.QUOTA)
            if self._postman.stopped is not None:
                break
            self._left -= len(copies)
            if number == 0:
                # the first goes alone: a mail service that does not work is met by no other
                became += self._postman.deliver(copies, now=self._sending.clock())
                if hangs(became):
                    self._postman.stop(Hindrance.TROUBLE)
                continue
            under_way.append(hands.submit(self._postman.deliver, copies, now=self._sending.clock()))
            while len(under_way) > 2 * self.hands:
                became += under_way.popleft().result()
            self._count_now_and_then(went=became.total() - became[Delivery.QUEUED])
        for each in under_way:
            became += each.result()
        if self._postman.stopped is not None:
            return self._postman.stopped
        return Hindrance.LATER if self.later or became[Delivery.QUEUED] else None

    def _sheaves(self) -> Iterator[list[Copy]]:
        """Those that may go now, a few at a time; of the first only one."""
        sheaf: list[Copy] = []
        at_once = 1
        for copy in self._copies():
            now = self._sending.clock()
            if copy.claimable(now=now):
                sheaf.append(copy)
            elif copy.due is not None:
                self.later = min(self.later or copy.due, copy.due)
            if len(sheaf) == at_once:
                yield sheaf
                sheaf, at_once = [], self._at_once
        if sheaf:
            yield sheaf

    def _copies(self) -> Iterator[Copy]:
        """All copies, one of each shelf in turn, so that no shelf is written to all the time."""
        shelves = deque(map(self._on, self._shelves))
        while shelves:
            shelf = shelves.popleft()
            copy = next(shelf, None)
            if copy is not None:
                yield copy
                shelves.append(shelf)

    def _on(self, shelf: str) -> Iterator[Copy]:
        rest = ""
        while True:
            page = self._sending.readership.copies(shelf, rest=rest, limit=COPIES_AT_ONCE)
            yield from page.items
            rest = page.rest
            if not rest:
                break

    def _count_now_and_then(self, *, went: int) -> None:
        """Once in a while a shelf, and after the last of them the whole, with the pace that was reached so far."""
        sending, now = self._sending, self._sending.clock()
        if now < self._counts_at:
            return
        self._count += count_shelf(self._uncounted.pop(), readership=sending.readership)
        over = sending.clock()
        if not self._uncounted:
            took = max(over - self._began, LOOKS)
            per_hour = int(went * (timedelta(hours=1) / took))
            keep_count(self._count, issue_id=self._issue.id, store=sending.store, per_hour=per_hour, now=over)
            self._uncounted, self._count = list(self._shelves), Counter()
        self._counts_at = over + max(COUNTS / len(self._shelves), (over - now) / COUNTING)
