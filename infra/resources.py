"""The table and the queues, as CloudFormation describes them; the developer's machine and the tests build the same."""

from typing import Any

type Properties = dict[str, Any]

# Longest run of a worker in seconds, and how long a message stays hidden meanwhile: AWS advises six times as much.
WORKER_TIMEOUT = 60
VISIBILITY_TIMEOUT = 6 * WORKER_TIMEOUT
# How often a message is tried before it is laid aside in the dead-letter queue.
TRIES = 5
# A dead letter waits for a person as long as SQS keeps it.
FOURTEEN_DAYS = 14 * 24 * 3600

QUEUES = ("payments", "emails", "deliveries")


def table() -> Properties:
    """The one table: on demand, recoverable to any second of 35 days, not deleted by a slip."""
    return {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "due_kind", "due")
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [
            {
                # sparse: only what still waits for something has these two attributes
                "IndexName": "due",
                "KeySchema": [
                    {"AttributeName": "due_kind", "KeyType": "HASH"},
                    {"AttributeName": "due", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
    }


def queue(*, dead_letters: object) -> Properties:
    """A queue to a worker; `dead_letters` is where a message goes that failed too often."""
    return {
        "VisibilityTimeout": VISIBILITY_TIMEOUT,
        "SqsManagedSseEnabled": True,
        "RedrivePolicy": {"deadLetterTargetArn": dead_letters, "maxReceiveCount": TRIES},
    }


def dead_letter_queue() -> Properties:
    return {"MessageRetentionPeriod": FOURTEEN_DAYS, "SqsManagedSseEnabled": True}


def table_name(*, stage: str) -> str:
    return f"loket-{stage}"


def queue_name(queue: str, *, stage: str) -> str:
    return f"loket-{stage}-{queue}"


def dead_letter_queue_name(queue: str, *, stage: str) -> str:
    return f"{queue_name(queue, stage=stage)}-dead"


def configuration_set_name(*, stage: str) -> str:
    return f"loket-{stage}-transactional"
