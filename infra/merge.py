"""What is merged into the template that Chalice packages: the resources behind the functions, and what ties them."""

from typing import Any

from chalicelib.adapters.ses_events import EVENTS
from chalicelib.settings import PARAMETERS
from infra.resources import (
    MOST_WORKERS,
    QUEUES,
    Properties,
    configuration_set_name,
    dead_letter_queue,
    dead_letter_queue_name,
    export_bucket,
    queue,
    queue_name,
    table,
    table_name,
)
from infra.watch import api_name, metrics_namespace, watch

# As Chalice names their resources.
SCHEDULES = ("Sweep", "Reconcile", "Retention", "Newsletter")
FUNCTIONS = ("APIHandler", *(name.title() for name in QUEUES), *SCHEDULES)
# The configuration set of each stream of mail.
STREAMS = {"transactional": "ConfigurationSet", "bulk": "BulkConfigurationSet"}
# For each route: far above what 500 visitors at once ask, far below what a runaway can cost.
THROTTLING = {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 400}

type Template = dict[str, Any]
type Resources = dict[str, dict[str, Any]]


def merge_template(*, stage: str) -> Template:
    """The template to merge, for one stage. The policies in .chalice/ refer to its resources by name."""
    return {
        "Description": f"Loket ({stage}): the registration desk of an association",
        "Parameters": _parameters(),
        "Conditions": {"ReserveConcurrency": {"Fn::Equals": [{"Ref": "ReserveConcurrency"}, "yes"]}},
        "Globals": {"Function": {"Environment": {"Variables": _environment(stage=stage)}}},
        "Resources": {
            "Table": _kept("AWS::DynamoDB::Table", {"TableName": table_name(stage=stage), **table()}),
            **_queues(stage=stage),
            **_exports(),
            **_mail_news(stage=stage),
            **_workers(),
            **_schedules(),
            **_web(stage=stage),
            **watch(stage=stage, functions=FUNCTIONS),
        },
        "Outputs": {
            "TableName": {"Value": {"Ref": "Table"}},
            "ConfigurationSetName": {"Value": {"Ref": "ConfigurationSet"}},
            "BulkConfigurationSetName": {"Value": {"Ref": "BulkConfigurationSet"}},
            "AlarmTopic": {"Value": {"Ref": "Alarms"}},
        },
    }


def _parameters() -> Template:
    return {
        "MailFrom": _parameter(
            "The address that mails come from; SES must have verified its domain", r"[^@\s]+@[^@\s]+"
        ),
        "BulkMailFrom": _parameter(
            "The address that newsletters come from; SES must have verified its domain", r"[^@\s]+@[^@\s]+"
        ),
        "AlarmEmail": _parameter("Who is told when something is wrong", r"[^@\s]+@[^@\s]+"),
        # AWS refuses a reservation that leaves a young account too little
        "ReserveConcurrency": _parameter("Whether a schedule never runs twice at once", "yes|no"),
    }


def _parameter(description: str, pattern: str) -> Properties:
    return {
        "Type": "String",
        "Description": description,
        "AllowedPattern": pattern,
        "ConstraintDescription": f"must look like {pattern}",
    }


def _environment(*, stage: str) -> Template:
    """The settings that the stack itself knows; the others lie in the parameter store."""
    return {
        "LOKET_TABLE": {"Ref": "Table"},
        "LOKET_EMAIL_QUEUE_URL": {"Ref": "EmailsQueue"},
        "LOKET_PAYMENT_QUEUE_URL": {"Ref": "PaymentsQueue"},
        "LOKET_DELIVERY_QUEUE_URL": {"Ref": "DeliveriesQueue"},
        "LOKET_EMAIL_DEAD_LETTERS_URL": {"Ref": "EmailsDeadLetterQueue"},
        "LOKET_PAYMENT_DEAD_LETTERS_URL": {"Ref": "PaymentsDeadLetterQueue"},
        "LOKET_DELIVERY_DEAD_LETTERS_URL": {"Ref": "DeliveriesDeadLetterQueue"},
        "LOKET_EXPORT_BUCKET": {"Ref": "Exports"},
        "LOKET_EXPORT_ORIGIN": {"Fn::Sub": "https://${Exports.RegionalDomainName}"},
        "LOKET_CONFIGURATION_SET": {"Ref": "ConfigurationSet"},
        "LOKET_BULK_CONFIGURATION_SET": {"Ref": "BulkConfigurationSet"},
        "LOKET_METRICS": metrics_namespace(stage=stage),
        # the other settings and all secrets
        PARAMETERS: {"Fn::Sub": "/${AWS::StackName}"},
    }


def _queues(*, stage: str) -> Resources:
    resources: Resources = {}
    for name in QUEUES:
        dead = f"{name.title()}DeadLetterQueue"
        resources[dead] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": dead_letter_queue_name(name, stage=stage), **dead_letter_queue()},
        }
        resources[f"{name.title()}Queue"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": queue_name(name, stage=stage), **queue(dead_letters=_arn(dead))},
        }
    return resources


def _exports() -> Resources:
    """The bucket of exports. CloudFormation names it, since a bucket's name is taken for the whole world."""
    in_the_clear = {"Bool": {"aws:SecureTransport": "false"}}
    return {
        # at the end of the stack what lies in it must go first, and is gone a day after the last export
        "Exports": {"Type": "AWS::S3::Bucket", "Properties": export_bucket()},
        "ExportsPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Exports"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": [_arn("Exports"), {"Fn::Sub": "${Exports.Arn}/*"}],
                            "Condition": in_the_clear,
                        }
                    ],
                },
            },
        },
    }


def _mail_news(*, stage: str) -> Resources:
    """What SES tells of mails: from the configuration set of each stream over a topic into the queue `deliveries`.

    Each has its reputation and can be paused by itself: trouble with a newsletter does not stop receipts.
    """
    ours = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set"
    from_ses = {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": [{"Fn::Sub": f"{ours}/${{{name}}}"} for name in STREAMS.values()]},
    }
    return {
        **{name: _configuration_set(stream, stage=stage) for stream, name in STREAMS.items()},
        "MailNews": _event_destination(STREAMS["transactional"]),
        "BulkMailNews": _event_destination(STREAMS["bulk"]),
        "MailNewsTopic": {"Type": "AWS::SNS::Topic"},
        "MailNewsTopicPolicy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "MailNewsTopic"}],
                "PolicyDocument": _allow("ses", "sns:Publish", on={"Ref": "MailNewsTopic"}, when=from_ses),
            },
        },
        "DeliveriesQueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "DeliveriesQueue"}],
                "PolicyDocument": _allow(
                    "sns",
                    "sqs:SendMessage",
                    on=_arn("DeliveriesQueue"),
                    when={"ArnEquals": {"aws:SourceArn": {"Ref": "MailNewsTopic"}}},
                ),
            },
        },
        "DeliveriesSubscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": "DeliveriesQueuePolicy",
            "Properties": {
                "TopicArn": {"Ref": "MailNewsTopic"},
                "Protocol": "sqs",
                "Endpoint": _arn("DeliveriesQueue"),
                "RawMessageDelivery": True,
            },
        },
    }


def _configuration_set(stream: str, *, stage: str) -> Template:
    return {
        "Type": "AWS::SES::ConfigurationSet",
        "Properties": {
            "Name": configuration_set_name(stream, stage=stage),
            "ReputationOptions": {"ReputationMetricsEnabled": True},
            # our own list decides, looked at before each mail: that of SES would stop whoever was taken off ours
            "SuppressionOptions": {"SuppressedReasons": []},
        },
    }


def _event_destination(configuration_set: str) -> Template:
    return {
        "Type": "AWS::SES::ConfigurationSetEventDestination",
        # SES tries the topic at once
        "DependsOn": "MailNewsTopicPolicy",
        "Properties": {
            "ConfigurationSetName": {"Ref": configuration_set},
            "EventDestination": {
                "Name": "mail-news",
                "Enabled": True,
                "MatchingEventTypes": [event[0].lower() + event[1:] for event in EVENTS],
                "SnsDestination": {"TopicARN": {"Ref": "MailNewsTopic"}},
            },
        },
    }


def _workers() -> Resources:
    """Each worker reads its own queue and names the messages that failed."""
    return {
        name.title(): {
            "Properties": {
                "Events": {
                    f"{name.title()}SqsEventSource": {
                        "Properties": {
                            # Chalice writes Fn::Sub here; another intrinsic would be merged beside it
                            "Queue": {"Fn::Sub": f"${{{name.title()}Queue.Arn}}"},
                            # without it Lambda ignores the worker's answer and deletes the whole batch
                            "FunctionResponseTypes": ["ReportBatchItemFailures"],
                            **_scaling(name),
                        }
                    }
                }
            }
        }
        for name in QUEUES
    }


def _scaling(name: str) -> Properties:
    return {"ScalingConfig": {"MaximumConcurrency": MOST_WORKERS[name]}} if name in MOST_WORKERS else {}


def _schedules() -> Resources:
    """Of each schedule one run at a time; what a run leaves undone the next one does, so that none is repeated."""
    alone = {"Fn::If": ["ReserveConcurrency", 1, {"Ref": "AWS::NoValue"}]}
    once = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    return {
        name: {"Properties": {"ReservedConcurrentExecutions": alone, "EventInvokeConfig": once}} for name in SCHEDULES
    }


def _web(*, stage: str) -> Resources:
    # what API Gateway refuses by itself, a form on another site must be able to read
    readable = {"ResponseParameters": {"Headers": {"Access-Control-Allow-Origin": "'*'"}}}
    return {
        "RestAPI": {
            "Properties": {
                # without it SAM makes a second stage of the name Stage, on which no throttling holds
                "OpenApiVersion": "2.0",
                "DefinitionBody": {"info": {"title": api_name(stage=stage)}},
                "GatewayResponses": {"DEFAULT_4XX": readable, "DEFAULT_5XX": readable},
                "MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", **THROTTLING}],
            }
        },
        # Chalice names the log after ApiHandler, which it has just renamed to APIHandler
        "ApiHandlerLogGroup": {"Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${APIHandler}"}}},
    }


def _kept(kind: str, properties: Properties) -> Properties:
    """A resource that outlives the stack."""
    return {"Type": kind, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties}


def _arn(resource: str) -> Properties:
    return {"Fn::GetAtt": [resource, "Arn"]}


def _allow(service: str, action: str, *, on: Properties, when: Properties) -> Properties:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": action,
                "Resource": on,
                "Condition": when,
            }
        ],
    }
