"""Bugs in how a mail is claimed, sent once, settled by its own news, and sent again when nobody knows."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.adapters import ses_sender
from chalicelib.adapters.dynamodb import shelves
from chalicelib.adapters.dynamodb.shelves import LivingTableShelf
from chalicelib.domain import email as of_email
from chalicelib.domain.email import FOLLOWS, Delivery, Email
from chalicelib.flows import dispatch, record_delivery, send_email
from tests.torture.bugs.bug import bug
from tests.torture.bugs.change import Cell, Constant, Cut

_SEND = "mail.SendEmail"
_STILL = "still(noun.version, table=self._table, conflict=conflict, item=self._record.write(after))"
_KEPT = "kept(self._record.write(after), table=self._table)"
_POSTPONE = "return email.postponed(now=now, reason=str(refusal))"
_CLAIM = "claimed = unit.emails.update(email.claimed(now=now))"

MAILS = (
    bug(
        "mail-without-claim",
        "a mail is sent without being claimed first",
        Cut(send_email._claim, (_CLAIM, "claimed = email.claimed(now=now)"), ("unit.commit()", "pass")),
        stories="membership",
        at="message.emails",
    ),
    bug(
        "mail-without-version",
        "a mail is written whatever became of it since it was read: two may claim it",
        Cut(LivingTableShelf.update, (_STILL, f"({_KEPT} if self._record.kind == 'email' else {_STILL})")),
        stories="membership",
        at=f"{_SEND} message.emails",
    ),
    bug(
        "mail-sent-before-it-is",
        "a mail is written down as sent when it is claimed",
        Cut(send_email._claim, (_CLAIM, "claimed = unit.emails.update(email.claimed(now=now).sent(message_id=''))")),
        stories="membership",
        at=_SEND,
    ),
    bug(
        "mail-claimed-for-ever",
        "a claim has no end",
        Cut(Email.claimed, ("due=now + LEASE", "due=None")),
        stories="membership",
        at=_SEND,
    ),
    bug(
        "mail-claimed-for-a-moment",
        "a claim ends before the mail can have been sent",
        Constant(of_email, "LEASE", timedelta(0)),
        stories="membership",
        at=f"{_SEND} message.emails",
        elsewhere="tests/domain/test_email.py::test_a_claim_lasts_as_long_as_its_lease",
    ),
    bug(
        "mail-claim-not-counted",
        "how often a mail was taken is not counted",
        Cut(Email.claimed, ("attempt=self.attempt + 1", "attempt=self.attempt")),
        stories="membership",
        at=_SEND,
        elsewhere="tests/flows/test_send_email.py::test_a_definite_no_is_tried_again_after_a_pause",
    ),
    bug(
        "mail-taken-by-anybody",
        "whoever finds a mail takes it, whether it was sent or is being sent",
        Cut(Email.claimable, ("self.delivery in _ON_ITS_WAY and self.due is not None and self.due <= now", "True")),
        stories="membership",
        at="message.emails queue.SendMessage",
    ),
    bug(
        "mail-unknown-is-unsent",
        "a mail that nobody knows of whether it was sent counts as unsent",
        Cut(
            send_email._send,
            (
                'log.warning("email_unknown email_id=%s attempt=%d reason=%s", email.id, email.attempt, refusal)',
                _POSTPONE,
            ),
        ),
        stories="membership",
        at=_SEND,
        elsewhere="tests/flows/test_send_email.py::test_after_an_unknown_result_the_services_own_news_settles_it",
    ),
    bug(
        "mail-refused-is-unknown",
        "a mail that was surely not sent waits as long as one that nobody knows of",
        Cut(send_email._send, (_POSTPONE, "return None")),
        stories="membership",
        at=_SEND,
        elsewhere="tests/flows/test_send_email.py::test_a_definite_no_is_tried_again_after_a_pause",
    ),
    bug(
        "mail-refused-for-good",
        "a mail that was refused for the moment is given up",
        Cut(send_email._send, (_POSTPONE, "return email.failed(reason=str(refusal))")),
        stories="membership",
        at=_SEND,
    ),
    bug(
        "mail-rejected-for-good",
        "SES's word for a sender that is not verified yet is taken for a refusal for good",
        Constant(ses_sender, "_FOR_GOOD", frozenset({"BadRequestException", "MessageRejected"})),
        stories="membership",
        at=_SEND,
    ),
    bug(
        "mail-result-over-its-news",
        "what the sender writes takes the place of what the mail service has told meanwhile",
        Cut(
            LivingTableShelf.update,
            (_STILL, f"({_KEPT} if self._record.kind == 'email' and noun.delivery.value == 'sent' else {_STILL})"),
        ),
        stories="membership",
        at=_SEND,
    ),
    bug(
        "mail-news-before-its-result",
        "what the mail service tells is not heard before the sender has written that it was sent",
        Cell(FOLLOWS, Delivery.DELIVERED, frozenset({Delivery.SENT, Delivery.FAILED})),
        Cell(FOLLOWS, Delivery.SENT, frozenset()),
        stories="membership",
        at=_SEND,
    ),
    bug(
        "mail-news-of-what-was-sent",
        "that a mail was sent does not settle one that is claimed",
        Cell(FOLLOWS, Delivery.SENT, frozenset()),
        stories="membership",
        at=_SEND,
        judgement="redundant as long as the news that it arrived comes too, which settles it as well",
    ),
    bug(
        "mail-news-after-giving-up",
        "that a mail arrived is not heard once it was given up",
        Cell(FOLLOWS, Delivery.DELIVERED, frozenset({Delivery.QUEUED, Delivery.SENDING, Delivery.SENT})),
        stories="membership",
        at=_SEND,
        elsewhere="tests/flows/test_send_email.py::test_one_that_was_given_up_and_arrived_all_the_same_is_delivered",
    ),
    bug(
        "mail-late-news-counts",
        "a mail that has arrived is only sent again, by news of before",
        Cell(FOLLOWS, Delivery.SENT, frozenset(Delivery)),
        stories="membership",
        at="news.mail",
        elsewhere="tests/domain/test_email.py::test_news_moves_an_email_forward_only",
    ),
    bug(
        "mail-news-lost-to-the-sender",
        "what the mail service tells is lost when the sender writes at the same moment",
        Cut(
            record_delivery.record_delivery,
            ("except Changed:\n            continue", "except Changed:\n            return"),
        ),
        stories="membership",
        at=f"{_SEND} news.mail",
        judgement=(
            "untested: no test has sender and news write at one moment and then no later news; a bounce could be lost"
        ),
    ),
    bug(
        "mail-sent-by-the-sdk-again",
        "the SDK sends again what it got no answer to",
        Cut(ses_sender.ses_client, ('"total_max_attempts": 1', '"total_max_attempts": 3')),
        stories="membership",
        at=_SEND,
        elsewhere="tests/adapters/test_ses_sender.py::test_a_refusal_is_for_good_only_when_it_is_about_this_mail",
    ),
    bug(
        "mail-queue-is-needed",
        "without its queue the outbox stops whoever has just written into it",
        Cut(
            dispatch.dispatch,
            (
                'log.warning("emails_left_for_sweep first_email_id=%s count=%d", email.id, len(outbox) - place)',
                "raise",
            ),
        ),
        stories="membership; free meeting",
        at="queue.SendMessage",
        judgement=(
            "comfort: whoever is told to try again finds it written; without it a visitor sees "
            "trouble where there is none"
        ),
    ),
    bug(
        "mail-waits-for-nobody",
        "a mail does not wait while another of its kind has just gone to the same address",
        Constant(
            shelves,
            "OWN_OR_OVER",
            "attribute_not_exists(#expires) OR attribute_exists(#expires) OR #expires <= :now OR #email_id = :email_id",
        ),
        stories="free meeting",
        elsewhere="tests/flows/test_mail_pause.py::test_the_next_of_its_kind_waits_and_each_comes_once",
    ),
    bug(
        "mail-waits-for-itself",
        "a mail that was interrupted waits for itself",
        Constant(
            shelves,
            "OWN_OR_OVER",
            "attribute_not_exists(#expires) OR #expires <= :now OR (#email_id = :email_id AND #expires < :now)",
        ),
        stories="free meeting",
        at=_SEND,
        elsewhere="tests/flows/test_mail_pause.py::test_one_that_was_interrupted_still_has_its_place_when_it_comes_again",
    ),
)
