"""Every line of the doctor: green on a desk that is in order, red when its cause is broken, and green again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import records
from devstack.environment import MAIL_FROM
from infra import doctor
from infra.account import account
from infra.doctor import Examination, Line, Red
from infra.parameters import Parameters
from infra.resources import dead_letter_queue_name, stack_name, table_name
from tests.adapters.money_samples import DIFFERENCE
from tests.rehearsal.cloud import MAIL_DOMAIN, STAGE, Cloud, leave_a_failed_stack
from tests.rehearsal.conftest import Deployed

SETTINGS, KEY = f"/{stack_name(stage=STAGE)}/settings", f"/{stack_name(stage=STAGE)}/STRIPE_SECRET_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One thing that is not in order: which line says so, in which words, and what it tells to do."""

    line: str
    says: str
    remedy: str
    how: Callable[[Deployed], Any]


def lines(deployed: Deployed) -> dict[str, Line]:
    return {line.subject: line for line in Examination(deployed.where, stage=STAGE).lines()}


def one(deployed: Deployed, subject: str) -> Line:
    """One of them; those that come after it are not looked at."""
    return next(line for line in Examination(deployed.where, stage=STAGE).lines() if line.subject == subject)


@pytest.fixture(scope="module")
def desk(deployed: Deployed) -> Deployed:
    """Where the emulator does not do what the template says, it is done by hand."""
    with _table(deployed):
        return deployed


def test_a_desk_in_order_is_green_all_over(desk: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(["--stage", STAGE]) == 0
    said = capsys.readouterr().out
    assert said.endswith("all green\n")
    assert "RED" not in said
    assert len(lines(desk)) == len({each.line for each in BREAKS} | {"account", "stack", "room to run"})


@contextmanager
def _parameter(desk: Deployed, name: str, change: Callable[[str], str | None]) -> Iterator[None]:
    ssm = desk.where.client("ssm")
    found = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    kind, value = found["Type"], found["Value"]
    changed = change(value)
    if changed is None:
        ssm.delete_parameter(Name=name)
    else:
        ssm.put_parameter(Name=name, Value=changed, Type=kind, Overwrite=True)
    try:
        yield
    finally:
        ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)


def _setting(**changes: str | None) -> Callable[[Deployed], Any]:
    def changed(text: str) -> str:
        settings = json.loads(text) | changes
        return json.dumps({name: value for name, value in settings.items() if value is not None})

    return lambda desk: _parameter(desk, SETTINGS, changed)


@contextmanager
def _endpoint(desk: Deployed, **changes: Any) -> Iterator[None]:
    (found,) = desk.cloud.endpoints()
    before = {"disabled": "false"} | {f"enabled_events[{at}]": name for at, name in enumerate(found["enabled_events"])}
    desk.cloud.change_endpoint(found["id"], **changes)
    try:
        yield
    finally:
        desk.cloud.change_endpoint(found["id"], **before)


@contextmanager
def _denied(desk: Deployed) -> Iterator[None]:
    desk.cloud.deny("refunds.create")
    try:
        yield
    finally:
        desk.cloud.deny()


@contextmanager
def _other_secret(desk: Deployed) -> Iterator[None]:
    parameters = Parameters(desk.where.client("ssm"), stage=STAGE)
    name = "STRIPE_WEBHOOK_SECRET"
    secret, source = parameters.secrets()[name], parameters.source(name)
    parameters.keep_secret(name, "whsec_of_somebody_else", source="we_gone")
    try:
        yield
    finally:
        parameters.keep_secret(name, secret, source=source)


@contextmanager
def _unproven(desk: Deployed) -> Iterator[None]:
    desk.cloud.prove(verified=False)
    try:
        yield
    finally:
        desk.cloud.prove()


@contextmanager
def _account(desk: Deployed, **how: bool) -> Iterator[None]:
    desk.cloud.put_account(**how)
    try:
        yield
    finally:
        desk.cloud.put_account(sandbox=False, sending=True)


@contextmanager
def _table(desk: Deployed, **how: bool) -> Iterator[None]:
    dynamodb, name = desk.where.client("dynamodb"), table_name(stage=STAGE)

    def put(*, back: bool, protected: bool, ends: bool) -> None:
        lives = {"Enabled": ends, "AttributeName": "expires"}
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=lives)
        wish = {"PointInTimeRecoveryEnabled": back}
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=wish)
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=protected)

    put(**{"back": True, "protected": True, "ends": True} | how)
    try:
        yield
    finally:
        put(back=True, protected=True, ends=True)


@contextmanager
def _worker_off(desk: Deployed) -> Iterator[None]:
    source = desk.stack.resources("AWS::Lambda::EventSourceMapping")["EmailsEmailsSqsEventSource"]
    client = desk.where.client("lambda")
    client.update_event_source_mapping(UUID=source, Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=source, Enabled=True)


@contextmanager
def _schedule_off(desk: Deployed) -> Iterator[None]:
    rule = desk.stack.resources("AWS::Events::Rule")["SweepSweepEvent"].rpartition("/")[2]
    desk.where.client("events").disable_rule(Name=rule)
    try:
        yield
    finally:
        desk.where.client("events").enable_rule(Name=rule)


@contextmanager
def _dead_letter(desk: Deployed) -> Iterator[None]:
    sqs = desk.where.client("sqs")
    url = sqs.get_queue_url(QueueName=dead_letter_queue_name("payments", stage=STAGE))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    try:
        yield
    finally:
        sqs.purge_queue(QueueUrl=url)


@contextmanager
def _row(desk: Deployed, **row: str) -> Iterator[None]:
    dynamodb, table = desk.where.client("dynamodb"), table_name(stage=STAGE)
    item = {name: {"S": value} for name, value in row.items()}
    dynamodb.put_item(TableName=table, Item=item)
    try:
        yield
    finally:
        dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})


def _overdue(desk: Deployed) -> Any:
    due = datetime.now(UTC) - timedelta(minutes=40)
    text = due.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return _row(desk, pk="ORDER#x", sk="EMAIL#x", record="email", due_kind="email", due=text)


@contextmanager
def _difference(desk: Deployed) -> Iterator[None]:

    dynamodb, table = desk.where.client("dynamodb"), table_name(stage=STAGE)
    item = records.DIFFERENCE.write(DIFFERENCE)
    dynamodb.put_item(TableName=table, Item=item)
    try:
        yield
    finally:
        dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})


@contextmanager
def _alarm(desk: Deployed) -> Iterator[None]:
    cloudwatch, name = desk.where.client("cloudwatch"), f"{stack_name(stage=STAGE)}-overdue"
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    try:
        yield
    finally:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")


@contextmanager
def _nobody_told(desk: Deployed) -> Iterator[None]:
    sns, topic = desk.where.client("sns"), desk.stack.outputs()["AlarmTopic"]
    (found,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    try:
        yield
    finally:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=found["Endpoint"])


BREAKS = (
    Broken(
        line="settings",
        says="LOKET_ASSOCIATION_NAME is missing",
        remedy="make setup STAGE=dev",
        how=_setting(LOKET_ASSOCIATION_NAME=None),
    ),
    Broken(
        line="settings",
        says="LOKET_BASE_URL does not look right",
        remedy="make setup STAGE=dev",
        how=_setting(LOKET_BASE_URL="https://Example.nl/?"),
    ),
    Broken(
        line="settings", says="ALARM_EMAIL is missing", remedy="make setup STAGE=dev", how=_setting(ALARM_EMAIL=None)
    ),
    Broken(
        line="secrets",
        says="STRIPE_SECRET_KEY is missing",
        remedy="make setup STAGE=dev",
        how=lambda desk: _parameter(desk, KEY, lambda _: None),
    ),
    Broken(
        line="Stripe key",
        says="has expired",
        remedy="make setup STAGE=dev",
        how=lambda desk: _parameter(desk, KEY, lambda _: "sk_test_expired"),
    ),
    Broken(line="Stripe key", says="it lacks Refunds: write", remedy="give it these rights", how=_denied),
    Broken(
        line="Stripe webhook",
        says="no endpoint at Stripe signs with the secret that is kept",
        remedy="make deploy STAGE=dev",
        how=_other_secret,
    ),
    Broken(
        line="Stripe webhook",
        says="it is switched off",
        remedy="make setup STAGE=dev",
        how=lambda desk: _endpoint(desk, disabled="true"),
    ),
    Broken(
        line="Stripe webhook",
        says="it lacks charge.dispute.closed",
        remedy="make setup STAGE=dev",
        how=lambda desk: _endpoint(desk, **{"enabled_events[0]": "checkout.session.completed"}),
    ),
    Broken(
        line="mail domain",
        says=f"SES has no proof of {MAIL_DOMAIN}",
        remedy="add to its DNS: CNAME ",
        how=_unproven,
    ),
    Broken(
        line="mail domain",
        says="SES does not know elsewhere.example",
        remedy="make setup STAGE=dev",
        how=_setting(LOKET_MAIL_FROM="a@elsewhere.example"),
    ),
    Broken(
        line="mail domain",
        says="SES does not know nieuws.elsewhere.example",
        remedy="make setup STAGE=dev",
        how=_setting(LOKET_BULK_MAIL_FROM="a@nieuws.elsewhere.example"),
    ),
    Broken(
        line="mail allowance",
        says="SES keeps this account in its sandbox",
        remedy="https://console.aws.amazon.com/ses/",
        how=lambda desk: _account(desk, sandbox=True),
    ),
    Broken(
        line="mail allowance",
        says="SES has stopped this account",
        remedy="read its mail",
        how=lambda desk: _account(desk, sending=False),
    ),
    Broken(
        line="table",
        says="it could not be brought back",
        remedy="aws dynamodb update-continuous-backups",
        how=lambda desk: _table(desk, back=False),
    ),
    Broken(
        line="table",
        says="can delete it by a slip",
        remedy="aws dynamodb update-table",
        how=lambda desk: _table(desk, protected=False),
    ),
    Broken(
        line="table",
        says="what should go by itself",
        remedy="aws dynamodb update-time-to-live",
        how=lambda desk: _table(desk, ends=False),
    ),
    Broken(
        line="pages",
        says="does not answer",
        remedy="look at its DNS",
        how=_setting(LOKET_BASE_URL="http://127.0.0.1:9"),
    ),
    Broken(line="workers", says="nobody reads Emails", remedy="make deploy STAGE=dev", how=_worker_off),
    Broken(line="schedules", says="SweepSweepEvent", remedy="enable it", how=_schedule_off),
    Broken(
        line="dead letters", says="laid aside: 1 of payments", remedy="make dead-letters STAGE=dev", how=_dead_letter
    ),
    Broken(line="overdue", says="something has waited for 40 minutes", remedy="docs/operate.md#overdue", how=_overdue),
    Broken(line="differences", says="1 with Stripe's books", remedy="see Vandaag", how=_difference),
    Broken(line="alarms", says="ringing: overdue", remedy="docs/operate.md#overdue", how=_alarm),
    Broken(line="who is told", says="has not said yes", remedy="click the link", how=_nobody_told),
)


def test_a_stack_that_is_not_there_or_was_left_over_is_red(empty_cloud: Cloud) -> None:
    (line,) = [line for line in Examination(account(), stage=STAGE).lines() if line.subject == "stack"]
    assert (line.finding, line.remedy) == ("there is none", "make deploy STAGE=dev")
    leave_a_failed_stack(empty_cloud)
    (line,) = [line for line in Examination(account(), stage=STAGE).lines() if line.subject == "stack"]
    assert (line.finding, line.remedy) == ("it is in ROLLBACK_COMPLETE", "make deploy STAGE=dev says what to do")


def test_a_young_account_has_too_little_room(desk: Deployed) -> None:
    class Young:
        """Lambda in an account that is a day old."""

        def get_account_settings(self) -> dict[str, Any]:
            return {"AccountLimit": {"ConcurrentExecutions": 10}}

    where = replace(desk.where, client=lambda name: Young() if name == "lambda" else desk.where.client(name))
    with pytest.raises(Red, match="only 10 functions may run at once") as red:
        Examination(where, stage=STAGE).room()
    assert "Service Quotas" in red.value.remedy


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: f"{broken.line}: {broken.says}")
def test_a_line_is_red_for_its_cause_and_green_again(desk: Deployed, broken: Broken) -> None:
    assert MAIL_FROM.endswith(MAIL_DOMAIN)
    with broken.how(desk):
        line = one(desk, broken.line)
        assert not line.green
        assert broken.says in line.finding
        assert broken.remedy in line.remedy
        assert "sk_test" not in line.finding
    assert one(desk, broken.line).green
