"""The doors for people: the mailbox, one message, its attachments."""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from types import MappingProxyType
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from devstack.ses.events import HABITS
from devstack.ses.letter import Letter
from devstack.ses.message import Message, State
from devstack.ses.post_office import PostOffice

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
MONTHS = tuple("januari februari maart april mei juni juli augustus september oktober november december".split())
STATES: Mapping[State, str] = MappingProxyType(
    {
        State.ACCEPTED: "aangenomen",
        State.DELIVERED: "bezorgd",
        State.DELAYED: "uitgesteld",
        State.BOUNCED: "teruggekomen",
        State.COMPLAINED: "als spam gemeld",
        State.REJECTED: "afgekeurd",
    }
)
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# Links in a mail must open, in a tab outside the sandbox; scripts, forms and anything remote stay out.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def in_amsterdam(moment: datetime) -> str:
    """A moment as a Dutch reader writes it."""
    local = moment.astimezone(AMSTERDAM)
    return f"{WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M:%S}"


def kilobytes(size: int) -> str:
    """A size for people."""
    return f"{size} bytes" if size < 1024 else f"{size / 1024:.1f} kB".replace(".", ",")


def framed(letter: Letter) -> str:
    """The HTML of a letter, its links opening in a new tab and its enclosed images in place."""
    html = letter.html or ""
    for attachment in letter.attachments:
        if attachment.content_id:
            data = base64.b64encode(attachment.content).decode("ascii")
            html = html.replace(f"cid:{attachment.content_id}", f"data:{attachment.media_type};base64,{data}")
    head = re.search(r"<head\b[^>]*>", html, flags=re.IGNORECASE)
    cut = head.end() if head else 0
    return f'{html[:cut]}<base target="_blank">{html[cut:]}'


class Mailbox:
    """The pages, each drawn from the post office as it is now."""

    def __init__(self, *, post_office: PostOffice) -> None:
        self._post_office = post_office

    def open_on(self, app: Flask) -> None:
        """Hang every door for people in the app."""
        doors: tuple[tuple[str, Callable[..., ResponseReturnValue]], ...] = (
            ("/", self.list_page),
            ("/messages/<message_id>", self.message_page),
            ("/messages/<message_id>/html", self.html_part),
            ("/messages/<message_id>/attachments/<int:number>", self.attachment),
        )
        for path, view in doors:
            app.add_url_rule(path, endpoint=view.__name__, view_func=view)
        app.register_error_handler(NotFound, self.missing_page)
        app.after_request(_guarded)
        app.add_template_filter(in_amsterdam)
        app.add_template_filter(kilobytes)
        app.jinja_env.globals.update(state_names=STATES, habits=HABITS)

    def list_page(self) -> ResponseReturnValue:
        """Every message, newest first."""
        refreshes = request.args.get("verversen") != "uit"
        return render_template("list.html", messages=self._post_office.messages(), refreshes=refreshes)

    def message_page(self, message_id: str) -> ResponseReturnValue:
        """One message, seen in one of three ways."""
        message = self._find(message_id)
        default = "html" if message.letter.html is not None else "text"
        view = request.args.get("view", default)
        if view not in {"html", "text", "source"}:
            abort(404)
        return render_template(
            "message.html",
            message=message,
            view=view,
            narrow=request.args.get("width") == "narrow",
            source=message.letter.raw.decode("utf-8", errors="replace"),
        )

    def html_part(self, message_id: str) -> ResponseReturnValue:
        """The HTML of a message, fit for a frame."""
        message = self._find(message_id)
        if message.letter.html is None:
            abort(404)
        return Response(framed(message.letter), headers={"Content-Security-Policy": LETTER_POLICY})

    def attachment(self, message_id: str, number: int) -> ResponseReturnValue:
        """One attachment, always as a download."""
        attachments = self._find(message_id).letter.attachments
        if not 1 <= number <= len(attachments):
            abort(404)
        chosen = attachments[number - 1]
        return send_file(
            BytesIO(chosen.content),
            mimetype=chosen.content_type,
            as_attachment=True,
            download_name=chosen.name,
            etag=False,
        )

    def missing_page(self, _: NotFound) -> ResponseReturnValue:
        """What is not here, or not here any more."""
        return render_template("missing.html"), 404

    def _find(self, message_id: str) -> Message:
        message = self._post_office.message(message_id)
        if message is None:
            abort(404)
        return message


def _guarded(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
