"""The domain that mails come from, as SES knows it: whether and how it is proven, and how much we may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line to be added to a domain's DNS."""

    kind: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDomain:
    """How far a domain is: `known` to SES, its sender `verified`, and bounces going to our own subdomain."""

    name: str
    known: bool
    verified: bool
    mail_from_set: bool
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What SES lets this account send; in the sandbox only to addresses that are verified themselves."""

    sandbox: bool
    sending: bool
    per_day: int
    per_second: float


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def look_up(ses: Any, *, domain: str, region: str) -> MailDomain:
    """How the domain is now."""
    try:
        found = ses.get_email_identity(EmailIdentity=domain)
    except ClientError as error:
        if error.response["Error"].get("Code") != "NotFoundException":
            raise
        return MailDomain(name=domain, known=False, verified=False, mail_from_set=False, records=())
    mail_from = found.get("MailFromAttributes", {})
    return MailDomain(
        name=domain,
        known=True,
        verified=bool(found.get("VerifiedForSendingStatus")),
        mail_from_set=mail_from.get("MailFromDomainStatus") == "SUCCESS",
        records=_records(domain, tokens=found.get("DkimAttributes", {}).get("Tokens", []), region=region),
    )


def make_known(ses: Any, *, domain: str) -> None:
    """Tell SES of the domain, and let bounces go to a subdomain of it, so that SPF is of the same domain."""
    ses.create_email_identity(EmailIdentity=domain)
    ses.put_email_identity_mail_from_attributes(EmailIdentity=domain, MailFromDomain=_bounces(domain))


def allowance(ses: Any) -> Allowance:
    found = ses.get_account()
    quota = found.get("SendQuota", {})
    return Allowance(
        sandbox=not found.get("ProductionAccessEnabled"),
        sending=bool(found.get("SendingEnabled")),
        per_day=int(quota.get("Max24HourSend", 0)),
        per_second=float(quota.get("MaxSendRate", 0)),
    )


def _bounces(domain: str) -> str:
    return f"bounce.{domain}"


def _records(domain: str, *, tokens: list[str], region: str) -> tuple[Record, ...]:
    """DKIM signs, SPF names the sender, DMARC says what to do with others (Gmail and Microsoft want all three)."""
    return (
        *(
            Record(kind="CNAME", name=f"{token}._domainkey.{domain}", value=f"{token}.dkim.amazonses.com")
            for token in tokens
        ),
        Record(kind="MX", name=_bounces(domain), value=f"10 feedback-smtp.{region}.amazonses.com"),
        Record(kind="TXT", name=_bounces(domain), value="v=spf1 include:amazonses.com ~all"),
        Record(kind="TXT", name=f"_dmarc.{domain}", value="v=DMARC1; p=none"),
    )
