"""The page for site builders: choose a form, see it, copy what brings it into a website."""

from __future__ import annotations

from urllib.parse import urlencode

from chalice.app import Blueprint, Response

from chalicelib.bootstrap import application
from chalicelib.domain.language import Language
from chalicelib.entrypoints.public.door import URL_ENCODED, guarded, language_of, problem
from chalicelib.entrypoints.public.open_form import other_language
from chalicelib.flows.find_offer import list_offers
from chalicelib.rendering.inline import inline, inline_asset, inline_picture
from chalicelib.web import reply
from chalicelib.web.request import query
from chalicelib.web.site_builder_view import PICTURES, site_builder_view

site_builder = Blueprint(__name__)


@site_builder.route("/insluiten", methods=["GET"])
def begin() -> Response:
    return reply.redirect(_address(Language.NL))


@site_builder.route("/{lang}/insluiten", methods=["POST"], content_types=[URL_ENCODED])
def refuse(lang: str) -> Response:
    """Nothing is sent here; API Gateway would not go on to the form's own door, which takes any other name."""
    return problem("wrong_method", language=language_of(lang), status=405, back_url=_address(language_of(lang)))


@site_builder.route("/{lang}/insluiten", methods=["GET"])
@guarded
def show(lang: str) -> Response:
    """The page, with the form live in it by the very snippet that it hands out."""
    if lang not in set(Language):
        return problem("not_found", language=Language.NL, status=404)
    app, language = application(), Language(lang)
    asked = {name: query(site_builder.current_request, name) for name in ("form", "lang")}
    view = site_builder_view(
        list_offers(store=app.store, seeds=app.seeds),
        **asked,
        language=language,
        texts={each: app.renderer.texts(each) for each in Language},
        url=_address(language),
        base_url=app.settings.base_url,
        allowed_origins=app.settings.allowed_origins,
        association=app.settings.association,
    )
    sheet, script = inline_asset("site_builder.css"), inline_asset("copy.js")
    content = app.renderer.page(
        "site_builder",
        language=language,
        page=view,
        sheet=sheet.text,
        script=script.text,
        pictures=[inline_picture(name) for name in PICTURES],
        other_language=other_language(app, language, url_of=lambda other: _address(other, **asked)),
    )
    answer = reply.page(content, checkout_origin=app.settings.checkout_origin)
    base = app.settings.base_url
    reserved = inline(view.snippet.style).hash
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {base}/embed.js {script.hash}; connect-src {base}/; "
        f"style-src '{content.style_hash}' {sheet.hash} 'unsafe-hashes' {reserved}; img-src 'self' https: data:; "
        f"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return answer


def _address(language: Language, **asked: str) -> str:
    given = urlencode({name: value for name, value in asked.items() if value})
    return f"{application().links.home(language)}/insluiten{'?' if given else ''}{given}"
