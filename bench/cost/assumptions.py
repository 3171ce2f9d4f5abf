"""What is assumed, since only a real account shows it, or is a choice: rather too dear than too cheap.

All sizes in bytes, all times in seconds.
"""

from __future__ import annotations

from enum import StrEnum

from bench.cost.usage import Call

# A month as AWS reckons.
HOURS = 730
MINUTES = HOURS * 60
DAYS = HOURS / 24

# The price list is in dollars.
EUROS_PER_DOLLAR = 0.90

# What Lambda's part of an idle queue asks: so many at once, each for so long.
POLLERS, POLL_SECONDS = 5, 20

# How long each function computes at 1024 MB, which is 0.58 of a core; waiting comes on top.
COMPUTING = 0.05
# How long a call to each service takes.
WAITING = {Call.DYNAMODB: 0.006, Call.SQS: 0.01, Call.SES: 0.1, Call.S3: 0.05, Call.STRIPE: 0.5}
# A function that was not used for some minutes starts anew: Lambda unpacks it, it imports, and reads its settings.
COLD_START = 1.2
# The sweep runs each minute and stays; Lambda replaces what runs about so often.
SWEEP_STARTS_PER_DAY = 12

# What Lambda writes itself for each run, and for each start; what CloudWatch adds to each line that it charges for.
RUN_LINES, START_LINE, LINE_OVERHEAD = (70, 53, 170), 160, 26

# An issue of the newsletter: the size of a mail; how many a second, of an account of 14; and how many of a hundred
# readers unsubscribe, by two pages.
NEWSLETTER_BYTES, NEWSLETTER_RATE = 60_000, 14 * 0.8
UNSUBSCRIBED = 0.01


class Act(StrEnum):
    """What somebody does, from beginning to end."""

    LOOK = "a visitor looks at a form"
    LEAVE = "a congress order that nobody pays"
    MEMBERSHIP = "a paid membership"
    CONGRESS_ONE = "a paid congress order, 1 attendee"
    CONGRESS_TWO = "a paid congress order, 2 attendees"
    FREE = "a free registration"
    DAY = "a secretary's working day"
    EXPORT = "an export of the congress"
    MAIL = "one mail, from queue to SES's news"
    COPY = "one reader of an issue, from his row to SES's news"


# Which acts make an order, that is looked after for years.
ORDERS = (Act.LEAVE, Act.MEMBERSHIP, Act.CONGRESS_ONE, Act.CONGRESS_TWO, Act.FREE)

NORMAL = {
    Act.LOOK: 2_000,
    Act.MEMBERSHIP: 40,
    Act.FREE: 3 * 60,
    Act.DAY: 22,
    Act.EXPORT: 8,
}
# 400 come alone, 75 bring one: 550 attendees; one in six goes away without paying.
CONGRESS = {
    Act.LOOK: 10_000,
    Act.CONGRESS_ONE: 400,
    Act.CONGRESS_TWO: 75,
    Act.LEAVE: 80,
    Act.EXPORT: 20,
}
ATTENDEES = 550
SUBSCRIBERS = 5_000
# How many years of it lie in the table: paid orders are kept seven years, free registrations one.
YEARS = 7
KEPT = {
    Act.MEMBERSHIP: YEARS * 12 * NORMAL[Act.MEMBERSHIP],
    Act.CONGRESS_ONE: YEARS * CONGRESS[Act.CONGRESS_ONE],
    Act.CONGRESS_TWO: YEARS * CONGRESS[Act.CONGRESS_TWO],
    Act.LEAVE: YEARS * CONGRESS[Act.LEAVE],
    Act.FREE: 12 * NORMAL[Act.FREE],
}

# pretix Hosted, tariff for non-profit organisations: https://pretix.eu/about/de/pricing?nonprofit=true
PRETIX_SHARE, PRETIX_MOST_EUROS = 0.02, 15
MEMBER_EUROS, LIST_EUROS, VAT = 399, 549, 0.21
