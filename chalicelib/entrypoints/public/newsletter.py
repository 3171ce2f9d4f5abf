"""The newsletter's form: one field, on a page of its own or in somebody else's; a mail asks the rest."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalice.app import Blueprint, Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.refusal import TooMany
from chalicelib.domain.subscriber import Evidence, Means
from chalicelib.domain.topic import of_the_tick
from chalicelib.entrypoints.public.door import URL_ENCODED, guarded, problem
from chalicelib.entrypoints.public.open_form import other_language
from chalicelib.flows.refuse_too_many import Sender, refuse_too_many
from chalicelib.flows.subscribe import Wish, subscribe
from chalicelib.web import formats, reply
from chalicelib.web.field import FieldError
from chalicelib.web.posted import BodyTooLarge, Posted, read_posted
from chalicelib.web.request import address_of, body_of, query
from chalicelib.web.snippet import NEWSLETTER
from chalicelib.web.topics import ticked, titles, topic_views
from chalicelib.web.typo import MEND, SURE, Typo, meant_address, sure_of

log = logging.getLogger(__name__)

newsletter = Blueprint(__name__)

# As long as an address can be; its field has the same limit.
LONGEST = 254


@newsletter.route("/{lang}/nieuwsbrief", methods=["GET"])
@guarded
def show(lang: str) -> Response:
    """The empty form; as a fragment it is the same for everybody."""
    if lang not in set(Language):
        return problem("not_found", language=Language.NL, status=404)
    form = _opened(Language(lang))
    return form.answer(cache=reply.FOR_EVERYBODY if form.as_fragment else reply.NO_STORE)


@newsletter.route("/{lang}/nieuwsbrief", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def submit(lang: str) -> Response:
    """Whoever it is, and whatever is known of him: the answer is to look in the mailbox."""
    if lang not in set(Language):
        return problem("not_found", language=Language.NL, status=404)
    form = _opened(Language(lang))
    try:
        posted = read_posted(body_of(newsletter.current_request), allowed_origins=form.app.settings.allowed_origins)
    except BodyTooLarge:
        return problem("too_large", language=form.language, status=413, back_url=form.action)
    doubt = doubted(posted)
    if doubt and posted.get("do") == f"{MEND}{doubt.name}":
        return form.answer(posted=doubt.mended(posted), mended=True, status=422)
    if doubt and not doubt.asked_before(posted):
        return form.answer(posted=posted, doubt=doubt, status=422)
    return form.take(posted)


def _opened(language: Language) -> NewsletterForm:
    request = newsletter.current_request
    return NewsletterForm(
        app=application(),
        language=language,
        address=address_of(request),
        as_fragment=query(request, "fragment") == "1",
        as_frame=query(request, "iframe") == "1",
    )


def doubted(posted: Posted) -> Typo | None:
    """The address, when it was probably typed wrong."""
    typed = posted.get("email").strip()
    meant = meant_address(typed) if len(typed) <= LONGEST else ""
    return Typo(name="email", typed=typed, meant=meant) if meant else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterForm:
    """The form, opened for one request from a network address (empty: not known)."""

    app: Application
    language: Language
    address: str
    as_fragment: bool
    as_frame: bool

    @property
    def action(self) -> str:
        return self.app.links.newsletter(self.language)

    def take(self, posted: Posted) -> Response:
        """Ask him by mail, or show the form again with what is wrong."""
        texts, app = self.app.renderer.texts(self.language), self.app
        topics = ticked(posted, topics=app.topics)
        email, errors = self._email(posted), []
        if isinstance(email, FieldError):
            errors.append(email)
        if not topics:
            errors.append(FieldError("topics", texts("newsletter.topics_missing")))
        if isinstance(email, FieldError) or errors:
            return self.answer(posted=posted, errors=errors, status=422)
        if posted.trapped:
            log.info("honeypot_filled offer_id=%s", NEWSLETTER)
            notice = texts("limit.honeypot", email=app.settings.association.email)
            return self.answer(posted=posted, notice=notice, status=422)
        try:
            self._admit(email)
            wish = Wish(email=email, name="", topics=topics, asked=self._evidence(topics, page=posted.get("page")))
            subscribe(wish, store=app.store, identity=app.identity, emails=app.emails, now=app.now())
        except TooMany as refusal:
            return self._too_many(refusal, posted=posted)
        except StorageUnavailable as error:
            log.exception("newsletter_unavailable", exc_info=error)
            notice = texts("newsletter.unavailable", email=app.settings.association.email)
            return self.answer(posted=posted, notice=notice, status=503)
        return self._show("newsletter_asked", status=200, email=email)

    def _email(self, posted: Posted) -> str | FieldError:
        texts = self.app.renderer.texts(self.language)
        try:
            typed = formats.plain_text(posted.get("email"))
            if not typed:
                return FieldError("email", texts("error.email_missing"))
            if len(typed) > LONGEST:
                return FieldError("email", texts("error.too_long", max=LONGEST))
            return formats.email(typed)
        except formats.Malformed as fault:
            return FieldError("email", texts(f"error.{fault}"))

    def _admit(self, email: str) -> None:
        """Count what was sent. Raises TooMany."""
        app, sender = self.app, Sender(address=self.address, recipients=[email], offer_id=NEWSLETTER)
        refuse_too_many(sender, tallies=app.tallies, identity=app.identity, limits=app.settings.limits, now=app.now())

    def _evidence(self, topics: tuple[str, ...], *, page: str) -> Evidence:
        """What he read above the button, and where that stood."""
        app = self.app
        consent = app.renderer.texts(self.language)("newsletter.consent", association=app.settings.association.name)
        chosen = titles(topics, topics=app.topics, language=self.language)
        return Evidence(
            means=Means.FORM,
            text=f"{consent} ({chosen})",
            language=self.language,
            source=page or self.action,
            detail="",
            at=app.now(),
        )

    def _too_many(self, refusal: TooMany, *, posted: Posted) -> Response:
        texts, minutes = self.app.renderer.texts(self.language), refusal.minutes
        notice = texts("newsletter.too_many", wait=texts.wait(minutes), email=self.app.settings.association.email)
        response = self.answer(posted=posted, notice=notice, status=429)
        response.headers["Retry-After"] = str(60 * minutes)
        return response

    def answer(
        self,
        *,
        posted: Posted | None = None,
        errors: list[FieldError] | None = None,
        doubt: Typo | None = None,
        mended: bool = False,
        notice: str = "",
        status: int = 200,
        cache: str = reply.NO_STORE,
    ) -> Response:
        """The form, with what was typed still in it."""
        topics = self.app.topics
        chosen = ticked(posted, topics=topics) if posted else of_the_tick(topics)
        faults = {error.name: error.text for error in errors or ()}
        # the embedding script swaps in what comes with a 422
        status = 422 if self.as_fragment and status != 200 else status
        return self._show(
            "newsletter",
            status=status,
            cache=cache,
            form={
                "action": self.action,
                "email": posted.get("email") if posted else "",
                "longest": LONGEST,
                "page": posted.get("page") if posted else "",
                "topics": topic_views(topics, chosen=chosen, language=self.language),
                "open": "topics" in faults or (posted is not None and chosen != of_the_tick(topics)),
                "faults": faults,
                "doubt": doubt,
                "mended": mended,
                "sure": sure_of([doubt]) if doubt else posted.get(SURE) if posted else "",
                "notice": notice,
            },
        )

    def _show(self, template: str, *, status: int, cache: str = reply.NO_STORE, **context: object) -> Response:
        app = self.app
        if self.as_fragment:
            html = app.renderer.fragment(f"{template}_fragment", language=self.language, **context)
            return reply.fragment(html, status=status, cache=cache)
        content = app.renderer.page(
            template,
            language=self.language,
            other_language=other_language(app, self.language, url_of=app.links.newsletter),
            framed=self.as_frame,
            **context,
        )
        return reply.page(
            content,
            status=status,
            checkout_origin=app.settings.checkout_origin,
            cache=cache,
            framed_by=app.settings.allowed_origins if self.as_frame else (),
        )
