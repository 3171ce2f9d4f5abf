"""A demo website of an association, on an origin of its own: the desk's forms stand in its pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from flask import Flask, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from devstack.website.example import EXAMPLES, Example
from devstack.website.invitation import invitation

__all__ = ["website_app"]

PAGES = {"/": "home", "/voorwaarden": "terms", "/privacy": "privacy", "/voorbeelden": "examples"}


def website_app(*, desk_url: str, members: Mapping[str, Sequence[str]], mailbox_url: str, stripe_url: str) -> Flask:
    """The website's application; each form is linked in the marker that the embed script looks for.

    `members` are the mail domains of each organisation that is a member in the demo, so that a visitor can try its
    price.
    """
    app = Flask(__name__)
    app.jinja_env.globals.update(
        desk_url=desk_url,
        invitation=partial(invitation, desk_url=desk_url),
        examples=EXAMPLES,
        members=members,
        mailbox_url=mailbox_url,
        stripe_url=stripe_url,
    )
    for path, name in PAGES.items():
        app.add_url_rule(path, endpoint=name, view_func=partial(_page, name))
    for example in EXAMPLES:
        app.add_url_rule(example.path, endpoint=example.path[1:], view_func=partial(_example, example, desk_url))
    return app


def _page(name: str) -> ResponseReturnValue:
    return render_template(f"{name}.html")


def _example(example: Example, desk_url: str) -> ResponseReturnValue:
    """An example with the form and the language that its address may name: /strikt?form=congres-2027&lang=en."""
    form, lang = request.args.get("form", "lidmaatschap"), request.args.get("lang", "nl")
    if lang not in ("nl", "en") or not re.fullmatch(r"[a-z0-9-]{1,100}", form):
        abort(404)
    policy = example.policy(desk_url)
    html = render_template(f"{example.template}.html", example=example, form=form, lang=lang, policy=policy)
    return make_response(html, {"Content-Security-Policy": policy} if policy else {})
