"""A field: one question as the template shows it, and the one fault that may stand at it."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.answers import TICKED
from chalicelib.domain.offer import Question, QuestionKind
from chalicelib.web.words import Words

# The type and the inputmode of each kind of question's field.
INPUTS = {
    QuestionKind.TEXT: ("text", ""),
    QuestionKind.EMAIL: ("email", ""),
    QuestionKind.POSTAL_CODE: ("text", ""),
    QuestionKind.REGISTRATION_NUMBER: ("text", "numeric"),
    QuestionKind.CHOICE: ("radio", ""),
    QuestionKind.TICK: ("checkbox", ""),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: at which question (empty: the form as a whole) and what to say."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """One choice as the template shows it."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field as the template shows it; `meant` is the address that was probably meant, if any."""

    name: str
    id: str
    kind: str
    label: str
    hint: str
    autocomplete: str
    inputmode: str
    maxlength: int
    optional: bool
    value: str
    checked: bool
    error: str
    meant: str
    group: str
    options: tuple[OptionView, ...]


def field_view(question: Question, *, form_id: str, words: Words, value: str, error: str, meant: str = "") -> FieldView:
    """The field of a question, with the value that was posted, right or wrong."""
    kind, inputmode = INPUTS[question.kind]
    return FieldView(
        name=question.name,
        id=f"{form_id}-{question.name}",
        kind=kind,
        label=words.label,
        hint=words.hint,
        autocomplete=question.autocomplete,
        inputmode=inputmode,
        maxlength=question.max_length,
        optional=not question.required,
        value="" if kind == "checkbox" else value,
        checked=kind == "checkbox" and value == TICKED,
        error=error,
        meant=meant,
        group=question.group.value,
        options=tuple(
            OptionView(value=option, label=label, checked=option == value) for option, label in words.options
        ),
    )
