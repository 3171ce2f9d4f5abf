"""A stand-in for Amazon SES that keeps every message in a mailbox page instead of sending it."""

from flask import Flask

from devstack.ses.api import Api
from devstack.ses.mailbox import Mailbox
from devstack.ses.post_office import PostOffice

__all__ = ["PostOffice", "mailbox_app"]


def mailbox_app(*, post_office: PostOffice) -> Flask:
    """The stand-in's web application, for `werkzeug.serving.make_server(..., threaded=True)`."""
    app = Flask(__name__, static_url_path="/_stand-in/static")
    Api(post_office=post_office).open_on(app)
    Mailbox(post_office=post_office).open_on(app)
    return app
