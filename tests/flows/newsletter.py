"""A desk with readers, an issue for them, and a mail service that fails as real ones do."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from chalicelib.adapters.dynamodb.readership import TableReadership
from chalicelib.domain.copy import Copy
from chalicelib.domain.email import Delivery, Letter, MailNews
from chalicelib.domain.error import MailBusy, MailPostponed, MailRejected, MailStopped, MailUnknown
from chalicelib.domain.issue import Issue, IssueText, new_issue
from chalicelib.domain.language import Language
from chalicelib.domain.segment import Segment
from chalicelib.domain.subscriber import Evidence, Means, Subscriber, new_subscriber
from chalicelib.flows.send_issue import IssueSending
from tests.desk import TABLE, Desk
from tests.fakes.mail_account import FakeMailAccount

TOPIC = "nieuwsbrief"
ISSUE = "q7mmnf2nqzv4k3bq"
SOURCE = """---
onderwerp: Nieuws uit de buurt
preheader: Wat er deze maand in de wijken gebeurt
---

Beste {naam|lezer},

Er is nieuws uit de buurt.
"""


class NoBeat:
    """Everybody may go at once."""

    def __init__(self, rate: float = 0) -> None:
        self.rate, self.slowed = rate, 0

    def wait(self) -> None:
        """Nobody waits."""

    def slow_down(self) -> None:
        self.slowed += 1


@dataclass
class MailService:
    """Takes mails, or does what `fate` says of each; `accepted` is what really went out, `news` what it tells of it."""

    fate: Callable[[str], str] = lambda _: "sent"
    accepted: Counter[str] = field(default_factory=Counter)
    letters: list[Letter] = field(default_factory=list)
    news: list[MailNews] = field(default_factory=list)
    _lock: Any = field(default_factory=Lock)

    def send(self, letter: Letter, *, email_id: str) -> str:
        with self._lock:
            match self.fate(email_id):
                case "busy":
                    raise MailBusy("TooManyRequestsException")
                case "later":
                    raise MailPostponed("ConnectTimeoutError")
                case "stopped":
                    raise MailStopped("SendingPausedException")
                case "refused":
                    raise MailRejected("BadRequestException")
                case "lost":
                    raise MailUnknown("InternalFailure")
                case "timed out":
                    self._accept(letter, email_id)
                    raise MailUnknown("ReadTimeoutError")
                case "silent":
                    self.accepted[email_id] += 1
                    raise MailUnknown("ReadTimeoutError")
                case _:
                    return self._accept(letter, email_id)

    def _accept(self, letter: Letter, email_id: str) -> str:
        self.accepted[email_id] += 1
        self.letters.append(letter)
        message_id = f"m-{sum(self.accepted.values())}"
        for delivery in (Delivery.SENT, Delivery.DELIVERED):
            self.news.append(
                MailNews(email_id=email_id, delivery=delivery, message_id=message_id, reason="", address=letter.to)
            )
        return message_id


class Newsroom:
    """Readers, an issue, and whoever sends it."""

    def __init__(self, desk: Desk, *, service: MailService | None = None) -> None:
        self.desk, self.service = desk, service or MailService()
        self.identity = desk.application.identity
        self.readership = TableReadership(desk.client, table=TABLE)
        self.account = FakeMailAccount()
        self.beats: list[NoBeat] = []
        self._runs = 0

    def subscribe(self, addresses: Iterable[str], *, topics: tuple[str, ...] = (TOPIC,)) -> list[Subscriber]:
        """Confirmed readers, many in one commit."""
        readers = [self.reader(address, topics=topics) for address in addresses]
        for start in range(0, len(readers), 90):
            unit = self.desk.store.unit_of_work()
            for each in readers[start : start + 90]:
                unit.subscribers.add(each)
            unit.commit()
        return readers

    def reader(self, address: str, *, topics: tuple[str, ...] = (TOPIC,)) -> Subscriber:
        proof = Evidence(
            means=Means.FORM,
            text="Ja",
            language=Language.NL,
            source="https://lpb.example",
            detail="",
            at=self.desk.clock(),
        )
        asked = new_subscriber(
            address,
            subscriber_id=self.identity.subscriber_id(address),
            name="",
            language=Language.NL,
            topics=topics,
            asked=proof,
        )
        return asked.confirms(replace(proof, means=Means.LINK))

    def change(self, subscriber: Subscriber) -> None:
        unit = self.desk.store.unit_of_work()
        unit.subscribers.update(subscriber)
        unit.commit()

    def issue(self, *, segment: Segment | None = None, issue_id: str = ISSUE, source: str = SOURCE) -> Issue:
        """An issue whose time has come."""
        now = self.desk.clock()
        issue = new_issue(
            issue_id=issue_id,
            subject="Nieuws uit de buurt",
            language=Language.NL,
            topic=TOPIC,
            segment=segment or Segment(),
            by="bea@lpb.example",
            now=now,
        ).scheduled(at=now, expected=0, by="bea@lpb.example")
        unit = self.desk.store.unit_of_work()
        unit.issues.add(issue)
        unit.issue_texts.add(IssueText(issue_id=issue_id, source=source, version=1))
        unit.commit()
        return issue

    def run(self, issue_id: str = ISSUE, *, goes_on: Callable[[], bool] = lambda: True) -> Issue | None:
        return self.sending(goes_on=goes_on).send(issue_id)

    def sending(self, *, goes_on: Callable[[], bool] = lambda: True) -> IssueSending:
        self._runs += 1
        app = self.desk.application
        return IssueSending(
            run_id=f"run-{self._runs}",
            store=self.desk.store,
            readership=self.readership,
            lists=app.lists,
            composer=app.issue_composer,
            sender=self.service,
            account=self.account,
            beat=self._beat,
            links=app.links,
            identity=self.identity,
            clock=self.desk.clock,
            goes_on=goes_on,
        )

    def _beat(self, rate: float) -> NoBeat:
        self.beats.append(NoBeat(rate))
        return self.beats[-1]

    def stored(self, issue_id: str = ISSUE) -> Issue:
        issue = self.desk.store.unit_of_work().issues.get(issue_id)
        assert issue is not None
        return issue

    def copies(self, issue_id: str = ISSUE) -> list[Copy]:
        found: list[Copy] = []
        for shelf in self.readership.shelves(issue_id):
            rest = ""
            while True:
                page = self.readership.copies(shelf, rest=rest, limit=250)
                found += page.items
                rest = page.rest
                if not rest:
                    break
        return found


def addresses(count: int) -> list[str]:
    return [f"lezer{number}@buurt{number % 97}.example" for number in range(count)]


def dice(seed: int, *, shares: dict[str, float]) -> Callable[[str], str]:
    """A fate for each attempt, by chance from a seed."""
    chance = random.Random(seed)

    def fate(_: str) -> str:
        drawn = chance.random()
        for name, share in shares.items():
            drawn -= share
            if drawn < 0:
                return name
        return "sent"

    return fate
