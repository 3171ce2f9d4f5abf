"""A subscriber's own pages, behind links that nobody can guess: say yes or no, choose, pause, unsubscribe, take out,
erase.

Nothing is changed by a GET: programs that look at mail follow every link.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from chalice.app import Blueprint, Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.calendar import last_day_of_term, local_date
from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Evidence, Means, Standing, Subscriber
from chalicelib.entrypoints.public.door import URL_ENCODED, guarded, language_of, problem
from chalicelib.entrypoints.public.open_form import other_language
from chalicelib.flows.confirm_subscription import confirm_subscription, subscribe_again
from chalicelib.flows.erase_subscription import erase_subscription
from chalicelib.flows.find_subscription import find_subscription
from chalicelib.flows.keep_preferences import keep_preferences
from chalicelib.flows.refuse_subscription import refuse_subscription
from chalicelib.flows.unsubscribe import unsubscribe
from chalicelib.rendering.subscription_document import subscription_document
from chalicelib.web import reply
from chalicelib.web.posted import BodyTooLarge, Posted, read_posted
from chalicelib.web.request import body_of, query
from chalicelib.web.topics import ticked, titles, topic_views

subscription = Blueprint(__name__)

# A mail program posts a form when its own button is pressed (RFC 8058); of whatever kind it is, it is not read.
# Where no kind is named Chalice looks at none.
ANY_KIND: list[str] = []
PAUSES = (1, 3, 6)
STAYS = "stays"
# Where a link of no issue has the id of one.
NO_ISSUE = "-"
_ID = re.compile(r"[a-z0-9-]{1,100}")


@subscription.route("/{lang}/nieuwsbrief/bevestigen/{token}", methods=["GET"])
@guarded
def ask(lang: str, token: str) -> Response:
    """What he would confirm, with the button that does."""
    visit = _visit(lang, token)
    mail = _id(query(subscription.current_request, "mail"))
    return visit if isinstance(visit, Response) else visit.confirm_page(mail=mail)


@subscription.route("/{lang}/nieuwsbrief/bevestigen/{token}", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def confirm(lang: str, token: str) -> Response:
    """He says that it is he, or not; pressed again, or from an old mail, it says how things are."""
    return _acted(lang, token)


@subscription.route("/{lang}/nieuwsbrief/voorkeuren/{token}", methods=["GET"])
@guarded
def preferences(lang: str, token: str) -> Response:
    """What he gets, and what he can do with it."""
    visit = _visit(lang, token)
    return visit if isinstance(visit, Response) else visit.preferences_page()


@subscription.route("/{lang}/nieuwsbrief/voorkeuren/{token}", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def prefer(lang: str, token: str) -> Response:
    """Do what the button says that was pressed."""
    return _acted(lang, token)


@subscription.route("/{lang}/nieuwsbrief/afmelden/{token}/{issue}", methods=["GET"])
@guarded
def ask_to_unsubscribe(lang: str, token: str, issue: str) -> Response:
    """The page with the one button."""
    visit = _visit(lang, token)
    if isinstance(visit, Response):
        return visit
    if visit.subscriber.standing is Standing.UNSUBSCRIBED:
        return visit.said("unsubscribed")
    return visit.unsubscribe_page(issue_id=_id(issue) or NO_ISSUE)


@subscription.route("/{lang}/nieuwsbrief/afmelden/{token}/{issue}", methods=["POST"], content_types=ANY_KIND)
@guarded
def one_click(lang: str, token: str, issue: str) -> Response:
    """Unsubscribed by whatever is posted, without a cookie or another page; 200 whoever it is, as a program expects."""
    visit = _visit(lang, token)
    if isinstance(visit, _Visit):
        return visit.unsubscribe(issue_id=_id(issue).removeprefix(NO_ISSUE))
    visit.status_code = 200
    return visit


def _id(said: str) -> str:
    """What a link says of an issue or a mail, if it can be the id of one."""
    return said if _ID.fullmatch(said) else ""


def _acted(lang: str, token: str) -> Response:
    """What comes of the button that was pressed on one of his pages."""
    visit = _visit(lang, token)
    if isinstance(visit, Response):
        return visit
    try:
        posted = read_posted(body_of(subscription.current_request))
    except BodyTooLarge:
        return problem("too_large", language=visit.language, status=413, back_url=visit.preferences_url)
    return visit.act(posted)


def _visit(lang: str, token: str) -> _Visit | Response:
    """Whoever has this link; or the page that says why it leads nowhere."""
    app, language = application(), language_of(lang)
    subscriber_id = app.identity.subscriber_of_link(token)
    if subscriber_id is None or lang not in set(Language):
        return problem("link_invalid", language=language, status=404)
    subscriber = app.store.unit_of_work().subscribers.get(subscriber_id)
    if subscriber is None or subscriber.forgotten(now=app.now()):
        return _gone(app, language)
    return _Visit(app=app, language=language, subscriber=subscriber)


def _gone(app: Application, language: Language) -> Response:
    """Of whoever did not confirm in time, or was erased, nothing is known any more; an old link says so."""
    content = app.renderer.page(
        "newsletter_said",
        language=language,
        state="gone",
        email="",
        topics="",
        url=app.links.newsletter(language),
        other_language=other_language(app, language, url_of=app.links.newsletter),
    )
    return reply.page(content, status=404, checkout_origin=app.settings.checkout_origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A subscriber on one of his pages."""

    app: Application
    language: Language
    subscriber: Subscriber

    @property
    def preferences_url(self) -> str:
        return self.app.links.preferences(self.subscriber.id, self.language)

    # What he sees.

    def confirm_page(self, *, mail: str) -> Response:
        """What he is asked, if anything is; `mail` is the id of the mail that its link says it stood in."""
        subscriber, links = self.subscriber, self.app.links
        if not self._pending:
            return self.said("known" if subscriber.standing is Standing.CONFIRMED else "unsubscribed")
        return self.page(
            "newsletter_confirm",
            action=links.confirm_subscription(subscriber.id, self.language),
            here=lambda other: links.confirm_subscription(subscriber.id, other, email_id=mail),
            mail=mail,
            email=subscriber.email,
            standing=subscriber.standing.value,
            topics=self._titles(self._pending),
            shown=" ".join(self._pending),
        )

    def unsubscribe_page(self, *, issue_id: str) -> Response:
        """The question, with one button."""

        def here(language: Language) -> str:
            return self.app.links.unsubscribe(self.subscriber.id, language, issue_id=issue_id)

        action, email = here(self.language), self.subscriber.email
        return self.page("newsletter_unsubscribe", here=here, action=action, email=email)

    def preferences_page(self, *, saved: bool = False, missing: bool = False) -> Response:
        subscriber, app = self.subscriber, self.app
        if subscriber.standing is Standing.UNCONFIRMED:
            # he has none yet, and finds all that he can do beside the question
            return self.confirm_page(mail="")
        paused = subscriber.paused_until
        paused = paused if paused and paused > local_date(app.now()) else None
        return self.page(
            "newsletter_preferences",
            status=422 if missing else 200,
            action=self.preferences_url,
            email=subscriber.email,
            subscribed=subscriber.standing is Standing.CONFIRMED,
            topics=topic_views(app.topics, chosen=subscriber.topics, language=self.language),
            wanted=self._titles(self._pending),
            shown=" ".join(self._pending),
            languages=[
                (each.value, app.renderer.texts(each)("site.language"), each is subscriber.language)
                for each in Language
            ],
            paused_until=paused,
            pauses=PAUSES,
            saved=saved,
            missing=missing,
        )

    def erase_page(self, *, mail: str) -> Response:
        """The question, and the way back to where he pressed."""
        subscriber, links = self.subscriber, self.app.links
        asked = subscriber.standing is Standing.UNCONFIRMED
        back = (
            links.confirm_subscription(subscriber.id, self.language, email_id=mail) if asked else self.preferences_url
        )
        return self.page("newsletter_erase", email=subscriber.email, back=back)

    def said(self, state: str) -> Response:
        """The page that says how things are now."""
        topics = self._titles(self.subscriber.topics)
        return self.page(
            "newsletter_said", state=state, email=self.subscriber.email, topics=topics, url=self.preferences_url
        )

    def page(
        self, template: str, *, status: int = 200, here: Callable[[Language], str] | None = None, **context: object
    ) -> Response:
        """A page of his; `here` is where it stands in each language, when that is not among his preferences."""
        app, subscriber_id = self.app, self.subscriber.id
        content = app.renderer.page(
            template,
            language=self.language,
            preferences_url=self.preferences_url,
            other_language=other_language(
                app, self.language, url_of=here or (lambda other: app.links.preferences(subscriber_id, other))
            ),
            **context,
        )
        return reply.page(content, status=status, checkout_origin=app.settings.checkout_origin)

    # What he does.

    def act(self, posted: Posted) -> Response:
        """What the button of his preferences says that was pressed."""
        acts: dict[str, Callable[[], Response]] = {
            "save": lambda: self.save(posted),
            "confirm": lambda: self.confirm(posted),
            "refuse": lambda: self.refuse(posted),
            "again": lambda: self.subscribe_again(posted),
            "unsubscribe": lambda: self.unsubscribe(issue_id=""),
            "export": self.export,
            "erase": lambda: self.erase_page(mail=_id(posted.get("mail"))),
            "erase-now": self.erase,
        }
        act = acts.get(posted.get("do"))
        if act is None:
            return problem("wrong_type", language=self.language, status=400, back_url=self.preferences_url)
        return act()

    def confirm(self, posted: Posted) -> Response:
        """Nothing but what he read beside the button; if none of that is asked any more, he is shown what is."""
        app, mail, topics = self.app, _id(posted.get("mail")), self._shown(posted)
        if not topics:
            return self.confirm_page(mail=mail)
        more = self.subscriber.standing is Standing.CONFIRMED
        after = confirm_subscription(
            self.subscriber.id,
            topics=topics,
            email_id=mail,
            evidence=self._evidence(f"newsletter.confirm.{'button_more' if more else 'button'}", topics=topics),
            store=app.store,
            identity=app.identity,
        )
        if after is None or after.standing is Standing.UNCONFIRMED:
            return _gone(app, self.language)
        return self._as(after).said("unsubscribed" if after.standing is Standing.UNSUBSCRIBED else "confirmed")

    def refuse(self, posted: Posted) -> Response:
        """He did not ask this: what he read is asked no more, and nothing is kept of him that is not his."""
        app = self.app
        after = refuse_subscription(
            self.subscriber.id,
            topics=self._shown(posted),
            store=app.store,
            lists=app.lists,
            identity=app.identity,
            now=app.now(),
        )
        if after is None:
            return self.said("erased")
        return self._as(after).said("kept" if after.standing is Standing.CONFIRMED else "unsubscribed")

    def save(self, posted: Posted) -> Response:
        app, topics = self.app, ticked(posted, topics=self.app.topics)
        lang = posted.get("language")
        after = keep_preferences(
            self.subscriber.id,
            topics=topics,
            language=Language(lang) if lang in set(Language) else self.subscriber.language,
            paused_until=self._paused_until(posted.get("pause")),
            evidence=self._evidence("newsletter.preferences.save", topics=topics),
            store=app.store,
        )
        if after is None:
            return _gone(app, self.language)
        visit = self._as(after)
        if after.standing is Standing.UNSUBSCRIBED:
            return visit.said("unsubscribed")
        return visit.preferences_page(saved=True)

    def subscribe_again(self, posted: Posted) -> Response:
        topics = ticked(posted, topics=self.app.topics)
        if not topics:
            return self.preferences_page(missing=True)
        evidence = self._evidence("newsletter.preferences.again", topics=topics)
        after = subscribe_again(self.subscriber.id, topics=topics, evidence=evidence, store=self.app.store)
        return self._as(after).said("confirmed") if after else _gone(self.app, self.language)

    def unsubscribe(self, *, issue_id: str) -> Response:
        app = self.app
        after = unsubscribe(self.subscriber.id, issue_id=issue_id, store=app.store, now=app.now())
        return self._as(after).said("unsubscribed") if after else _gone(app, self.language)

    def export(self) -> Response:
        """All that is kept of him here, as a file."""
        app = self.app
        found = find_subscription(self.subscriber.email, store=app.store, lists=app.lists, identity=app.identity)
        texts = app.renderer.texts(self.language)
        document = subscription_document(found, topics=app.topics, texts=texts, language=self.language)
        return reply.attachment(reply.readable(document), content_type="application/json", name="nieuwsbrief.json")

    def erase(self) -> Response:
        app = self.app
        erase_subscription(self.subscriber.email, store=app.store, lists=app.lists, identity=app.identity)
        return self.said("erased")

    @property
    def _pending(self) -> tuple[str, ...]:
        return self.subscriber.pending(now=self.app.now())

    def _shown(self, posted: Posted) -> tuple[str, ...]:
        """Of the topics that wait for his yes those that his page showed."""
        shown = posted.get("shown").split()
        return tuple(topic for topic in self._pending if topic in shown)

    def _as(self, subscriber: Subscriber) -> _Visit:
        return _Visit(app=self.app, language=self.language, subscriber=subscriber)

    def _titles(self, ids: tuple[str, ...]) -> str:
        return titles(ids, topics=self.app.topics, language=self.language)

    def _paused_until(self, months: str) -> date | None:
        """The first day on which he is mailed again."""
        if months == STAYS:
            return self.subscriber.paused_until
        if months not in {str(each) for each in PAUSES}:
            return None
        return last_day_of_term(first_day=local_date(self.app.now()), months=int(months)) + timedelta(days=1)

    def _evidence(self, button: str, *, topics: tuple[str, ...]) -> Evidence:
        """What stood on the button that he pressed, and what it was about; the page without what its link says."""
        app = self.app
        said = app.renderer.texts(self.language)(button, association=app.settings.association.short_name)
        return Evidence(
            means=Means.LINK,
            text=f"{said} ({self._titles(topics)})",
            language=self.language,
            source=app.links.newsletter(self.language),
            detail="",
            at=app.now(),
        )
