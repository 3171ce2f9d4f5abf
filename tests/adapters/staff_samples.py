"""One noun of each kind that those who work behind the desk bring."""

from datetime import timedelta

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.login import Login, new_login
from chalicelib.domain.staff import Role, Staff
from chalicelib.domain.staff_session import StaffSession, session_id
from tests.adapters.samples import NOW

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
