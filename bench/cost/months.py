"""The months: what the schedules do in any of them, and what people do in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bench.cost.acts import Measured, Upkeep
from bench.cost.assumptions import (
    ATTENDEES,
    CONGRESS,
    DAYS,
    HOURS,
    KEPT,
    MINUTES,
    NEWSLETTER_BYTES,
    NEWSLETTER_RATE,
    NORMAL,
    ORDERS,
    POLL_SECONDS,
    POLLERS,
    SUBSCRIBERS,
    SWEEP_STARTS_PER_DAY,
    UNSUBSCRIBED,
    YEARS,
    Act,
)
from bench.cost.template import ALARMS, LOG_DAYS, MEMORY_GB, METRICS, POLLED_QUEUES
from bench.cost.usage import GB, NOTHING, Unit, Usage
from chalicelib.domain.reconciliation import EVERY, Window

NONE: Mapping[Act, int] = MappingProxyType({})
# How often each round begins in a month.
ROUNDS = {window: HOURS * 3600 / EVERY[window].total_seconds() for window in Window}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What is used in a month, and how many people registered in it."""

    name: str
    usage: Usage
    registered: int


def months(measured: Measured) -> list[Month]:
    """The idle month of a new desk, and then months of one that has been there for years."""
    normal, congress = Counter(NORMAL), Counter(NORMAL) + Counter(CONGRESS)
    usual = NORMAL[Act.MEMBERSHIP] + NORMAL[Act.FREE]
    news = newsletter(measured, readers=SUBSCRIBERS)
    return [
        Month(name="idle, new desk", usage=month(measured), registered=0),
        Month(name=f"idle, {YEARS} years in it", usage=month(measured, kept=KEPT), registered=0),
        Month(name="normal", usage=month(measured, acts=normal, kept=KEPT), registered=usual),
        Month(
            name=f"congress, {ATTENDEES} attendees",
            usage=month(measured, acts=congress, kept=KEPT),
            registered=usual + ATTENDEES,
        ),
        Month(
            name=f"newsletter to {SUBSCRIBERS:,}",
            usage=month(measured, acts=normal, kept=KEPT, extra=news),
            registered=usual,
        ),
    ]


def month(
    measured: Measured, *, acts: Mapping[Act, int] = NONE, kept: Mapping[Act, int] = NONE, extra: Usage = NOTHING
) -> Usage:
    """A month in which so many acts are played, at a table in which the orders of earlier acts are kept."""
    lie = Counter(kept)
    upkeep, usage = measured.upkeep, idle(measured.upkeep) + extra
    for act, times in acts.items():
        usage += measured.acts[act] * times
        if act in ORDERS:
            usage += upkeep.young_order() * times
            lie[act] += times
    stored = sum(measured.stored[act] * times for act, times in lie.items()) / GB
    usage += (upkeep.round_of_order[Window.ALL] * ROUNDS[Window.ALL] + upkeep.retention_of_order * DAYS) * lie.total()
    usage += Usage({Unit.TABLE_GB: stored, Unit.BACKUP_GB: stored})
    return usage + Usage({Unit.KEPT_LOG_GB: usage[Unit.LOG_GB] * LOG_DAYS / DAYS})


def idle(upkeep: Upkeep) -> Usage:
    """What a desk does when nobody comes."""
    polls = POLLED_QUEUES * POLLERS * MINUTES * 60 / POLL_SECONDS
    usage = Usage({Unit.SQS_REQUESTS: polls, Unit.ALARMS: ALARMS, Unit.METRICS: METRICS})
    # what runs each minute stays warm
    usage += (upkeep.sweep + upkeep.newsletter) * MINUTES + upkeep.start * 2 * SWEEP_STARTS_PER_DAY * DAYS
    usage += upkeep.reconcile * (MINUTES / 10) + upkeep.retain * HOURS + upkeep.retention * DAYS
    return sum((upkeep.rounds[window] * times for window, times in ROUNDS.items()), usage)


def newsletter(measured: Measured, *, readers: int) -> Usage:
    """An issue: what is counted for each reader of a short one, in the size of real ones, at the account's pace."""
    each = measured.acts[Act.COPY] + measured.acts[Act.LOOK] * UNSUBSCRIBED
    larger = Usage({Unit.MAIL_GB: NEWSLETTER_BYTES / GB - measured.acts[Act.COPY][Unit.MAIL_GB]})
    # whoever sends waits for his turn, and Lambda asks for that time too
    paced = Usage({Unit.LAMBDA_GB_SECONDS: MEMORY_GB / NEWSLETTER_RATE})
    return (each + larger + paced) * readers
