"""The contract of the mail sender, for the fake and for SES on its stand-in: once, or not at all, or nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.error import MailPostponed, MailRejected, MailUnknown
from tests.adapters.mail_desk import EMAIL_ID, LETTER, FakeMailDesk, MailDesk


@pytest.fixture(params=["fake", "ses"])
def desk(request: pytest.FixtureRequest) -> MailDesk:
    if request.param == "fake":
        return FakeMailDesk()
    desk: MailDesk = request.getfixturevalue("ses")
    return desk


SENT = [(EMAIL_ID, LETTER.to, LETTER.subject)]


def test_a_letter_is_sent_once_and_has_an_id_of_the_mail_service(desk: MailDesk) -> None:
    assert desk.sent() == []
    assert desk.sender.send(LETTER, email_id=EMAIL_ID)
    assert desk.sent() == SENT


def test_each_letter_has_an_id_of_its_own(desk: MailDesk) -> None:
    ids = {desk.sender.send(replace(LETTER, subject=f"{number}"), email_id=f"welcome-{number}") for number in range(3)}
    assert len(ids) == 3
    assert [email_id for email_id, _, _ in desk.sent()] == ["welcome-0", "welcome-1", "welcome-2"]


def test_what_is_refused_for_good_was_not_sent(desk: MailDesk) -> None:
    desk.refuse()
    with pytest.raises(MailRejected):
        desk.sender.send(LETTER, email_id=EMAIL_ID)
    assert desk.sent() == []


def test_what_is_refused_for_now_was_not_sent_and_can_be_later(desk: MailDesk) -> None:
    desk.postpone()
    with pytest.raises(MailPostponed):
        desk.sender.send(LETTER, email_id=EMAIL_ID)
    assert desk.sent() == []
    desk.sender.send(LETTER, email_id=EMAIL_ID)
    assert desk.sent() == SENT


def test_when_the_answer_is_lost_nobody_knows_and_the_letter_went_once(desk: MailDesk) -> None:
    desk.lose_answer()
    with pytest.raises(MailUnknown):
        desk.sender.send(LETTER, email_id=EMAIL_ID)
    assert desk.sent() == SENT
