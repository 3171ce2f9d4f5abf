"""The forms: show one, and take what was filled in to the payment page."""

from __future__ import annotations

import re
import secrets

from chalice.app import Blueprint, Request, Response

from chalicelib.bootstrap import application
from chalicelib.domain.error import PaymentUnavailable, StorageUnavailable
from chalicelib.domain.language import Language
from chalicelib.entrypoints.public.door import URL_ENCODED, guarded, language_of, problem
from chalicelib.entrypoints.public.open_form import OpenForm, open_form, other_language
from chalicelib.flows.find_offer import list_offers
from chalicelib.web import reply
from chalicelib.web.posted import BodyTooLarge, Posted, read_posted
from chalicelib.web.request import body_of, query

forms = Blueprint(__name__)


@forms.route("/", methods=["GET"])
def home() -> Response:
    return reply.redirect(application().links.home(Language.NL))


@forms.route("/{lang}", methods=["GET"])
@guarded
def index(lang: str) -> Response:
    """The list of forms."""
    if lang not in set(Language):
        return problem("not_found", language=Language.NL, status=404)
    app, language = application(), Language(lang)
    content = app.renderer.page(
        "index",
        language=language,
        offers=[
            {
                "title": offer.title.within(language),
                "summary": offer.summary.within(language),
                "price_cents": offer.price_cents,
                "url": app.links.form(offer.id, language),
            }
            for offer in list_offers(store=app.store, seeds=app.seeds)
        ],
        other_language=other_language(app, language, url_of=app.links.home),
    )
    return reply.page(content, checkout_origin=app.settings.checkout_origin)


@forms.route("/{lang}/{slug}", methods=["GET"])
@guarded
def show(lang: str, slug: str) -> Response:
    """An empty form. As a fragment it holds no key, since caches may share it."""
    opened = open_form(lang, slug, as_fragment=_wants_fragment(forms.current_request))
    if opened is None:
        return _unknown(lang)
    if _wants_fragment(forms.current_request):
        return opened.answer(key="", cache=reply.FOR_EVERYBODY)
    return opened.answer(key=secrets.token_urlsafe(24), cache=reply.FOR_THE_WAY_BACK)


@forms.route("/{lang}/{slug}", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def submit(lang: str, slug: str) -> Response:
    """The way of one registration: read, register, open the checkout, lead there."""
    opened = open_form(lang, slug, as_fragment=_wants_fragment(forms.current_request))
    if opened is None:
        return _unknown(lang)
    back = opened.app.links.form(slug, opened.language)
    try:
        posted = read_posted(body_of(forms.current_request))
    except BodyTooLarge:
        return problem("too_large", language=opened.language, status=413, back_url=back)
    match posted.get("do"):
        case "show":
            return opened.answer(posted=posted, key=posted.get("key") or opened.new_key(), cache=opened.cache)
        case "" | "pay" | "replace":
            return _register(opened, posted)
        case _:
            return problem("wrong_type", language=opened.language, status=400, back_url=back)


def _register(opened: OpenForm, posted: Posted) -> Response:
    """Lead on with an order, or show the form again with everything kept and what is wrong."""
    reading = opened.form.read(posted)
    key_is_right = re.fullmatch(r"[A-Za-z0-9_-]{16,64}", posted.get("key")) and "key" not in posted.repeated
    if reading.answers is None or not key_is_right:
        key = posted.get("key") if key_is_right else opened.new_key()
        notice = "" if reading.errors else opened.form.texts("error.key_missing")
        return opened.answer(
            posted=posted, key=key, errors=reading.errors, notice=notice, status=422, cache=opened.cache
        )
    try:
        registration = opened.register(reading.answers, posted=posted)
        return opened.lead_on(registration, posted=posted, answers=reading.answers)
    except StorageUnavailable:
        notice = opened.form.texts("problem.storage_unavailable.text", email=opened.app.settings.association.email)
    except PaymentUnavailable:
        # only replacing an order asks the payment service first: the order stays open, and so does the choice
        notice = f"{opened.form.texts('payment_unavailable.text')} {opened.form.texts('payment_unavailable.next')}"
    return opened.answer(posted=posted, key=posted.get("key"), notice=notice, status=503, cache=opened.cache)


def _unknown(lang: str) -> Response:
    return problem("form_unknown", language=language_of(lang), status=404)


def _wants_fragment(request: Request) -> bool:
    return query(request, "fragment") == "1"
