"""What is merged into the template that Chalice packages: the resources behind the functions, and what ties them."""

from typing import Any

from chalicelib.adapters.ses_events import EVENTS
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

type Template = dict[str, Any]
type Resources = dict[str, dict[str, Any]]


def merge_template(*, stage: str) -> Template:
    """The template to merge, for one stage. The policies in .chalice/ refer to its resources by name."""
    return {
        "Description": f"Loket ({stage}): the registration desk of an association",
        "Parameters": _parameters(stage=stage),
        "Globals": {"Function": {"Environment": {"Variables": _environment()}}},
        "Resources": {
            "Table": _kept("AWS::DynamoDB::Table", {"TableName": table_name(stage=stage), **table()}),
            **_queues(stage=stage),
            **_exports(),
            **_mail_news(stage=stage),
            **_workers(),
            **_web(),
        },
        "Outputs": {
            "TableName": {"Value": {"Ref": "Table"}},
            "ConfigurationSetName": {"Value": {"Ref": "ConfigurationSet"}},
        },
    }


def _parameters(*, stage: str) -> Template:
    # a stage for trying things out can never hold a key that moves money
    mode = "(test|live)" if stage == "prod" else "test"
    return {
        "BaseUrl": _parameter("Where the world reaches this desk, such as https://loket.example.nl", r"https://[^\s]+"),
        "MailFrom": _parameter(
            "The address that mails come from; SES must have verified its domain", r"[^@\s]+@[^@\s]+"
        ),
        "SecretKey": _secret("Signs links and form keys: at least 32 random characters", r"\S{32,}"),
        "StripeSecretKey": _secret("The secret or restricted key of Stripe", rf"(sk|rk)_{mode}_\S+"),
        "StripeWebhookSecret": _secret("The signing secret of Stripe's webhook endpoint", r"whsec_\S+"),
    }


def _parameter(description: str, pattern: str) -> Properties:
    return {
        "Type": "String",
        "Description": description,
        "AllowedPattern": pattern,
        "ConstraintDescription": f"must look like {pattern}",
    }


def _secret(description: str, pattern: str) -> Properties:
    return _parameter(description, pattern) | {"NoEcho": True}


def _environment() -> Template:
    """The settings that are known only when the stack is made; the others stand in .chalice/config.json."""
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
        "LOKET_BASE_URL": {"Ref": "BaseUrl"},
        "LOKET_MAIL_FROM": {"Ref": "MailFrom"},
        "LOKET_SECRET_KEY": {"Ref": "SecretKey"},
        "STRIPE_SECRET_KEY": {"Ref": "StripeSecretKey"},
        "STRIPE_WEBHOOK_SECRET": {"Ref": "StripeWebhookSecret"},
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
    """What SES tells of mails: from the configuration set over a topic into the queue `deliveries`."""
    events = [event[0].lower() + event[1:] for event in EVENTS]
    ours = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${ConfigurationSet}"
    from_ses = {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": ours}},
    }
    return {
        "ConfigurationSet": {
            "Type": "AWS::SES::ConfigurationSet",
            "Properties": {
                "Name": configuration_set_name(stage=stage),
                "ReputationOptions": {"ReputationMetricsEnabled": True},
                "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
            },
        },
        "MailNewsTopic": {"Type": "AWS::SNS::Topic"},
        "MailNewsTopicPolicy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "MailNewsTopic"}],
                "PolicyDocument": _allow("ses", "sns:Publish", on={"Ref": "MailNewsTopic"}, when=from_ses),
            },
        },
        "MailNews": {
            "Type": "AWS::SES::ConfigurationSetEventDestination",
            # SES tries the topic at once
            "DependsOn": "MailNewsTopicPolicy",
            "Properties": {
                "ConfigurationSetName": {"Ref": "ConfigurationSet"},
                "EventDestination": {
                    "Name": "mail-news",
                    "Enabled": True,
                    "MatchingEventTypes": events,
                    "SnsDestination": {"TopicARN": {"Ref": "MailNewsTopic"}},
                },
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


def _web() -> Resources:
    # what API Gateway refuses by itself, a form on another site must be able to read
    readable = {"ResponseParameters": {"Headers": {"Access-Control-Allow-Origin": "'*'"}}}
    return {
        "RestAPI": {"Properties": {"GatewayResponses": {"DEFAULT_4XX": readable, "DEFAULT_5XX": readable}}},
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
