"""Send an issue of the newsletter that is written in a file, to the subscribers of the desk that the environment names.

Without --apply it is a dry run: what is wrong with the text, and how many would get it. With --apply it becomes a
draft, to be looked at and sent behind the desk; the same file again is the same draft. With --send it is sent, once
you have typed to how many.

The file is Markdown, below lines of `name: value` between two lines of dashes: onderwerp, preheader and taal, rubriek
(a topic; the first when it is left out) and doelgroep (iedereen, leden, or deelnemers with the id of an event, each
with nl or en behind it for who reads that only). docs/newsletter.md has all that can be written in it.

Exit code: 0 when all was done, 1 when something must be mended first or stopped it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.bootstrap import Application, application
from chalicelib.domain.audience import Reach, read_segment
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.error import IssueRefused, MailUnavailable, StorageUnavailable
from chalicelib.domain.issue import Issue, IssueState, new_issue
from chalicelib.domain.issue_progress import Progress
from chalicelib.domain.language import Language
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.flows.count_audience import count_audience
from chalicelib.flows.keep_issue import MOST_BYTES, IssueChanged, IssueFault, IssueKeeping, IssueUnfit, Written
from chalicelib.flows.schedule_issue import AudienceOther, IssueSchedule, IssueUnsound, TimeWrong
from chalicelib.rendering.newsletter_words import finding_words
from chalicelib.settings import SettingsWrong

# Who it is in the log.
BY = "make newsletter"
EVERYBODY = "iedereen"
WORDS = {
    IssueFault.TOO_LONG: f"The file is longer than {MOST_BYTES // 1000} kB: make two issues of it.",
    IssueFault.TOPIC: "There is no such topic (rubriek).",
    IssueFault.SEGMENT: "There is no such audience (doelgroep): iedereen, leden, or deelnemers and the id of an event.",
}
# Of one, and of more.
WHY = {
    "unconfirmed": ("has not confirmed yet", "have not confirmed yet"),
    "unsubscribed": ("has unsubscribed", "have unsubscribed"),
    "other_topic": ("does not want this topic", "do not want this topic"),
    "paused": ("has paused the newsletter", "have paused the newsletter"),
    "other_segment": ("is of another group or language", "are of another group or language"),
    "suppressed": (
        "has an address where nothing arrives, or complained",
        "have an address where nothing arrives, or complained",
    ),
}
# How often it is looked how far it is.
EVERY = 5.0


def main(arguments: Sequence[str] | None = None, *, ask: Callable[[str], str] = input) -> int:
    given = _arguments(arguments)
    try:
        app, source = application(), given.file.read_text(encoding="utf-8-sig")
    except (SettingsWrong, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except UnicodeDecodeError:
        print(f"{given.file} is not text in UTF-8.", file=sys.stderr)
        return 1
    settings = app.settings
    print(f"{given.file}, for {settings.base_url} (stage {settings.stage}, table {settings.table})\n")
    try:
        return _Sending(app, source, ask=ask).run(apply=given.apply or bool(given.send), send=given.send)
    except IssueUnfit as unfit:
        print("\n".join(WORDS[fault] for fault in unfit.faults), file=sys.stderr)
    except StorageUnavailable as error:
        print(f"\nStopped: the table did not answer ({error}). Run the same command again.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nIt goes on without this command; look behind the desk.", file=sys.stderr)
    return 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.entrypoints.newsletter",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, help="the issue, in Markdown")
    parser.add_argument("--apply", action="store_true", help="make a draft of it; without this nothing is written")
    parser.add_argument("--send", metavar="WHEN", help='send it: now, or "2026-12-01 09:00" as clocks in Amsterdam say')
    return parser.parse_args(arguments)


class _Sending:
    """One file on its way to its readers."""

    def __init__(self, app: Application, source: str, *, ask: Callable[[str], str]) -> None:
        self._app, self._source, self._ask = app, source, ask
        head = read_issue_text(source)
        self._written = Written(
            source=source, topic=head.topic or next(each.id for each in app.topics), segment=head.segment or EVERYBODY
        )
        self._id = app.identity.issue_id(f"file {hashlib.sha256(source.encode()).hexdigest()}")

    def run(self, *, apply: bool, send: str | None) -> int:
        at = _moment(send)
        if send and send != "now" and at is None:
            print(f"'{send}' is no time: write now, or such as 2026-12-01 09:00.", file=sys.stderr)
            return 1
        sendable, reach = self._tell(), self._count()
        if not apply:
            print("\nNothing was written: this was a dry run. To make a draft, add --apply (with make: APPLY=yes).")
            return 0 if sendable else 1
        issue = self._keep()
        if issue is None:
            return 1
        print(f"\nDraft: {self._page(issue)}")
        if not send:
            return 0 if sendable else 1
        if not sendable:
            print("It was not sent: mend what is wrong first.", file=sys.stderr)
            return 1
        return self._send(issue, at=at, reach=reach)

    def _tell(self) -> bool:
        """Say what it is and what is wrong with it; whether it can be sent."""
        app, texts = self._app, self._app.renderer.texts(Language.EN)
        prepared = app.issue_composer.prepare_source(self._source, offers=app.store.offers(), now=app.now())
        print(f"Subject:   {_shown(prepared.title) or '(none)'}")
        print(f"Language:  {prepared.language.value}")
        print(f"For:       {self._written.topic}, {self._written.segment}")
        for finding in prepared.findings:
            print(f"{finding.severity.value.upper():9}  {_shown(finding_words(finding, texts=texts))}")
        return prepared.sendable

    def _count(self) -> Reach:
        app, head = self._app, read_issue_text(self._source)
        segment = read_segment(self._written.segment)
        if segment is None:
            raise IssueUnfit([IssueFault.SEGMENT])
        issue = new_issue(
            issue_id=self._id,
            subject=head.subject,
            language=head.language,
            topic=self._written.topic,
            segment=segment,
            by=BY,
            now=app.now(),
        )
        reach = count_audience(issue, readership=app.readership, lists=app.lists, identity=app.identity, now=app.now())
        print(f"Goes to:   {_readers(reach.gets)}")
        for reason, count in reach.passed_over.items():
            one, more = WHY.get(reason, (reason, reason))
            print(f"           not to {count} who {one if count == 1 else more}")
        return reach

    def _keep(self) -> Issue | None:
        """The draft of this file; None when that is changed, or no draft any more."""
        app = self._app
        keeping = IssueKeeping(store=app.store, topics=app.topics, by=BY, entry_id=app.new_token(), now=app.now())
        try:
            issue = keeping.add(self._written, issue_id=self._id)
        except IssueChanged as changed:
            print(f"\nSomebody has changed the draft of this file behind the desk: {self._page(changed.issue)}")
            return None
        if issue.state is IssueState.DRAFT:
            return issue
        is_so = f"This file is an issue already, and that is {issue.state.value}: {self._page(issue)}"
        print(f"\n{is_so}\nTo send it to others, change the file.", file=sys.stderr)
        return None

    def _send(self, issue: Issue, *, at: datetime | None, reach: Reach) -> int:
        app = self._app
        self._tell_pace(reach)
        typed = self._ask(
            f"To send it{f' at {_local(at)}' if at else ' now'}, type the number of subscribers: "
        ).strip()
        if typed != str(reach.gets):
            print("That is not the number. Nothing is sent; the draft stays.", file=sys.stderr)
            return 1
        schedule = IssueSchedule(
            store=app.store,
            readership=app.readership,
            lists=app.lists,
            composer=app.issue_composer,
            identity=app.identity,
            by=BY,
            entry_id=app.new_token(),
            now=app.now(),
        )
        try:
            schedule.schedule(issue.id, seen=issue.version, at=at, confirmed=reach.gets)
        except TimeWrong:
            print("That time is past, or more than a year away. Nothing is sent; the draft stays.", file=sys.stderr)
            return 1
        except AudienceOther as other:
            print(f"It goes to {_readers(other.reach.gets)} now. Run the same command again.", file=sys.stderr)
            return 1
        except (IssueChanged, IssueRefused, IssueUnsound) as refusal:
            print(f"It was not sent ({refusal}): look behind the desk.", file=sys.stderr)
            return 1
        if at:
            print(f"It goes at {_local(at)}. Until then it can be held or stopped: {self._page(issue)}")
            return 0
        return self._follow(issue)

    def _tell_pace(self, reach: Reach) -> None:
        try:
            quota = self._app.account.quota()
        except MailUnavailable:
            return
        if not quota.covers(reach.gets):
            print(f"Today the mail service takes {quota.left} more; the others go by themselves as soon as they may.")

    def _follow(self, issue: Issue) -> int:
        """Say how far it is until it is over; it goes on without us."""
        print("It goes within a minute. You may stop looking at any time (Ctrl-C): it goes on by itself.")
        before = ""
        while True:
            unit = self._app.store.unit_of_work()
            current = unit.issues.get(issue.id) or issue
            progress = Progress(issue=current, count=unit.issue_counts.get(issue.id))
            line = f"{current.state.value}: {progress.went} of {progress.whole} sent, {progress.unknown} unknown"
            if line != before:
                print(line, flush=True)
            before = line
            if current.state is IssueState.DRAFT:
                print(f"Somebody has made it a draft again: {self._page(issue)}", file=sys.stderr)
                return 1
            if current.state not in (IssueState.SCHEDULED, IssueState.SENDING):
                print(f"More of it behind the desk: {self._page(issue)}")
                return 0
            self._app.sleep(EVERY)

    def _page(self, issue: Issue) -> str:
        return self._app.links.beheer(f"nieuwsbrief/{issue.id}")


def _readers(count: int) -> str:
    return "1 subscriber" if count == 1 else f"{count} subscribers"


def _moment(said: str | None) -> datetime | None:
    """The moment that is meant; None for now, and when it is none."""
    try:
        return datetime.strptime(said or "", "%Y-%m-%d %H:%M").replace(tzinfo=AMSTERDAM).astimezone(UTC)
    except ValueError:
        return None


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M} in Amsterdam"


def _shown(text: str) -> str:
    """Without signs by which a file could steer the terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


if __name__ == "__main__":
    raise SystemExit(main())
