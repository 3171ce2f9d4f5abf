"""The script for somebody else's website."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.bootstrap import application
from chalicelib.web import reply

embed = Blueprint(__name__)


@embed.route("/embed.js", methods=["GET"])
def script() -> Response:
    """The script; whoever has it already is told so."""
    made = application().embed_script
    known = embed.current_request.headers.get("if-none-match", "")
    return reply.script(made.text, etag=made.etag, known=made.etag in known)
