"""Usage: how much of each thing that AWS charges for was used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

GB = 2**30


class Unit(StrEnum):
    """What AWS charges for, by its name in the price list."""

    API_REQUESTS = "api_requests"
    LAMBDA_REQUESTS = "lambda_requests"
    LAMBDA_GB_SECONDS = "lambda_gb_seconds"
    READ_UNITS = "read_units"
    WRITE_UNITS = "write_units"
    TABLE_GB = "table_gb"
    BACKUP_GB = "backup_gb"
    SQS_REQUESTS = "sqs_requests"
    SNS_PUBLISHES = "sns_publishes"
    MAILS = "mails"
    MAIL_GB = "mail_gb"
    S3_PUTS = "s3_puts"
    S3_GETS = "s3_gets"
    PARAMETER_READS = "parameter_reads"
    KEY_REQUESTS = "key_requests"
    LOG_GB = "log_gb"
    KEPT_LOG_GB = "kept_log_gb"
    ALARMS = "alarms"
    METRICS = "metrics"
    OUT_GB = "out_gb"


class Call(StrEnum):
    """An outside service that a function waits for."""

    DYNAMODB = "DynamoDB"
    SQS = "SQS"
    SES = "SES"
    S3 = "S3"
    STRIPE = "Stripe"


@dataclass(frozen=True, slots=True)
class Usage:
    """Amounts by unit; what is not named was not used."""

    amounts: Mapping[Unit, float] = field(default_factory=dict)

    @classmethod
    def of(cls, **amounts: float) -> Usage:
        return cls({Unit(name): amount for name, amount in amounts.items()})

    def __getitem__(self, unit: Unit) -> float:
        return self.amounts.get(unit, 0)

    def __add__(self, other: Usage) -> Usage:
        return Usage({unit: self[unit] + other[unit] for unit in Unit if unit in self.amounts or unit in other.amounts})

    def __mul__(self, times: float) -> Usage:
        return Usage({unit: amount * times for unit, amount in self.amounts.items()})

    def __sub__(self, other: Usage) -> Usage:
        return self + other * -1


NOTHING = Usage()


class Meter:
    """Adds up what is used, and counts the calls that a function waits for."""

    def __init__(self) -> None:
        self.asked: Counter[Call] = Counter()
        # of the processor of this machine, in seconds, for all runs of functions
        self.computed = 0.0
        self._used: defaultdict[Unit, float] = defaultdict(float)

    def use(self, unit: Unit, amount: float = 1) -> None:
        self._used[unit] += amount

    def ask(self, call: Call) -> None:
        self.asked[call] += 1

    def read(self) -> Usage:
        return Usage(dict(self._used))

    def measure(self, work: Callable[[], object]) -> Usage:
        """What this work uses."""
        before = self.read()
        work()
        return self.read() - before
