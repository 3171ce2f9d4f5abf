"""Send a proof of an issue, marked as one; its links change nothing of any subscriber."""

import logging
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.error import MailNotSent, MailUnknown
from chalicelib.domain.link import Links
from chalicelib.flows.ask_proof import read_proof
from chalicelib.ports import IssueComposer, MailSender, Store

log = logging.getLogger(__name__)


def send_proof(
    message: str, *, store: Store, composer: IssueComposer, sender: MailSender, links: Links, now: datetime
) -> None:
    """Send what was asked; a repeat may send it twice, which does no harm. Raises StorageUnavailable."""
    proof, unit = read_proof(message), store.unit_of_work()
    issue, text = unit.issues.get(proof.issue_id), unit.issue_texts.get(proof.issue_id)
    if issue is None or text is None:
        log.info("issue_proof_of_nothing")
        return
    letter = composer.prepare_source(text.source, offers=store.offers(), now=now).letter(
        to=proof.to,
        name="",
        unsubscribe_url=links.newsletter(issue.language),
        preferences_url=links.newsletter(issue.language),
        web_url=links.beheer(f"nieuwsbrief/{issue.id}/voorbeeld"),
    )
    try:
        sender.send(replace(letter, subject=f"[Proef] {letter.subject}"), email_id=proof.email_id)
    except (MailNotSent, MailUnknown) as error:
        log.exception("issue_proof_not_sent", exc_info=error)
        return
    log.info("issue_proof_sent issue_id=%s", issue.id)
