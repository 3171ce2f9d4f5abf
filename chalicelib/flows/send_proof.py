"""Send a proof of an issue: as the issue will go, but marked as one; its links change nothing of any subscriber."""

import logging
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.error import MailNotSent, MailUnknown
from chalicelib.domain.identity import Identity
from chalicelib.domain.link import Links
from chalicelib.flows.ask_proof import read_proof
from chalicelib.flows.subscribe import suppressed
from chalicelib.ports import IssueComposer, MailSender, Store

log = logging.getLogger(__name__)


# Whom one click in a proof unsubscribes.
NOBODY = "nobody"


def send_proof(
    message: str,
    *,
    store: Store,
    composer: IssueComposer,
    sender: MailSender,
    links: Links,
    identity: Identity,
    now: datetime,
) -> None:
    """Send what was asked, unless its address is mailed no more; a repeat may send it twice, which does no harm.

    Raises StorageUnavailable.
    """
    proof, unit = read_proof(message), store.unit_of_work()
    issue, text = unit.issues.get(proof.issue_id), unit.issue_texts.get(proof.issue_id)
    if issue is None or text is None:
        log.info("issue_proof_of_nothing")
        return
    if suppressed(proof.to, unit=unit, identity=identity):
        log.info("issue_proof_unwanted issue_id=%s", issue.id)
        return
    letter = composer.prepare_source(text.source, offers=store.offers(), now=now).letter(
        to=proof.to,
        name="",
        unsubscribe_url=links.newsletter(issue.language),
        preferences_url=links.newsletter(issue.language),
        web_url=links.beheer(f"nieuwsbrief/{issue.id}/voorbeeld"),
    )
    marked = replace(letter, subject=f"[Proef] {letter.subject}").to_list(
        list_id=links.list_id(issue.topic),
        unsubscribe_url=links.unsubscribe(NOBODY, issue.language, issue_id=issue.id),
    )
    try:
        sender.send(marked, email_id=proof.email_id)
    except (MailNotSent, MailUnknown) as error:
        log.exception("issue_proof_not_sent", exc_info=error)
        return
    log.info("issue_proof_sent issue_id=%s", issue.id)
