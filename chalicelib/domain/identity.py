"""Ids, codes and signatures, all derived from one secret and stable facts, so that a repeat finds the same ones."""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from chalicelib.domain.answers import Answers
from chalicelib.domain.calendar import local_date

# No vowels (no words arise) and none of 0 O 1 I L, which are misheard and misread.
CODE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


_ASKED_BY_EVENTS = frozenset({"member", "attending", "group", "attendees"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Derives ids and signatures from the desk's secret key."""

    secret: str

    def order_id(self, *, offer_id: str, form_key: str) -> str:
        """The id of the order that this form key makes; 160 bits, lower-case letters and digits."""
        return base64.b32encode(self._digest("order", offer_id, form_key)[:20]).decode().lower()

    def form_key_after(self, order_id: str) -> str:
        """The form key for beginning anew after an order; always the same one, so that pressing twice does no harm."""
        return self._digest("form key after", order_id).hex()

    def order_code(self, *, order_id: str, prefix: str, now: datetime, attempt: int) -> str:
        """A short speakable code such as L26-7KQM; the next attempt gives another one when it is taken."""
        number = int.from_bytes(self._digest("code", order_id, str(attempt))[:8])
        letters = ""
        for _ in range(4):
            number, index = divmod(number, len(CODE_ALPHABET))
            letters += CODE_ALPHABET[index]
        return f"{prefix}{local_date(now):%y}-{letters}"

    def draft_id(self, *, offer_id: str, form_key: str) -> str:
        """The id of the draft of this form; nobody can guess it, since nobody can guess a form key."""
        return base64.b32encode(self._digest("draft", offer_id, form_key)[:20]).decode().lower()

    def attendance(self, *, offer_id: str, email: str) -> str:
        """Stands for one address at one event, without telling the address."""
        return self._digest("attendance", offer_id, email.lower()).hex()

    def subject(self, purpose: str, who: str) -> str:
        """Stands for somebody whom something is counted for, without telling who; another one for each purpose."""
        return self._digest("subject", purpose, who.lower()).hex()

    def import_id(self, organisation_key: str) -> str:
        """The id of the membership that an import makes of this organisation."""
        return base64.b32encode(self._digest("import", organisation_key)[:20]).decode().lower()

    def login_code(self, login_id: str) -> str:
        """The six digits of a login; nobody can tell them from its id, which is all that is kept."""
        return f"{int.from_bytes(self._digest('login code', login_id)[:8]) % 10**6:06d}"

    def session_token(self, nonce: str) -> str:
        """What a browser keeps of the session that its login begins; pressing twice begins one."""
        return self._digest("staff session", nonce).hex()

    def csrf_token(self, session_id: str) -> str:
        """What each form of a staff session carries, so that no other website can fill it in."""
        return self._digest("csrf", session_id).hex()

    def fingerprint(self, answers: Answers) -> str:
        """Tells whether the same form was filled in the same way, without telling how."""
        # what a form does not ask has no part in it, so that a form that learns to ask more changes no other's
        filled = {name: value for name, value in asdict(answers).items() if value or name not in _ASKED_BY_EVENTS}
        return self._digest("answers", json.dumps(filled, sort_keys=True)).hex()

    def subscriber_id(self, email: str) -> str:
        """Stands for a subscriber by his address, without telling it; lower-case letters and digits."""
        return base64.b32encode(self._digest("subscriber", email.lower())[:20]).decode().lower()

    def subscriber_token(self, subscriber_id: str) -> str:
        """What the links in the mails to a subscriber carry: his id and 256 bits that nobody can guess from it."""
        return f"{subscriber_id}-{self._signature(subscriber_id, purpose='subscriber link')}"

    def subscriber_of_link(self, token: str) -> str | None:
        """The subscriber's id of a link's token; None when it was tampered with."""
        return self._signed(token, purpose="subscriber link")

    def link_token(self, order_id: str) -> str:
        """What the link to an order carries: its id and 256 bits that nobody can guess from it."""
        return f"{order_id}-{self._signature(order_id, purpose='link')}"

    def order_of_link(self, token: str) -> str | None:
        """The order id of a link's token; None when it was tampered with."""
        return self._signed(token, purpose="link")

    def _signed(self, token: str, *, purpose: str) -> str | None:
        """What a token was made of; None when it was tampered with."""
        fact, _, signature = token.partition("-")
        # compared as bytes: compare_digest refuses non-ASCII str, and a visitor may send anything
        right = hmac.compare_digest(signature.encode(), self._signature(fact, purpose=purpose).encode())
        return fact if right else None

    def _signature(self, fact: str, *, purpose: str) -> str:
        return base64.b32encode(self._digest(purpose, fact)).decode().rstrip("=").lower()

    def _digest(self, purpose: str, *facts: str) -> bytes:
        # JSON keeps the borders between the facts: ("a", "bc") and ("ab", "c") must differ
        return hmac.digest(self.secret.encode(), json.dumps([purpose, *facts]).encode(), hashlib.sha256)
