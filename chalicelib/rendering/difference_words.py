"""What a difference is called: in words that a treasurer understands, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.difference import Difference, DifferenceKind
from chalicelib.domain.language import Language, Text
from chalicelib.rendering.texts import Texts

# Facts that are amounts, in cents.
AMOUNTS = frozenset({"amount", "there", "here", "order", "ledger", "booked", "paid", "asked", "refunded", "sum"})

WORDS: dict[DifferenceKind, Text] = {
    DifferenceKind.PAYMENT_WITHOUT_ORDER: Text(
        nl="Bij Stripe is {amount} betaald (betaling {payment}), maar Loket kent de bestelling niet. Zoek de betaling "
        "op in Stripe en stort het bedrag terug, of neem contact op met de betaler.",
        en="At Stripe {amount} was paid (payment {payment}), but Loket does not know the order. Look the payment up in "
        "Stripe and refund it, or contact whoever paid.",
    ),
    DifferenceKind.PAYMENT_NOT_BOOKED: Text(
        nl="Bij Stripe is {amount} betaald voor deze bestelling, maar Loket kon dat niet boeken (toestand: {state}). "
        "Stort het bedrag terug in Stripe, of bevestig de aanmelding met de hand.",
        en="At Stripe {amount} was paid for this order, but Loket could not book it (state: {state}). Refund it in "
        "Stripe, or confirm the registration by hand.",
    ),
    DifferenceKind.PAID_WITHOUT_PAYMENT: Text(
        nl="Loket heeft {amount} als betaald geboekt, maar bij Stripe is die betaling er niet. Controleer in Stripe of "
        "er echt is betaald.",
        en="Loket has booked {amount} as paid, but Stripe has no such payment. Check in Stripe whether it was paid.",
    ),
    DifferenceKind.PAYMENT_AMOUNT: Text(
        nl="De betaling is bij Stripe {there}, maar hier geboekt als {here}.",
        en="The payment is {there} at Stripe, but booked here as {here}.",
    ),
    DifferenceKind.REFUND_UNKNOWN_THERE: Text(
        nl="Loket heeft een terugbetaling van {amount} geboekt die er bij Stripe niet is. De betaler heeft dat geld "
        "waarschijnlijk niet terug.",
        en="Loket has booked a refund of {amount} that Stripe does not have. The buyer probably did not get it back.",
    ),
    DifferenceKind.REFUND_NOT_BOOKED: Text(
        nl="Bij Stripe is {amount} terugbetaald, maar dat staat hier niet (of met een ander bedrag) in de boeken.",
        en="At Stripe {amount} was refunded, but it is not in the books here (or with another amount).",
    ),
    DifferenceKind.REFUND_STUCK: Text(
        nl="Een terugbetaling van {amount} wacht al meer dan een dag (melding: {trouble}). Loket probeert het ongeveer "
        "een week; kijk in Stripe of er genoeg saldo is.",
        en="A refund of {amount} has waited for more than a day (message: {trouble}). Loket tries for about a week; "
        "see in Stripe whether the balance suffices.",
    ),
    DifferenceKind.REFUND_FAILED: Text(
        nl="{amount} zou terug naar de betaler, maar dat mislukte ({trouble}) en is niet opnieuw gevraagd: het geld is "
        "nog bij u. Betaal het opnieuw terug, of vraag om een rekeningnummer.",
        en="{amount} was to go back to the buyer, but that failed ({trouble}) and was not asked for again: you still "
        "have the money. Refund it again, or ask for an account.",
    ),
    DifferenceKind.TOTALS: Text(
        nl="De bestelling zegt dat er {order} over is; haar boekingen komen op {ledger}, en aan betalingen staat er "
        "{booked}. Dat past niet bij elkaar.",
        en="The order says that {order} is left; its entries come to {ledger}, and its payments to {booked}. These do "
        "not fit.",
    ),
    DifferenceKind.ENTRY_UNKNOWN_THERE: Text(
        nl="Een boeking van {amount} ({kind}) staat na een dag nog niet in de boeken van Stripe.",
        en="An entry of {amount} ({kind}) is not in Stripe's books after a day.",
    ),
    DifferenceKind.TRANSACTION_NOT_BOOKED: Text(
        nl="In de boeken van Stripe staat {amount} ({kind}, {transaction}) die hier niet is geboekt.",
        en="Stripe's books have {amount} ({kind}, {transaction}) that is not booked here.",
    ),
    DifferenceKind.TRANSACTION_AMOUNT: Text(
        nl="In de boeken van Stripe staat {amount} ({kind}, {transaction}), hier {here}.",
        en="Stripe's books have {amount} ({kind}, {transaction}), ours have {here}.",
    ),
    DifferenceKind.PAYOUT_SUM: Text(
        nl="De uitbetaling is {amount}, maar de delen ervan komen op {sum}.",
        en="The payout is {amount}, but its parts come to {sum}.",
    ),
    DifferenceKind.DISPUTE_OPEN: Text(
        nl="De betaler betwist bij zijn bank een betaling van {amount}. Antwoord in Stripe voor de uiterste datum die "
        "daar staat.",
        en="The buyer disputes a payment of {amount} at his bank. Answer in Stripe before the date given there.",
    ),
    DifferenceKind.SEATS: Text(
        nl="De teller zegt {counted} plaatsen bezet, de bestellingen samen {orders}.",
        en="The counter says that {counted} places are taken, the orders together {orders}.",
    ),
    DifferenceKind.SEATING: Text(
        nl="De plaatsen van deze bestelling staan op '{seating}', en dat past niet bij haar toestand '{state}'.",
        en="The places of this order are '{seating}', which does not fit its state '{state}'.",
    ),
    DifferenceKind.OVERSOLD: Text(
        nl="Er zijn {taken} plaatsen bezet, terwijl er {capacity} zijn. Is het aantal verlaagd?",
        en="{taken} places are taken, while there are {capacity}. Was the number lowered?",
    ),
    DifferenceKind.FOLLOW_UP_MISSING: Text(
        nl="Wat bij deze bestelling hoort klopt niet: {missing} deelnemers of lidmaatschappen ontbreken, {left} zijn "
        "blijven staan.",
        en="What belongs to this order is not right: {missing} attendees or memberships are missing, {left} were left.",
    ),
    DifferenceKind.EMAIL_MISSING: Text(
        nl="De bestelling is bevestigd, maar {count} mail(s) daarover zijn nooit klaargezet.",
        en="The order is confirmed, but {count} mail(s) about it were never made.",
    ),
    DifferenceKind.EMAIL_FAILED: Text(
        nl="{count} mail(s) over deze bestelling zijn niet aangekomen ({reason}). Verbeter het adres en stuur opnieuw.",
        en="{count} mail(s) about this order did not arrive ({reason}). Correct the address and send again.",
    ),
    DifferenceKind.EMAIL_STUCK: Text(
        nl="{count} mail(s) over deze bestelling wachten al meer dan een uur ({reason}).",
        en="{count} mail(s) about this order have waited for more than an hour ({reason}).",
    ),
    DifferenceKind.ORDER_STUCK: Text(
        nl="Deze bestelling staat al te lang op '{state}'. Kijk in Stripe wat er van de betaling is geworden.",
        en="This order has been '{state}' for too long. See in Stripe what became of the payment.",
    ),
    DifferenceKind.REVIEW: Text(
        nl="Er is {paid} betaald, terwijl {asked} is gevraagd. Neem het aan, of stort het terug.",
        en="{paid} was paid, while {asked} was asked. Accept it, or return it.",
    ),
    DifferenceKind.DISPUTED_AND_COMING: Text(
        nl="De bank heeft de hele betaling teruggehaald ({refunded}), maar de aanmelding is nog bevestigd. Annuleer "
        "haar, of vraag om een nieuwe betaling.",
        en="The bank took the whole payment back ({refunded}), but the registration is still confirmed. Cancel it, or "
        "ask for a new payment.",
    ),
    DifferenceKind.PAID_BACK_TWICE: Text(
        nl="Er is {amount} meer teruggegaan dan er is betaald, door een terugbetaling en een betwisting samen. Vraag "
        "dat bedrag terug aan de betaler, of antwoord in Stripe op de betwisting.",
        en="{amount} more went back than was paid, by a refund and a dispute together. Ask the buyer for it, or answer "
        "the dispute in Stripe.",
    ),
    DifferenceKind.NOT_COMPARED: Text(
        nl="Loket kon dit niet nakijken ({error}). Geef dit door aan wie het Loket beheert; in het logboek staat de "
        "oorzaak.",
        en="Loket could not compare this ({error}). Tell whoever runs the desk; the cause is in the log.",
    ),
    DifferenceKind.REFUNDED_AND_COMING: Text(
        nl="Alles is terugbetaald ({refunded}), maar de aanmelding is nog bevestigd. Annuleer haar als niemand komt.",
        en="All of it was refunded ({refunded}), but the registration is still confirmed. Cancel it if nobody comes.",
    ),
}


# How the mail service and the payment service name a cause, by their last word; others stand as they are.
CAUSES: Mapping[str, Text] = {
    "NoEmail": Text(nl="het adres bestaat niet", en="there is no such address"),
    "General": Text(nl="geweigerd door de ontvanger", en="refused by the recipient"),
    "MailboxFull": Text(nl="de mailbox is vol", en="the mailbox is full"),
    "MessageRejected": Text(nl="geweigerd door de mailservice", en="refused by the mail service"),
    "Suppressed": Text(nl="eerder geweigerd", en="refused before"),
    "OnAccountSuppressionList": Text(nl="eerder geweigerd", en="refused before"),
    "declined": Text(nl="geweigerd door de bank", en="declined by the bank"),
    "expired_or_canceled_card": Text(nl="de kaart geldt niet meer", en="the card is valid no more"),
    "lost_or_stolen_card": Text(nl="de kaart is verloren of gestolen", en="the card was lost or stolen"),
}


def difference_words(difference: Difference, *, texts: Texts, language: Language) -> str:
    """The sentence of a difference in this language."""
    facts = {
        name: texts.euro(int(value)) if name in AMOUNTS else _cause(value, language) or "?"
        for name, value in difference.facts.items()
    }
    return WORDS[difference.kind].within(language).format(**facts)


def _cause(value: str, language: Language) -> str:
    known = CAUSES.get(value.rpartition(" ")[2])
    return known.within(language) if known else value
