"""Send a code to log in with, to whoever works here by the address that was typed."""

import logging
from datetime import datetime

from chalicelib.domain.error import MailNotSent, MailUnknown
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.flows.ask_code import MESSAGE
from chalicelib.flows.find_staff import find_staff
from chalicelib.ports import CodeComposer, Logins, MailSender, Store

log = logging.getLogger(__name__)


def send_code(
    login_id: str,
    *,
    first: str,
    logins: Logins,
    store: Store,
    composer: CodeComposer,
    sender: MailSender,
    identity: Identity,
    now: datetime,
) -> None:
    """Send the code of a login; a repeat may send it twice, which does no harm. Raises StorageUnavailable."""
    login = logins.get(login_id)
    if login is None or login.expires_at <= now:
        log.info("code_too_late")
        return
    staff = find_staff(login.email, first=first, among=store.staff())
    if staff is None:
        log.info("code_for_nobody")
        return
    letter = composer.compose_code(identity.login_code(login.id), to=staff.email, name=staff.name, language=Language.NL)
    try:
        sender.send(letter, email_id=f"{MESSAGE}{login.id}")
    except (MailNotSent, MailUnknown) as error:
        log.exception("code_not_sent", exc_info=error)
        return
    log.info("code_sent")
