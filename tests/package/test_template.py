"""The template that CloudFormation reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from chalicelib import settings
from chalicelib.domain.metric import Metric
from chalicelib.entrypoints.schedules import NEWSLETTER_PATIENCE
from chalicelib.settings import PARAMETERS, read_settings
from infra.resources import NEWSLETTER_TIMEOUT, QUEUES, RECONCILE_TIMEOUT, WORKER_TIMEOUT, table
from infra.wheels import MACHINES
from tests.package.conftest import PROJECT, Packages
from tests.package.stored import stored
from tests.package.template import Json, Template

WEB_TIMEOUT = 29  # API Gateway waits no longer
SAMPLE = {
    "Table": "loket-x",
    "EmailsQueue": "https://sqs.eu-west-1.amazonaws.com/1/emails",
    "PaymentsQueue": "https://sqs.eu-west-1.amazonaws.com/1/payments",
    "DeliveriesQueue": "https://sqs.eu-west-1.amazonaws.com/1/deliveries",
    "EmailsDeadLetterQueue": "https://sqs.eu-west-1.amazonaws.com/1/emails-dead",
    "PaymentsDeadLetterQueue": "https://sqs.eu-west-1.amazonaws.com/1/payments-dead",
    "DeliveriesDeadLetterQueue": "https://sqs.eu-west-1.amazonaws.com/1/deliveries-dead",
    "Exports": "loket-x-exports",
    "Exports.RegionalDomainName": "loket-x-exports.s3.eu-west-1.amazonaws.com",
    "ConfigurationSet": "loket-x-transactional",
    "BulkConfigurationSet": "loket-x-bulk",
    "MailFrom": "aanmelden@notify.example.nl",
    "BulkMailFrom": "nieuwsbrief@nieuws.example.nl",
    "AlarmEmail": "beheer@example.nl",
    "ReserveConcurrency": "yes",
    "AWS::StackName": "loket-x",
}

SECRETS = set(settings.SECRETS)
INDEXES = {index["IndexName"] for index in table()["GlobalSecondaryIndexes"]}


def test_cloudformation_lint_has_nothing_to_say(template: Template) -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    words = ["--regions", "eu-west-1", "--template", str(template.path)]
    done = subprocess.run([linter, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_each_function_has_a_role_of_its_own(template: Template) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in template.functions.values()]
    assert sorted(set(roles)) == sorted(roles) == sorted(template.of("AWS::IAM::Role"))


def test_no_role_reaches_beyond_this_stack(template: Template) -> None:
    for name in template.functions:
        for statement in template.statements(name):
            assert statement["Effect"] == "Allow" or statement["Sid"] == "LeaveTheLogAsItIs"
            assert not any("*" in action for action in statement["Action"])
            if statement["Action"] == ["ses:GetAccount"]:
                # the account is no resource of AWS: it is asked about as a whole
                assert statement["Resource"] == "*"
                continue
            for resource in _listed(statement["Resource"]):
                assert _is_narrow(resource, function=name), resource


def _is_narrow(resource: Json, *, function: str) -> bool:
    match resource:
        case {"Fn::GetAtt": [_, "Arn"]}:
            return True
        case {"Fn::Sub": str(arn)} if arn.startswith("${Table.Arn}/index/"):
            return arn.removeprefix("${Table.Arn}/index/") in INDEXES
        case {"Fn::Sub": "${Exports.Arn}/exports/*"}:
            return function == "APIHandler"
        case {"Fn::Sub": str(arn)} if ":logs:" in arn:
            return arn.endswith(f":log-group:/aws/lambda/${{AWS::StackName}}-{function}-*:*")
        case {"Fn::Sub": str(arn)}:
            # whichever identity vouches for the sender; a condition holds the sender to one address
            sets = (":configuration-set/${ConfigurationSet}", ":configuration-set/${BulkConfigurationSet}")
            return arn.endswith((":identity/*", *sets, ":parameter/${AWS::StackName}/*"))
        case _:
            return False


def test_nobody_may_change_or_take_away_what_is_in_the_log(template: Template) -> None:
    changing = {"dynamodb:DeleteItem", "dynamodb:UpdateItem"}
    for name in template.functions:
        allowed = {
            action
            for statement in template.statements(name)
            if statement["Effect"] == "Allow"
            for action in statement["Action"]
        }
        denied = [each for each in template.statements(name) if each["Effect"] == "Deny"]
        assert bool(denied) is bool(allowed & changing), name
        for each in denied:
            assert set(each["Action"]) == changing
            assert each["Condition"] == {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["AUDIT#*"]}}


def test_mail_goes_out_under_the_address_of_its_stream_only(template: Template) -> None:
    sends = [
        (name, statement)
        for name in template.functions
        for statement in template.statements(name)
        if any(action.startswith("ses:Send") for action in statement["Action"])
    ]
    streams = [
        ("Emails", "MailFrom", "ConfigurationSet"),
        # proofs of issues
        ("Emails", "BulkMailFrom", "BulkConfigurationSet"),
        ("Newsletter", "BulkMailFrom", "BulkConfigurationSet"),
        ("Sweep", "MailFrom", "ConfigurationSet"),
    ]
    assert sorted(name for name, _ in sends) == [name for name, *_ in streams]
    for name, address, configuration_set in streams:
        assert any(
            statement["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": address}}}
            and statement["Resource"][1]["Fn::Sub"].endswith(f":configuration-set/${{{configuration_set}}}")
            for function, statement in sends
            if function == name
        ), (name, address)


def test_exports_are_closed_encrypted_and_gone_after_a_day(template: Template) -> None:
    bucket = template.resources["Exports"]
    assert "DeletionPolicy" not in bucket
    properties = bucket["Properties"]
    assert "BucketName" not in properties
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert all(properties["PublicAccessBlockConfiguration"].values())
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    # every object: a rule without a filter
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 1)
    assert not {"Prefix", "TagFilters"} & rule.keys()
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (policy,) = template.of("AWS::S3::BucketPolicy").values()
    assert policy["Bucket"] == {"Ref": "Exports"}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_only_the_pages_lay_exports_ready(template: Template) -> None:
    files = {
        name: statement["Action"]
        for name in template.functions
        for statement in template.statements(name)
        if any(action.startswith("s3:") for action in statement["Action"])
    }
    assert files == {"APIHandler": ["s3:GetObject", "s3:PutObject"]}


def test_functions_stop_before_somebody_else_stops_them(template: Template) -> None:
    timeouts = {name: function["Timeout"] for name, function in template.functions.items()}
    assert timeouts.pop("APIHandler") == WEB_TIMEOUT
    assert timeouts.pop("Reconcile") == RECONCILE_TIMEOUT
    assert timeouts.pop("Newsletter") == NEWSLETTER_TIMEOUT > NEWSLETTER_PATIENCE.total_seconds() + 60
    assert set(timeouts.values()) == {WORKER_TIMEOUT}
    assert {function["MemorySize"] for function in template.functions.values()} == {1024}


def test_each_queue_has_its_worker_and_its_dead_letters(template: Template) -> None:
    queues = template.of("AWS::SQS::Queue")
    read = set()
    for function in template.functions.values():
        for event in function.get("Events", {}).values():
            if event["Type"] != "SQS":
                continue
            source = event["Properties"]
            assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            # one intrinsic: a second one beside it would be neither
            (queue,) = re.findall(r"^\$\{(\w+)\.Arn\}$", source["Queue"]["Fn::Sub"])
            assert source["Queue"].keys() == {"Fn::Sub"}
            assert queues[queue]["VisibilityTimeout"] >= 6 * function["Timeout"]
            dead, _ = queues[queue]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"]
            assert queues[dead]["MessageRetentionPeriod"] == 14 * 24 * 3600
            read.add(queue)
    assert len(read) == len(QUEUES)
    assert len(queues) == 2 * len(QUEUES)


def test_a_heap_of_webhooks_leaves_stripe_to_the_visitors(template: Template) -> None:
    """What each worker asks takes 0.3 s: so few at once stay below the 25 a second of one endpoint."""
    sources = {
        name: event["Properties"]
        for name, function in template.functions.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "SQS"
    }
    scaling = {name: source["ScalingConfig"] for name, source in sources.items() if "ScalingConfig" in source}
    five = {"MaximumConcurrency": 5}
    assert scaling == {"Payments": five, "Emails": five, "Deliveries": five}
    assert sources["Payments"]["BatchSize"] == 3


def test_the_table_outlives_the_stack(template: Template) -> None:
    table = template.resources["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["DeletionProtectionEnabled"] is True


def test_logs_are_not_kept_for_ever(template: Template) -> None:
    groups = template.of("AWS::Logs::LogGroup").values()
    assert {group["LogGroupName"]["Fn::Sub"] for group in groups} == {
        f"/aws/lambda/${{{name}}}" for name in template.functions
    }
    assert {group["RetentionInDays"] for group in groups} == {90}


def test_no_secret_stands_in_the_template_and_none_is_given_to_it(template: Template) -> None:
    assert template.content["Parameters"].keys() == {"MailFrom", "BulkMailFrom", "AlarmEmail", "ReserveConcurrency"}
    for name in template.functions:
        assert not SECRETS & template.variables(name).keys()
    assert not re.search(r"(sk|rk)_(test|live)_\w|whsec_\w", json.dumps(template.content))


def test_each_function_is_given_all_settings_with_what_is_stored(template: Template) -> None:
    stage = template.path.parent.name.partition("-")[0]
    for name in template.functions:
        variables = template.environment(name, stack=SAMPLE)
        assert variables[PARAMETERS] == "/loket-x"
        assert read_settings(stored(base_url="https://loket.example.nl") | variables).stage == stage
        # what the stack knows is stored nowhere else
        assert not stored(base_url="").keys() & variables.keys()


def test_parameters_take_what_they_are_for_and_nothing_else(template: Template) -> None:
    for name, parameter in template.content["Parameters"].items():
        assert re.fullmatch(parameter["AllowedPattern"], SAMPLE[name])
        assert not re.fullmatch(parameter["AllowedPattern"], "x")


def test_a_schedule_never_runs_twice_at_once_where_the_account_has_room(template: Template) -> None:
    assert {name for name, each in template.functions.items() if "ReservedConcurrentExecutions" in each} == {
        name
        for name, each in template.functions.items()
        if any(event["Type"] == "Schedule" for event in each.get("Events", {}).values())
    }
    for name in ("Sweep", "Reconcile", "Retention", "Newsletter"):
        function = template.functions[name]
        assert function["ReservedConcurrentExecutions"] == {
            "Fn::If": ["ReserveConcurrency", 1, {"Ref": "AWS::NoValue"}]
        }
        # the next minute does what this one did not
        assert function["EventInvokeConfig"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


def test_the_web_has_a_limit_of_its_own(template: Template) -> None:
    api = template.of("AWS::Serverless::Api")["RestAPI"]
    (settings,) = api["MethodSettings"]
    assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (100, 400)


def test_somebody_is_told_when_something_is_wrong(template: Template) -> None:
    stage = template.path.parent.name.partition("-")[0]
    alarms = template.of("AWS::CloudWatch::Alarm")
    manual = (PROJECT / "docs" / "operate.md").read_text(encoding="utf-8")
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
        name = alarm["AlarmName"].removeprefix(f"loket-{stage}-")
        assert alarm["AlarmDescription"].endswith(f" What to do: docs/operate.md#{name}")
        assert f"\n### {name}\n" in manual
    (told,) = [each for each in template.of("AWS::SNS::Subscription").values() if each["Protocol"] == "email"]
    assert (told["TopicArn"], told["Endpoint"]) == ({"Ref": "Alarms"}, {"Ref": "AlarmEmail"})
    watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms.values()}
    assert watched == {
        ("AWS/Lambda", "Errors"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/ApiGateway", "5XXError"),
        *((f"Loket/{stage}", metric.value) for metric in Metric),
    }
    failing = [alarm["Dimensions"][0]["Value"]["Ref"] for alarm in alarms.values() if alarm["MetricName"] == "Errors"]
    assert sorted(failing) == sorted(template.functions)
    dead = {
        queue["QueueName"] for name, queue in template.of("AWS::SQS::Queue").items() if name.endswith("DeadLetterQueue")
    }
    assert dead == {alarm["Dimensions"][0]["Value"] for alarm in alarms.values() if alarm["Namespace"] == "AWS/SQS"}
    # silence of the sweep, and of the reconciliation, is an alarm too
    silent = {name for name, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}
    assert silent == {"AlarmOverdue", "AlarmDifferences"}
    for name in template.functions:
        assert template.variables(name)["LOKET_METRICS"] == f"Loket/{stage}"


def test_an_alarm_about_a_schedule_is_one_that_its_schedule_can_ring(template: Template) -> None:
    minutes = {"rate(1 minute)": 1, "rate(10 minutes)": 10, "rate(1 hour)": 60}
    alarms = template.of("AWS::CloudWatch::Alarm")
    for name, function in template.functions.items():
        for event in function.get("Events", {}).values():
            if event["Type"] == "Schedule":
                alarm = alarms[f"Alarm{name}Errors"]
                runs = alarm["Period"] // 60 // minutes[event["Properties"]["Schedule"]]
                assert runs > alarm["Threshold"] + 1


def test_errors_are_counted_under_the_name_that_api_gateway_uses(template: Template) -> None:
    api = template.of("AWS::Serverless::Api")["RestAPI"]
    alarm = template.of("AWS::CloudWatch::Alarm")["AlarmServerErrors"]
    assert alarm["Dimensions"] == [{"Name": "ApiName", "Value": api["DefinitionBody"]["info"]["title"]}]


def test_the_same_template_for_every_machine_but_for_the_machine(packages: Packages) -> None:
    texts = {each: packages["dev", each].template.path.read_text(encoding="utf-8") for each in MACHINES}
    assert texts["arm64"].replace('"arm64"', '"x86_64"') == texts["x86_64"]


def test_a_form_elsewhere_can_read_what_api_gateway_refuses(template: Template) -> None:
    api = template.of("AWS::Serverless::Api")["RestAPI"]
    assert api["EndpointConfiguration"] == "REGIONAL"
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX"):
        headers = api["GatewayResponses"][kind]["ResponseParameters"]["Headers"]
        assert headers == {"Access-Control-Allow-Origin": "'*'"}


def test_ses_tells_exactly_what_is_listened_to(template: Template) -> None:
    destinations = template.of("AWS::SES::ConfigurationSetEventDestination").values()
    for destination in destinations:
        told = destination["EventDestination"]
        assert told["Enabled"] is True
        assert set(told["MatchingEventTypes"]) == {"send", "delivery", "bounce", "complaint", "reject"}
        assert told["SnsDestination"] == {"TopicARN": {"Ref": "MailNewsTopic"}}
    sets = template.of("AWS::SES::ConfigurationSet")
    assert sorted(each["Name"].split("-")[2] for each in sets.values()) == ["bulk", "transactional"]
    assert sorted(each["ConfigurationSetName"]["Ref"] for each in destinations) == sorted(sets)
    (statement,) = template.of("AWS::SNS::TopicPolicy")["MailNewsTopicPolicy"]["PolicyDocument"]["Statement"]
    sources = [each["Fn::Sub"].rpartition("/")[2] for each in statement["Condition"]["ArnEquals"]["aws:SourceArn"]]
    assert sorted(sources) == sorted(f"${{{name}}}" for name in sets), "each may publish to the topic"
    for each in sets.values():
        assert each["SuppressionOptions"] == {"SuppressedReasons": []}, "our own list decides"
    subscription = template.of("AWS::SNS::Subscription")["DeliveriesSubscription"]
    assert subscription["RawMessageDelivery"] is True
    assert subscription["Endpoint"] == {"Fn::GetAtt": ["DeliveriesQueue", "Arn"]}


def _listed(value: Json | list[Json]) -> list[Json]:
    return value if isinstance(value, list) else [value]
