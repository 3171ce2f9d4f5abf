"""The sheet of subscribers: who reads what, and the proof that he wants it, for an export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.domain.subscriber import Means, Standing, Subscriber
from chalicelib.domain.topic import Topic, written
from chalicelib.rendering.sheet import Cell, Sheet

# All as the import of subscribers knows them, so that a list can go from one desk to another.
HEADERS = (
    *("E-mail", "Naam", "Taal", "Rubrieken", "Toestemming op", "Toestemming bron"),
    *("Stand", "Toestemming via", "Toestemming tekst", "Bewijsstuk"),
    *("Gevraagd op", "Gevraagd via", "Gepauzeerd tot", "Afgemeld op"),
)
STANDINGS = {
    Standing.UNCONFIRMED: "nog niet bevestigd",
    Standing.CONFIRMED: "ontvangt",
    Standing.UNSUBSCRIBED: "afgemeld",
}
MEANS = {
    Means.FORM: "formulier",
    Means.ORDER: "vinkje bij een aanmelding",
    Means.LINK: "link in een mail",
    Means.IMPORT: "import",
    Means.STAFF: "secretariaat",
}


def subscriber_sheet(subscribers: Iterable[Subscriber], *, topics: Sequence[Topic]) -> Sheet:
    """A row for each, by address."""
    rows = [_row(each, topics) for each in sorted(subscribers, key=lambda each: each.email.lower())]
    return Sheet(title="Abonnees", headers=HEADERS, rows=rows)


def _row(subscriber: Subscriber, topics: Sequence[Topic]) -> tuple[Cell, ...]:
    # that somebody once said yes is no proof any more when he has left
    proof = subscriber.confirmed if subscriber.standing is Standing.CONFIRMED else None
    asked = subscriber.asked
    return (
        subscriber.email,
        subscriber.name,
        subscriber.language.value,
        written(subscriber.topics or subscriber.wanted, topics=topics),
        proof.at if proof else None,
        proof.source if proof else "",
        STANDINGS[subscriber.standing],
        MEANS[proof.means] if proof else "",
        proof.text if proof else "",
        proof.detail if proof else "",
        asked.at,
        MEANS[asked.means],
        subscriber.paused_until,
        subscriber.unsubscribed_at,
    )
