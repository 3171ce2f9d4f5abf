"""Answers: who comes, and the way from a form into the table and back."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.answers import TICKED, Answers, AttendeeAnswers
from chalicelib.domain.attendee import Attendee, number_attendees
from chalicelib.domain.identity import Identity

IDENTITY = Identity("a" * 32)
JELLE = AttendeeAnswers(name="Jelle", email="jelle@zorg.nl", group="vuur")
FENNA = AttendeeAnswers(name="Fenna", email="fenna@stad.nl")
ANSWERS = Answers(
    organisation="Gemeente Voorbeeldstad",
    name="Ada",
    email="ada@stad.nl",
    member="ja",
    attending=True,
    group="lucht",
    attendees=(JELLE, FENNA),
    extra=(("diet", "vegan"),),
)

_TEXT = st.text(max_size=8)
_FILLED = st.text(min_size=1, max_size=8)
_ATTENDEES = st.lists(st.builds(AttendeeAnswers, name=_FILLED, email=_FILLED, group=_TEXT), max_size=12).map(tuple)
_ANSWERS = st.builds(
    Answers,
    **dict.fromkeys(("organisation", "name", "email"), _FILLED),
    **dict.fromkeys(("reference", "registration_number", "street", "postal_code", "city", "member", "group"), _TEXT),
    newsletter=st.booleans(),
    attending=st.booleans(),
    attendees=_ATTENDEES,
    extra=st.just((("diet", "vegan"),)),
)


def _number(answers: Answers) -> tuple[Attendee, ...]:
    return number_attendees(
        answers.people(),
        order_id="order-1",
        offer_id="zomerschool",
        buyer_attends=answers.attending,
        identity=IDENTITY,
    )


def test_the_buyer_is_the_first_who_comes_if_he_does() -> None:
    ada = AttendeeAnswers(name="Ada", email="ada@stad.nl", group="lucht")
    assert ANSWERS.people() == (ada, JELLE, FENNA)
    assert replace(ANSWERS, attending=False).people() == (JELLE, FENNA)
    assert replace(ANSWERS, attending=False, attendees=()).people() == ()


def test_the_fields_are_what_a_form_would_post() -> None:
    assert ANSWERS.fields() == {
        "organisation": "Gemeente Voorbeeldstad",
        "name": "Ada",
        "email": "ada@stad.nl",
        "member": "ja",
        "group": "lucht",
        "diet": "vegan",
        "self": "ja",
        "p1_name": "Jelle",
        "p1_email": "jelle@zorg.nl",
        "p1_group": "vuur",
        "p2_name": "Fenna",
        "p2_email": "fenna@stad.nl",
    }


def _read(fields: dict[str, str]) -> Answers:
    """The answers of fields, as simply as can be."""
    rows = sorted({int(name[1:].partition("_")[0]) for name in fields if name.startswith("p") and name[1].isdigit()})
    attendees = tuple(
        AttendeeAnswers(**{part: fields.get(f"p{row}_{part}", "") for part in ("name", "email", "group")})
        for row in rows
    )
    texts = ("organisation", "name", "email", "reference", "registration_number", "street", "postal_code", "city")
    return Answers(
        **{name: fields.get(name, "") for name in (*texts, "member", "group")},
        newsletter=fields.get("newsletter") == TICKED,
        attending=fields.get("self") == TICKED,
        attendees=attendees,
        extra=(("diet", fields["diet"]),),
    )


@settings(deadline=None)
@given(answers=_ANSWERS)
def test_nothing_is_lost_in_the_fields(answers: Answers) -> None:
    assert _read(answers.fields()) == answers
    assert "" not in answers.fields().values()


@settings(deadline=None)
@given(answers=_ANSWERS)
def test_what_was_kept_apart_comes_back_together(answers: Answers) -> None:
    """As it is stored: the buyer's answers without the attendees, each of whom stands on his own."""
    stored = replace(answers, attendees=())
    assert stored.with_attendees(_number(answers)) == answers


@settings(deadline=None)
@given(answers=_ANSWERS)
def test_attendees_are_numbered_in_the_order_of_the_form(answers: Answers) -> None:
    attendees = _number(answers)
    assert [each.number for each in attendees] == list(range(1, len(answers.people()) + 1))
    assert [(each.name, each.email, each.group) for each in attendees] == [
        (each.name, each.email, each.group) for each in answers.people()
    ]
    assert [each.is_buyer for each in attendees] == [answers.attending and each.number == 1 for each in attendees]
    assert len({each.id for each in attendees}) == len(attendees)
    assert [each.id for each in attendees] == sorted(each.id for each in attendees), "the table sorts by it"
