"""One noun of each kind, as a day at the desk brings them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.answers import Answers
from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.draft import LIFE, Draft
from chalicelib.domain.email import Delivery, Email, EmailKind
from chalicelib.domain.hold import HoldCount
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language, Text
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.money import Vat, VatTreatment
from chalicelib.domain.offer import (
    EarlyPrices,
    Event,
    Group,
    Offer,
    OfferKind,
    Option,
    Prices,
    Question,
    QuestionGroup,
    QuestionKind,
    Session,
)
from chalicelib.domain.order import Buyer, Consent, Order, OrderLine
from chalicelib.domain.payment import Payment
from chalicelib.domain.price import PriceReason, PriceRule
from chalicelib.domain.seat import SeatCount, Seating
from chalicelib.domain.state import State

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
ID = "q7mmnf2nqzv4k3bqxgq5dn4s6y5m2t7a"
EVENT_ORDER_ID = "xk2b5uwn3vfh7qsd4c6ejy2rtm5a7g3p"
DRAFT_ID = "h3t6wq5n2vzk4d7yab6cfp5sxr3jm2ge"
EMAIL_ID = f"confirmation-{ID}"
DOMAIN = "sudwestfryslan.example.nl"
IDENTITY = Identity("a-secret-key-that-golden-items-were-made-with")
VAT = Vat(treatment=VatTreatment.STANDARD, rate_percent=21)

OFFER = Offer(
    id="lidmaatschap",
    kind=OfferKind.MEMBERSHIP,
    code_prefix="L",
    title=Text(nl="Lidmaatschap", en="Membership"),
    summary=Text(nl="Voor uw hele organisatie.", en="For your whole organisation."),
    price_note=None,
    benefits=(Text(nl="Korting op het congres: € 399.", en="A discount on the congress: €399."),),
    prices=Prices(list_cents=50_000, member_cents=None),
    early=None,
    vat=VAT,
    opens_at=None,
    closes_at=None,
    term_months=12,
    event=None,
    questions=(
        Question(name="organisation", kind=QuestionKind.TEXT, required=True, autocomplete="organization"),
        Question(
            name="size",
            kind=QuestionKind.CHOICE,
            group=QuestionGroup.INVOICE,
            max_length=40,
            label=Text(nl="Hoe groot?", en="How large?"),
            hint=Text(nl="Ongeveer.", en="Roughly."),
            options=(Option(value="small", label=Text(nl="Klein", en="Small")),),
        ),
    ),
    version=1,
)
CONGRESS = Offer(
    id="congres-2027",
    kind=OfferKind.EVENT,
    code_prefix="C",
    title=Text(nl="Congres 2027", en="Congress 2027"),
    summary=Text(nl="Drie dagen in de wijk.", en="Three days in the neighbourhood."),
    price_note=Text(nl="exclusief overnachting", en="overnight stay not included"),
    benefits=(),
    prices=Prices(list_cents=54_900, member_cents=39_900),
    early=EarlyPrices(prices=Prices(list_cents=49_900, member_cents=34_900), ends_at=NOW + timedelta(days=30)),
    vat=VAT,
    opens_at=NOW - timedelta(days=1),
    closes_at=NOW + timedelta(days=300),
    term_months=0,
    event=Event(
        place=Text(nl="De gaststad volgt nog.", en="The host city will follow."),
        sessions=(
            Session(starts_at=NOW + timedelta(days=350), ends_at=NOW + timedelta(days=350, hours=7)),
            Session(starts_at=NOW + timedelta(days=351), ends_at=NOW + timedelta(days=351, hours=7)),
        ),
        capacity=550,
        most_per_order=20,
        members_only=False,
        group_label=Text(nl="Werkbezoek", en="Field trip"),
        groups=(
            Group(id="noord", title=Text(nl="Naar het noorden", en="To the north"), capacity=25),
            Group(id="zuid", title=Text(nl="Naar het zuiden", en="To the south"), capacity=None),
        ),
    ),
    questions=(Question(name="organisation", kind=QuestionKind.TEXT, required=True),),
    version=4,
)
assert CONGRESS.event
MOVED_CONGRESS = replace(
    CONGRESS,
    event=CONGRESS.event.moved(
        place=Text(nl="Voorbeeldstad", en="Voorbeeldstad"), sessions=CONGRESS.event.sessions[:1], now=NOW
    ),
)
ORDER = Order(
    id=ID,
    code="L26-7KQM",
    offer_id="lidmaatschap",
    generation=0,
    fingerprint="5f1c9a",
    language=Language.NL,
    state=State.PENDING,
    seating=Seating.NONE,
    lines=(
        OrderLine(
            offer_id="lidmaatschap",
            label=OFFER.title,
            description=OFFER.summary,
            attendee=0,
            quantity=1,
            unit_cents=50_000,
            reason=PriceReason(
                rule=PriceRule.LIST,
                membership_id="",
                mail_domain="",
                decided_at=NOW + timedelta(microseconds=123_456),
            ),
            vat=VAT,
            starts=OfferKind.MEMBERSHIP,
            term_months=12,
            counters=(),
        ),
    ),
    currency="EUR",
    attempt=1,
    session_id="",
    created_at=NOW + timedelta(microseconds=123_456),
    hold_until=NOW + timedelta(minutes=35),
    due=NOW + timedelta(minutes=36),
    paid_at=None,
    payment_id="",
    draft_id=DRAFT_ID,
    holders=(f"address-{IDENTITY.subject('holds of address', '192.0.2.1')}",),
    host_page="https://www.lpb.example.nl/lid-worden?page_id=12",
    paid_cents=0,
    refunded_cents=0,
    disputed_cents=0,
    disputed=False,
    version=1,
)


def _seat(*, number: int, group: str, cents: int, rule: PriceRule, member: bool) -> OrderLine:
    return OrderLine(
        offer_id=CONGRESS.id,
        label=CONGRESS.title,
        description=Text(nl="exclusief overnachting", en="overnight stay not included"),
        attendee=number,
        quantity=1,
        unit_cents=cents,
        reason=PriceReason(
            rule=rule, membership_id=ID if member else "", mail_domain=DOMAIN if member else "", decided_at=NOW
        ),
        vat=VAT,
        starts=OfferKind.EVENT,
        term_months=0,
        counters=(CONGRESS.id, f"{CONGRESS.id}/{group}"),
    )


EVENT_ORDER = Order(
    id=EVENT_ORDER_ID,
    code="C26-XW9R",
    offer_id=CONGRESS.id,
    generation=1,
    fingerprint="77ab03",
    language=Language.EN,
    state=State.PENDING,
    seating=Seating.HELD,
    lines=(
        _seat(number=1, group="noord", cents=34_900, rule=PriceRule.EARLY_MEMBER, member=True),
        _seat(number=2, group="zuid", cents=49_900, rule=PriceRule.EARLY, member=False),
    ),
    currency="EUR",
    attempt=1,
    session_id="cs_test_c3d4",
    created_at=NOW,
    hold_until=NOW + timedelta(minutes=35),
    due=NOW + timedelta(minutes=36),
    paid_at=None,
    payment_id="",
    draft_id="",
    holders=(
        f"address-{IDENTITY.subject('holds of address', '192.0.2.1')}",
        f"recipient-{IDENTITY.subject('holds of recipient', f'zoe@{DOMAIN}')}",
    ),
    host_page="",
    paid_cents=0,
    refunded_cents=0,
    disputed_cents=0,
    disputed=False,
    version=2,
)
BUYER = Buyer(
    order_id=ID,
    offer_id="lidmaatschap",
    answers=Answers(
        organisation="Gemeente Súdwest-Fryslân",
        name="Zoë van ’t Hof",
        email=f"zoe@{DOMAIN}",
        reference="PO 2026/113",
        registration_number="12345678",
        street="Marktstraat 15",
        postal_code="8601 CR",
        city="Sneek",
        newsletter=True,
        extra=(("size", "small"),),
    ),
)
EVENT_BUYER = Buyer(
    order_id=EVENT_ORDER_ID,
    offer_id=CONGRESS.id,
    answers=Answers(
        organisation="Gemeente Súdwest-Fryslân",
        name="Zoë van ’t Hof",
        email=f"zoe@{DOMAIN}",
        member="ja",
        attending=True,
        group="noord",
    ),
)
ATTENDEE = Attendee(
    order_id=EVENT_ORDER_ID,
    offer_id=CONGRESS.id,
    number=1,
    name="Zoë van ’t Hof",
    email=f"zoe@{DOMAIN}",
    group="noord",
    is_buyer=True,
    attendance=IDENTITY.attendance(offer_id=CONGRESS.id, email=f"zoe@{DOMAIN}"),
)
COLLEAGUE = Attendee(
    order_id=EVENT_ORDER_ID,
    offer_id=CONGRESS.id,
    number=2,
    name="Jelle Ðouwes",
    email="Jelle.Douwes@buurtzorg.example.nl",
    group="zuid",
    is_buyer=False,
    attendance=IDENTITY.attendance(offer_id=CONGRESS.id, email="Jelle.Douwes@buurtzorg.example.nl"),
)
ATTENDANCE = Attendance(id=ATTENDEE.attendance, order_id=EVENT_ORDER_ID, number=1, free=False)
DRAFT = Draft(
    id=DRAFT_ID,
    offer_id=CONGRESS.id,
    language=Language.NL,
    fields=(("name", "Zoë van ’t Hof"), ("email", f"zoe@{DOMAIN}"), ("self", "ja"), ("p1_name", "Jelle Ðouwes")),
    created_at=NOW,
    expires_at=NOW + LIFE,
)
SEATS = SeatCount(counter=f"{CONGRESS.id}/noord", held=1, sold=2, held_until=NOW + timedelta(minutes=35))
HOLDS = HoldCount(holder=EVENT_ORDER.holders[1], open=2, held_until=NOW + timedelta(minutes=35))
SLOT = MailSlot(
    id=IDENTITY.subject("mail ticket", f"zoe@{DOMAIN}"),
    email_id=f"ticket-{EVENT_ORDER_ID}-1",
    until=NOW + timedelta(minutes=10),
)
CONSENT = Consent(
    order_id=ID,
    purpose="newsletter",
    text="Ja, stuur mij de nieuwsbrief.",
    language=Language.NL,
    source="https://aanmelden.example.nl/nl/lidmaatschap",
    given_at=NOW,
)
PAYMENT = Payment(
    id="pi_3QabcDEF",
    order_id=ID,
    session_id="cs_test_a1b2",
    charge_id="ch_3QabcDEF",
    amount_cents=50_000,
    currency="EUR",
    method="ideal",
    booked_at=NOW + timedelta(minutes=3),
)
MEMBERSHIP = Membership(
    id=ID,
    organisation="Gemeente Súdwest-Fryslân",
    registration_number="12345678",
    domains=(DOMAIN,),
    contact_name="Zoë van ’t Hof",
    contact_email=f"zoe@{DOMAIN}",
    starts_on=date(2026, 11, 25),
    ends_on=date(2027, 11, 24),
    version=1,
)
MEMBER_DOMAIN = MemberDomain(
    domain=DOMAIN, membership_id=ID, starts_on=MEMBERSHIP.starts_on, ends_on=MEMBERSHIP.ends_on
)
EMAIL = Email(
    id=EMAIL_ID,
    kind=EmailKind.CONFIRMATION,
    order_id=ID,
    attendee=0,
    refund_id="",
    language=Language.NL,
    delivery=Delivery.QUEUED,
    attempt=0,
    due=NOW + timedelta(minutes=3),
    created_at=NOW + timedelta(minutes=3),
    message_id="",
    reason="",
    again="",
    waived=False,
    subscriber_id="",
    version=1,
)
TICKET = Email(
    id=f"ticket-{EVENT_ORDER_ID}-2",
    kind=EmailKind.TICKET,
    order_id=EVENT_ORDER_ID,
    attendee=2,
    refund_id="",
    language=Language.EN,
    delivery=Delivery.SENDING,
    attempt=1,
    due=NOW + timedelta(minutes=18),
    created_at=NOW + timedelta(minutes=3),
    message_id="",
    reason="",
    again="",
    waived=False,
    subscriber_id="",
    version=2,
)
