"""What is told of a dead letter: what it is about, how that stands, why it lies there, what offering it again does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.dead_letter import DeadLetter, Explained, Matter, WorkerQueue
from chalicelib.domain.email import Delivery, EmailKind
from chalicelib.domain.language import Language, Text
from chalicelib.domain.state import State

SUBJECTS = {
    WorkerQueue.PAYMENTS: Text(nl="Betaling", en="Payment"),
    WorkerQueue.EMAILS: Text(nl="Mail", en="Mail"),
    WorkerQueue.DELIVERIES: Text(nl="Wat er van een mail is geworden", en="What became of a mail"),
}
OF_ORDER = Text(nl="{subject} van bestelling {code}", en="{subject} of order {code}")
MAILS = {
    EmailKind.CONFIRMATION: Text(nl="bevestiging", en="confirmation"),
    EmailKind.WELCOME: Text(nl="welkom aan een nieuw lid", en="welcome to a new member"),
    EmailKind.TICKET: Text(nl="ticket", en="ticket"),
    EmailKind.MOVED: Text(nl="bericht dat een bijeenkomst is verplaatst", en="news that a meeting was moved"),
    EmailKind.REFUND: Text(nl="terugbetaling", en="refund"),
    EmailKind.CANCELLATION: Text(nl="annulering", en="cancellation"),
    EmailKind.PAYMENT_FAILED: Text(nl="betaling niet gelukt", en="payment that did not come"),
    EmailKind.SUBSCRIPTION: Text(nl="bevestiging van de nieuwsbrief", en="question about the newsletter"),
}
# Each goes on a sentence: the order is …, the mail is …
STATES = {
    State.PENDING: Text(nl="nog niet betaald", en="not paid yet"),
    State.PROCESSING: Text(nl="in afwachting van een betaling die onderweg is", en="waiting for money on its way"),
    State.PAID: Text(nl="betaald en bevestigd", en="paid and confirmed"),
    State.CONFIRMED: Text(nl="bevestigd (zij kost niets)", en="confirmed (it costs nothing)"),
    State.INVOICED: Text(nl="bevestigd, op factuur", en="confirmed, to be paid by invoice"),
    State.EXPIRED: Text(nl="verlopen zonder betaling", en="expired without a payment"),
    State.REFUND_DUE: Text(nl="niet bevestigd, en het geld gaat terug", en="not confirmed, and its money goes back"),
    State.CANCELLED: Text(nl="geannuleerd", en="cancelled"),
    State.REVIEW: Text(nl="betaald, maar iemand moet ernaar kijken", en="paid, but a person has to look at it"),
}
DELIVERIES = {
    Delivery.QUEUED: Text(nl="nog niet verstuurd", en="not sent yet"),
    Delivery.SENDING: Text(nl="misschien verstuurd: dat is nog niet zeker", en="perhaps sent: that is not sure yet"),
    Delivery.SENT: Text(nl="verstuurd", en="sent"),
    Delivery.DELIVERED: Text(nl="aangekomen", en="delivered"),
    Delivery.BOUNCED: Text(nl="verstuurd, maar teruggekomen", en="sent, but came back"),
    Delivery.COMPLAINED: Text(nl="aangekomen, en als spam gemeld", en="delivered, and marked as spam"),
    Delivery.FAILED: Text(nl="opgegeven", en="given up"),
}
NOTHING = Text(nl="Doet niets; het bericht is dan weg.", en="Does nothing; the message is then gone.")
NO_MORE = Text(nl="Doet niets meer; het bericht is dan weg.", en="Does nothing any more; the message is then gone.")
# How it stands now, and what offering it again does.
WORDS = {
    Matter.ORDER_BEHIND: (
        Text(
            nl="De bestelling is {now}, en weet nog niet wat Stripe nu zegt.",
            en="The order is {now}, and has not heard yet what Stripe says.",
        ),
        Text(
            nl="Werkt de bestelling bij: zij is dan {becomes}.",
            en="Brings the order up to date: it is then {becomes}.",
        ),
    ),
    Matter.ORDER_UP_TO_DATE: (
        Text(
            nl="De bestelling is {now}, en meer heeft Stripe er niet over te zeggen.",
            en="The order is {now}, and Stripe has nothing more to say of it.",
        ),
        NO_MORE,
    ),
    Matter.ORDER_UNKNOWN: (
        Text(
            nl="Stripe kent de betaling, maar de bestelling staat niet in de tabel.",
            en="Stripe knows the payment, but its order is not in the table.",
        ),
        Text(
            nl="Verandert niets. Zoek eerst in Stripe de betaling op, en uit waar de bestelling is gebleven.",
            en="Changes nothing. First look up the payment in Stripe, and find out where the order went.",
        ),
    ),
    Matter.SESSION_UNKNOWN: (
        Text(
            nl="Stripe kent deze betaling niet, of zij is niet van dit loket.",
            en="Stripe does not know this payment, or it is not of this desk.",
        ),
        NOTHING,
    ),
    Matter.EMAIL_DUE: (
        Text(nl="De mail is {now}.", en="The mail is {now}."),
        Text(nl="Verstuurt de mail nu.", en="Sends the mail now."),
    ),
    Matter.EMAIL_LATER: (
        Text(
            nl="De mail is {now}, en komt vanzelf aan de beurt op {due}.",
            en="The mail is {now}, and its turn comes by itself on {due}.",
        ),
        NOTHING,
    ),
    Matter.EMAIL_GONE: (Text(nl="De mail is {now}.", en="The mail is {now}."), NO_MORE),
    Matter.EMAIL_GIVEN_UP: (
        Text(nl="De mail is {now} ({reason}).", en="The mail is {now} ({reason})."),
        Text(
            nl="Doet niets: hij wordt niet meer verstuurd. Vertel het op een andere manier.",
            en="Does nothing: it is not sent any more. Tell it in another way.",
        ),
    ),
    Matter.EMAIL_UNKNOWN: (Text(nl="Die mail staat niet in de tabel.", en="No such mail is in the table."), NOTHING),
    Matter.NEWS_NEW: (
        Text(nl="De mail is {now}, voor zover Loket weet.", en="The mail is {now}, as far as Loket knows."),
        Text(
            nl="Schrijft op wat de maildienst zegt: {becomes}.", en="Writes down what the mail service says: {becomes}."
        ),
    ),
    Matter.NEWS_KNOWN: (
        Text(nl="De mail is {now}; Loket weet dit al.", en="The mail is {now}; Loket knows this already."),
        NO_MORE,
    ),
    Matter.NEWS_OF_NOTHING: (
        Text(nl="Er staat niets in wat Loket opschrijft.", en="It tells nothing that Loket writes down."),
        NOTHING,
    ),
    Matter.UNREADABLE: (
        Text(nl="Het bericht is niet te lezen ({shape}).", en="The message cannot be read ({shape})."),
        Text(
            nl="Mislukt weer, tenzij het programma is verbeterd. Het gebeurt alleen als u het kenmerk noemt.",
            en="Fails again, unless the program was mended. It is only done when you name the id.",
        ),
    ),
    Matter.NOT_SEEN: (
        Text(
            nl="Hoe het staat is nu niet te zien: de tabel of Stripe antwoordt niet.",
            en="How it stands cannot be seen now: the table or Stripe does not answer.",
        ),
        Text(nl="Kan geen kwaad, maar wacht tot zij antwoorden.", en="Is harmless, but wait until they answer."),
    ),
}
_TABLE = Text(
    nl="Bij elke poging antwoordde de tabel niet, of er ging iets mis in het programma.",
    en="At every try the table did not answer, or something went wrong in the program.",
)
CAUSES = {
    WorkerQueue.PAYMENTS: Text(
        nl="Bij elke poging antwoordde Stripe of de tabel niet, of er ging iets mis in het programma.",
        en="At every try Stripe or the table did not answer, or something went wrong in the program.",
    ),
    WorkerQueue.EMAILS: _TABLE,
    WorkerQueue.DELIVERIES: _TABLE,
}
UNREADABLE = Text(
    nl="Loket heeft het niet geschreven, of een versie van Loket die nu anders is.",
    en="It was not written by Loket, or by a version of Loket that has changed since.",
)
NO_REASON = Text(nl="zonder reden", en="without a reason")
NO_JSON = Text(nl="{count} tekens, geen JSON", en="{count} signs, no JSON")
JSON = Text(nl="{count} tekens JSON met {keys}", en="{count} signs of JSON with {keys}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterWords:
    """What is told of one letter, a line each."""

    subject: str
    now: str
    why: str
    again: str


def dead_letter_words(explained: Explained, *, language: Language) -> DeadLetterWords:
    """The words for a letter in this language; what is in it is told only when it is an id."""
    facts = _facts(explained, language=language)
    now, again = (words.within(language).format(**facts) for words in WORDS[explained.matter])
    cause = CAUSES[explained.letter.queue] if explained.readable else UNREADABLE
    return DeadLetterWords(
        subject=_subject(explained, language=language), now=now, why=cause.within(language), again=again
    )


def _subject(explained: Explained, *, language: Language) -> str:
    letter, order, email = explained.letter, explained.order, explained.email
    subject = SUBJECTS[letter.queue].within(language)
    if email:
        subject = f"{subject} ({MAILS[email.kind].within(language)})"
    if order:
        return OF_ORDER.within(language).format(subject=subject, code=order.code)
    # what a worker is given is an id, unless it is news of mail, which has addresses in it
    shown = explained.readable and letter.queue is not WorkerQueue.DELIVERIES
    return f"{subject} {letter.body}" if shown else subject


def _facts(explained: Explained, *, language: Language) -> dict[str, str]:
    order, email, becomes = explained.order, explained.email, explained.becomes
    now = DELIVERIES[email.delivery] if email else STATES[order.state] if order else None
    after = STATES[becomes] if isinstance(becomes, State) else DELIVERIES[becomes] if becomes else None
    due = email.due.astimezone(AMSTERDAM) if email and email.due else None
    return {
        "now": now.within(language) if now else "",
        "becomes": after.within(language) if after else "",
        "due": f"{due:%d-%m-%Y %H:%M}" if due else "",
        "reason": email.reason if email and email.reason else NO_REASON.within(language),
        "shape": _shape(explained.letter, language=language),
    }


def _shape(letter: DeadLetter, *, language: Language) -> str:
    """What can be told of a body without telling what stands in it."""
    try:
        content = json.loads(letter.body)
    except (ValueError, RecursionError):
        return NO_JSON.within(language).format(count=len(letter.body))
    keys = [key for key in content if re.fullmatch(r"[A-Za-z]{1,20}", key)][:6] if isinstance(content, dict) else []
    return JSON.within(language).format(count=len(letter.body), keys=", ".join(keys) or "…")
