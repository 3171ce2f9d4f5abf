"""The cast: who and what plays in the scenes, from the usual to the longest that the product takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.attendee import Attendee, number_attendees
from chalicelib.domain.draft import LIFE, Draft
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language, Text
from chalicelib.domain.link import Links
from chalicelib.domain.mail_domain import mail_domain
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import EarlyPrices, Event, Offer, Option, Prices, Question, QuestionKind, Session
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.place import attendee_lines, membership_lines, place_order
from chalicelib.domain.price import Price, price_of
from chalicelib.domain.state import State

SITE = "https://aanmelden.example.nl"
NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)
PAID_AT = NOW + timedelta(minutes=4)
IDENTITY = Identity("the secret of the looks")
LINKS = Links(SITE, IDENTITY)
FORM_KEY = "0f5c3c1e-6f0e-4a55-9d0c-8c6f7f1f2b11"
DRAFT_ID = IDENTITY.draft_id(offer_id="congres-2027", form_key=FORM_KEY)
# A form that waits until its visitor is a member.
DRAFT = Draft(
    id=DRAFT_ID,
    offer_id="congres-2027",
    language=Language.NL,
    fields=(("key", FORM_KEY),),
    created_at=NOW,
    expires_at=NOW + LIFE,
)
# Whose mail domains are recognised in every scene.
MEMBERS = frozenset({"voorbeeldstad.example.nl", "polderdam.example.nl"})

LONG_WORD = "Samenwerkingsverbandwijkontwikkelingsmaatschappij"
LONG_NAME = f"Gemeenschappelijke regeling {LONG_WORD} Noordoost-Groningen en omstreken <&> Zn."
LONGEST_NAME = (f"{LONG_NAME} " * 2)[:120].strip()
LONGEST_WORD = (LONG_WORD * 3)[:120]
# As long as mail takes an address: 64 signs before the @, 63 in a label, 254 in all.
LONGEST_EMAIL = f"{'wilhelmina.van.der.westhuizen-' * 2}oost@{'wijk' * 15}.{'buurt' * 12}en.{'land' * 15}en.nl"
RIGHT_TO_LEFT = "محمد عبد الرحمن الأمير 🎉"
HEBREW = "(נועה) לוי-כהן"
EMOJI = "Zoë 👩‍👩‍👧 O’Brien-Ñandú"

ALL_OFFERS = {offer.id: offer for offer in seed_files()}
MEMBERSHIP, CONGRESS = ALL_OFFERS["lidmaatschap"], ALL_OFFERS["congres-2027"]
LAUNCH, WORKING_GROUP = ALL_OFFERS["lancering"], ALL_OFFERS["werkgroep"]


def both(words: str) -> Text:
    return Text(nl=words, en=words)


def event_of(offer: Offer) -> Event:
    assert offer.event is not None, "only an event has a time and a place"
    return offer.event


EARLY = replace(
    CONGRESS,
    early=EarlyPrices(
        prices=Prices(list_cents=49900, member_cents=34900), ends_at=NOW + timedelta(days=90, minutes=55)
    ),
)
GROUPED = replace(
    CONGRESS,
    event=replace(
        event_of(CONGRESS), group_label=Text(nl="Workshop", en="Workshop"), groups=event_of(WORKING_GROUP).groups
    ),
)
MEMBERS_FREE = replace(CONGRESS, prices=Prices(list_cents=9500, member_cents=0))
NIGHT = replace(
    LAUNCH,
    event=replace(
        event_of(LAUNCH),
        sessions=tuple(
            replace(session, ends_at=session.ends_at + timedelta(hours=10)) for session in event_of(LAUNCH).sessions
        ),
    ),
)
# A meeting each month of a year.
MONTHLY = replace(
    WORKING_GROUP,
    event=replace(
        event_of(WORKING_GROUP),
        sessions=tuple(
            Session(
                starts_at=datetime(2027, month, 8, 9, 30, tzinfo=UTC), ends_at=datetime(2027, month, 8, 12, tzinfo=UTC)
            )
            for month in range(1, 13)
        ),
    ),
)
MEMBERS_PAY = replace(
    WORKING_GROUP,
    prices=Prices(list_cents=2500, member_cents=None),
    early=EarlyPrices(prices=Prices(list_cents=1500, member_cents=None), ends_at=NOW + timedelta(days=9)),
    price_note=CONGRESS.price_note,
)
# An offer that asks more than the usual, in every way there is.
ASKING = replace(
    MEMBERSHIP,
    questions=(
        *MEMBERSHIP.questions[:3],
        Question(
            name="size",
            kind=QuestionKind.CHOICE,
            required=True,
            label=Text(nl="Hoe groot is uw organisatie?", en="How large is your organisation?"),
            hint=Text(nl="Een schatting is genoeg.", en="An estimate will do."),
            options=(
                Option(value="small", label=Text(nl="Tot 50 medewerkers", en="Up to 50 people")),
                Option(value="large", label=Text(nl="Meer dan 50 medewerkers", en="More than 50 people")),
            ),
        ),
        Question(
            name="board",
            kind=QuestionKind.TICK,
            required=True,
            label=Text(nl="Ons bestuur is akkoord", en="Our board agrees"),
        ),
        Question(
            name="neighbourhood",
            kind=QuestionKind.TEXT,
            required=True,
            label=Text(nl="In welke wijk werkt u?", en="In which neighbourhood do you work?"),
        ),
    ),
)
LONGEST_EVENT = replace(
    GROUPED,
    title=both(f"Congres {LONG_WORD} <&> <b>"),
    summary=both(LONG_NAME * 4),
    price_note=both(LONGEST_WORD),
    benefits=(both(LONG_NAME * 2), both(LONG_WORD * 2)),
    prices=Prices(list_cents=99_999_999, member_cents=99_999_998),
    early=EarlyPrices(prices=Prices(list_cents=99_999_997, member_cents=99_999_996), ends_at=NOW + timedelta(days=9)),
    event=replace(
        event_of(GROUPED),
        place=both(LONG_NAME * 2),
        sessions=event_of(CONGRESS).sessions * 3,
        group_label=both(LONGEST_NAME),
        groups=tuple(replace(group, title=both(LONG_NAME)) for group in event_of(GROUPED).groups),
    ),
)
LONGEST_MEMBERSHIP = replace(
    MEMBERSHIP,
    title=both(f"Lidmaatschap {LONG_WORD} <&> <b>"),
    summary=both(LONG_NAME * 4),
    benefits=(both(LONG_NAME * 2), both(LONG_WORD * 2)) * 4,
    prices=Prices(list_cents=99_999_999, member_cents=None),
)
EMPTEST = replace(MEMBERSHIP, title=both("X"), summary=both(""), benefits=(), questions=MEMBERSHIP.questions[:3])
EMPTEST_EVENT = replace(
    WORKING_GROUP,
    title=both("X"),
    summary=both(""),
    benefits=(),
    event=replace(event_of(WORKING_GROUP), place=both("X"), sessions=(), group_label=None, groups=()),
)

BUYER = Answers(
    organisation="Gemeente Voorbeeldstad",
    name="Noor de Vries",
    email="noor.devries@voorbeeldstad.example.nl",
    reference="INK-2026-0412",
)
ALONE = replace(BUYER, member="ja", attending=True)
THREE = replace(
    ALONE,
    attendees=(
        AttendeeAnswers(name="Grace Hopper", email="grace@buurtbelang.example.nl"),
        AttendeeAnswers(name=RIGHT_TO_LEFT, email="m.alamir@polderdam.example.nl"),
    ),
)
OTHERS = replace(THREE, attending=False)
# Two of the three were erased, the buyer among them.
ERASED = replace(
    THREE, organisation="", name="", email="", attendees=(AttendeeAnswers(name="", email=""), THREE.attendees[1])
)
TWENTY = replace(
    ALONE,
    attendees=tuple(
        AttendeeAnswers(name=f"{name} {number}", email=f"{number}@{domain}.example.nl")
        for number, (name, domain) in enumerate((("Ada de Vries", "polderdam"), (HEBREW, "buurtbelang")) * 10, start=2)
    )[:19],
)
LONGEST = Answers(
    organisation=LONGEST_NAME,
    name=LONGEST_WORD,
    email=LONGEST_EMAIL,
    reference=LONGEST_WORD[:100],
    registration_number="00000001002220647000",
    street=LONGEST_NAME,
    postal_code="1234 AB",
    city=LONGEST_WORD,
    newsletter=True,
    member="ja",
    attending=True,
    group="zuid",
    attendees=tuple(
        AttendeeAnswers(name=name, email=f"{number}{LONGEST_EMAIL[1:]}", group="noord-oost")
        for number, name in enumerate((LONGEST_NAME, RIGHT_TO_LEFT * 4, HEBREW * 8, EMOJI * 4), start=1)
    ),
)


def fields(answers: Answers, **given: str) -> dict[str, str]:
    """The answers as the form posts them, with some of them otherwise."""
    return answers.fields() | given


def quoted(emails: Sequence[str], *, offer: Offer, now: datetime = NOW) -> tuple[Price, ...]:
    """What each of these addresses pays."""
    domains = [mail_domain(email) if offer.event and mail_domain(email) in MEMBERS else "" for email in emails]
    return tuple(
        price_of(offer, membership_id="a-member" if domain else "", mail_domain=domain, now=now) for domain in domains
    )


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """An order with all that is kept beside it."""

    order: Order
    buyer: Buyer
    offer: Offer
    attendees: tuple[Attendee, ...]


def ordered(offer: Offer, answers: Answers, *, language: Language, state: State | None = None) -> Ordered:
    """An order of these answers, in a state that it has come to (None: as it is when it is placed)."""
    order_id = IDENTITY.order_id(offer_id=offer.id, form_key=FORM_KEY)
    attendees = number_attendees(
        answers.people() if offer.event else (),
        order_id=order_id,
        offer_id=offer.id,
        buyer_attends=answers.attending,
        identity=IDENTITY,
    )
    prices = quoted([each.email for each in attendees] if offer.event else [""], offer=offer)
    order = place_order(
        order_id=order_id,
        code=IDENTITY.order_code(order_id=order_id, prefix=offer.code_prefix, now=NOW, attempt=1),
        offer=offer,
        lines=attendee_lines(offer, attendees=attendees, prices=prices)
        if offer.event
        else membership_lines(offer, price=prices[0]),
        generation=1,
        fingerprint=IDENTITY.fingerprint(answers),
        language=language,
        draft_id="",
        now=NOW,
    )
    if state is not None:
        order = order.turned(state)
    if state in (State.PAID, State.REVIEW):
        order = replace(order, paid_at=PAID_AT, payment_id="pi_1", paid_cents=order.total_cents, due=None)
    return Ordered(
        order=order,
        buyer=Buyer(order_id=order_id, offer_id=offer.id, answers=answers),
        offer=offer,
        attendees=attendees,
    )


def member(organisation: str, *domains: str) -> Membership:
    """The membership that a paid order has started."""
    return Membership(
        id=IDENTITY.order_id(offer_id=MEMBERSHIP.id, form_key=FORM_KEY),
        organisation=organisation,
        registration_number="",
        domains=domains,
        contact_name=BUYER.name,
        contact_email=BUYER.email,
        starts_on=datetime(2026, 11, 25, tzinfo=UTC).date(),
        ends_on=datetime(2027, 11, 24, tzinfo=UTC).date(),
        version=1,
    )
