"""The form of a subscriber: one reader typed in by hand, who is asked by mail whether he wants it."""

from __future__ import annotations

from dataclasses import dataclass

from chalice.app import Response

from chalicelib.domain.language import Language
from chalicelib.domain.refusal import TooMany
from chalicelib.domain.staff import Permission
from chalicelib.domain.subscriber import Evidence, Means
from chalicelib.domain.topic import of_the_tick
from chalicelib.entrypoints.beheer.dossier import form_key
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.add_subscriber import SubscriberRefused, add_subscriber
from chalicelib.flows.subscribe import Wish
from chalicelib.web import formats
from chalicelib.web.posted import Posted
from chalicelib.web.subscriber_file import LONGEST
from chalicelib.web.topics import ticked, topic_views
from chalicelib.web.typo import MEND, SURE, Typo, meant_address

PATH = "/beheer/abonnees/nieuw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed: as it stands in the fields, as it is taken, and what is wrong with it by field."""

    posted: Posted
    email: str
    name: str
    language: Language
    topics: tuple[str, ...]
    wrong: dict[str, str]

    @property
    def doubt(self) -> Typo | None:
        """The address, when it was probably typed wrong and nobody was asked about that yet."""
        typed = self.posted.get("email").strip()
        found = Typo(name="email", typed=typed, meant=meant_address(typed))
        return found if found.meant and not found.asked_before(self.posted) else None


@GATE.door("GET", PATH, Permission.MEMBERS)
def show_empty(visit: Visit) -> Response:
    empty = Posted({}, frozenset())
    topics = of_the_tick(visit.app.topics)
    return _page(visit, Typed(posted=empty, email="", name="", language=Language.NL, topics=topics, wrong={}))


@GATE.door("POST", PATH, Permission.MEMBERS)
def add(visit: Visit) -> Response:
    app, typed = visit.app, _typed(visit)
    doubt = typed.doubt
    if doubt and visit.posted.get("do") == f"{MEND}email":
        mended = doubt.mended(visit.posted)
        return _page(visit, _typed(visit, mended), status=422)
    if typed.wrong or doubt:
        return _page(visit, typed, doubt=doubt, status=422)
    asked = Evidence(
        means=Means.STAFF,
        text="",
        language=typed.language,
        source=app.links.beheer("abonnees"),
        detail="",
        at=app.now(),
    )
    try:
        subscriber_id = add_subscriber(
            Wish(email=typed.email, name=typed.name, topics=typed.topics, asked=asked),
            key=form_key(visit),
            by=visit.staff.email,
            store=app.store,
            tallies=app.tallies,
            identity=app.identity,
            emails=app.emails,
            now=app.now(),
        )
    except SubscriberRefused as refused:
        return _page(visit, typed, refused=refused.why.value, status=422)
    except TooMany as refusal:
        return _page(visit, typed, refused="often", minutes=refusal.minutes, status=429)
    return visit.go(f"abonnees/{subscriber_id}", gedaan="gevraagd")


def _typed(visit: Visit, posted: Posted | None = None) -> Typed:
    posted, wrong, topics = posted or visit.posted, dict[str, str](), visit.app.topics
    email = name = ""
    try:
        email = formats.email(formats.plain_text(posted.get("email")))
    except formats.Malformed:
        wrong["email"] = "email_wrong" if posted.get("email").strip() else "email_missing"
    try:
        name = formats.without_link(formats.plain_text(posted.get("name")))
    except formats.Malformed:
        wrong["name"] = "name_wrong"
    if len(name) > LONGEST:
        wrong["name"] = "name_wrong"
    language, chosen = posted.get("language"), ticked(posted, topics=topics)
    if not chosen:
        wrong["topics"] = "topics_missing"
    return Typed(
        posted=posted,
        email=email,
        name=name,
        language=Language(language) if language in set(Language) else Language.NL,
        topics=chosen,
        wrong=wrong,
    )


def _page(
    visit: Visit,
    typed: Typed,
    *,
    doubt: Typo | None = None,
    refused: str = "",
    minutes: int = 0,
    status: int = 200,
) -> Response:
    app = visit.app
    known = app.identity.subscriber_id(typed.email) if refused == "subscribed" else ""
    return visit.page(
        "subscriber_form",
        typed=typed,
        topics=topic_views(app.topics, chosen=typed.topics, language=Language.NL),
        doubt=doubt,
        sure=doubt.domain if doubt else typed.posted.get(SURE),
        refused=refused,
        known=known,
        minutes=minutes,
        key=form_key(visit),
        longest=LONGEST,
        status=status,
    )
