"""One noun of each kind, as a day at the desk brings them."""

from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.answers import Answers
from chalicelib.domain.email import Delivery, Email, EmailKind
from chalicelib.domain.language import Language, Text
from chalicelib.domain.membership import Membership
from chalicelib.domain.money import Vat, VatTreatment
from chalicelib.domain.offer import Offer, OfferKind, Option, Question, QuestionGroup, QuestionKind
from chalicelib.domain.order import Buyer, Consent, Order, OrderLine, Payment
from chalicelib.domain.state import State

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
ID = "q7mmnf2nqzv4k3bqxgq5dn4s6y5m2t7a"
EMAIL_ID = f"confirmation-{ID}"
VAT = Vat(treatment=VatTreatment.STANDARD, rate_percent=21)

OFFER = Offer(
    id="lidmaatschap",
    kind=OfferKind.MEMBERSHIP,
    code_prefix="L",
    title=Text(nl="Lidmaatschap", en="Membership"),
    summary=Text(nl="Voor uw hele organisatie.", en="For your whole organisation."),
    benefits=(Text(nl="Korting op het congres: € 399.", en="A discount on the congress: €399."),),
    price_cents=50_000,
    vat=VAT,
    term_months=12,
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
)
ORDER = Order(
    id=ID,
    code="L26-7KQM",
    offer_id="lidmaatschap",
    generation=0,
    fingerprint="5f1c9a",
    language=Language.NL,
    state=State.PENDING,
    lines=(
        OrderLine(
            offer_id="lidmaatschap",
            label="Lidmaatschap",
            description="Voor uw hele organisatie.",
            quantity=1,
            unit_cents=50_000,
            price_reason="list_price",
            vat=VAT,
            starts=OfferKind.MEMBERSHIP,
            term_months=12,
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
    version=1,
)
BUYER = Buyer(
    order_id=ID,
    answers=Answers(
        organisation="Gemeente Súdwest-Fryslân",
        name="Zoë van ’t Hof",
        email="zoe@sudwestfryslan.example.nl",
        reference="PO 2026/113",
        registration_number="12345678",
        street="Marktstraat 15",
        postal_code="8601 CR",
        city="Sneek",
        newsletter=True,
        extra=(("size", "small"),),
    ),
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
    amount_cents=50_000,
    currency="EUR",
    method="ideal",
    booked_at=NOW + timedelta(minutes=3),
)
MEMBERSHIP = Membership(
    id=ID,
    organisation="Gemeente Súdwest-Fryslân",
    registration_number="12345678",
    domains=("sudwestfryslan.example.nl",),
    contact_name="Zoë van ’t Hof",
    contact_email="zoe@sudwestfryslan.example.nl",
    starts_on=date(2026, 11, 25),
    ends_on=date(2027, 11, 24),
    version=1,
)
EMAIL = Email(
    id=EMAIL_ID,
    kind=EmailKind.CONFIRMATION,
    order_id=ID,
    language=Language.NL,
    delivery=Delivery.QUEUED,
    attempt=0,
    due=NOW + timedelta(minutes=3),
    created_at=NOW + timedelta(minutes=3),
    message_id="",
    reason="",
    version=1,
)
