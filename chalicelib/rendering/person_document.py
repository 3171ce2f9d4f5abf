"""A person's document: all that lies here under one address, in Dutch words, to be handed to him."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime

from chalicelib.domain.answers import Answers
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Delivery, Email, EmailKind
from chalicelib.domain.language import Language
from chalicelib.domain.membership import Membership
from chalicelib.domain.person import Part, Person
from chalicelib.domain.state import State
from chalicelib.domain.topic import Topic
from chalicelib.rendering.subscription_document import Value, subscription_document
from chalicelib.rendering.texts import Texts

STATES: Mapping[State, str] = {
    State.PENDING: "nog niet betaald",
    State.PROCESSING: "de betaling loopt nog",
    State.PAID: "betaald",
    State.CONFIRMED: "bevestigd",
    State.INVOICED: "bevestigd, op factuur",
    State.EXPIRED: "verlopen zonder betaling",
    State.REFUND_DUE: "niet doorgegaan, het geld gaat terug",
    State.CANCELLED: "geannuleerd",
    State.REVIEW: "wordt nagekeken",
}
MAILS: Mapping[EmailKind, str] = {
    EmailKind.CONFIRMATION: "bevestiging",
    EmailKind.WELCOME: "welkom als lid",
    EmailKind.TICKET: "ticket",
    EmailKind.MOVED: "bijeenkomst verplaatst",
    EmailKind.REFUND: "terugbetaling",
    EmailKind.CANCELLATION: "annulering",
    EmailKind.PAYMENT_FAILED: "betaling mislukt",
    EmailKind.SUBSCRIPTION: "nieuwsbrief bevestigen",
}
DELIVERIES: Mapping[Delivery, str] = {
    Delivery.QUEUED: "staat klaar",
    Delivery.SENDING: "wordt verstuurd",
    Delivery.SENT: "verstuurd",
    Delivery.DELIVERED: "bezorgd",
    Delivery.BOUNCED: "niet aangekomen",
    Delivery.COMPLAINED: "gemeld als ongewenst",
    Delivery.FAILED: "niet verstuurd",
}
ANSWERS: Mapping[str, str] = {
    "organisation": "organisatie",
    "name": "naam",
    "email": "e-mailadres",
    "reference": "referentie",
    "registration_number": "KvK-nummer of OIN",
    "street": "straat",
    "postal_code": "postcode",
    "city": "plaats",
    "member": "is uw organisatie lid",
    "group": "groep",
}


def person_document(person: Person, *, topics: Iterable[Topic], texts: Texts, now: datetime) -> dict[str, Value]:
    """The document, whose keys are Dutch; what is empty is left out. Of other people only who registered him."""
    return _full(
        {
            "e-mailadres": person.email,
            "gemaakt op": texts.moment(now),
            "aanmeldingen": [_order(part, texts=texts) for part in person.parts],
            "lidmaatschappen": [_membership(each, texts=texts) for each in person.memberships],
            "nieuwsbrief": subscription_document(person.subscription, topics=topics, texts=texts, language=Language.NL),
        }
    )


def _order(part: Part, *, texts: Texts) -> dict[str, Value]:
    dossier, order = part.dossier, part.dossier.order
    numbers = {each.number for each in part.attends} | ({0} if part.buyer else set())
    mails = [each for each in dossier.emails if each.attendee in numbers]
    return _full(
        {
            "aanmeldnummer": order.code,
            "voor": order.lines[0].label.within(Language.NL),
            "aangemeld op": texts.moment(order.created_at),
            "stand": STATES[order.state],
            "ingevuld": _answers(dossier.buyer.answers) if part.buyer and dossier.buyer else {},
            "komt als": [_attendee(each) for each in part.attends],
            "aangemeld door": {} if part.buyer else _by(dossier),
            "betaling": _money(dossier, texts=texts) if part.buyer else {},
            "toestemming": _consents(dossier, texts=texts) if part.buyer else [],
            "mails": [_email(each, texts=texts) for each in mails],
            "notities van het secretariaat": _notes(part, texts=texts),
            "gewijzigd door het secretariaat": _changes(dossier, numbers=numbers, texts=texts),
        }
    )


def _answers(answers: Answers) -> dict[str, Value]:
    said: dict[str, Value] = {word: getattr(answers, name) for name, word in ANSWERS.items()}
    ticks: dict[str, Value] = {"nieuwsbrief": "ja" if answers.newsletter else ""}
    return _full(said | ticks | dict(answers.extra))


def _attendee(attendee: Attendee) -> dict[str, Value]:
    return _full({"naam": attendee.name, "e-mailadres": attendee.email, "groep": attendee.group})


def _by(dossier: Dossier) -> dict[str, Value]:
    """Where we have his name from: the ticket says so too."""
    answers = dossier.buyer.answers if dossier.buyer else None
    return _full({"naam": answers.name, "organisatie": answers.organisation}) if answers else {}


def _money(dossier: Dossier, *, texts: Texts) -> dict[str, Value]:
    order = dossier.order
    amounts = {"totaal": order.total_cents, "betaald": order.paid_cents, "terugbetaald": order.refunded_cents}
    said: dict[str, Value] = {word: texts.euro(cents) for word, cents in amounts.items() if cents}
    said["betalingen"] = [
        f"{texts.euro(each.amount_cents)}, {each.method}, {texts.moment(each.booked_at)}"
        for each in dossier.ledger.payments
    ]
    return _full(said)


def _consents(dossier: Dossier, *, texts: Texts) -> list[Value]:
    return [
        {"tekst": each.text, "gegeven op": texts.moment(each.given_at), "formulier": each.source}
        for each in dossier.consents
    ]


def _email(email: Email, *, texts: Texts) -> str:
    return f"{MAILS[email.kind]}, {texts.moment(email.created_at)}, {DELIVERIES[email.delivery]}"


def _notes(part: Part, *, texts: Texts) -> list[Value]:
    """Those that would be erased with him: they tell of him."""
    return [f"{texts.moment(each.at)}: {each.text}" for each in part.erasure.notes]


def _changes(dossier: Dossier, *, numbers: Container[int], texts: Texts) -> list[Value]:
    """What was corrected of him: a field of an attendee has the attendee's number behind its name."""
    said: list[Value] = []
    for deed in dossier.deeds:
        told = []
        for field, value in deed.personal.items():
            name, _, number = field.partition(" ")
            if int(number or 0) in numbers:
                told.append(f"{ANSWERS.get(name, name)}: {value}")
        if told:
            said.append(f"{texts.moment(deed.entry.at)}: {'; '.join(told)}")
    return said


def _membership(membership: Membership, *, texts: Texts) -> dict[str, Value]:
    return _full(
        {
            "organisatie": membership.organisation,
            "KvK-nummer of OIN": membership.registration_number,
            "contactpersoon": membership.contact_name,
            "e-mailadres": membership.contact_email,
            "van": texts.date(membership.starts_on),
            "tot en met": texts.date(membership.ends_on),
            "herkend aan": _domains(membership.domains),
        }
    )


def _domains(domains: Iterable[str]) -> list[Value]:
    return [f"@{domain}" for domain in domains]


def _full(said: Mapping[str, Value]) -> dict[str, Value]:
    return {word: value for word, value in said.items() if value}
