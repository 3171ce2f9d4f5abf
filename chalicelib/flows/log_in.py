"""Log in: a code that was mailed is typed in the browser that asked for it, and a staff session begins."""

import hmac
import logging
from datetime import datetime

from chalicelib.domain.error import AlreadyExists
from chalicelib.domain.identity import Identity
from chalicelib.domain.login import login_id
from chalicelib.domain.staff_session import StaffSession, session_id
from chalicelib.flows.find_staff import find_staff
from chalicelib.ports import Logins, Store

log = logging.getLogger(__name__)


def log_in(
    code: str,
    *,
    nonce: str,
    browser: str,
    first: str,
    logins: Logins,
    store: Store,
    identity: Identity,
    now: datetime,
) -> str | None:
    """The token of the session that begins; None when the code is wrong, too late, or was tried too often.

    Typed twice it is the same session, unless that has ended meanwhile. Raises StorageUnavailable.
    """
    login = logins.count_try(login_id(nonce), now=now)
    if login is None:
        log.info("login_refused")
        return None
    right = hmac.compare_digest(code.encode(), identity.login_code(login.id).encode())
    staff = find_staff(login.email, first=first, among=store.staff()) if right else None
    if staff is None:
        log.info("login_refused")
        return None
    token = identity.session_token(nonce)
    session = StaffSession(
        id=session_id(token),
        email=staff.email,
        browser=browser,
        began_at=now,
        seen_at=now,
        ended_at=None,
        version=1,
    )
    unit = store.unit_of_work()
    unit.staff_sessions.add(session)
    try:
        unit.commit()
    except AlreadyExists:
        known = store.unit_of_work().staff_sessions.get(session.id)
        return token if known and known.alive(now=now) else None
    log.info("logged_in")
    return token
