"""The forms: each offer's, fresh, filled in, and with every fault that can be made in it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.language import Language
from chalicelib.domain.nudge import Nudge
from chalicelib.domain.offer import Offer
from chalicelib.rendering.bill import bill_view
from chalicelib.rendering.event_view import group_title
from chalicelib.rendering.texts import Texts
from chalicelib.web.field import FieldError
from chalicelib.web.form import Form
from chalicelib.web.form_view import FormView, Shown, form_view
from chalicelib.web.posted import Posted
from tests.looks.cast import (
    ALONE,
    ASKING,
    BUYER,
    CONGRESS,
    DRAFT_ID,
    EARLY,
    EMPTEST,
    FORM_KEY,
    GROUPED,
    LAUNCH,
    LINKS,
    LONGEST,
    LONGEST_EVENT,
    LONGEST_MEMBERSHIP,
    LONGEST_NAME,
    LONGEST_WORD,
    MEMBERS_FREE,
    MEMBERS_PAY,
    MEMBERSHIP,
    MONTHLY,
    NOW,
    OTHERS,
    THREE,
    TWENTY,
    WORKING_GROUP,
    fields,
    quoted,
)

# Every fault that a field of its own can have; two posts, since a field has one fault at a time.
FAULTS = {
    "organisation": "\u0007",
    "name": "two\nlines",
    "email": "naam@voorbeeld",
    "reference": "twice",
    "street": "Postbus 12",
    "postal_code": "12 AB",
    "city": "\ufffd",
    "registration_number": "1234",
}
MORE_FAULTS = {
    "organisation": LONGEST_WORD * 2,
    "name": "www.voorbeeld.nl",
    "registration_number": "12345678901234567890",
    "seats": "2",
}
ROWS_WITH_FAULTS = {
    "p1_name": "",
    "p1_email": "",
    "p2_name": "Grace Hopper",
    "p2_email": "grace@buurtbelang",
    "p3_name": "Ada de Vries",
    "p3_email": BUYER.email,
}


# As long as an address can be, and its ending a slip.
LONGEST_LOCAL = "voorzitter.van.de.vereniging.van.dorpshuizen.en.buurthuizen.in.z"
LONGEST_SLIP = f"{'.'.join(['samenwerkingsverband-van-de-gemeenten-in-de-veenkolonien'] * 3)}.nll"


class Desk:
    """Shows forms in one language, as the door does."""

    def __init__(self, language: Language, texts: Texts, *, association: str, email: str) -> None:
        self.language, self.texts, self.association, self.email = language, texts, association, email

    def form(self, offer: Offer, *, now: datetime = NOW) -> Form:
        return Form(offer, self.language, self.texts, self.association, now)

    def fresh(self, offer: Offer, **shown: Any) -> FormView:
        return self._view(offer, self.form(offer).fresh(), **shown)

    def filled(self, offer: Offer, posted: Mapping[str, str], **shown: Any) -> FormView:
        return self._view(offer, Posted(dict(posted), frozenset()), **shown)

    def sent(self, offer: Offer, posted: Mapping[str, str], *, repeated: Iterable[str] = ()) -> FormView:
        """The form that comes back with what is wrong in it."""
        fields_posted = Posted(dict(posted), frozenset(repeated))
        errors = self.form(offer).read(fields_posted).errors
        assert errors, "a form without faults is not shown again"
        return self._view(offer, fields_posted, errors=errors, failed=True)

    def doubted(self, offer: Offer, posted: Mapping[str, str]) -> FormView:
        """The form that comes back because of an address that was probably typed wrong, whatever else is wrong."""
        errors = self.form(offer).read(Posted(dict(posted), frozenset())).errors
        view = self.filled(offer, posted, errors=errors, asking=True, failed=True)
        assert view.doubts, "nothing to ask about"
        return view

    def refused(self, offer: Offer, posted: Mapping[str, str], text: str, **values: object) -> FormView:
        """The form that comes back because what is right in it cannot be."""
        return self.filled(offer, posted, notice=self.texts(text, **values), failed=True)

    def known(self, offer: Offer, posted: Mapping[str, str], **names: str) -> FormView:
        """The form that comes back since some attendees have a seat; `names` gives the text for each field."""
        errors = tuple(FieldError(name, self.texts(f"error.{text}", email=self.email)) for name, text in names.items())
        return self.filled(offer, posted, errors=errors, failed=True)

    def too_many(self, offer: Offer, posted: Mapping[str, str], limit: str, *, minutes: int) -> FormView:
        """The form that comes back because as much was sent as may be."""
        wait = self.texts("limit.minute") if minutes == 1 else self.texts("limit.minutes", minutes=minutes)
        return self.refused(offer, posted, f"limit.{limit}", wait=wait, email=self.email)

    def places(self, count: int) -> str:
        return self.texts("seats.one") if count == 1 else self.texts("seats.many", count=count)

    def _view(self, offer: Offer, posted: Posted, **shown: Any) -> FormView:
        form = self.form(offer)
        emails = form.addresses(posted) if offer.event else ("",)
        told: dict[str, Any] = {name: shown.pop(name) for name in ("show_vat", "members", "nudge") if name in shown}
        plain: dict[str, Any] = {
            "action": f"{LINKS.form(offer.id, self.language)}?send=1",
            "key": FORM_KEY,
            "bill": bill_view(quoted(emails, offer=offer), vat=offer.vat, **({"show_vat": False} | told)),
        }
        return form_view(form, posted, Shown(**plain | shown))


def membership_forms(desk: Desk) -> dict[str, FormView]:
    """The forms of what is not an event."""
    texts = desk.texts
    return {
        "form": desk.fresh(MEMBERSHIP),
        "form-errors": desk.sent(MEMBERSHIP, FAULTS | {"newsletter": "ja"}, repeated=["reference"]),
        "form-errors-more": desk.sent(MEMBERSHIP, fields(BUYER) | MORE_FAULTS),
        "form-error": desk.sent(MEMBERSHIP, fields(replace(BUYER, email=""))),
        "form-key": desk.refused(MEMBERSHIP, fields(BUYER), "error.key_missing"),
        "form-earlier": desk.filled(
            MEMBERSHIP, fields(BUYER), notice=texts("form.earlier_order", code="L26-7KQ4", email=desk.email)
        ),
        "form-vat": desk.fresh(MEMBERSHIP, show_vat=True),
        "form-of-nobody": desk.known(MEMBERSHIP, fields(BUYER, draft=DRAFT_ID), email="email_of_nobody"),
        "form-before": desk.filled(MEMBERSHIP, fields(BUYER), draft_id=DRAFT_ID),
        "form-typo": desk.doubted(MEMBERSHIP, fields(BUYER) | {"email": "ada.de.vries@gmial.com"}),
        "form-typo-longest": desk.doubted(
            LONGEST_MEMBERSHIP, fields(LONGEST) | {"email": f"{LONGEST_LOCAL}@{LONGEST_SLIP}"}
        ),
        "form-typo-errors": desk.doubted(MEMBERSHIP, {"organisation": "", "name": "Ada", "email": "ada@hotmial.nl"}),
        "form-typo-invalid": desk.sent(MEMBERSHIP, fields(BUYER) | {"email": "ada@voorbeeldstad.nl,"}),
        "form-too-many": desk.too_many(MEMBERSHIP, fields(BUYER), "address", minutes=7),
        "form-too-many-holds": desk.too_many(MEMBERSHIP, fields(BUYER), "holds_recipient", minutes=37),
        "form-too-many-here": desk.too_many(MEMBERSHIP, fields(BUYER), "holds_address", minutes=12),
        "form-honeypot": desk.refused(MEMBERSHIP, fields(BUYER), "limit.honeypot", email=desk.email),
        "form-asking": desk.fresh(ASKING),
        "form-asking-errors": desk.sent(ASKING, {}),
        "form-longest": desk.sent(LONGEST_MEMBERSHIP, fields(LONGEST, reference=LONGEST_WORD * 2)),
        "form-emptest": desk.fresh(EMPTEST),
    }


def event_forms(desk: Desk) -> dict[str, FormView]:
    """The forms of events."""
    texts, three = desk.texts, fields(THREE)
    group = group_title(WORKING_GROUP, "zuid", language=desk.language)
    member_of_group = fields(ALONE, group="zuid") | {"member": ""}
    return {
        "event": desk.fresh(CONGRESS),
        "event-few": desk.fresh(CONGRESS, left=7),
        "event-last": desk.fresh(CONGRESS, left=1),
        "event-three": desk.filled(CONGRESS, three, focus="total"),
        "event-added": desk.filled(CONGRESS, three | {"p3_name": "", "p3_email": ""}, focus="p3_name"),
        "event-others": desk.filled(CONGRESS, fields(OTHERS), focus="add"),
        "event-errors": desk.sent(
            CONGRESS, FAULTS | ROWS_WITH_FAULTS | {"self": "ja", "email": BUYER.email}, repeated=["reference"]
        ),
        "event-errors-empty": desk.sent(CONGRESS, {"organisation": "", "name": "", "email": "", "self": "ja"}),
        "event-typos": desk.doubted(CONGRESS, three | {"email": "ada@outlok.com", "p2_email": "grace@ziggo.n"}),
        "event-nobody": desk.sent(CONGRESS, fields(replace(ALONE, attending=False))),
        "event-too-many": desk.sent(CONGRESS, fields(TWENTY) | {"p20_name": "Ada", "p20_email": "ada@example.nl"}),
        "event-twenty": desk.filled(CONGRESS, fields(TWENTY)),
        "event-members": desk.filled(CONGRESS, three, members=("Gemeente Voorbeeldstad", LONGEST_NAME)),
        "event-nudge": desk.filled(
            CONGRESS,
            three,
            nudge=Nudge(count=4, saving_cents=10000, membership_cents=50000, member_cents=39900),
        ),
        "event-early": desk.fresh(EARLY),
        "event-early-three": desk.filled(EARLY, three),
        "event-members-free": desk.filled(MEMBERS_FREE, three),
        "event-vat": desk.filled(CONGRESS, three, show_vat=True),
        "event-price-changed": desk.refused(CONGRESS, three, "form.price_changed"),
        "event-draft": desk.filled(CONGRESS, three, notice=texts("form.draft_kept")),
        "event-too-few": desk.refused(CONGRESS, three, "seats.too_few", seats=desk.places(2), wanted=3),
        "event-known": desk.known(CONGRESS, three, email="already_registered_self", p2_email="already_registered"),
        "event-unavailable": desk.refused(CONGRESS, three, "problem.storage_unavailable.text", email=desk.email),
        "event-too-many-mails": desk.too_many(CONGRESS, three, "recipient", minutes=1),
        "event-too-many-sent": desk.too_many(CONGRESS, three, "form", minutes=4),
        "event-groups": desk.filled(GROUPED, three | {"p1_group": "zuid"}),
        "event-groups-errors": desk.sent(GROUPED, three | {"p1_group": "zuid"}),
        "event-longest": desk.sent(
            LONGEST_EVENT, fields(LONGEST, reference=LONGEST_WORD * 2, p1_name=LONGEST_NAME * 2)
        ),
        "free": desk.fresh(LAUNCH),
        "free-earlier": desk.filled(
            LAUNCH,
            fields(ALONE) | {"member": ""},
            notice=texts("form.earlier_free_order", code="B26-7KQ4", email=desk.email),
        ),
        "members-only": desk.fresh(WORKING_GROUP),
        "members-only-monthly": desk.fresh(MONTHLY),
        "members-only-paid": desk.fresh(MEMBERS_PAY),
        "members-only-errors": desk.sent(WORKING_GROUP, fields(replace(THREE, attending=False, member=""))),
        "members-only-few": desk.refused(
            WORKING_GROUP, member_of_group, "seats.too_few_in_group", group=group, seats=desk.places(1), wanted=2
        ),
        "members-only-held": desk.refused(WORKING_GROUP, member_of_group, "seats.group_held", group=group, minutes=37),
        "members-only-full": desk.refused(WORKING_GROUP, member_of_group, "seats.group_full", group=group),
    }


# What also stands in somebody else's page, where caches share it: without a key.
FRAGMENTS = (
    *("form", "form-errors", "form-longest", "event", "event-errors", "event-groups-errors", "event-longest"),
    *("event-members", "event-nudge", "event-typos"),
)


def form_scenes(desk: Desk) -> dict[str, tuple[str, dict[str, Any]]]:
    forms = membership_forms(desk) | event_forms(desk)
    pages = {name: ("site/form.html", {"form": form, "script_url": ""}) for name, form in forms.items()}
    fragments = {
        f"fragment-{name}": ("site/form_fragment.html", {"form": replace(forms[name], key="")}) for name in FRAGMENTS
    }
    return pages | fragments
