"""The letters about an order that did not end as it began: what they say, to whom, and what they leave out."""

import re
from dataclasses import replace

import pytest

from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.email import EmailKind, Letter
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.state import State
from chalicelib.rendering.letters import LetterComposer
from chalicelib.rendering.renderer import Renderer
from tests.looks.cast import ALONE, BUYER, CONGRESS, LAUNCH, LINKS, MEMBERSHIP, OTHERS, THREE, ordered
from tests.looks.letters import letter_about
from tests.looks.samples import ASSOCIATION
from tests.rendering.strict_reader import read_strictly

COMPOSER = LetterComposer(Renderer(ASSOCIATION), association=ASSOCIATION, links=LINKS)
# Whoever is registered at the buyer's address reads the buyer's mail.
BOTH_HIS = replace(ALONE, attendees=(AttendeeAnswers(name="Grace Hopper", email=ALONE.email.upper()),))
STAYS, NOT_VALID = "Uw aanmelding blijft gewoon staan.", "De aanmelding geldt niet meer."


def letter(
    kind: EmailKind,
    state: State,
    *,
    offer: Offer = CONGRESS,
    answers: Answers = THREE,
    reason: RefundReason | None = None,
    cents: int | None = None,
    language: Language = Language.NL,
) -> Letter:
    return letter_about(COMPOSER, kind, offer, answers, state=state, language=language, reason=reason, cents=cents)


def words(letter: Letter) -> tuple[str, str]:
    """Both parts as they are read."""
    html = re.sub(r"</?span[^>]*>", "", letter.html)
    return plain(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)), plain(letter.text)


def plain(text: str) -> str:
    return " ".join(text.split())


def says(letter: Letter, sentence: str) -> bool:
    found = {sentence in part for part in words(letter)}
    assert len(found) == 1, f"one part says it, the other does not: {sentence}"
    return found.pop()


@pytest.mark.parametrize(
    ("reason", "state", "subject", "sentence", "stays"),
    [
        (RefundReason.LATE, State.REFUND_DUE, "U krijgt uw betaling terug", "nadat uw reservering was verlopen", False),
        (RefundReason.REVIEW, State.REFUND_DUE, "U krijgt uw betaling terug", "klopte niet met uw aanmelding", False),
        (
            RefundReason.SECOND,
            State.PAID,
            "Uw tweede betaling gaat terug",
            "Van de tweede betaling krijgt u € 1.347,00 terug.",
            True,
        ),
        (
            RefundReason.SECOND,
            State.CANCELLED,
            "Uw tweede betaling gaat terug",
            "Van de tweede betaling krijgt u € 1.347,00 terug.",
            False,
        ),
        (RefundReason.STAFF, State.PAID, "U krijgt € 1.347,00 terug", "Wij betalen u € 1.347,00 terug", True),
        (RefundReason.CANCELLED, State.CANCELLED, "U krijgt € 1.347,00 terug", "Wij betalen u", False),
        (RefundReason.ELSEWHERE, State.PAID, "U krijgt € 1.347,00 terug", "Wij betalen u", True),
    ],
)
def test_a_refund_says_why_how_much_and_by_which_way(
    reason: RefundReason, state: State, subject: str, sentence: str, stays: bool
) -> None:
    made = letter(EmailKind.REFUND, state, reason=reason)
    code = ordered(CONGRESS, THREE, language=Language.NL).order.code
    assert made.to == THREE.email
    assert plain(made.subject) == f"{subject} ({code})"
    assert says(made, sentence)
    assert says(made, "Dat duurt meestal 5 tot 10 werkdagen.")
    assert says(made, "€ 1.347,00")
    assert says(made, code)
    assert says(made, STAYS) is stays
    assert not made.calendars


def test_a_refund_tells_its_own_amount() -> None:
    made = letter(EmailKind.REFUND, State.PAID, reason=RefundReason.STAFF, cents=12345)
    assert says(made, "€ 123,45")
    assert not says(made, "1.347")


@pytest.mark.parametrize(("answers", "sentence"), [(ALONE, "geen plaats meer"), (THREE, "niet genoeg plaatsen meer")])
def test_who_paid_late_is_led_to_the_form(answers: Answers, sentence: str) -> None:
    made = letter(EmailKind.REFUND, State.REFUND_DUE, answers=answers, reason=RefundReason.LATE)
    assert says(made, sentence)
    assert all(LINKS.form("congres-2027", Language.NL) in part for part in (made.html, made.text))


@pytest.mark.parametrize(
    ("offer", "answers", "said", "unsaid"),
    [
        (
            CONGRESS,
            ALONE,
            ["Het ticket is niet"],
            ["De tickets zijn niet", "krijgt hierover zelf bericht", "lidmaatsch"],
        ),
        (CONGRESS, THREE, ["De tickets zijn niet", "krijgt hierover zelf bericht", "Grace Hopper"], ["Het ticket is"]),
        (CONGRESS, OTHERS, ["De tickets zijn niet", "krijgt hierover zelf bericht"], ["Het ticket is"]),
        (CONGRESS, BOTH_HIS, ["De tickets zijn niet", "Grace Hopper"], ["krijgt hierover zelf bericht"]),
        (MEMBERSHIP, BUYER, ["Het lidmaatschap is daarmee beëindigd."], ["ticket", "krijgt hierover zelf bericht"]),
    ],
)
def test_a_cancellation_says_what_is_no_longer_valid(
    offer: Offer, answers: Answers, said: list[str], unsaid: list[str]
) -> None:
    made = letter(EmailKind.CANCELLATION, State.CANCELLED, offer=offer, answers=answers)
    assert says(made, NOT_VALID)
    assert [sentence for sentence in said if not says(made, sentence)] == []
    assert [sentence for sentence in unsaid if says(made, sentence)] == []


def test_a_buyer_with_two_tickets_at_his_address_gets_a_file_for_each() -> None:
    """One that cancels is about one entry (RFC 5546)."""
    both = replace(BOTH_HIS, attending=True)
    made = letter(EmailKind.CANCELLATION, State.CANCELLED, answers=both)
    order = ordered(CONGRESS, both, language=Language.NL).order
    entries = [read_strictly(file.content) for file in made.calendars]
    assert [str(entry["UID"]).partition("@")[0] for entry in entries] == [f"{order.id}-1", f"{order.id}-2"]
    assert {entry["METHOD"] for entry in entries} == {"CANCEL"}
    assert says(made, "In de bijlagen zitten bestanden die de afspraken uit uw agenda halen.")
    assert letter(EmailKind.CANCELLATION, State.CANCELLED, answers=OTHERS).calendars == ()


@pytest.mark.parametrize(("reason", "back"), [(RefundReason.CANCELLED, True), (None, False)])
def test_a_cancellation_tells_of_money_only_if_some_goes_back(reason: RefundReason | None, back: bool) -> None:
    made = letter(EmailKind.CANCELLATION, State.CANCELLED, reason=reason, cents=5000 if reason else None)
    assert says(made, "U krijgt € 50,00 terug.") is back
    assert says(made, "€") is back


def test_what_was_free_is_cancelled_without_a_word_of_money() -> None:
    free = Answers(organisation="X", name="Y", email="y@x.nl", attending=True)
    made = letter(EmailKind.CANCELLATION, State.CANCELLED, offer=LAUNCH, answers=free)
    assert says(made, NOT_VALID)
    assert not says(made, "€")


def test_a_failed_payment_leads_to_beginning_anew() -> None:
    made = letter(EmailKind.PAYMENT_FAILED, State.EXPIRED)
    assert says(made, "Uw bank heeft de betaling van € 1.347,00 voor Congres 2027 niet uitgevoerd.")
    assert says(made, "Opnieuw aanmelden")
    order = ordered(CONGRESS, THREE, language=Language.NL).order
    assert all(LINKS.order(order.id, Language.NL) in part for part in (made.html, made.text))


@pytest.mark.parametrize("kind", [EmailKind.REFUND, EmailKind.CANCELLATION, EmailKind.PAYMENT_FAILED])
def test_each_is_written_in_the_language_of_the_order(kind: EmailKind) -> None:
    state = State.EXPIRED if kind is EmailKind.PAYMENT_FAILED else State.CANCELLED
    reason = None if kind is EmailKind.PAYMENT_FAILED else RefundReason.STAFF
    made = letter(kind, state, reason=reason, language=Language.EN)
    assert says(made, "Dear Noor de Vries,")
    assert not says(made, "Beste")
