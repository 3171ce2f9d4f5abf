"""The newsletter: its issues, one of them as it is written or as it goes, and keeping what is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalice.app import Response

from chalicelib.bootstrap import Application
from chalicelib.domain.audience import segment_words
from chalicelib.domain.error import IssueRefused, MailUnavailable
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.domain.issue_progress import Progress
from chalicelib.domain.language import Language
from chalicelib.domain.mail_quota import MailQuota
from chalicelib.domain.offer import Offer, newest_first
from chalicelib.domain.segment import Segment
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.dossier import form_key, seen
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.keep_issue import IssueChanged, IssueFault, IssueKeeping, IssueUnfit, Written
from chalicelib.flows.steer_issue import Wheel, may_be
from chalicelib.rendering.newsletter_words import finding_words
from chalicelib.web.request import query

PAGE = 40
# The longest text there may be, as a browser sends it.
LARGEST_TEXT = 1024 * 1024
# How long before its time the page of an issue looks again by itself.
SOON = timedelta(minutes=5)
_ID = re.compile(r"[a-z0-9]{16,40}")
# Where each button of the form leads once all is kept.
LEADS_TO = {"voorbeeld": "/voorbeeld", "versturen": "/versturen"}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: the text, the topic, and the segment in two parts."""

    source: str
    topic: str
    segment: str
    reads: str

    def written(self) -> Written:
        return Written(source=self.source, topic=self.topic, segment=f"{self.segment} {self.reads}")


@GATE.door("GET", "/beheer/nieuwsbrief", Permission.NEWSLETTER)
def show_all(visit: Visit) -> Response:
    issues = visit.app.readership.issues()
    after = query(visit.request, "verder")
    start = int(after[:6]) if after.isascii() and after.isdecimal() else 0
    some = issues[start : start + PAGE]
    counts = visit.app.readership.counts(each.id for each in some if each.copies) if some else {}
    return visit.page(
        "issues",
        found=[Progress(issue=each, count=counts.get(each.id)) for each in some],
        rest=start + PAGE if len(issues) > start + PAGE else 0,
        audience=Audiences.of(visit.app),
        done=query(visit.request, "gedaan"),
    )


@GATE.door("GET", "/beheer/nieuwsbrief/nieuw", Permission.NEWSLETTER)
def begin(visit: Visit) -> Response:
    app = visit.app
    source = app.renderer.beheer(
        "issue_start", url=app.links.beheer, staff=None, website=app.settings.association.website
    )
    topics = app.topics
    return _form(visit, Typed(source.html, topics[0].id if topics else "", "iedereen", ""))


@GATE.door("POST", "/beheer/nieuwsbrief/nieuw", Permission.NEWSLETTER, largest=LARGEST_TEXT)
def add(visit: Visit) -> Response:
    key, typed = form_key(visit), _typed(visit)
    issue_id = visit.app.identity.issue_id(key)
    try:
        issue = _keeping(visit, key).add(typed.written(), issue_id=issue_id)
    except IssueUnfit as unfit:
        return _form(visit, typed, wrong=unfit.faults, status=422)
    except IssueChanged as changed:
        return _form(visit, typed, issue=changed.issue, theirs=changed.source, status=409)
    return _kept(visit, issue)


@GATE.door("GET", "/beheer/nieuwsbrief/{id}", Permission.NEWSLETTER)
def show(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    """A draft to be written on; all others as far as they are."""
    issue, source = find_issue(visit, id)
    if issue is None:
        return visit.unknown()
    if issue.state is not IssueState.DRAFT:
        return progress_page(visit, issue)
    return _form(visit, _as_kept(issue, source), issue=issue, done=query(visit.request, "gedaan"))


@GATE.door("POST", "/beheer/nieuwsbrief/{id}", Permission.NEWSLETTER, largest=LARGEST_TEXT)
def save(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    issue, typed = find_issue(visit, id)[0], _typed(visit)
    if issue is None:
        return visit.unknown()
    try:
        kept = _keeping(visit, form_key(visit)).save(typed.written(), issue_id=issue.id, seen=seen(visit))
    except IssueUnfit as unfit:
        return _form(visit, typed, issue=issue, version=seen(visit), wrong=unfit.faults, status=422)
    except IssueChanged as changed:
        return _form(visit, typed, issue=changed.issue, theirs=changed.source, status=409)
    except IssueRefused:
        return progress_page(visit, issue, refused=typed.source, status=409)
    return _kept(visit, kept)


def find_issue(visit: Visit, issue_id: str) -> tuple[Issue | None, str]:
    """An issue with what was written; None when there is no such issue."""
    unit = visit.app.store.unit_of_work()
    issue = unit.issues.get(issue_id) if _ID.fullmatch(issue_id) else None
    text = unit.issue_texts.get(issue_id) if issue else None
    return issue, text.source if text else ""


def progress_page(visit: Visit, issue: Issue, *, refused: str = "", status: int = 200) -> Response:
    """How far an issue is; `refused` is what somebody wrote on one that is no draft any more."""
    app, still = visit.app, query(visit.request, "stil") == "1"
    count = app.store.unit_of_work().issue_counts.get(issue.id) if issue.copies else None
    moves = issue.state is IssueState.SENDING or (
        issue.state is IssueState.SCHEDULED and issue.send_at is not None and issue.send_at - app.now() < SOON
    )
    progress = Progress(issue=issue, count=count)
    if progress.per_hour:
        progress = replace(progress, quota=quota_of(visit))
    return visit.page(
        "issue",
        status=status,
        progress=progress,
        audience=Audiences.of(app),
        may={wheel.value for wheel in Wheel if may_be(wheel, issue)},
        refreshes=moves and not still and not refused,
        moves=moves,
        clicked=_clicked(visit, issue) if app.settings.newsletter_clicks and issue.public else None,
        archive=app.links.issue(issue.id, issue.language) if issue.public else "",
        refused=refused,
        done=query(visit.request, "gedaan"),
    )


def _clicked(visit: Visit, issue: Issue) -> Sequence[tuple[str, int]]:
    """Where it leads, and how often somebody went there."""
    app, (_, source) = visit.app, find_issue(visit, issue.id)
    counts = app.clicks.counts(issue.id)
    links = app.issue_composer.links(source, now=app.now())
    return [(url, counts.get(number, 0)) for number, url in enumerate(links, start=1)]


def quota_of(visit: Visit) -> MailQuota | None:
    """What the account may send; None when the mail service does not say."""
    try:
        return visit.app.account.quota()
    except MailUnavailable:
        return None


@dataclass(frozen=True, slots=True)
class Audiences:
    """For whom an issue can be: topics, segments, and what readers read; each by its word with what it is called."""

    topics: Sequence[tuple[str, str]]
    segments: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, app: Application) -> Audiences:
        events = [(f"deelnemers {each.id}", f"Deelnemers van {each.title.nl}") for each in _events(app)]
        return cls(
            topics=[(each.id, each.title.nl) for each in app.topics],
            segments=[("iedereen", "Iedereen die zich heeft aangemeld"), ("leden", "Alleen leden"), *events],
        )

    def topic(self, topic_id: str) -> str:
        return dict(self.topics).get(topic_id, topic_id)

    def segment(self, segment: Segment) -> str:
        """Without what they read."""
        word = segment_words(Segment(kind=segment.kind, offer_id=segment.offer_id))
        return dict(self.segments).get(word, word)


def _events(app: Application) -> list[Offer]:
    return [each for each in newest_first(app.store.offers()) if each.event]


def _keeping(visit: Visit, key: str) -> IssueKeeping:
    app = visit.app
    return IssueKeeping(store=app.store, topics=app.topics, by=visit.staff.email, entry_id=key, now=app.now())


def _kept(visit: Visit, issue: Issue) -> Response:
    leads_to = LEADS_TO.get(visit.posted.get("do"), "")
    return visit.go(f"nieuwsbrief/{issue.id}{leads_to}", **({} if leads_to else {"gedaan": "bewaard"}))


def _typed(visit: Visit) -> Typed:
    posted = visit.posted
    return Typed(
        posted.get("tekst").replace("\r\n", "\n"), posted.get("rubriek"), posted.get("groep"), posted.get("leest")
    )


def _as_kept(issue: Issue, source: str) -> Typed:
    segment = issue.segment
    word = segment_words(Segment(kind=segment.kind, offer_id=segment.offer_id))
    return Typed(source, issue.topic, word, segment.language.value if segment.language else "")


def _form(
    visit: Visit,
    typed: Typed,
    *,
    issue: Issue | None = None,
    version: int | None = None,
    wrong: Sequence[IssueFault] = (),
    theirs: str | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    """`theirs` is what a colleague has made of it meanwhile; `version` what this was typed over, if not the last."""
    app, offers = visit.app, visit.app.store.offers()
    texts = app.renderer.texts(Language.NL)
    prepared = app.issue_composer.prepare_source(typed.source, offers=offers, now=app.now()) if issue else None
    audience = Audiences.of(app)
    return visit.page(
        "issue_form",
        status=status,
        issue=issue,
        version=(issue.version if version is None else version) if issue else 0,
        key=app.new_token(),
        typed=typed,
        audience=audience,
        offers=[(each.id, each.title.nl) for each in offers],
        findings=[(each.severity.value, finding_words(each, texts=texts)) for each in prepared.findings]
        if prepared
        else [],
        wrong={fault.value for fault in wrong},
        theirs=theirs,
        done=done,
    )
