"""The forms: show one, and take what was filled in to the payment page."""

from __future__ import annotations

import re

from chalice.app import Blueprint, Request, Response

from chalicelib.bootstrap import application
from chalicelib.domain.availability import availability
from chalicelib.domain.draft import Draft
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.entrypoints.public.door import URL_ENCODED, guarded, language_of, problem
from chalicelib.entrypoints.public.open_form import open_form, other_language
from chalicelib.entrypoints.public.submit import DRAFT, Sent
from chalicelib.flows.find_offer import list_offers
from chalicelib.flows.keep_draft import find_draft
from chalicelib.rendering.event_view import event_view
from chalicelib.web import reply
from chalicelib.web.form import Form
from chalicelib.web.host_page import host_page
from chalicelib.web.people import in_sequence, one_more, rows, without
from chalicelib.web.posted import BodyTooLarge, Posted, read_posted
from chalicelib.web.request import address_of, body_of, query
from chalicelib.web.typo import MEND

forms = Blueprint(__name__)

DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")


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
        offers=[_listed(offer, language) for offer in list_offers(store=app.store, seeds=app.seeds)],
        other_language=other_language(app, language, url_of=app.links.home),
    )
    return reply.page(content, checkout_origin=app.settings.checkout_origin)


def _listed(offer: Offer, language: Language) -> dict[str, object]:
    """An offer as the list shows it; whether there are seats left, its own page says."""
    app, now = application(), application().now()
    prices, event = offer.prices_at(now), offer.event
    return {
        "title": offer.title.within(language),
        "summary": offer.summary.within(language),
        "days": event_view(offer, texts=app.renderer.texts(language), language=language).days if event else "",
        "sale": availability(offer, {}, now=now).sale.value,
        "opens_at": offer.opens_at,
        "cents": prices.list_cents,
        "member_cents": prices.member_cents,
        "members_only": bool(event and event.members_only),
        "price_note": offer.price_note.within(language) if offer.price_note else "",
        "url": app.links.form(offer.id, language),
    }


@forms.route("/{lang}/draft/{draft}", methods=["GET"])
@guarded
def show_draft(lang: str, draft: str) -> Response:
    """Back to the form that was kept, whichever it is."""
    app, language = application(), language_of(lang)
    kept = _draft(draft) if lang in set(Language) else None
    if kept is None:
        return problem("draft_gone", language=language, status=404)
    return reply.redirect(app.links.filled_form(kept.offer_id, kept.id, language))


@forms.route("/{lang}/{slug}", methods=["GET"])
@guarded
def show(lang: str, slug: str) -> Response:
    """An empty form, or one with a draft in it."""
    request = forms.current_request
    as_fragment, as_frame = _wants_fragment(request), query(request, "iframe") == "1"
    opened = open_form(lang, slug, address=address_of(request), as_fragment=as_fragment, as_frame=as_frame)
    if opened is None:
        return _unknown(lang)
    draft = None if as_fragment else _draft(query(request, "draft"))
    return opened.filled_in(draft) if draft else opened.first_answer(page=_host(request) if as_frame else "")


@forms.route("/{lang}/{slug}", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def submit(lang: str, slug: str) -> Response:
    """The way of one registration: read, register, open the checkout, lead there."""
    request = forms.current_request
    opened = open_form(lang, slug, address=address_of(request), as_fragment=_wants_fragment(request))
    if opened is None:
        return _unknown(lang)
    back = opened.app.links.form(slug, opened.language)
    try:
        posted = read_posted(body_of(request), allowed_origins=opened.app.settings.allowed_origins)
    except BodyTooLarge:
        return problem("too_large", language=opened.language, status=413, back_url=back)
    if not _ours(request):
        # whoever made the key knows it, and with it could ask for what is sent later
        posted = posted.without("key")
    posted = in_sequence(posted) if opened.offer.event else posted
    sent = Sent(opened=opened, posted=posted)
    do = posted.get("do")
    if do in ("", "pay", "replace"):
        return sent.answer()
    if do == "join":
        return sent.join_first()
    shown = _mended(do, posted, opened.form)
    if shown is None and (opened.offer.event or do in ("show", "switch")):
        shown = _shown_again(do, posted)
    if shown is None:
        return problem("wrong_type", language=opened.language, status=400, back_url=back)
    fields, focus = shown
    if focus == "total" and not opened.total_url:
        focus = opened.form.as_shown(posted)[0].name
    key = posted.get("key") or opened.new_key()
    return opened.answer(posted=fields, key=key, focus=focus, cache=opened.cache)


@forms.route("/{lang}/{slug}/total", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def total(lang: str, slug: str) -> Response:
    """What it costs while somebody types: `domains` has one for each attendee, each with a comma behind it.

    Nothing else of what was typed is sent before its button is pressed.
    """
    opened = open_form(lang, slug, address=address_of(forms.current_request), as_fragment=True)
    if opened is None or opened.offer.event is None:
        return _unknown(lang)
    try:
        domains = read_posted(body_of(forms.current_request)).get("domains").split(",")[:-1]
    except BodyTooLarge:
        return problem("too_large", language=opened.language, status=413)
    return opened.total([domain if DOMAIN.fullmatch(domain) else "" for domain in domains])


def _shown_again(do: str, posted: Posted) -> tuple[Posted, str] | None:
    """The form as it is, or with one row more or less, and where the visitor goes on; None for any other wish."""
    if do in ("show", "switch"):
        return posted, "total" if do == "show" else ""
    if do == "add":
        added = one_more(posted)
        return added, f"p{rows(added)[-1]}_name"
    row = re.fullmatch(r"del-([1-9][0-9]?)", do)
    return (without(posted, int(row[1])), "add") if row else None


def _mended(do: str, posted: Posted, form: Form) -> tuple[Posted, str] | None:
    """The form with the address that was probably meant, and its field; None for any other wish."""
    name = do.removeprefix(MEND)
    if name == do or not any(question.name == name for question in form.as_shown(posted)):
        return None
    typo = next((typo for typo in form.typos(posted) if typo.name == name), None)
    return typo.mended(posted) if typo else posted, name


def _draft(draft_id: str) -> Draft | None:
    app = application()
    return find_draft(draft_id, store=app.store, now=app.now()) if DRAFT.fullmatch(draft_id) else None


def _unknown(lang: str) -> Response:
    return problem("form_unknown", language=language_of(lang), status=404)


def _ours(request: Request) -> bool:
    """Whether a form was sent from our own pages, or from a website that may show them."""
    settings, origin = application().settings, request.headers.get("origin", "")
    # told by newer browsers, and true where a privacy setting hides the origin
    same = request.headers.get("sec-fetch-site") == "same-origin"
    own = f"{settings.base_url}/".startswith(f"{origin}/")
    return same or not origin or own or origin in settings.allowed_origins


def _host(request: Request) -> str:
    """The website that shows a form in a frame, as far as the browser tells."""
    return host_page(request.headers.get("referer", ""), allowed_origins=application().settings.allowed_origins)


def _wants_fragment(request: Request) -> bool:
    return query(request, "fragment") == "1"
