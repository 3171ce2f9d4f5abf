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
        nl="Bij Stripe is {amount} betaald (betaling {payment}), maar Loket kent de aanmelding niet. Zoek de betaling "
        "op in Stripe en betaal het bedrag terug, of neem contact op met de betaler.",
        en="At Stripe {amount} was paid (payment {payment}), but Loket does not know the order. Look the payment up in "
        "Stripe and refund it, or contact whoever paid.",
    ),
    DifferenceKind.PAYMENT_NOT_BOOKED: Text(
        nl="Bij Stripe is {amount} betaald voor deze aanmelding, maar Loket kon dat niet boeken (stand: {state}). "
        "Betaal het bedrag terug in Stripe, en vraag de betaler zich opnieuw aan te melden.",
        en="At Stripe {amount} was paid for this order, but Loket could not book it (state: {state}). Refund it in "
        "Stripe, and ask the buyer to register again.",
    ),
    DifferenceKind.PAID_WITHOUT_PAYMENT: Text(
        nl="Loket heeft {amount} als betaald geboekt, maar bij Stripe is die betaling er niet. Controleer in Stripe of "
        "er echt is betaald.",
        en="Loket has booked {amount} as paid, but Stripe has no such payment. Check in Stripe whether it was paid.",
    ),
    DifferenceKind.PAYMENT_AMOUNT: Text(
        nl="De betaling is bij Stripe {there}, maar hier geboekt als {here}. Geef dit "
        "door aan de technisch beheerder van Loket.",
        en="The payment is {there} at Stripe, but booked here as {here}. Tell whoever runs the desk.",
    ),
    DifferenceKind.REFUND_UNKNOWN_THERE: Text(
        nl="Loket heeft een terugbetaling van {amount} geboekt die er bij Stripe niet is. De betaler heeft dat geld "
        "waarschijnlijk niet terug. Zoek de betaling op in Stripe en betaal daar zo nodig terug.",
        en="Loket has booked a refund of {amount} that Stripe does not have. The buyer probably did not get it back. "
        "Look the payment up in Stripe, and refund it there if need be.",
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
        "nog bij u. Betaal het opnieuw terug, of vraag de betaler om een rekeningnummer en maak het bedrag zelf over.",
        en="{amount} was to go back to the buyer, but that failed ({trouble}) and was not asked for again: you still "
        "have the money. Refund it again, or ask the buyer for an account and transfer it yourself.",
    ),
    DifferenceKind.TOTALS: Text(
        nl="De aanmelding zegt dat er {order} over is; haar boekingen komen op {ledger}, en aan betalingen staat er "
        "{booked}. Dat past niet bij elkaar. Geef dit door aan de technisch beheerder van Loket.",
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
        nl="De teller zegt {counted} plaatsen bezet, de aanmeldingen samen {orders}. Geef dit door aan de "
        "technisch beheerder van Loket.",
        en="The counter says that {counted} places are taken, the orders together {orders}.",
    ),
    DifferenceKind.SEATING: Text(
        nl="De plaatsen van deze aanmelding staan op '{seating}', en dat past niet bij haar stand '{state}'. "
        "Geef dit door aan de technisch beheerder van Loket.",
        en="The places of this order are '{seating}', which does not fit its state '{state}'.",
    ),
    DifferenceKind.OVERSOLD: Text(
        nl="Er zijn {taken} plaatsen bezet, terwijl er {capacity} zijn. Verhoog het aantal plaatsen, of annuleer "
        "in overleg een aanmelding.",
        en="{taken} places are taken, while there are {capacity}. "
        "Raise the number of places, or cancel a registration in agreement.",
    ),
    DifferenceKind.FOLLOW_UP_MISSING: Text(
        nl="Wat bij deze aanmelding hoort klopt niet: {missing} deelnemers of lidmaatschappen ontbreken, {left} zijn "
        "blijven staan.",
        en="What belongs to this order is not right: {missing} attendees or memberships are missing, {left} were left.",
    ),
    DifferenceKind.EMAIL_MISSING: Text(
        nl="De aanmelding is bevestigd, maar {count} mail(s) daarover zijn nooit klaargezet. Mail de aanmelder "
        "zelf, en geef dit door aan de technisch beheerder van Loket.",
        en="The order is confirmed, but {count} mail(s) about it were never made.",
    ),
    DifferenceKind.EMAIL_FAILED: Text(
        nl="{count} mail(s) over deze aanmelding zijn niet aangekomen ({reason}). Verbeter het adres en stuur opnieuw.",
        en="{count} mail(s) about this order did not arrive ({reason}). Correct the address and send again.",
    ),
    DifferenceKind.EMAIL_STUCK: Text(
        nl="{count} mail(s) over deze aanmelding wachten al meer dan een uur ({reason}).",
        en="{count} mail(s) about this order have waited for more than an hour ({reason}).",
    ),
    DifferenceKind.ORDER_STUCK: Text(
        nl="Deze aanmelding staat al te lang op '{state}'. Kijk in Stripe wat er van de betaling is geworden.",
        en="This order has been '{state}' for too long. See in Stripe what became of the payment.",
    ),
    DifferenceKind.REVIEW: Text(
        nl="Er is {paid} betaald, terwijl {asked} is gevraagd. Neem het aan, of betaal het terug.",
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
        nl="Loket kon dit niet nakijken ({error}). Geef dit door aan de technisch beheerder van Loket; de oorzaak "
        "staat in het technische log van de server.",
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
    "MessageTooLarge": Text(nl="te groot voor de ontvanger", en="too large for the recipient"),
    "ContentRejected": Text(nl="geweigerd om de inhoud", en="refused for its content"),
    "AttachmentRejected": Text(nl="geweigerd om de bijlage", en="refused for what is attached"),
    "no_result": Text(nl="niemand weet of hij is aangekomen", en="nobody knows whether it arrived"),
    "balance_insufficient": Text(nl="te weinig saldo bij Stripe", en="too little balance at Stripe"),
    "insufficient_funds": Text(nl="te weinig saldo bij Stripe", en="too little balance at Stripe"),
    "pending": Text(nl="wacht op betaling", en="waits for payment"),
    "processing": Text(nl="betaling onderweg", en="payment under way"),
    "paid": Text(nl="betaald", en="paid"),
    "confirmed": Text(nl="bevestigd", en="confirmed"),
    "expired": Text(nl="verlopen", en="lapsed"),
    "refund_due": Text(nl="wordt terugbetaald", en="to be refunded"),
    "cancelled": Text(nl="geannuleerd", en="cancelled"),
    "review": Text(nl="nakijken", en="to be reviewed"),
    "held": Text(nl="vastgehouden", en="held"),
    "sold": Text(nl="bezet", en="taken"),
    "released": Text(nl="vrijgegeven", en="let go"),
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
