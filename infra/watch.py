"""What watches a deployed desk: alarms, each with what to do about it, told to one address."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.metric import Metric
from infra.resources import QUEUES, Properties, dead_letter_queue_name

type Resources = dict[str, dict[str, Any]]

# Where what to do at each alarm is written.
MANUAL = "docs/operate.md"
# What a desk tells of itself each minute, and of its books every ten.
MINUTE, QUARTER = 60, 900
# A schedule that runs less often needs longer to fail three times: every ten minutes, and every hour.
SLOWER = {"Reconcile": 3600, "Retention": 6 * 3600, "Newsletter": 3600}


def metrics_namespace(*, stage: str) -> str:
    return f"Loket/{stage}"


def api_name(*, stage: str) -> str:
    """What API Gateway counts its answers under."""
    return f"loket-{stage}"


def alarm_name(name: str, *, stage: str) -> str:
    return f"loket-{stage}-{name}"


def watch(*, stage: str, functions: tuple[str, ...]) -> Resources:
    """The alarms of a stage, and the topic that tells the address in the parameter AlarmEmail.

    `functions` are the resources of the functions, as Chalice names them.
    """
    own = {"Namespace": metrics_namespace(stage=stage)}
    alarms = {
        "Overdue": _alarm(
            "overdue",
            "An email, refund, order or issue has waited for a quarter of an hour, or the sweep does not run.",
            own | {"MetricName": Metric.OVERDUE_SECONDS.value},
            stage=stage,
            above=QUARTER,
            period=5 * MINUTE,
            times=2,
            # it is told each minute: silence is the sign that nothing is swept
            missing="breaching",
        ),
        "Differences": _alarm(
            "differences",
            "The books differ from Stripe's and nobody has put it right, or nobody compares them.",
            own | {"MetricName": Metric.DIFFERENCES.value},
            stage=stage,
            above=0,
            period=QUARTER,
            times=2,
            # it is told every ten minutes
            missing="breaching",
        ),
        "ServerErrors": _alarm(
            "server-errors",
            "Visitors saw five or more error pages in five minutes.",
            {
                "Namespace": "AWS/ApiGateway",
                "MetricName": "5XXError",
                "Dimensions": [{"Name": "ApiName", "Value": api_name(stage=stage)}],
                "Statistic": "Sum",
            },
            stage=stage,
            above=4,
            period=5 * MINUTE,
        ),
        **{f"{queue.title()}Dead": _dead_letters(queue, stage=stage) for queue in QUEUES},
        **{f"{function}Errors": _errors(function, stage=stage) for function in functions},
    }
    topic: Resources = {
        "Alarms": {"Type": "AWS::SNS::Topic"},
        "AlarmsToAddress": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "Alarms"}, "Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}},
        },
    }
    return topic | {f"Alarm{name}": alarm for name, alarm in alarms.items()}


def _dead_letters(queue: str, *, stage: str) -> Properties:
    return _alarm(
        f"dead-{queue}",
        f"The worker of the queue {queue} kept failing at a message, which is laid aside.",
        {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": dead_letter_queue_name(queue, stage=stage)}],
        },
        stage=stage,
        above=0,
        period=5 * MINUTE,
    )


def _errors(function: str, *, stage: str) -> Properties:
    """One failure heals by itself; three in a row do not."""
    period = SLOWER.get(function, QUARTER)
    return _alarm(
        f"errors-{function.lower()}",
        f"The function {function} failed three times or more in {period // MINUTE} minutes.",
        {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": function}}],
            "Statistic": "Sum",
        },
        stage=stage,
        above=2,
        period=period,
    )


def _alarm(
    name: str,
    meaning: str,
    metric: Properties,
    *,
    stage: str,
    above: int,
    period: int,
    times: int = 1,
    missing: str = "notBreaching",
) -> Properties:
    told = [{"Ref": "Alarms"}]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": alarm_name(name, stage=stage),
            "AlarmDescription": f"{meaning} What to do: {MANUAL}#{name}",
            "Statistic": "Maximum",
            **metric,
            "Period": period,
            "EvaluationPeriods": times,
            "Threshold": above,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": missing,
            "AlarmActions": told,
            "OKActions": told,
        },
    }
