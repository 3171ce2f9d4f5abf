"""The template that CloudFormation reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from chalicelib.settings import read_settings
from infra.resources import QUEUES, RECONCILE_TIMEOUT, WORKER_TIMEOUT, table
from tests.package.template import Json, Template

WEB_TIMEOUT = 29  # API Gateway waits no longer
SECRET = re.compile(r"SECRET|KEY|PASSWORD|TOKEN")
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
    "BaseUrl": "https://loket.example.nl",
    "MailFrom": "aanmelden@notify.example.nl",
    "SecretKey": "0123456789" * 4,
    "StripeSecretKey": "sk_test_0123",
    "StripeWebhookSecret": "whsec_0123",
}

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
            return arn.endswith((":identity/*", ":configuration-set/${ConfigurationSet}"))
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


def test_mail_goes_out_under_one_address_only(template: Template) -> None:
    mail = [
        statement
        for name in template.functions
        for statement in template.statements(name)
        if any(action.startswith("ses:") for action in statement["Action"])
    ]
    assert mail
    for each in mail:
        assert each["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}


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
    assert scaling == {"Payments": {"MaximumConcurrency": 5}}
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


def test_no_secret_stands_in_the_template(template: Template) -> None:
    parameters = template.content["Parameters"]
    for name in template.functions:
        secrets = {key: value for key, value in template.variables(name).items() if SECRET.search(key)}
        assert len(secrets) == 3
        for value in secrets.values():
            assert parameters[value["Ref"]]["NoEcho"] is True
            assert "Default" not in parameters[value["Ref"]]
    assert not re.search(r"(sk|rk)_(test|live)_\w|whsec_\w", json.dumps(template.content))


def test_each_function_is_given_all_settings(template: Template) -> None:
    stage = template.path.parent.name.partition("-")[0]
    for name in template.functions:
        assert read_settings(template.environment(name, stack=SAMPLE)).stage == stage


def test_parameters_take_what_the_settings_take(template: Template) -> None:
    for name, parameter in template.content["Parameters"].items():
        assert re.fullmatch(parameter["AllowedPattern"], SAMPLE[name])
        assert not re.fullmatch(parameter["AllowedPattern"], "x")


def test_only_prod_takes_a_key_that_moves_money(template: Template) -> None:
    pattern = template.content["Parameters"]["StripeSecretKey"]["AllowedPattern"]
    takes_live = bool(re.fullmatch(pattern, "sk_live_0123"))
    assert takes_live is (template.path.parent.name == "prod-arm64")


def test_a_form_elsewhere_can_read_what_api_gateway_refuses(template: Template) -> None:
    api = template.of("AWS::Serverless::Api")["RestAPI"]
    assert api["EndpointConfiguration"] == "REGIONAL"
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX"):
        headers = api["GatewayResponses"][kind]["ResponseParameters"]["Headers"]
        assert headers == {"Access-Control-Allow-Origin": "'*'"}


def test_ses_tells_exactly_what_is_listened_to(template: Template) -> None:
    (destination,) = template.of("AWS::SES::ConfigurationSetEventDestination").values()
    told = destination["EventDestination"]
    assert told["Enabled"] is True
    assert set(told["MatchingEventTypes"]) == {"send", "delivery", "bounce", "complaint", "reject"}
    (subscription,) = template.of("AWS::SNS::Subscription").values()
    assert subscription["RawMessageDelivery"] is True
    assert subscription["Endpoint"] == {"Fn::GetAtt": ["DeliveriesQueue", "Arn"]}


def _listed(value: Json | list[Json]) -> list[Json]:
    return value if isinstance(value, list) else [value]
