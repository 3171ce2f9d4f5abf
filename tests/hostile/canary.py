"""Canaries: words that occur nowhere else, planted in forms and settings, and looked for where they do not belong.

Where each may be, and nowhere else:
- a person's mail address, right or mistyped: in Stripe's `customer_email`, in his own answers, in mails;
- everything else that a person typed: in the answers to his own posts, in the table, in mails, on the pages behind a
  token, draft or form key that is his;
- the text beside the newsletter's tick: in answers and in the table;
- Stripe's secret key: in the header that Stripe reads it from;
- the desk's secret key and the webhook's secret: nowhere at all.
Never in a log line, a queue's message, an address (of ours or of Stripe's) or another parameter of Stripe's.
"""

from __future__ import annotations

import base64
import re
from html import unescape
from urllib.parse import unquote_plus

WORD = "zebrafinch"
MARK = re.compile(rf"{WORD}([vgso])([a-pr-z]+)q")
# Whose a mark is: the victim's, who has orders at the desk; the guest's, who sends requests; the desk's own secrets;
# an offer's text.
VICTIM, GUEST, SECRET, OFFER = "v", "g", "s", "o"
# How the word looks when somebody encodes what it stands in, whatever stands before it.
_ENCODED = (
    WORD.encode().hex(),
    *(base64.b64encode(b"x" * shift + WORD.encode()).decode()[4 if shift else 0 : -4] for shift in range(3)),
)


def mark(owner: str, part: str) -> str:
    return f"{WORD}{owner}{part.replace('_', '')}q"


def email_of(owner: str, number: int = 0) -> str:
    """An address whose both halves are marked."""
    return f"{mark(owner, 'mail')}{number}@{mark(owner, 'domain')}{number}.nl"


def seen(*texts: str) -> frozenset[str]:
    """The marks in some texts, as they are or encoded; `vname` is the victim's name."""
    found: set[str] = set()
    for text in texts:
        for reading in _readings(text):
            found |= {owner + part for owner, part in MARK.findall(reading.lower())}
        if any(each in text for each in _ENCODED):
            found.add("encoded")
    return frozenset(found)


def owned(marks: frozenset[str], owners: str) -> frozenset[str]:
    """Those of some owners; what is encoded counts for everybody's."""
    return frozenset(each for each in marks if each == "encoded" or each[0] in owners)


def _readings(text: str) -> set[str]:
    plain = {text}
    if "%" in text or "+" in text:
        once = unquote_plus(text)
        plain |= {once, unquote_plus(once)}
    if "&" in text:
        plain.add(unescape(text))
    return plain
