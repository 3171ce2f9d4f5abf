"""What a reader sees of a message: its subject, its texts and its attachments."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self, cast

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_PLAIN_PARAMETER = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One part that travels beside the texts."""

    name: str
    media_type: str
    content_type: str
    content_id: str | None
    content: bytes

    @property
    def size(self) -> int:
        """Its size in octets, decoded."""
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message taken apart; what was wrong with it is kept beside it."""

    raw: bytes
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Take a message apart, leniently: mail readers do so too."""
        message = message_from_bytes(raw, policy=policy.default)
        text: EmailMessage | None = None
        html: EmailMessage | None = None
        beside: list[EmailMessage] = []
        for part in _leaves(message):
            if part.is_attachment() or part.get_filename():
                beside.append(part)
            elif text is None and part.get_content_type() == "text/plain":
                text = part
            elif html is None and part.get_content_type() == "text/html":
                html = part
            else:
                beside.append(part)
        return cls(
            raw=raw,
            headers=tuple((name, _legible(str(value))) for name, value in message.items()),
            text=_text(text) if text else None,
            html=_text(html) if html else None,
            attachments=tuple(_attachment(part) for part in beside),
            defects=tuple(_defects(message)),
        )

    def header(self, name: str) -> str:
        """The first header of that name, decoded; empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def subject(self) -> str:
        """The decoded subject."""
        return self.header("Subject")

    @property
    def sender(self) -> str:
        """Name and address of the From header, decoded."""
        return self.header("From")


def safe_filename(name: str) -> str:
    """The last part of a name, without what a file system or a header could trip over."""
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(character for character in last if not unicodedata.category(character).startswith("C"))
    tame = re.sub(r'[<>:"|?*;%]', "_", visible).strip(" .")
    stem, dot, suffix = tame.rpartition(".")
    return (f"{stem[:100]}{dot}{suffix[:20]}" if dot else tame[:100]) or "bijlage"


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.iter_parts():
            yield from _leaves(cast(EmailMessage, part))
    else:
        yield message


def _octets(part: EmailMessage) -> bytes:
    if part.is_multipart():
        return b"".join(cast(EmailMessage, inner).as_bytes() for inner in part.iter_parts())
    return cast("bytes | None", part.get_payload(decode=True)) or b""


def _text(part: EmailMessage) -> str:
    try:
        return _octets(part).decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return _octets(part).decode("utf-8", errors="replace")


def _attachment(part: EmailMessage) -> Attachment:
    found = part.get_content_type()
    media_type = found if _MEDIA_TYPE.fullmatch(found) else "application/octet-stream"
    parameters = ((name, str(part.get_param(name) or "")) for name in ("charset", "method"))
    plain = [f"; {name}={value}" for name, value in parameters if _PLAIN_PARAMETER.fullmatch(value)]
    content_id = str(part.get("Content-ID", "")).strip().strip("<>")
    return Attachment(
        name=safe_filename(_legible(part.get_filename() or "")),
        media_type=media_type,
        content_type=media_type + "".join(plain),
        content_id=content_id or None,
        content=_octets(part),
    )


def _defects(message: EmailMessage) -> Iterator[str]:
    for part in message.walk():
        for defect in part.defects:
            yield type(defect).__name__
        for name, value in part.items():
            for defect in getattr(value, "defects", ()):
                yield f"{name}: {type(defect).__name__}"


def _legible(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode("utf-8")
