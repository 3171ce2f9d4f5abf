"""A demo website of an association, on an origin of its own, with the invitation to become a member."""

from flask import Flask, render_template
from flask.typing import ResponseReturnValue

__all__ = ["website_app"]


def website_app(*, form_url: str, mailbox_url: str, stripe_url: str) -> Flask:
    """The website's application; the form is linked in the marker that the embed script looks for."""
    app = Flask(__name__)
    app.jinja_env.globals.update(form_url=form_url, mailbox_url=mailbox_url, stripe_url=stripe_url)
    for path, name in (("/", "home"), ("/voorwaarden", "terms"), ("/privacy", "privacy")):
        app.add_url_rule(path, endpoint=name, view_func=_page, defaults={"name": name})
    return app


def _page(name: str) -> ResponseReturnValue:
    return render_template(f"{name}.html")
