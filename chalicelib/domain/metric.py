"""A metric: a figure about the desk itself, for whatever watches it."""

from enum import StrEnum


class Metric(StrEnum):
    """The figures that are told, by the name under which they are watched."""

    # how long what is most overdue of emails, refunds and orders has waited, in seconds
    OVERDUE_SECONDS = "OverdueSeconds"
    # how many differences with the payment service's books nobody has put right
    DIFFERENCES = "Differences"
