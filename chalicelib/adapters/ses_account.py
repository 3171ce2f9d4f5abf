"""What Amazon SES says of the account: how fast and how much it may send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.ses_sender import ses_client
from chalicelib.domain.error import MailUnavailable
from chalicelib.domain.mail_quota import MailQuota

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client


class SesAccount:
    """Asks SES (the port MailAccount)."""

    def __init__(self, client: SESV2Client | None = None) -> None:
        self._client = client

    def quota(self) -> MailQuota:
        self._client = self._client or ses_client()
        try:
            quota = self._client.get_account()["SendQuota"]
        except (ClientError, BotoCoreError) as error:
            raise MailUnavailable(type(error).__name__) from None
        return MailQuota(
            per_second=quota.get("MaxSendRate", 0),
            per_day=quota.get("Max24HourSend", 0),
            sent=quota.get("SentLast24Hours", 0),
        )
