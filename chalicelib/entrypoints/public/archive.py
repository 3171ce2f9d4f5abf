"""The archive of the newsletter: the issues that were sent, for everybody, with nothing of any subscriber in them.

And the way that the links of an issue lead, when it is counted how often they are followed.
"""

from __future__ import annotations

import re
from string import punctuation
from urllib.parse import quote

from chalice.app import Blueprint, Response
from markupsafe import Markup

from chalicelib.bootstrap import application
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.domain.language import Language
from chalicelib.domain.segment import SegmentKind
from chalicelib.entrypoints.public.door import guarded, language_of, problem
from chalicelib.entrypoints.public.open_form import other_language
from chalicelib.flows.follow_link import follow_link
from chalicelib.rendering.inline import inline_asset
from chalicelib.web import reply

archive = Blueprint(__name__)

# As many as somebody looks through; all others are found by the link in their mail.
MOST = 60
_ID = re.compile(r"[a-z0-9]{16,40}")
_NUMBER = re.compile(r"[1-9][0-9]{0,2}")


@archive.route("/{lang}/nieuwsbrief/archief", methods=["GET"])
@guarded
def show_all(lang: str) -> Response:
    if lang not in set(Language):
        return problem("not_found", language=Language.NL, status=404)
    app, language = application(), Language(lang)
    content = app.renderer.page(
        "archive",
        language=language,
        issues=[
            {
                "url": app.links.issue(each.id, language),
                "title": each.subject,
                "at": each.started_at,
                "written_in": each.language.value,
            }
            for each in app.readership.issues()
            if _listed(each)
        ][:MOST],
        form_url=app.links.newsletter(language),
        other_language=other_language(app, language, url_of=app.links.archive),
    )
    return reply.page(content, checkout_origin=app.settings.checkout_origin, cache=reply.FOR_EVERYBODY)


@archive.route("/{lang}/nieuwsbrief/archief/{issue}", methods=["GET"])
@guarded
def show(lang: str, issue: str) -> Response:
    """One issue as nobody in particular reads it; before it is sent there is none."""
    unit = application().store.unit_of_work()
    found = unit.issues.get(issue) if lang in set(Language) and _ID.fullmatch(issue) else None
    text = unit.issue_texts.get(issue) if found and found.public else None
    if found is None or text is None:
        return problem("not_found", language=language_of(lang), status=404)
    app, language = application(), Language(lang)
    prepared = app.issue_composer.prepare_source(text.source, offers=app.store.offers(), now=app.now())
    sheet = inline_asset("newsletter.css")
    content = app.renderer.page(
        "archived_issue",
        language=language,
        title=prepared.title,
        sent_at=found.started_at,
        written_in=found.language.value,
        listed=_listed(found),
        sheet=sheet.text,
        # made by our own templates, of what was cleaned
        content=Markup(prepared.page()),  # noqa: S704
        form_url=app.links.newsletter(language),
        archive_url=app.links.archive(language),
        other_language=other_language(app, language, url_of=lambda other: app.links.issue(found.id, other)),
    )
    answer = reply.page(content, checkout_origin=app.settings.checkout_origin, cache=reply.FOR_EVERYBODY)
    policy = str(answer.headers["Content-Security-Policy"])
    answer.headers["Content-Security-Policy"] = policy.replace("style-src ", f"style-src {sheet.hash} ")
    return answer


@archive.route("/{lang}/nieuwsbrief/naar/{issue}/{number}", methods=["GET", "HEAD"])
@guarded
def follow(lang: str, issue: str, number: str) -> Response:
    """On to where a link of an issue leads. Whoever only looks whether it is there is not counted."""
    app, url = application(), None
    counted = app.settings.newsletter_clicks and archive.current_request.method == "GET"
    if lang in set(Language) and _ID.fullmatch(issue) and _NUMBER.fullmatch(number):
        url = follow_link(
            issue,
            int(number),
            store=app.store,
            composer=app.issue_composer,
            clicks=app.clicks if counted else None,
            now=app.now(),
        )
    if url is None:
        return problem("not_found", language=language_of(lang), status=404)
    # what a writer may type and a header may not hold
    return reply.redirect(quote(url, safe=punctuation))


def _listed(issue: Issue) -> bool:
    """What was sent to some only is for whoever has its link."""
    return issue.public and issue.state is not IssueState.CANCELLED and issue.segment.kind is SegmentKind.ALL
