"""Lifts: what is added to an item of an older format, so that it can be read as one of the next."""

from chalicelib.adapters.dynamodb.record import Item


def offer_with_prices(item: Item) -> Item:
    """Format 2: prices for members and for the early, dates, and events with their seats."""
    dates = {"opens_at": None, "closes_at": None}
    prices = {"prices": {"list_cents": item["price_cents"], "member_cents": None}, "early": None, "price_note": None}
    return item | dates | prices | {"event": None, "version": 1}


def offer_with_moves(item: Item) -> Item:
    """Format 3: how an event was moved; before that, none was."""
    return item | {"event": item["event"] and item["event"] | {"moves": []}}


def order_with_seats(item: Item) -> Item:
    """Format 2: lines for attendees in both languages, each price with its whole reason, and seats."""
    return item | {
        "seating": "none",
        "draft_id": "",
        "lines": [
            line
            | {name: {"nl": line[name], "en": line[name]} for name in ("label", "description")}
            | {"attendee": 0, "counters": []}
            | {
                "reason": {
                    "rule": line["price_reason"],
                    "membership_id": "",
                    "mail_domain": "",
                    "decided_at": item["created_at"],
                }
            }
            for line in item["lines"]
        ],
    }


def order_with_holders(item: Item) -> Item:
    """Format 3: whose unpaid orders it counts among, and the website that its form stood in."""
    return item | {"holders": [], "host_page": ""}


def order_with_totals(item: Item) -> Item:
    """Format 4: what its ledger comes to; before that, what was booked had come and stayed."""
    paid_cents = sum(line["quantity"] * line["unit_cents"] for line in item["lines"]) if item["payment_id"] else 0
    return item | {"paid_cents": paid_cents, "refunded_cents": 0, "disputed_cents": 0, "disputed": False}


def found_otherwise(item: Item) -> Item:
    """Nothing but what it is found by has changed: it is found so once it is written again."""
    return item


def buyer_who_may_attend(item: Item) -> Item:
    """Format 2: what the buyer says of his membership, and whether he comes himself."""
    return item | {
        "answers": item["answers"] | {"member": "", "attending": False, "group": "", "attendees": []},
    }


def email_of_refund(item: Item) -> Item:
    """Format 3: emails that tell of a refund."""
    return item | {"refund_id": ""}


def email_again(item: Item) -> Item:
    """Format 4: emails that are sent again, and those that nothing has to be done about any more."""
    return item | {"again": "", "waived": False}


def email_to_subscriber(item: Item) -> Item:
    """Format 5: emails that are about a subscriber."""
    return item | {"subscriber_id": ""}


def payment_with_charge(item: Item) -> Item:
    """Format 2: how the payment service's books name it."""
    return item | {"charge_id": ""}


def email_to_attendee(item: Item) -> Item:
    """Format 2: emails that go to an attendee."""
    return item | {"attendee": 0}


# What was written before it said of which offer it is, is found by the order alone.
def of_no_offer(item: Item) -> Item:
    return item | {"offer_id": ""}


def subscriber_who_left(item: Item) -> Item:
    """Format 2: whoever has left stays so until he confirms, whatever was asked in his name since then."""
    left = item["standing"] == "unconfirmed" and item["unsubscribed_at"]
    return item | {"standing": "unsubscribed"} if left else item


def suppression_without_address(item: Item) -> Item:
    """Format 2: whose address it is, is not kept with it."""
    return {name: value for name, value in item.items() if name != "email"}
