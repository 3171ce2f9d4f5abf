"""The dossier that a page is about, and the words in which an act on it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Email, unread
from chalicelib.domain.offer import Offer
from chalicelib.domain.state import State
from chalicelib.entrypoints.beheer.gate import Visit
from chalicelib.flows.check_order import check_order

_CODE = re.compile(r"[A-Z]{1,3}\d{2}-[A-Z0-9]{4}")
# Longer than any reason of a refund, which stands at the same place in its id.
_KEY = re.compile(r"[a-z0-9-]{10,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A dossier and the offer that it is of."""

    dossier: Dossier
    offer: Offer

    @property
    def path(self) -> str:
        return f"aanmeldingen/{self.dossier.order.code}"

    @property
    def trouble(self) -> list[str]:
        """What of it needs a person, by the names that the page has words for."""
        dossier = self.dossier
        found = ["review"] if dossier.order.state is State.REVIEW else []
        found += ["refund_failed"] if dossier.ledger.owed_cents else []
        found += ["disputed"] if dossier.order.disputed else []
        return found + (["mail"] if any(arrived_not(dossier, each) for each in dossier.emails) else [])


def open_dossier(visit: Visit, code: str) -> Opened | None:
    """The dossier of an order code; None when there is no such order."""
    app = visit.app
    order_id = app.lists.order_of_code(code) if _CODE.fullmatch(code) else ""
    dossier = app.lists.dossier(order_id) if order_id else None
    if dossier is None:
        return None
    offer = app.store.unit_of_work().offers.get(dossier.order.offer_id)
    assert offer is not None, "an order is made of an offer in the table"
    return Opened(dossier=dossier, offer=offer)


def arrived_not(dossier: Dossier, email: Email) -> bool:
    """Whether an email did not arrive, none of its kind went after it, and nobody has said that this is all right."""
    return email in unread(dossier.emails)


def form_key(visit: Visit) -> str:
    """The key of the form that was posted, made when its page was shown; a new one when it has none of ours."""
    sent = visit.posted.get("key")
    return sent if _KEY.fullmatch(sent) else visit.app.new_token()


def seen(visit: Visit) -> int:
    """The version of the order that the page showed; one that it never had when that is no number."""
    sent = visit.posted.get("version")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else -1


def checked(visit: Visit, dossier: Dossier) -> None:
    """What was put right leaves the list of what needs a person at once."""
    check_order(dossier.order.id, store=visit.app.store, now=visit.app.now())
