"""The pages of orders that did not end as they began: money that went back, and what was cancelled or failed."""

from dataclasses import replace

from chalicelib.domain.answers import Answers
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.offer import Offer
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.state import State
from chalicelib.rendering.order_view import OrderView
from tests.looks.books import Story
from tests.looks.cast import (
    ALONE,
    BUYER,
    CONGRESS,
    LAUNCH,
    LONGEST,
    LONGEST_EVENT,
    MEMBERSHIP,
    THREE,
    ordered,
)
from tests.looks.forms import Desk
from tests.looks.shown import Drawn, order_page, shown

LATE, SECOND, REVIEW = RefundReason.LATE, RefundReason.SECOND, RefundReason.REVIEW
CANCELLED, STAFF = RefundReason.CANCELLED, RefundReason.STAFF


def refund_scenes(desk: Desk) -> Drawn:
    def begin(offer: Offer, answers: Answers, state: State) -> Story:
        return Story(made=ordered(offer, answers, language=desk.language, state=state))

    def view(story: Story, *, known: bool = True, failed: bool = False) -> OrderView:
        return shown(
            story.told(), texts=desk.texts, language=desk.language, ledger=story.ledger, known=known, failed=failed
        )

    member, three = begin(MEMBERSHIP, BUYER, State.PAID).paid(), begin(CONGRESS, THREE, State.PAID).paid()
    late = begin(CONGRESS, ALONE, State.REFUND_DUE).paid().asked(LATE)
    late_three = begin(CONGRESS, THREE, State.REFUND_DUE).paid().asked(LATE)
    review = begin(MEMBERSHIP, BUYER, State.REFUND_DUE).paid(1250).asked(REVIEW)
    cancelled = begin(CONGRESS, ALONE, State.CANCELLED).paid()
    cancelled_three = begin(CONGRESS, THREE, State.CANCELLED).paid()
    twice = three.paid(days=1).asked(SECOND, days=1)
    free = replace(ALONE, reference="", member="")
    longest = begin(LONGEST_EVENT, LONGEST, State.REFUND_DUE).paid().asked(LATE).returned(days=1, until=2)
    drawn = {
        "late": view(late),
        "late-gone": view(late.went(days=2)),
        "late-refused": view(late.refused()),
        "late-returned": view(late.returned(days=2, until=9)),
        "late-three": view(late_three),
        "late-totals": view(replace(late.went(days=1), made=late.went(days=1).told(), ledger=Ledger())),
        "late-twice": view(late.went(days=1).paid(days=2).asked(SECOND, days=2)),
        "late-longest": view(longest.paid(days=2).asked(SECOND, days=2)),
        "late-emptest": view(late, known=False),
        "late-refused-emptest": view(late.refused(), known=False),
        "review": view(begin(MEMBERSHIP, BUYER, State.REVIEW).paid(1250)),
        "review-back": view(review),
        "review-back-gone": view(review.went(days=2)),
        "review-taken": view(review.refused().taken(days=3)),
        "part": view(three.asked(STAFF, 5000, days=3)),
        "part-gone": view(three.asked(STAFF, 5000, days=3).went(days=3)),
        "part-refused": view(three.asked(STAFF, 5000, days=3).refused()),
        "part-member": view(member.asked(STAFF, 1000, days=3).went(days=3)),
        "twice": view(twice),
        "twice-gone": view(twice.went(days=1)),
        "disputed": view(member.taken(days=20)),
        "dispute-won": view(member.taken(days=20, won=60)),
        "cancelled": view(cancelled),
        "cancelled-back": view(cancelled.asked(CANCELLED, days=3)),
        "cancelled-three": view(cancelled_three.asked(CANCELLED, 100_000, days=3).went(days=3)),
        "cancelled-refused": view(cancelled_three.asked(CANCELLED, days=3).refused()),
        "cancelled-member": view(begin(MEMBERSHIP, BUYER, State.CANCELLED).paid().asked(CANCELLED).went(days=3)),
        "cancelled-free": view(begin(LAUNCH, free, State.CANCELLED)),
        "cancelled-emptest": view(begin(LAUNCH, free, State.CANCELLED), known=False),
        "invoiced": view(begin(MEMBERSHIP, BUYER, State.INVOICED)),
        "invoiced-event": view(begin(CONGRESS, THREE, State.INVOICED)),
        "failed": view(begin(MEMBERSHIP, BUYER, State.EXPIRED), failed=True),
        "failed-event": view(begin(CONGRESS, THREE, State.EXPIRED), failed=True),
    }
    return {f"money-{name}": order_page(each, language=desk.language) for name, each in drawn.items()}
