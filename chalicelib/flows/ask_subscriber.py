"""Ask a subscriber: the mail by which somebody says that it is he who wants the newsletter."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.calendar import end_of_day
from chalicelib.domain.email import ERASED, SUPPRESSED, Email, Letter
from chalicelib.domain.error import AlreadyExists, Changed, SlotTaken, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.subscriber import Evidence, Means, Standing, Subscriber
from chalicelib.domain.topic import Topic, of_the_tick
from chalicelib.flows.subscribe import TRIES, Wish, stage_wish, suppressed
from chalicelib.ports import MailComposer, Store

# Why a question is not asked; nobody has to see to any of them.
UNSUBSCRIBED, SUBSCRIBED, ASKED_TODAY, EXPIRED = "unsubscribed", "subscribed", "asked_today", "expired"


class Question:
    """A claimed email that asks somebody whether he wants to subscribe, and what it says.

    One about an order first keeps what its buyer ticked. To one address goes at most one a day, whoever asks for it.
    """

    def __init__(
        self,
        email: Email,
        *,
        store: Store,
        composer: MailComposer,
        identity: Identity,
        topics: Sequence[Topic],
        now: datetime,
    ) -> None:
        self._email, self._store, self._composer = email, store, composer
        self._identity, self._topics, self._now = identity, topics, now
        self._subscriber: Subscriber | None = None

    @property
    def letter(self) -> Letter:
        assert self._subscriber is not None, "somebody asked first why it is not sent"
        return self._composer.compose_question(self._subscriber, email=self._email)

    def unsent(self) -> Email | None:
        """The email when it is not sent, with the reason; None when nothing is in its way. Raises StorageUnavailable.

        What stands in the way is looked at now: he may have unsubscribed, or have been erased, since it was asked.
        """
        found = self._of_order() if self._email.order_id else self._known()
        if isinstance(found, Subscriber) and self._asked_today(found):
            found = ASKED_TODAY
        if isinstance(found, str):
            return self._email.failed(reason=found)
        self._subscriber = found
        return None

    def _known(self) -> Subscriber | str:
        """Whom it is about, or why he is not asked."""
        unit = self._store.unit_of_work()
        subscriber = unit.subscribers.get(self._email.subscriber_id)
        if subscriber is None or subscriber.forgotten(now=self._now):
            return ERASED
        if suppressed(subscriber.email, unit=unit, identity=self._identity):
            return SUPPRESSED
        asks = subscriber.standing is Standing.CONFIRMED or subscriber.pending(now=self._now)
        return subscriber if asks else UNSUBSCRIBED

    def _of_order(self) -> Subscriber | str:
        """The buyer who ticked it, as a subscriber from now on; or why he is not asked."""
        wish = self._ticked()
        if wish is None:
            return ERASED
        for _ in range(TRIES):
            unit = self._store.unit_of_work()
            if suppressed(wish.email, unit=unit, identity=self._identity):
                return SUPPRESSED
            known = unit.subscribers.get(self._identity.subscriber_id(wish.email))
            if known and known.unsubscribed_at and known.unsubscribed_at > wish.asked.at:
                return UNSUBSCRIBED
            subscriber, changed = stage_wish(wish, unit=unit, identity=self._identity)
            if not subscriber.pending(now=self._now):
                return SUBSCRIBED if subscriber.standing is Standing.CONFIRMED else EXPIRED
            try:
                if changed:
                    unit.commit()
            except (AlreadyExists, Changed):
                continue
            return subscriber
        raise StorageUnavailable("a subscriber kept changing")

    def _ticked(self) -> Wish | None:
        """What the buyer ticked, with its proof; None when he was erased."""
        unit, order_id = self._store.unit_of_work(), self._email.order_id
        order, buyer, consent = unit.orders.get(order_id), unit.buyers.get(order_id), unit.consents.get(order_id)
        if order is None or buyer is None or consent is None or not buyer.answers.email:
            return None
        asked = Evidence(
            means=Means.ORDER,
            text=consent.text,
            language=consent.language,
            source=consent.source,
            detail=order.code,
            at=consent.given_at,
        )
        answers = buyer.answers
        return Wish(email=answers.email, name=answers.name, topics=of_the_tick(self._topics), asked=asked)

    def _asked_today(self, subscriber: Subscriber) -> bool:
        """Whether another such email went to him today; if not, this one has the day.

        One that was erased with him and is made anew is another, though its id is the same.
        """
        slot_id = self._identity.subject(f"mail {self._email.kind.value}", subscriber.email)
        unit = self._store.unit_of_work()
        made = f"{self._email.id} {self._email.created_at.isoformat()}"
        slot = MailSlot(id=slot_id, email_id=made, until=end_of_day(self._now))
        unit.slots.take(slot, now=self._now)
        try:
            unit.commit()
        except SlotTaken:
            return True
        return False
