"""The books of the stand-in: everything Stripe would remember, changed only under one lock."""

from collections.abc import Callable

from devstack.stripe.disputes import Disputes
from devstack.stripe.event import Delivery, Event
from devstack.stripe.payments import Payments
from devstack.stripe.refunds import Refunds
from devstack.stripe.shelves import ApiRequest, NotPossible, Unknown

__all__ = ["ApiRequest", "Books", "Delivery", "Event", "NotPossible", "Unknown"]


class Books(Payments, Refunds, Disputes):
    """Sessions, payments, refunds, disputes, payouts and the balance, with the events, deliveries and calls."""

    def lapse(self, *, now: int) -> list[Event]:
        """Let everything happen whose time has come, each at its own time; return the events of it."""
        if not self.is_anything_due(now=now):
            return []
        with self._lock:
            mark = len(self._events)
            while (due := self._due(now=now)) is not None:
                at, errand, thing_id = due
                if errand == "close" and self.session(thing_id).status == "open":
                    self._close(self.session(thing_id), now=now)
                elif errand == "receive":
                    charge = self.charge(thing_id)
                    before = self.told(charge, now=at)
                    self._happened("charge.updated", self._receive(charge, now=at), now=now, before=before)
                elif errand == "fail" and self.refund(thing_id).status in ("pending", "succeeded"):
                    self.fail_refund(thing_id, now=now)
            return self.events_since(mark)

    def is_anything_due(self, *, now: int) -> bool:
        """Whether the clock has something to do."""
        with self._lock:
            return bool(self._agenda) and self._agenda[0][0] <= now

    def witnessed[Result](self, deed: Callable[[], Result]) -> tuple[Result, list[Event]]:
        """Return what comes of a deed, and the events it causes."""
        with self._lock:
            mark = len(self._events)
            return deed(), self.events_since(mark)
