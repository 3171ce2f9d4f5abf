"""The sockets: what the flows need of the world, in our own words."""

from chalicelib.ports.services import (
    CodeComposer,
    DeadLetters,
    Exports,
    MailComposer,
    MailSender,
    PaymentBooks,
    PaymentGateway,
    Queue,
)
from chalicelib.ports.shelves import (
    AttendanceShelf,
    CodeShelf,
    HoldShelf,
    KeptShelf,
    LivingShelf,
    OfferShelf,
    PassingShelf,
    SeatShelf,
    Shelf,
    SlotShelf,
    StaffShelf,
    UnitOfWork,
)
from chalicelib.ports.storage import (
    Lists,
    Logins,
    Store,
    Tallies,
)

__all__ = [
    "AttendanceShelf",
    "CodeComposer",
    "CodeShelf",
    "DeadLetters",
    "Exports",
    "HoldShelf",
    "KeptShelf",
    "Lists",
    "LivingShelf",
    "Logins",
    "MailComposer",
    "MailSender",
    "OfferShelf",
    "PassingShelf",
    "PaymentBooks",
    "PaymentGateway",
    "Queue",
    "SeatShelf",
    "Shelf",
    "SlotShelf",
    "StaffShelf",
    "Store",
    "Tallies",
    "UnitOfWork",
]
