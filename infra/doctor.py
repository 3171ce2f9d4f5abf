"""Look at everything a deployed desk needs: each line green or red, and with a red one what to do.

    python -m infra.doctor --stage prod

Changes nothing. The exit code is 0 when every line is green.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

import requests
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.domain.error import Unavailable
from chalicelib.settings import SECRETS, SettingsWrong
from infra.account import Account, account
from infra.mail_domain import allowance, domains, look_up
from infra.package import stages
from infra.parameters import Parameters
from infra.questions import ALARM_EMAIL, complaints
from infra.resources import QUEUES, dead_letter_queue_name, table_name
from infra.setup import SANDBOX, STRIPE_KEY, WEBHOOK_SECRET
from infra.stack import WELL, stack_of
from infra.stripe_key import missing_rights
from infra.trouble import Trouble, guarded, in_words
from infra.watch import alarm_name
from infra.webhook_endpoint import KEYS, WebhookEndpoints

GREEN, RED, PLAIN = "\033[32m", "\033[31m", "\033[0m"
CONFIRM = (
    "click the link in the mail of AWS Notifications; when it is older than three days, ask for a new one: "
    "aws sns subscribe --protocol email --notification-endpoint (address) --topic-arn (AlarmTopic of the stack)"
)
AGAIN = "mend that first, and look again"
LATE = timedelta(minutes=15)
# A young account gets 10; 500 visitors at once want some 50.
SMALL = 100


class Red(Exception):
    """One thing is not in order; the message says what, `remedy` what to do."""

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was looked at, and how it is; a red one has a remedy."""

    subject: str
    finding: str
    remedy: str = ""

    @property
    def green(self) -> bool:
        return not self.remedy


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make doctor", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    given = parser.parse_args(arguments)
    return guarded(lambda: _report(Examination(account(), stage=given.stage)))


def _report(examination: Examination) -> int:
    red = 0
    for line in examination.lines():
        red += not line.green
        colour, end = ((GREEN if line.green else RED), PLAIN) if sys.stdout.isatty() else ("", "")
        print(f"{colour}{'green' if line.green else 'RED  '}{end}  {line.subject:18} {line.finding}", flush=True)
        if line.remedy:
            print(f"       {'':18} → {line.remedy}", flush=True)
    print(f"{red} red" if red else "all green")
    return 1 if red else 0


class Examination:
    """Everything that is looked at, one method each: it answers a finding, or raises Red."""

    def __init__(self, where: Account, *, stage: str) -> None:
        self._where, self._stage = where, stage
        self._stack = stack_of(where, stage=stage)
        self._parameters = Parameters(where.client("ssm"), stage=stage)

    def lines(self) -> Iterator[Line]:
        """Each line as soon as it is known; one that cannot be looked at is red too."""
        before: dict[str, Callable[[], str]] = {
            "account": self.account,
            "settings": self.settings,
            "secrets": self.secrets,
            "Stripe key": self.stripe_key,
            "Stripe webhook": self.webhook,
            "mail domain": self.mail_domain,
            "mail allowance": self.mail_allowance,
            "stack": self.stack,
        }
        deployed: dict[str, Callable[[], str]] = {
            "table": self.table,
            "pages": self.pages,
            "workers": self.workers,
            "schedules": self.schedules,
            "dead letters": self.dead_letters,
            "overdue": self.overdue,
            "differences": self.differences,
            "alarms": self.alarms,
            "who is told": self.told,
            "room to run": self.room,
        }
        for subject, look in before.items():
            yield self._line(subject, look)
        if self._stack.state():
            for subject, look in deployed.items():
                yield self._line(subject, look)

    def _line(self, subject: str, look: Callable[[], str]) -> Line:
        try:
            return Line(subject=subject, finding=look())
        except Red as red:
            return Line(subject=subject, finding=str(red), remedy=red.remedy)
        except (Trouble, SettingsWrong) as trouble:
            return Line(subject=subject, finding=str(trouble), remedy=self._make("setup"))
        except (ClientError, BotoCoreError) as error:
            return Line(subject=subject, finding=in_words(error), remedy=AGAIN)
        except Unavailable as error:
            return Line(subject=subject, finding=f"the table does not answer ({error})", remedy=AGAIN)

    def account(self) -> str:
        return f"{self._where.number} in {self._where.region}"

    def settings(self) -> str:
        found = complaints(self._kept, stage=self._stage)
        if ALARM_EMAIL not in self._kept:
            found.append(f"{ALARM_EMAIL} is missing")
        if "LOKET_BASE_URL" not in self._kept:
            found.append("LOKET_BASE_URL is missing (make deploy fills it in)")
        if found:
            raise Red("; ".join(found), remedy=self._make("setup"))
        return f"{len(self._kept)} kept, for {self._kept['LOKET_ASSOCIATION_NAME']}"

    def secrets(self) -> str:
        missing = [name for name in SECRETS if name not in self._secrets]
        if missing:
            step = "deploy" if missing == [WEBHOOK_SECRET] else "setup"
            raise Red(f"{', '.join(missing)} is missing", remedy=self._make(step))
        return f"all {len(SECRETS)} are kept"

    def stripe_key(self) -> str:
        missing = missing_rights(self._secrets.get(STRIPE_KEY, ""), api_base=self._kept.get("STRIPE_API_BASE", ""))
        if missing:
            raise Red(f"it lacks {'; '.join(missing)}", remedy=f"give it these rights at {KEYS}")
        live = "_live_" in self._secrets[STRIPE_KEY]
        if self._stage == "prod" and not live:
            raise Red("a test key: nobody is really paid", remedy=f"{self._make('rotate')} SECRET={STRIPE_KEY}")
        return "Stripe takes it" + (", and real money with it" if live else "; no real money")

    def webhook(self) -> str:
        self._endpoints.check_alone()
        every, kept = self._endpoints.all(), self._parameters.source(WEBHOOK_SECRET)
        if kept not in every:
            raise Red("no endpoint at Stripe signs with the secret that is kept", remedy=self._make("deploy"))
        faults = every[kept].faults(base_url=self._kept.get("LOKET_BASE_URL", ""))
        if len(every) > 1:
            faults.append(f"{len(every) - 1} more bring everything twice")
        if faults:
            raise Red("; ".join(faults), remedy=self._make("setup"))
        return f"{len(every[kept].events)} kinds of event come to {every[kept].url}"

    def mail_domain(self) -> str:
        names = domains(self._kept)
        for name in names:
            self._check_mail_domain(name)
        return f"SES sends for {' and '.join(names)}"

    def _check_mail_domain(self, name: str) -> None:
        domain = look_up(self._ses, domain=name, region=self._where.region)
        if not domain.known:
            raise Red(f"SES does not know {name}", remedy=self._make("setup"))
        wanted = "; ".join(f"{each.kind} {each.name} {each.value}" for each in domain.records)
        if not domain.verified:
            raise Red(f"SES has no proof of {name}", remedy=f"add to its DNS: {wanted}")
        if not domain.mail_from_set:
            raise Red(f"bounces of {name} do not go to a subdomain of it", remedy=f"add to its DNS: {wanted}")

    def mail_allowance(self) -> str:
        allowed = allowance(self._ses)
        if not allowed.sending:
            raise Red("SES has stopped this account", remedy="read its mail to the account's owner, and answer it")
        if allowed.sandbox:
            raise Red("SES keeps this account in its sandbox: it mails verified addresses only", remedy=SANDBOX)
        return f"{allowed.per_day} a day, {allowed.per_second:g} a second"

    def stack(self) -> str:
        state = self._stack.state()
        if not state:
            raise Red("there is none", remedy=self._make("deploy"))
        if state not in WELL:
            raise Red(f"it is in {state}", remedy=f"{self._make('deploy')} says what to do")
        return state.lower().replace("_", " ")

    def table(self) -> str:
        dynamodb, name = self._where.client("dynamodb"), table_name(stage=self._stage)
        try:
            found = dynamodb.describe_table(TableName=name)["Table"]
        except dynamodb.exceptions.ResourceNotFoundException:
            raise Red(f"{name} is not there", remedy=self._make("deploy")) from None
        back = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        if back.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
            remedy = (
                f"aws dynamodb update-continuous-backups --table-name {name} "
                "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
            )
            raise Red("it could not be brought back to a second of the last 35 days", remedy=remedy)
        ends = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if ends.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            remedy = (
                f"aws dynamodb update-time-to-live --table-name {name} "
                "--time-to-live-specification Enabled=true,AttributeName=expires"
            )
            raise Red("what should go by itself, such as codes to log in with, stays in it", remedy=remedy)
        if not found.get("DeletionProtectionEnabled"):
            remedy = f"aws dynamodb update-table --table-name {name} --deletion-protection-enabled"
            raise Red("anybody who may deploy can delete it by a slip", remedy=remedy)
        return f"{name}, recoverable and protected"

    def pages(self) -> str:
        url = f"{self._kept.get('LOKET_BASE_URL', '')}/nl"
        try:
            answer = requests.get(url, timeout=30)
        except requests.RequestException as error:
            raise Red(
                f"{url} does not answer ({type(error).__name__})",
                remedy="look at its DNS, then at the log of api_handler",
            ) from error
        if answer.status_code != requests.codes.ok:
            raise Red(f"{url} answers {answer.status_code}", remedy="the log of the function api_handler says why")
        if not self._store.offers():
            raise Red(f"{url} offers nothing", remedy="put an offer in chalicelib/offers, and deploy")
        return f"{url} answers in {answer.elapsed.total_seconds():.1f} s"

    def workers(self) -> str:
        sources = self._stack.resources("AWS::Lambda::EventSourceMapping")
        client = self._where.client("lambda")
        idle = [
            name for name, uuid in sources.items() if client.get_event_source_mapping(UUID=uuid)["State"] != "Enabled"
        ]
        if idle or not sources:
            raise Red(
                f"nobody reads {', '.join(idle) or 'any queue'}",
                remedy=f"{self._make('deploy')}, or enable it in the console of Lambda",
            )
        return f"{len(sources)} queues are read"

    def schedules(self) -> str:
        rules = self._stack.resources("AWS::Events::Rule")
        client = self._where.client("events")
        off = [
            name
            for name, rule in rules.items()
            if client.describe_rule(Name=rule.rpartition("/")[2])["State"] != "ENABLED"
        ]
        if off or not rules:
            raise Red(
                f"{', '.join(off) or 'none'} is switched on no longer", remedy="enable it in the console of EventBridge"
            )
        return f"{len(rules)} are on"

    def dead_letters(self) -> str:
        sqs, found = self._where.client("sqs"), []
        for queue in QUEUES:
            url = sqs.get_queue_url(QueueName=dead_letter_queue_name(queue, stage=self._stage))["QueueUrl"]
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            count = int(told["Attributes"]["ApproximateNumberOfMessages"])
            found += [f"{count} of {queue}"] if count else []
        if found:
            raise Red(f"laid aside: {', '.join(found)}", remedy=self._make("dead-letters"))
        return "none"

    def overdue(self) -> str:
        waited = self._store.overdue(now=datetime.now(UTC))
        if waited > LATE:
            remedy = "docs/operate.md#overdue"
            raise Red(f"something has waited for {int(waited.total_seconds() // 60)} minutes", remedy=remedy)
        return "nothing"

    def differences(self) -> str:
        found = self._store.differences()
        if found:
            raise Red(f"{len(found)} with Stripe's books", remedy="see Vandaag behind the desk, and docs/money.md")
        return "none with Stripe's books"

    def alarms(self) -> str:
        ours = alarm_name("", stage=self._stage)
        found = self._where.client("cloudwatch").describe_alarms(AlarmNamePrefix=ours)["MetricAlarms"]
        ringing = [each["AlarmName"].removeprefix(ours) for each in found if each["StateValue"] == "ALARM"]
        if ringing:
            raise Red(f"ringing: {', '.join(ringing)}", remedy=f"docs/operate.md#{ringing[0]}")
        if not found:
            raise Red("there are none", remedy=self._make("deploy"))
        return f"{len(found)}, none of them rings"

    def told(self) -> str:
        topic = self._stack.outputs().get("AlarmTopic", "")
        if not topic:
            raise Red("nobody", remedy=self._make("deploy"))
        found = self._where.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        waiting = [each["Endpoint"] for each in found if each["SubscriptionArn"] == "PendingConfirmation"]
        if waiting or not found:
            who = ", ".join(waiting) or self._kept.get(ALARM_EMAIL, "somebody")
            raise Red(f"{who} has not said yes to alarms", remedy=CONFIRM)
        return ", ".join(each["Endpoint"] for each in found)

    def room(self) -> str:
        at_once = self._where.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        if at_once < SMALL:
            remedy = "ask AWS for 1,000 (Service Quotas, Lambda, Concurrent executions): it is free, and takes a day"
            raise Red(f"only {at_once} functions may run at once, too few for a rush", remedy=remedy)
        return f"{at_once} functions at once"

    @cached_property
    def _kept(self) -> dict[str, str]:
        return self._parameters.settings()

    @cached_property
    def _secrets(self) -> dict[str, str]:
        return self._parameters.secrets()

    @property
    def _endpoints(self) -> WebhookEndpoints:
        if STRIPE_KEY not in self._secrets:
            raise Red("it is missing", remedy=self._make("setup"))
        base = self._kept.get("STRIPE_API_BASE", "")
        return WebhookEndpoints(self._secrets[STRIPE_KEY], stage=self._stage, home=self._where.home, api_base=base)

    @property
    def _ses(self) -> Any:
        return self._where.client("sesv2")

    @property
    def _store(self) -> TableStore:
        table = table_name(stage=self._stage)
        return TableStore(self._where.client("dynamodb"), table=table, new_token=lambda: uuid4().hex)

    def _make(self, command: str) -> str:
        return f"make {command} STAGE={self._stage}"


if __name__ == "__main__":
    sys.exit(main())
