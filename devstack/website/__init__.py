"""A demo website of an association, on an origin of its own: its invitations lead to the desk's forms."""

from collections.abc import Mapping, Sequence

from flask import Flask, render_template
from flask.typing import ResponseReturnValue

__all__ = ["website_app"]


def website_app(*, desk_url: str, members: Mapping[str, Sequence[str]], mailbox_url: str, stripe_url: str) -> Flask:
    """The website's application; each form is linked in the marker that the embed script looks for.

    `members` are the mail domains of each organisation that is a member in the demo, so that a visitor can try its
    price.
    """
    app = Flask(__name__)
    app.jinja_env.globals.update(
        form=lambda offer_id: f"{desk_url}/nl/{offer_id}",
        members=members,
        mailbox_url=mailbox_url,
        stripe_url=stripe_url,
    )
    for path, name in (("/", "home"), ("/voorwaarden", "terms"), ("/privacy", "privacy")):
        app.add_url_rule(path, endpoint=name, view_func=_page, defaults={"name": name})
    return app


def _page(name: str) -> ResponseReturnValue:
    return render_template(f"{name}.html")
