"""The domain that mails come from, as SES knows it: whether and how it is proven, and how much we may send."""

from __future__ import annotations

from collections.abc import Mapping
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
    mail_from: str
    mail_from_set: bool
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What SES lets this account send; in the sandbox only to addresses that are verified themselves."""

    sandbox: bool
    sending: bool
    per_day: int
    per_second: float


def domains(settings: Mapping[str, str]) -> list[str]:
    """The domains that mails come from: that of receipts and tickets first, then that of a newsletter if another."""
    address = settings.get("LOKET_MAIL_FROM", "")
    bulk = settings.get("LOKET_BULK_MAIL_FROM", "") or address
    return list(dict.fromkeys(each.rpartition("@")[2] for each in (address, bulk)))


def look_up(ses: Any, *, domain: str, region: str) -> MailDomain:
    """How the domain is now."""
    try:
        found = ses.get_email_identity(EmailIdentity=domain)
    except ClientError as error:
        if error.response["Error"].get("Code") != "NotFoundException":
            raise
        return MailDomain(name=domain, known=False, verified=False, mail_from="", mail_from_set=False, records=())
    bounces = found.get("MailFromAttributes", {})
    mail_from = bounces.get("MailFromDomain", "")
    dkim = found.get("DkimAttributes", {})
    return MailDomain(
        name=domain,
        known=True,
        verified=bool(found.get("VerifiedForSendingStatus")),
        mail_from=mail_from,
        mail_from_set=bounces.get("MailFromDomainStatus") == "SUCCESS",
        records=_records(domain, dkim=dkim, bounces=mail_from or _bounces(domain), region=region),
    )


def make_known(ses: Any, found: MailDomain) -> bool:
    """Tell SES of the domain, and let bounces go to a subdomain of it, so that SPF is of the same domain.

    Whether there was anything to tell; what somebody else chose for bounces stays.
    """
    if not found.known:
        ses.create_email_identity(EmailIdentity=found.name)
    if not found.mail_from:
        ses.put_email_identity_mail_from_attributes(EmailIdentity=found.name, MailFromDomain=_bounces(found.name))
    return not (found.known and found.mail_from)


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


def _records(domain: str, *, dkim: dict[str, Any], bounces: str, region: str) -> tuple[Record, ...]:
    """DKIM signs, SPF names the sender, DMARC says what to do with others (Gmail and Microsoft want all three)."""
    # in some regions it is another one
    zone = dkim.get("SigningHostedZone") or "dkim.amazonses.com"
    return (
        *(
            Record(kind="CNAME", name=f"{token}._domainkey.{domain}", value=f"{token}.{zone}")
            for token in dkim.get("Tokens", [])
        ),
        Record(kind="MX", name=bounces, value=f"10 feedback-smtp.{region}.amazonses.com"),
        Record(kind="TXT", name=bounces, value="v=spf1 include:amazonses.com ~all"),
        Record(kind="TXT", name=f"_dmarc.{domain}", value="v=DMARC1; p=none"),
    )
