"""The letters: every mail, for the usual and the most unusual readers."""

from dataclasses import replace

from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import EmailKind, Letter, new_email
from chalicelib.domain.language import Language
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.state import State
from chalicelib.rendering.letters import LetterComposer
from tests.looks.cast import (
    ALONE,
    BUYER,
    CONGRESS,
    DRAFT,
    EMOJI,
    EMPTEST,
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
            new_email(kind=kind, order_id=made.order.id, language=language, now=NOW, attendee=attendee),
            order=made.order,
            buyer=made.buyer,
            offer=offer,
            membership=membership,
            attendees=made.attendees,
            draft=waits,
        )

    confirmation, welcome, ticket = EmailKind.CONFIRMATION, EmailKind.WELCOME, EmailKind.TICKET
    usual, longest = member(BUYER.organisation, "voorbeeldstad.example.nl"), _longest_member()
    free = replace(THREE, member="", reference="")
    grouped = replace(
        THREE, group="zuid", attendees=tuple(replace(each, group="noord-oost") for each in THREE.attendees)
    )
    backwards = replace(
        THREE, organisation=RIGHT_TO_LEFT, name=HEBREW, attendees=(AttendeeAnswers(name=EMOJI, email="z@x.nl"),)
    )
    return {
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
        "confirmation-emptest": letter(confirmation, EMPTEST, LEAST, membership=member("X")),
        "welcome": letter(welcome, MEMBERSHIP, BUYER, membership=usual),
        "welcome-backwards": letter(welcome, MEMBERSHIP, backwards, membership=member(RIGHT_TO_LEFT, "x.nl")),
        "welcome-longest": letter(welcome, LONGEST_MEMBERSHIP, LONGEST, membership=longest),
        "welcome-emptest": letter(welcome, EMPTEST, LEAST, membership=member("X")),
        "ticket-self": letter(ticket, CONGRESS, THREE, attendee=1),
        "ticket-by-another": letter(ticket, CONGRESS, THREE, attendee=2),
        "ticket-right-to-left": letter(ticket, CONGRESS, THREE, attendee=3),
        "ticket-by-right-to-left": letter(ticket, CONGRESS, backwards, attendee=2),
        "ticket-group": letter(ticket, GROUPED, grouped, attendee=2),
        "ticket-no-dates": letter(ticket, WORKING_GROUP, replace(grouped, member="", reference=""), attendee=2),
        "ticket-monthly": letter(ticket, MONTHLY, replace(grouped, member="", reference=""), attendee=2),
        "ticket-free": letter(ticket, LAUNCH, replace(ALONE, member="", reference=""), attendee=1),
        "ticket-night": letter(ticket, NIGHT, replace(ALONE, member="", reference=""), attendee=1),
        "ticket-longest": letter(ticket, LONGEST_EVENT, LONGEST, attendee=2),
        "ticket-longest-right-to-left": letter(ticket, LONGEST_EVENT, LONGEST, attendee=3),
    }


def _longest_member() -> Membership:
    return member(LONGEST_NAME, *[LONGEST_EMAIL.partition("@")[2]] * 4)
