"""A form as the template shows it: with what was posted still in it, and what is wrong at its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.offer import Question, QuestionGroup
from chalicelib.rendering.bill import BillView
from chalicelib.rendering.event_view import EventView, event_view
from chalicelib.web import people
from chalicelib.web.field import FieldError, FieldView, field_view
from chalicelib.web.form import Form
from chalicelib.web.posted import Posted
from chalicelib.web.typo import sure_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """One line of the summary: the id of the field it leads to."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtView:
    """An address that the visitor is asked about: the id of its field, what was typed and what was probably meant."""

    id: str
    typed: str
    meant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """One attendee besides the buyer."""

    row: int
    number: int
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """What the form says of the offer; amounts in cents."""

    title: str
    summary: str
    benefits: tuple[str, ...]
    list_cents: int
    member_cents: int | None
    early_until: datetime | None
    later_cents: int
    later_member_cents: int | None
    price_note: str
    term_text: str
    event: EventView | None
    members_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form as the template shows it; `left` is how many seats there still are when that is worth saying.

    `focus` is where the visitor was: "add", "total", or the name of a field; empty: at the top. `doubts` are asked
    about now, and `sure` has the domains that need not be asked about again.
    """

    action: str
    key: str
    id: str
    prices: str
    draft_id: str
    offer: OfferView
    fields: tuple[FieldView, ...]
    about_buyer: tuple[FieldView, ...]
    people: tuple[PersonView, ...]
    can_add: bool
    errors: tuple[ErrorView, ...]
    doubts: tuple[DoubtView, ...]
    sure: str
    notice: str
    failed: bool
    invoice_open: bool
    bill: BillView
    total_url: str
    page: str
    left: int | None
    focus: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the form is shown with besides its questions.

    `bill` is what all of it costs, `total_url` where that is asked again while somebody types; empty when it never
    changes; `left` how many seats there are, None: enough; `focus` where the visitor was; `page` the page of somebody
    else's that the form stands in, empty when that is not known; `asking` whether addresses that were probably typed
    wrong are asked about.
    """

    action: str
    key: str
    bill: BillView
    total_url: str = ""
    page: str = ""
    errors: tuple[FieldError, ...] = ()
    asking: bool = False
    notice: str = ""
    failed: bool = False
    draft_id: str = ""
    left: int | None = None
    focus: str = ""


def form_view(form: Form, posted: Posted, shown: Shown) -> FormView:
    """The form with what was posted still in it."""
    offer, faults = form.offer, {error.name: error.text for error in reversed(shown.errors)}
    typos = form.typos(posted)
    meant = {typo.name: typo.meant for typo in typos}

    def field(question: Question) -> FieldView:
        return field_view(
            question,
            form_id=offer.id,
            words=form.words.at(question),
            value=posted.get(question.name),
            error=faults.get(question.name, ""),
            meant=meant.get(question.name, ""),
        )

    fields, attends = tuple(field(question) for question in offer.questions), people.buyer_attends(posted)
    rows = form.people(posted)
    return FormView(
        action=shown.action,
        key=shown.key,
        id=offer.id,
        prices=form.prices.fingerprint(),
        draft_id=shown.draft_id,
        offer=offer_view(form),
        fields=fields,
        about_buyer=tuple(field(question) for question in form.about_buyer(attends=attends)),
        people=tuple(
            PersonView(row=each.row, number=each.number, fields=tuple(field(asked) for asked in each.questions))
            for each in rows
        ),
        can_add=bool(offer.event and len(rows) + attends < offer.event.most_per_order),
        errors=_errors(form, posted, shown.errors),
        doubts=tuple(
            DoubtView(id=f"{offer.id}-{typo.name}", typed=typo.typed, meant=typo.meant)
            for typo in typos
            if shown.asking and typo.name not in faults and not typo.asked_before(posted)
        ),
        sure=sure_of(typo for typo in typos if shown.asking or typo.asked_before(posted)),
        notice=shown.notice,
        failed=shown.failed,
        invoice_open=any((each.value or each.error) and each.group == QuestionGroup.INVOICE.value for each in fields),
        bill=shown.bill,
        total_url=shown.total_url,
        page=shown.page,
        left=shown.left,
        focus=shown.focus,
    )


def _errors(form: Form, posted: Posted, errors: Sequence[FieldError]) -> tuple[ErrorView, ...]:
    """The faults in the order of their fields on the page; one of the form as a whole leads to the first."""
    names = [question.name for question in form.as_shown(posted)]
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    return tuple(
        ErrorView(id=f"{form.offer.id}-{error.name or names[0]}", text=error.text)
        for error in sorted(errors, key=lambda error: places.get(error.name, 0))
    )


def offer_view(form: Form) -> OfferView:
    """What the form says of its offer."""
    offer, language = form.offer, form.language
    return OfferView(
        title=offer.title.within(language),
        summary=offer.summary.within(language),
        benefits=tuple(benefit.within(language) for benefit in offer.benefits),
        list_cents=form.prices.list_cents,
        member_cents=form.prices.member_cents,
        early_until=offer.early.ends_at if offer.early and form.prices is offer.early.prices else None,
        later_cents=offer.prices.list_cents,
        later_member_cents=offer.prices.member_cents,
        price_note=offer.price_note.within(language) if offer.price_note else "",
        term_text=form.texts("offer.membership_term", months=offer.term_months) if offer.term_months else "",
        event=event_view(offer, texts=form.texts, language=language) if offer.event else None,
        members_only=bool(offer.event and offer.event.members_only),
    )
