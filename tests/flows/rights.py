"""A desk on which one person has done everything that leaves a trace, and where to look for the traces."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from chalicelib.domain.answers import AttendeeAnswers
from chalicelib.domain.audit_entry import AuditEntry, Deed, OrderDeed
from chalicelib.domain.email import Delivery
from chalicelib.domain.note import Note
from chalicelib.domain.order import Order
from chalicelib.flows.erase_person import Erased, Eraser
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event
from tests.flows.money import settle

# Names and words that stand nowhere else, so that finding one is finding a trace.
EMAIL, NAME = "quirina.zandvliet@wijkraad-oudenoord.example.nl", "Quirina Zandvliet-Oppenheimer"
OLD_EMAIL = "quirina@vroeger.example.nl"
ORGANISATION, STREET, REFERENCE = "Wijkraad Oudenoord", "Kastanjelaan 12bis", "PO-77421-Q"
COLLEAGUE = "collega@wijkraad-oudenoord.example.nl"
FREE_EVENT, LAPSED_EVENT, OTHER_EVENT = "proefbijeenkomst", "proefdag", "proefbezoek"
PERSON = replace(
    ANSWERS,
    organisation=ORGANISATION,
    name=NAME,
    email=EMAIL,
    reference=REFERENCE,
    street=STREET,
    postal_code="3512 ZZ",
    city="Utrecht",
    newsletter=True,
    extra=(("diet", "Quirina eet geen noten"),),
)
TRACES = ("quirina", "zandvliet", "kastanjelaan", "3512 zz", "po-77421", "geen noten", "wijkraad oudenoord")
BOOKS = {"zandvliet", "quirina", "kastanjelaan", "3512 zz", "po-77421", "wijkraad oudenoord"}


@dataclass(frozen=True, kw_only=True)
class Life:
    """The orders of one person: a membership and a congress that he paid, a free meeting, one that lapsed, and one of
    somebody else who brings him."""

    membership: Order
    congress: Order
    free: Order
    lapsed: Order
    brought: Order

    @property
    def orders(self) -> tuple[Order, ...]:
        return (self.membership, self.congress, self.free, self.lapsed, self.brought)


def live(desk: Desk, *, newsletter: bool = True) -> Life:
    """All of it happens, and the secretariat writes about it."""
    for offer_id in (EVENT, LAPSED_EVENT, OTHER_EVENT):
        desk.put_offer(sample_event(id=offer_id, event={"capacity": 40}))
    desk.put_offer(sample_event(id=FREE_EVENT, **FREE, event={"capacity": 40}))
    person = replace(PERSON, newsletter=newsletter)
    with_colleague = attending(person, COLLEAGUE)
    life = Life(
        membership=_paid(desk, desk.register(person, key="the-form-key-of-a-membership").order),
        congress=_paid(desk, desk.register(with_colleague, key="the-form-key-of-a-congress", offer_id=EVENT).order),
        free=desk.register(with_colleague, key="the-form-key-of-a-meeting", offer_id=FREE_EVENT).order,
        lapsed=desk.register(
            attending(person, "iemand@elders.nl"), key="the-form-key-that-lapses", offer_id=LAPSED_EVENT
        ).order,
        brought=_paid(
            desk,
            desk.register(
                replace(ANSWERS, email="baas@elders.nl", attendees=(AttendeeAnswers(name=NAME, email=EMAIL),)),
                key="the-form-key-of-a-boss",
                offer_id=OTHER_EVENT,
            ).order,
        ),
    )
    desk.work()
    desk.clock.advance(minutes=50)
    desk.sweep()
    desk.work()
    for number, order in enumerate(life.orders):
        write_about(desk, order, number=number)
    desk.clock.advance(minutes=1)
    return replace(life, **{name: desk.order(getattr(life, name).id) for name in vars(life)})


def write_about(desk: Desk, order: Order, *, number: int = 0) -> None:
    """A note that names him, one that does not, and a correction of his address."""
    now, unit = desk.clock(), desk.store.unit_of_work()
    for index, text in enumerate((f"Mevrouw Zandvliet ({NAME}) belt terug.", "Let op de dieetlijst.")):
        unit.notes.add(Note(id=f"note-{number}-{index}", order_id=order.id, text=text, by="tessa@lpb.nl", at=now))
    entry = AuditEntry(
        id=f"deed-{number}",
        at=now,
        by="tessa@lpb.nl",
        deed=Deed.CORRECTED,
        subject=order.code,
        facts={"field": "email"},
    )
    unit.audit.add(entry)
    unit.deeds.add(OrderDeed(order_id=order.id, entry=entry, personal={"email": f"{OLD_EMAIL} → {EMAIL}"}))
    unit.commit()


def _paid(desk: Desk, order: Order) -> Order:
    order = desk.open_checkout(order).order
    desk.gateway.pay(order.session_id)
    return settle(desk, order.session_id)


def eraser(desk: Desk, *, email: str = EMAIL, key: str = "a-key") -> Eraser:
    app = desk.application
    return Eraser(
        email=email,
        key=key,
        by="beheer@lpb.example.nl",
        years=7,
        lists=app.lists,
        store=desk.store,
        identity=app.identity,
        now=desk.clock(),
    )


def erase(desk: Desk, *, email: str = EMAIL, key: str = "a-key") -> Erased:
    return eraser(desk, email=email, key=key).erase()


def traces(desk: Desk) -> dict[str, set[str]]:
    """In which items of the whole table something of him stands, and what."""
    found = {}
    for item in desk.items():
        text = json.dumps(item, ensure_ascii=False).lower()
        words = {word for word in TRACES if word in text}
        if words:
            found[f"{item['pk']['S']} {item['sk']['S']}"] = words
    return found


def bounce(desk: Desk, order: Order) -> None:
    """All mails about an order come back."""
    unit = desk.store.unit_of_work()
    for email in desk.store.emails(order.id):
        unit.emails.update(replace(email, delivery=Delivery.BOUNCED, reason="Permanent General"))
    unit.commit()
