"""The letters: every mail, for the usual and the most unusual readers."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import EmailKind, Letter, new_email
from chalicelib.domain.language import Language
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer, Session
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.state import State
from chalicelib.rendering.letters import LetterComposer
from tests.looks.books import Story
from tests.looks.cast import (
    ALONE,
    BUYER,
    CONGRESS,
    DRAFT,
    EMOJI,
    EMPTEST,
    EMPTEST_EVENT,
    ERASED,
    GROUPED,
    HEBREW,
    LAUNCH,
    LONGEST,
    LONGEST_EMAIL,
    LONGEST_EVENT,
    LONGEST_MEMBERSHIP,
    LONGEST_NAME,
    MEMBERS_FREE,
    MEMBERSHIP,
    MONTHLY,
    NIGHT,
    NOW,
    OTHERS,
    RIGHT_TO_LEFT,
    THREE,
    TWENTY,
    WORKING_GROUP,
    member,
    ordered,
)

LEAST = Answers(organisation="X", name="Y", email="y@x.nl")
LEAST_OF_AN_EVENT = replace(LEAST, attending=True, attendees=(AttendeeAnswers(name="Z", email="z@x.nl"),))
LONGEST_CROWD = replace(LONGEST, attendees=(LONGEST.attendees * 5)[:19])
ERASED_BUYER = replace(LEAST_OF_AN_EVENT, organisation="", name="", email="")
# Somebody whom the buyer had registered was erased, and the buyer was not.
ONE_ERASED = replace(THREE, attendees=(AttendeeAnswers(name="", email=""), THREE.attendees[1]))


def letters(composer: LetterComposer, language: Language) -> dict[str, Letter]:
    """Every letter by name."""

    def letter(
        kind: EmailKind,
        offer: Offer,
        answers: Answers,
        *,
        attendee: int = 0,
        membership: Membership | None = None,
        waits: Draft | None = None,
    ) -> Letter:
        made = ordered(offer, answers, language=language)
        paid = made.order.total_cents > 0
        made = ordered(offer, answers, language=language, state=State.PAID if paid else None)
        return composer.compose(
            new_email(
                kind=kind,
                order_id=made.order.id,
                language=language,
                now=NOW,
                attendee=attendee,
                move=1 if kind is EmailKind.MOVED else 0,
            ),
            order=made.order,
            buyer=made.buyer,
            offer=offer,
            membership=membership,
            attendees=made.attendees,
            draft=waits,
            refund=None,
        )

    confirmation, welcome, ticket = EmailKind.CONFIRMATION, EmailKind.WELCOME, EmailKind.TICKET
    cancelled, moved = EmailKind.CANCELLATION, EmailKind.MOVED
    usual, longest = member(BUYER.organisation, "voorbeeldstad.example.nl"), _longest_member()
    free = replace(THREE, member="", reference="")
    grouped = replace(
        THREE, group="zuid", attendees=tuple(replace(each, group="noord-oost") for each in THREE.attendees)
    )
    backwards = replace(
        THREE, organisation=RIGHT_TO_LEFT, name=HEBREW, attendees=(AttendeeAnswers(name=EMOJI, email="z@x.nl"),)
    )
    return _refund_letters(composer, language, grouped=grouped, backwards=backwards) | {
        "confirmation": letter(confirmation, MEMBERSHIP, BUYER, membership=usual),
        "confirmation-going-on": letter(confirmation, MEMBERSHIP, BUYER, membership=usual, waits=DRAFT),
        "confirmation-event": letter(confirmation, CONGRESS, THREE),
        "confirmation-event-others": letter(confirmation, CONGRESS, OTHERS),
        "confirmation-event-twenty": letter(confirmation, CONGRESS, TWENTY),
        "confirmation-event-groups": letter(confirmation, GROUPED, grouped),
        "confirmation-members-free": letter(confirmation, MEMBERS_FREE, THREE),
        "confirmation-free": letter(confirmation, LAUNCH, free),
        "confirmation-free-no-dates": letter(confirmation, WORKING_GROUP, replace(grouped, member="", reference="")),
        "confirmation-backwards": letter(confirmation, CONGRESS, backwards),
        "confirmation-longest": letter(confirmation, LONGEST_MEMBERSHIP, LONGEST, membership=longest),
        "confirmation-event-longest": letter(confirmation, LONGEST_EVENT, LONGEST),
        "confirmation-event-twenty-longest": letter(confirmation, LONGEST_EVENT, LONGEST_CROWD),
        "confirmation-emptest": letter(confirmation, EMPTEST, LEAST, membership=member("X")),
        "confirmation-event-emptest": letter(confirmation, EMPTEST_EVENT, LEAST_OF_AN_EVENT),
        "confirmation-event-erased": letter(confirmation, CONGRESS, ONE_ERASED),
        "welcome": letter(welcome, MEMBERSHIP, BUYER, membership=usual),
        "welcome-backwards": letter(welcome, MEMBERSHIP, backwards, membership=member(RIGHT_TO_LEFT, "x.nl")),
        "welcome-longest": letter(welcome, LONGEST_MEMBERSHIP, LONGEST, membership=longest),
        "welcome-emptest": letter(welcome, EMPTEST, LEAST, membership=member("X")),
        "ticket-self": letter(ticket, CONGRESS, THREE, attendee=1),
        "ticket-by-another": letter(ticket, CONGRESS, THREE, attendee=2),
        "ticket-right-to-left": letter(ticket, CONGRESS, THREE, attendee=3),
        "ticket-by-right-to-left": letter(ticket, CONGRESS, backwards, attendee=2),
        "ticket-by-erased": letter(ticket, CONGRESS, ERASED, attendee=3),
        "ticket-group": letter(ticket, GROUPED, grouped, attendee=2),
        "ticket-no-dates": letter(ticket, WORKING_GROUP, replace(grouped, member="", reference=""), attendee=2),
        "ticket-monthly": letter(ticket, MONTHLY, replace(grouped, member="", reference=""), attendee=2),
        "ticket-free": letter(ticket, LAUNCH, replace(ALONE, member="", reference=""), attendee=1),
        "ticket-night": letter(ticket, NIGHT, replace(ALONE, member="", reference=""), attendee=1),
        "ticket-longest": letter(ticket, LONGEST_EVENT, LONGEST, attendee=2),
        "ticket-emptest": letter(ticket, EMPTEST_EVENT, ERASED_BUYER, attendee=2),
        "moved-self": letter(moved, _moved(CONGRESS), THREE, attendee=1),
        "moved-by-another": letter(moved, _moved(CONGRESS), THREE, attendee=2),
        "moved-dates-known": letter(moved, _moved(WORKING_GROUP, dates=CONGRESS), free, attendee=2),
        "moved-dates-unknown": letter(moved, _moved(LAUNCH, dates=WORKING_GROUP), free, attendee=1),
        "moved-backwards": letter(moved, _moved(CONGRESS), backwards, attendee=2),
        "moved-longest": letter(moved, _moved(LONGEST_EVENT), LONGEST, attendee=2),
        "moved-emptest": letter(moved, _moved(EMPTEST_EVENT, dates=CONGRESS), ERASED_BUYER, attendee=2),
        "cancelled_ticket": letter(cancelled, CONGRESS, THREE, attendee=2),
        "cancelled_ticket-by-right-to-left": letter(cancelled, CONGRESS, backwards, attendee=2),
        "cancelled_ticket-by-erased": letter(cancelled, CONGRESS, ERASED, attendee=3),
        "cancelled_ticket-longest": letter(cancelled, LONGEST_EVENT, LONGEST, attendee=2),
        "cancelled_ticket-emptest": letter(cancelled, EMPTEST_EVENT, ERASED_BUYER, attendee=2),
        "ticket-longest-right-to-left": letter(ticket, LONGEST_EVENT, LONGEST, attendee=3),
        "code": composer.compose_code("048213", to=BUYER.email, name=BUYER.name, language=language),
        "code-longest": composer.compose_code("999999", to=LONGEST_EMAIL, name=LONGEST_NAME, language=language),
        "code-emptest": composer.compose_code("000000", to=BUYER.email, name="", language=language),
    }


def letter_about(
    composer: LetterComposer,
    kind: EmailKind,
    offer: Offer,
    answers: Answers,
    *,
    state: State,
    language: Language,
    reason: RefundReason | None,
    cents: int | None,
) -> Letter:
    """The letter about an order that came to this state, and of which money goes back when there is a reason."""
    story = Story(made=ordered(offer, answers, language=language, state=state))
    if story.order.total_cents and state is not State.EXPIRED:
        story = story.paid()
    if reason:
        story = story.asked(reason, cents)
    made, refund = story.told(), next(iter(story.ledger.refunds), None)
    refund_id = refund.id if refund else ""
    return composer.compose(
        new_email(kind=kind, order_id=made.order.id, language=language, now=NOW, refund_id=refund_id),
        order=made.order,
        buyer=made.buyer,
        offer=offer,
        membership=None,
        attendees=made.attendees,
        draft=None,
        refund=refund,
    )


def _refund_letters(
    composer: LetterComposer, language: Language, *, grouped: Answers, backwards: Answers
) -> dict[str, Letter]:
    """What is written to somebody whose order did not end as it began."""

    def letter(
        kind: EmailKind,
        offer: Offer,
        answers: Answers,
        state: State,
        *,
        reason: RefundReason | None = None,
        cents: int | None = None,
    ) -> Letter:
        return letter_about(composer, kind, offer, answers, state=state, language=language, reason=reason, cents=cents)

    refund, cancellation, failed = EmailKind.REFUND, EmailKind.CANCELLATION, EmailKind.PAYMENT_FAILED
    late, second, review = RefundReason.LATE, RefundReason.SECOND, RefundReason.REVIEW
    cancelled, staff = RefundReason.CANCELLED, RefundReason.STAFF
    both = replace(ALONE, attendees=(AttendeeAnswers(name="Grace Hopper", email=ALONE.email),))
    due, free = State.REFUND_DUE, replace(ALONE, member="", reference="")
    return {
        "refund-late": letter(refund, CONGRESS, ALONE, due, reason=late),
        "refund-late-three": letter(refund, CONGRESS, THREE, due, reason=late),
        "refund-late-longest": letter(refund, LONGEST_EVENT, LONGEST, due, reason=late),
        "refund-second": letter(refund, CONGRESS, THREE, State.PAID, reason=second),
        "refund-second-member": letter(refund, MEMBERSHIP, BUYER, State.PAID, reason=second),
        "refund-second-cancelled": letter(refund, CONGRESS, ALONE, State.CANCELLED, reason=second),
        "refund-review": letter(refund, MEMBERSHIP, BUYER, due, reason=review),
        "refund-review-event": letter(refund, CONGRESS, THREE, due, reason=review),
        "refund-staff": letter(refund, CONGRESS, THREE, State.PAID, reason=staff, cents=12345),
        "refund-staff-member": letter(refund, MEMBERSHIP, BUYER, State.PAID, reason=staff, cents=1000),
        "refund-staff-cancelled": letter(refund, CONGRESS, ALONE, State.CANCELLED, reason=staff, cents=1000),
        "refund-backwards": letter(refund, CONGRESS, backwards, State.PAID, reason=staff, cents=1000),
        "refund-second-longest": letter(refund, LONGEST_EVENT, LONGEST, State.PAID, reason=second),
        "refund-review-longest": letter(refund, LONGEST_EVENT, LONGEST, due, reason=review),
        "refund-longest": letter(refund, LONGEST_MEMBERSHIP, LONGEST, State.PAID, reason=staff),
        "refund-emptest": letter(refund, EMPTEST, LEAST, State.PAID, reason=staff, cents=1),
        "refund-late-emptest": letter(refund, EMPTEST, LEAST, due, reason=late, cents=1),
        "refund-second-emptest": letter(refund, EMPTEST, LEAST, State.PAID, reason=second, cents=1),
        "refund-review-emptest": letter(refund, EMPTEST, LEAST, due, reason=review, cents=1),
        "cancellation": letter(cancellation, MEMBERSHIP, BUYER, State.CANCELLED, reason=cancelled),
        "cancellation-kept": letter(cancellation, MEMBERSHIP, BUYER, State.CANCELLED),
        "cancellation-event": letter(cancellation, CONGRESS, ALONE, State.CANCELLED, reason=cancelled, cents=5000),
        "cancellation-event-three": letter(cancellation, CONGRESS, THREE, State.CANCELLED, reason=cancelled),
        "cancellation-event-two-tickets": letter(cancellation, CONGRESS, both, State.CANCELLED, reason=cancelled),
        "cancellation-event-twenty": letter(cancellation, CONGRESS, TWENTY, State.CANCELLED, reason=cancelled),
        "cancellation-free": letter(cancellation, LAUNCH, free, State.CANCELLED),
        "cancellation-free-no-dates": letter(
            cancellation, WORKING_GROUP, replace(grouped, member="", reference=""), State.CANCELLED
        ),
        "cancellation-backwards": letter(cancellation, CONGRESS, backwards, State.CANCELLED, reason=cancelled),
        "cancellation-event-erased": letter(cancellation, CONGRESS, ONE_ERASED, State.CANCELLED, reason=cancelled),
        "cancellation-longest": letter(cancellation, LONGEST_EVENT, LONGEST, State.CANCELLED, reason=cancelled),
        "cancellation-event-twenty-longest": letter(
            cancellation, LONGEST_EVENT, LONGEST_CROWD, State.CANCELLED, reason=cancelled
        ),
        "cancellation-emptest": letter(cancellation, EMPTEST, LEAST, State.CANCELLED),
        "payment_failed": letter(failed, MEMBERSHIP, BUYER, State.EXPIRED),
        "payment_failed-event": letter(failed, CONGRESS, ALONE, State.EXPIRED),
        "payment_failed-event-three": letter(failed, CONGRESS, THREE, State.EXPIRED),
        "payment_failed-backwards": letter(failed, CONGRESS, backwards, State.EXPIRED),
        "payment_failed-longest": letter(failed, LONGEST_EVENT, LONGEST, State.EXPIRED),
        "payment_failed-emptest": letter(failed, EMPTEST, LEAST, State.EXPIRED),
    }


def _moved(offer: Offer, *, dates: Offer | None = None) -> Offer:
    """The event a week later in the same place, or on the days of another one."""
    assert offer.event is not None
    week, given = timedelta(weeks=1), dates.event.sessions if dates and dates.event else None
    later = tuple(
        Session(starts_at=each.starts_at + week, ends_at=each.ends_at + week) for each in offer.event.sessions
    )
    sessions = later if given is None else given
    return replace(offer, event=offer.event.moved(place=offer.event.place, sessions=sessions, now=NOW))


def _longest_member() -> Membership:
    return member(LONGEST_NAME, *[LONGEST_EMAIL.partition("@")[2]] * 4)
