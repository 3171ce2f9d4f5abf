"""One noun of each kind that those who work behind the desk bring."""

from datetime import timedelta

from chalicelib.domain.audit_entry import AuditEntry, Deed, OrderDeed
from chalicelib.domain.email import Email
from chalicelib.domain.login import Login, new_login
from chalicelib.domain.note import Note
from chalicelib.domain.retention import RUN, Announced, Phase, RetentionRun, Rule
from chalicelib.domain.staff import Role, Staff
from chalicelib.domain.staff_session import StaffSession, session_id
from tests.adapters.samples import ATTENDEE, EVENT_ORDER_ID, NOW, TICKET

EMAIL = "tessa@lpb.example.nl"
STAFF = Staff(email=EMAIL, name="Tessa Bakker", role=Role.SECRETARIAAT, version=1)
STAFF_SESSION = StaffSession(
    id=session_id("what-the-browser-keeps"),
    email=EMAIL,
    browser="Mozilla/5.0 (X11; Linux x86_64)",
    began_at=NOW,
    seen_at=NOW + timedelta(minutes=7),
    ended_at=None,
    version=2,
)
LOGIN: Login = new_login(nonce="what-only-this-browser-knows", email=EMAIL, now=NOW)
AUDIT_ENTRY = AuditEntry(
    id="q7mmnf2nqzv4k3bq",
    at=NOW,
    by="beheer@lpb.example.nl",
    deed=Deed.STAFF_CHANGED,
    subject=EMAIL,
    facts={"role": "deur → secretariaat"},
)
DEED = OrderDeed(
    order_id=EVENT_ORDER_ID,
    entry=AuditEntry(
        id="n2vzk4d7yab6cfp5",
        at=NOW + timedelta(minutes=2),
        by=EMAIL,
        deed=Deed.CORRECTED,
        subject="C26-9FGH",
        facts={"attendee": "1", "fields": "name, email"},
    ),
    personal={"email": f"zoe@oud.example.nl → {ATTENDEE.email}"},
)
NOTE = Note(
    id="h3t6wq5n2vzk4d7y",
    order_id=EVENT_ORDER_ID,
    text=f"{ATTENDEE.name} belt terug.\nOver de factuur.",
    by=EMAIL,
    at=NOW + timedelta(minutes=4),
)
RETENTION = RetentionRun(
    id=RUN,
    phase=Phase.ORDERS,
    cursor='["2026-11", null]',
    announced=(Announced(id=EVENT_ORDER_ID, label="C26-9FGH", rules=(Rule.EVENT, Rule.NOTES)),),
    found=(),
    more=0,
    erased={"event": 1, "notes": 1},
    looked_at=25,
    started_at=NOW,
    finished_at=None,
    version=1,
)
AGAIN: Email = TICKET.sent_again(key="5f1c9a", now=NOW + timedelta(minutes=9))
