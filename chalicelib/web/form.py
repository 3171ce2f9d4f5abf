"""A form: read what was posted against the questions of an offer, and show it again with everything kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.answers import STANDARD_QUESTIONS, Answers
from chalicelib.domain.language import Language
from chalicelib.domain.money import VatTreatment, split_gross
from chalicelib.domain.offer import Offer, Question, QuestionGroup, QuestionKind
from chalicelib.domain.seed import RESERVED_NAMES
from chalicelib.rendering.order_view import VatView, vat_view
from chalicelib.rendering.texts import Texts
from chalicelib.web.formats import FORMATS, Malformed, plain_text, street
from chalicelib.web.posted import Posted

TICKED = "ja"
# The type and the inputmode of each kind of question's field.
INPUTS = {
    QuestionKind.TEXT: ("text", ""),
    QuestionKind.EMAIL: ("email", ""),
    QuestionKind.POSTAL_CODE: ("text", ""),
    QuestionKind.REGISTRATION_NUMBER: ("text", "numeric"),
    QuestionKind.CHOICE: ("radio", ""),
    QuestionKind.TICK: ("checkbox", ""),
}
# What is said of a question of the offer's own that was left open; any other kind has the plain words.
MISSING = {QuestionKind.CHOICE: "error.choice_missing", QuestionKind.TICK: "error.tick_missing"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: at which question (empty: the form as a whole) and what to say."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading a form: answers, or the faults; never both."""

    answers: Answers | None
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """One choice as the template shows it."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field as the template shows it."""

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
    group: str
    options: tuple[OptionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """One line of the summary: the id of the field it leads to."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """What the form says of the offer."""

    title: str
    summary: str
    benefits: tuple[str, ...]
    price_cents: int
    term_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form as the template shows it."""

    action: str
    key: str
    id: str
    offer: OfferView
    show_vat: bool
    vat: VatView | None
    fields: tuple[FieldView, ...]
    errors: tuple[ErrorView, ...]
    notice: str
    failed: bool
    invoice_open: bool
    total_cents: int


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one offer in one language."""

    offer: Offer
    language: Language
    texts: Texts
    association: str

    def read(self, posted: Posted) -> Reading:
        """All faults at once, or the answers."""
        errors: list[FieldError] = []
        values: dict[str, str] = {}
        for question in self.offer.questions:
            try:
                values[question.name] = self._answer(question, posted)
            except Malformed as fault:
                errors.append(FieldError(question.name, self._say(fault, question)))
        names = {question.name for question in self.offer.questions} | RESERVED_NAMES
        unknown = [name for name in posted.fields if name not in names]
        # a price or a seat in the post is not ours: say so rather than pretend to have taken it
        errors += [FieldError("", self.texts("error.unknown_field", name=_shown(name))) for name in unknown[:3]]
        if errors:
            return Reading(answers=None, errors=tuple(errors))
        return Reading(answers=_answers(values), errors=())

    def view(
        self,
        *,
        action: str,
        key: str,
        posted: Posted | None = None,
        errors: tuple[FieldError, ...] = (),
        notice: str = "",
        show_vat: bool,
        failed: bool = False,
    ) -> FormView:
        """The form with what was posted still in it."""
        kept = posted or Posted({}, frozenset())
        faults = {error.name: error.text for error in reversed(errors)}
        fields = tuple(self._field(question, kept, faults.get(question.name, "")) for question in self.offer.questions)
        vat = self.offer.vat
        return FormView(
            action=action,
            key=key,
            id=self.offer.id,
            offer=OfferView(
                title=self.offer.title.within(self.language),
                summary=self.offer.summary.within(self.language),
                benefits=tuple(benefit.within(self.language) for benefit in self.offer.benefits),
                price_cents=self.offer.price_cents,
                term_text=self.texts("offer.membership_term", months=self.offer.term_months),
            ),
            show_vat=show_vat,
            vat=vat_view(split_gross(gross_cents=self.offer.price_cents, rate_percent=vat.rate_percent))
            if vat.treatment is VatTreatment.STANDARD
            else None,
            fields=fields,
            errors=tuple(ErrorView(id=self._id(error.name) or fields[0].id, text=error.text) for error in errors),
            notice=notice,
            failed=failed,
            invoice_open=any(
                (each.value or each.error) and each.group == QuestionGroup.INVOICE.value for each in fields
            ),
            total_cents=self.offer.price_cents,
        )

    @property
    def consent_text(self) -> str:
        """The literal text beside the newsletter's tick; empty when the offer has none."""
        asked = any(question.name == "newsletter" for question in self.offer.questions)
        return self.label("newsletter") if asked else ""

    def label(self, name: str) -> str:
        """The label of a question, from the offer or else the catalogue."""
        return self._text(self._question(name), "label")

    def shown(self, name: str, value: str) -> str:
        """An answer as a reader sees it: the label of a choice, a word for a tick."""
        question = self._question(name)
        if question.kind is QuestionKind.TICK:
            return self.texts("form.ticked" if value else "form.not_ticked")
        labels = {option.value: option.label.within(self.language) for option in question.options}
        return labels.get(value, value)

    def _question(self, name: str) -> Question:
        return next(each for each in self.offer.questions if each.name == name)

    def _answer(self, question: Question, posted: Posted) -> str:
        if question.name in posted.repeated:
            raise Malformed("repeated")
        value = plain_text(posted.get(question.name))
        if not value:
            if question.required:
                raise Malformed("missing")
            return ""
        if len(value) > question.max_length:
            raise Malformed("too_long")
        if question.kind is QuestionKind.TICK:
            # a consent is given by the value of the tick itself, and by nothing that merely resembles one
            return TICKED if value == TICKED else ""
        if question.kind is QuestionKind.CHOICE:
            if value not in {option.value for option in question.options}:
                raise Malformed("choice_missing")
            return value
        value = FORMATS[question.kind](value)
        return street(value) if question.name == "street" else value

    def _say(self, fault: Malformed, question: Question) -> str:
        key = str(fault)
        if key == "missing":
            own = f"error.{question.name}_missing"
            return (
                self.texts(own) if own in self.texts else self.texts("error.missing", label=self.label(question.name))
            )
        return self.texts(f"error.{key}", max=question.max_length)

    def _field(self, question: Question, posted: Posted, error: str) -> FieldView:
        kind, inputmode = INPUTS[question.kind]
        value = posted.get(question.name)
        return FieldView(
            name=question.name,
            id=self._id(question.name),
            kind=kind,
            label=self._text(question, "label"),
            hint=self._text(question, "hint"),
            autocomplete=question.autocomplete,
            inputmode=inputmode,
            maxlength=question.max_length,
            optional=not question.required,
            value="" if kind == "checkbox" else value,
            checked=kind == "checkbox" and value == TICKED,
            error=error,
            group=question.group.value,
            options=tuple(
                OptionView(value=option.value, label=option.label.within(self.language), checked=option.value == value)
                for option in question.options
            ),
        )

    def _id(self, name: str) -> str:
        return f"{self.offer.id}-{name}" if name else ""

    def _text(self, question: Question, part: str) -> str:
        own = question.label if part == "label" else question.hint
        if own is not None:
            return own.within(self.language)
        if question.name not in STANDARD_QUESTIONS:
            return ""
        return self.texts(f"field.{question.name}.{part}", association=self.association)


def _answers(values: dict[str, str]) -> Answers:
    standard: dict[str, Any] = {name: value for name, value in values.items() if name in STANDARD_QUESTIONS}
    extra = tuple((name, value) for name, value in values.items() if name not in STANDARD_QUESTIONS)
    return Answers(**standard | {"newsletter": bool(values.get("newsletter"))}, extra=extra)


def _shown(name: str) -> str:
    """A field name that somebody made up, short enough to repeat."""
    return "".join(sign for sign in name[:40] if sign.isprintable())
