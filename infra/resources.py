"""Table, queues and bucket, as CloudFormation describes them; the developer's machine and the tests build the same."""

from typing import Any

type Properties = dict[str, Any]

# Longest run of a worker in seconds, and how long a message stays hidden meanwhile: AWS advises six times as much.
WORKER_TIMEOUT = 60
# The reconciliation goes on for minutes, and no queue waits for it.
RECONCILE_TIMEOUT = 300
# An issue goes on for as long as Lambda lets anything run.
NEWSLETTER_TIMEOUT = 900
VISIBILITY_TIMEOUT = 6 * WORKER_TIMEOUT
# How often a message is tried before it is laid aside in the dead-letter queue.
TRIES = 5
# A dead letter waits for a person as long as SQS keeps it.
FOURTEEN_DAYS = 14 * 24 * 3600

QUEUES = ("payments", "emails", "deliveries")
# A worker of emails sends some three a second, and SES takes 14 of a young account.
# Each payments worker has one call to Stripe under way: five of them ask some 15 a second, of the 25 that Stripe admits
# to one endpoint. After a rush the webhooks come in hundreds, and visitors who return from paying ask there too.
MOST_WORKERS = {"payments": 5, "emails": 5, "deliveries": 5}


# The attributes that the table and its indexes are found by.
KEYS = ("pk", "sk", "due_kind", "due", "made_in", "made", "edition", "address", "list", "place")
# What a list of an offer's registrations shows.
LISTED = (
    *("record", "code", "state", "created_at", "currency", "total_cents", "paid_cents", "refunded_cents"),
    *("disputed_cents", "organisation", "name", "email", "number", "reasons"),
)


def table() -> Properties:
    """The one table: on demand, recoverable to any second of 35 days, not deleted by a slip."""
    return {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
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
            },
            {
                # all of a kind that were made in a month, in the order of time
                "IndexName": "made",
                "KeySchema": [
                    {"AttributeName": "made_in", "KeyType": "HASH"},
                    {"AttributeName": "made", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                # all orders of an offer, their buyers and their attendees, as far as a list shows them
                "IndexName": "edition",
                "KeySchema": [{"AttributeName": "edition", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(LISTED)},
            },
            {
                # all that bears somebody's address
                "IndexName": "address",
                "KeySchema": [{"AttributeName": "address", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                # buyers and memberships by the name of their organisation
                "IndexName": "list",
                "KeySchema": [
                    {"AttributeName": "list", "KeyType": "HASH"},
                    {"AttributeName": "place", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
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


def export_bucket() -> Properties:
    """Where exports lie for a day: encrypted, closed to the public, and nobody's but the account's."""
    return {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "exports-go-after-a-day",
                    "Status": "Enabled",
                    "ExpirationInDays": 1,
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                }
            ]
        },
    }


def dead_letter_queue() -> Properties:
    return {"MessageRetentionPeriod": FOURTEEN_DAYS, "SqsManagedSseEnabled": True}


def stack_name(*, stage: str) -> str:
    return f"loket-{stage}"


def table_name(*, stage: str) -> str:
    return f"loket-{stage}"


def queue_name(queue: str, *, stage: str) -> str:
    return f"loket-{stage}-{queue}"


def dead_letter_queue_name(queue: str, *, stage: str) -> str:
    return f"{queue_name(queue, stage=stage)}-dead"


def configuration_set_name(stream: str, *, stage: str) -> str:
    return f"loket-{stage}-{stream}"
