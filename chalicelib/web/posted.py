"""Posted forms: from raw bytes to fields, refusing what no form of ours can have sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import parse_qsl

from chalicelib.web.host_page import host_page

# The field that people do not see; who fills it in is most likely a machine.
HONEYPOT = "website"
# What belongs to the button that was pressed, and is not kept for the next one.
OF_ONE_PRESS = frozenset({"do", "agreed", HONEYPOT})
LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200


class BodyTooLarge(Exception):
    """The body is larger than any honest form."""


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form, first value first; `repeated` names those that came more than once."""

    fields: dict[str, str]
    repeated: frozenset[str]

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    def without(self, name: str) -> Posted:
        """What was sent but for one field."""
        kept = {each: value for each, value in self.fields.items() if each != name}
        return Posted(fields=kept, repeated=self.repeated - {name})

    @property
    def trapped(self) -> bool:
        """Whether the field that people do not see was filled in."""
        return bool(self.get(HONEYPOT).strip())

    def kept(self) -> tuple[tuple[str, str], ...]:
        """What a page carries along, so that nothing has to be typed again."""
        return tuple((name, value) for name, value in self.fields.items() if name not in OF_ONE_PRESS)


def read_posted(body: bytes, *, allowed_origins: Container[str] = (), largest: int = LARGEST_BODY) -> Posted:
    """The fields of an url-encoded body; bytes that are no UTF-8 arrive as U+FFFD. Raises BodyTooLarge.

    Of the page that a form stood in only what may be kept is read, so that the rest goes nowhere.
    """
    if len(body) > largest or body.count(b"&") >= MOST_FIELDS:
        raise BodyTooLarge(f"{len(body)} bytes")
    pairs = parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True, errors="replace")
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    if "page" in fields:
        fields["page"] = host_page(fields["page"], allowed_origins=allowed_origins)
    counts = Counter(name for name, _ in pairs)
    return Posted(fields=fields, repeated=frozenset(name for name, count in counts.items() if count > 1))
