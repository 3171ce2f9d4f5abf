"""Sending an issue: its preview, a proof, the number that is agreed to, and what is done while it goes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from chalice.app import Response

from chalicelib.domain.audience import Reach
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.email import Letter
from chalicelib.domain.error import IssueRefused
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.domain.language import Language
from chalicelib.domain.prepared_issue import Prepared
from chalicelib.domain.refusal import TooMany
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.dossier import form_key, seen
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.entrypoints.beheer.newsletter import Audiences, find_issue, progress_page, quota_of
from chalicelib.flows.ask_proof import Proof, ProofUnwanted, ask_proof
from chalicelib.flows.count_audience import count_audience
from chalicelib.flows.keep_issue import IssueChanged
from chalicelib.flows.schedule_issue import AudienceOther, IssueSchedule, IssueUnsound, TimeWrong
from chalicelib.flows.steer_issue import Wheel, may_be, steer_issue
from chalicelib.rendering.newsletter_words import finding_words
from chalicelib.web import formats, reply
from chalicelib.web.request import query

PAGE = "/beheer/nieuwsbrief/{id}"
LONGEST_NUMBER = 7
# What is asked in the address of a page, and what it then says was done.
WHEELS = {
    "stilzetten": (Wheel.PAUSE, "stilgezet"),
    "verder": (Wheel.RESUME, "verder"),
    "stoppen": (Wheel.CANCEL, "gestopt"),
    "concept": (Wheel.DRAFT, "concept"),
}


@GATE.door("GET", f"{PAGE}/voorbeeld", Permission.NEWSLETTER)
def preview(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    issue, source = find_issue(visit, id)
    if issue is None:
        return visit.unknown()
    return _preview(visit, issue, source, to=visit.staff.email, done=query(visit.request, "gedaan"))


@GATE.door("GET", f"{PAGE}/mail", Permission.NEWSLETTER)
def mail(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    """The mail itself, for the frame in the preview."""
    issue, source = find_issue(visit, id)
    if issue is None:
        return visit.unknown()
    letter = _letter_of(visit, issue, _prepared(visit, source))
    return reply.framed_mail(letter.html)


@GATE.door("POST", f"{PAGE}/voorbeeld", Permission.NEWSLETTER)
def prove(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    """Send a proof to one address."""
    app, typed = visit.app, visit.posted.get("naar").strip()
    issue, source = find_issue(visit, id)
    if issue is None:
        return visit.unknown()
    try:
        address = formats.email(formats.plain_text(typed))
    except formats.Malformed:
        return _preview(visit, issue, source, to=typed, wrong="address", status=422)
    try:
        ask_proof(
            Proof(issue_id=issue.id, token=form_key(visit), to=address),
            by=visit.staff.email,
            store=app.store,
            queue=app.emails,
            tallies=app.tallies,
            identity=app.identity,
            now=app.now(),
        )
    except ProofUnwanted:
        return _preview(visit, issue, source, to=typed, wrong="suppressed", status=409)
    except TooMany as refusal:
        return _preview(visit, issue, source, to=typed, wrong="often", minutes=refusal.minutes, status=429)
    return visit.go(f"nieuwsbrief/{issue.id}/voorbeeld", gedaan="proef")


@GATE.door("GET", f"{PAGE}/versturen", Permission.NEWSLETTER, fresh=True)
def ask(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    """To how many it would go; everybody is counted."""
    issue, source = find_issue(visit, id)
    if issue is None:
        return visit.unknown()
    if issue.state is not IssueState.DRAFT:
        return progress_page(visit, issue)
    return _confirm(visit, issue, source)


@GATE.door("POST", f"{PAGE}/versturen", Permission.NEWSLETTER, fresh=True)
def send(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    issue, source = find_issue(visit, id)
    if issue is None:
        return visit.unknown()
    if issue.state is not IssueState.DRAFT:
        return _begun(visit, issue)
    at, agreed = _time(visit), visit.posted.get("akkoord")
    wrong = {"time"} if at is None and _later(visit) else set[str]()
    if not agreed.isascii() or not agreed.isdigit() or len(agreed) > LONGEST_NUMBER:
        wrong.add("agreed")
    if wrong:
        return _confirm(visit, issue, source, wrong=wrong, status=422)
    try:
        _schedule(visit).schedule(issue.id, seen=seen(visit), at=at, confirmed=int(agreed))
    except (TimeWrong, AudienceOther, IssueUnsound, IssueChanged, IssueRefused) as refusal:
        return _refused(visit, issue, refusal)
    return visit.go(f"nieuwsbrief/{issue.id}", gedaan="ingepland")


def _refused(visit: Visit, before: Issue, refusal: Exception) -> Response:
    """Why it was not scheduled, and how it is now."""
    issue, source = find_issue(visit, before.id)
    issue = issue or before
    match refusal:
        case TimeWrong():
            return _confirm(visit, issue, source, wrong={"time"}, status=422)
        case AudienceOther(reach=reach):
            return _confirm(visit, issue, source, reach=reach, wrong={"more"} if reach.gets else set(), status=409)
        case IssueUnsound():
            return _confirm(visit, issue, source, status=409)
        case IssueChanged() if issue.state is IssueState.DRAFT:
            return _confirm(visit, issue, source, wrong={"changed"}, status=409)
        case _:
            return _begun(visit, issue)


def _begun(visit: Visit, issue: Issue) -> Response:
    """Pressed twice, or a colleague was first: the page says how it is."""
    return progress_page(visit, issue, status=200 if issue.by == visit.staff.email else 409)


@GATE.door("GET", f"{PAGE}/sturen", Permission.NEWSLETTER)
def ask_wheel(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    """What would happen, before it does."""
    issue, word = find_issue(visit, id)[0], query(visit.request, "wat")
    if issue is None or word not in WHEELS:
        return visit.unknown()
    if not may_be(WHEELS[word][0], issue):
        return progress_page(visit, issue)
    return visit.page("issue_steer", issue=issue, word=word, key=visit.app.new_token())


@GATE.door("POST", f"{PAGE}/sturen", Permission.NEWSLETTER)
def steer(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    app, word = visit.app, visit.posted.get("wat")
    issue = find_issue(visit, id)[0]
    if issue is None or word not in WHEELS:
        return visit.unknown()
    wheel, said = WHEELS[word]
    try:
        after = steer_issue(
            issue.id, wheel, store=app.store, by=visit.staff.email, entry_id=form_key(visit), now=app.now()
        )
    except IssueRefused:
        return progress_page(visit, find_issue(visit, id)[0] or issue, status=409)
    if after.state is IssueState.CANCELLED and issue.state is IssueState.DRAFT:
        return visit.go("nieuwsbrief", gedaan="weggegooid")
    return visit.go(f"nieuwsbrief/{issue.id}", gedaan=said)


def _prepared(visit: Visit, source: str) -> Prepared:
    app = visit.app
    return app.issue_composer.prepare_source(source, offers=app.store.offers(), now=app.now())


def _letter_of(visit: Visit, issue: Issue, prepared: Prepared) -> Letter:
    links, staff = visit.app.links, visit.staff
    newsletter = links.newsletter(issue.language)
    return prepared.letter(
        to=staff.email,
        name=staff.name,
        unsubscribe_url=newsletter,
        preferences_url=newsletter,
        web_url=links.issue(issue.id, issue.language),
    )


def _findings(visit: Visit, prepared: Prepared) -> list[tuple[str, str]]:
    texts = visit.app.renderer.texts(Language.NL)
    return [(each.severity.value, finding_words(each, texts=texts)) for each in prepared.findings]


def _preview(
    visit: Visit,
    issue: Issue,
    source: str,
    *,
    to: str,
    wrong: str = "",
    minutes: int = 0,
    done: str = "",
    status: int = 200,
) -> Response:
    prepared = _prepared(visit, source)
    letter = _letter_of(visit, issue, prepared)
    page = visit.page(
        "issue_preview",
        status=status,
        issue=issue,
        letter=letter,
        size=-(-len(letter.html.encode()) // 1000),
        findings=_findings(visit, prepared),
        phone=query(visit.request, "scherm") == "telefoon",
        to=to,
        key=visit.app.new_token(),
        wrong=wrong,
        minutes=minutes,
        done=done,
    )
    page.headers["Content-Security-Policy"] = f"{page.headers['Content-Security-Policy']}; frame-src 'self'"
    return page


def _confirm(
    visit: Visit,
    issue: Issue,
    source: str,
    *,
    reach: Reach | None = None,
    wrong: Collection[str] = (),
    status: int = 200,
) -> Response:
    app, prepared = visit.app, _prepared(visit, source)
    counted = reach or count_audience(
        issue, readership=app.readership, lists=app.lists, identity=app.identity, now=app.now()
    )
    posted = visit.posted
    return visit.page(
        "issue_confirm",
        status=status,
        issue=issue,
        reach=counted,
        quota=quota_of(visit),
        audience=Audiences.of(app),
        sendable=prepared.sendable,
        findings=_findings(visit, prepared),
        key=app.new_token(),
        later=_later(visit),
        day=posted.get("dag"),
        time=posted.get("tijd"),
        wrong=wrong,
    )


def _schedule(visit: Visit) -> IssueSchedule:
    app = visit.app
    return IssueSchedule(
        store=app.store,
        readership=app.readership,
        lists=app.lists,
        composer=app.issue_composer,
        identity=app.identity,
        by=visit.staff.email,
        entry_id=form_key(visit),
        now=app.now(),
    )


def _later(visit: Visit) -> bool:
    return visit.posted.get("wanneer") == "straks"


def _time(visit: Visit) -> datetime | None:
    """The moment that was typed; None for now, and when it is none."""
    if not _later(visit):
        return None
    typed = f"{visit.posted.get('dag').strip()} {visit.posted.get('tijd').strip()}"
    try:
        moment = datetime.strptime(typed, "%Y-%m-%d %H:%M")  # noqa: DTZ007  # the next line
    except ValueError:
        return None
    return moment.replace(tzinfo=AMSTERDAM).astimezone(UTC)
