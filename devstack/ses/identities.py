"""Who may send: the domains and addresses that SES knows of, and whether it has proof of them."""

from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock

from devstack.ses.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One domain or address; its `tokens` are what stands in DNS once somebody proves it."""

    name: str
    verified: bool = False
    mail_from: str = ""

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(sha256(f"{self.name} {number}".encode()).hexdigest()[:32] for number in range(3))


class Identities:
    """All of the account, safe to use from many threads."""

    def __init__(self, verified: frozenset[str] = frozenset()) -> None:
        self._lock = Lock()
        self._known = {name: Identity(name=name, verified=True) for name in verified}

    def verified(self) -> frozenset[str]:
        with self._lock:
            return frozenset(name for name, identity in self._known.items() if identity.verified)

    def add(self, name: str) -> Identity:
        """Make one known. Raises Refusal when it is."""
        with self._lock:
            if name in self._known:
                raise Refusal(code="AlreadyExistsException", message=f"Email identity {name} already exist.")
            self._known[name] = Identity(name=name)
            return self._known[name]

    def find(self, name: str) -> Identity:
        """Raises Refusal when nobody told of it."""
        with self._lock:
            if name not in self._known:
                raise Refusal(code="NotFoundException", message=f"Email identity {name} does not exist.")
            return self._known[name]

    def lead_bounces(self, name: str, *, mail_from: str) -> None:
        """Let bounces of this identity go to a subdomain. Raises Refusal when it is not known."""
        identity = self.find(name)
        with self._lock:
            self._known[name] = replace(identity, mail_from=mail_from)

    def prove(self, name: str, *, verified: bool) -> Identity:
        """Let its records appear in DNS, or go from it. Raises Refusal when it is not known."""
        identity = self.find(name)
        with self._lock:
            self._known[name] = replace(identity, verified=verified)
            return self._known[name]
