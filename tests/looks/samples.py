"""Everything a page or mail can be asked to show: usual, longest, emptest and wrong, in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

type View = dict[str, Any]
type Text = Callable[..., str]

SITE = "https://aanmelden.example.nl"
LONG_WORD = "Samenwerkingsverbandwijkontwikkelingsmaatschappij"
LONG_NAME = f"Gemeenschappelijke regeling {LONG_WORD} Noordoost-Groningen en omstreken <&> Zn."
LONG_EMAIL = "jonkvrouw.wilhelmina.van.der.westhuizen-oosterbaan@samenwerkingsverbandwijkontwikkeling.example.nl"
PROBLEMS = (
    "not_found",
    "form_unknown",
    "too_large",
    "wrong_type",
    "wrong_method",
    "link_invalid",
    "went_wrong",
    "storage_unavailable",
)
ORDER_STATES = ("pending", "processing", "paid", "expired", "review")
BENEFITS = {
    "nl": [
        "Korting op het jaarlijkse congres: €\u00a0399 in plaats van €\u00a0549 per deelnemer, exclusief overnachting.",
        "Werkgroepen en themabijeenkomsten voor uw medewerkers.",
        "Een netwerk van professionals in buurt- en wijkgericht werken.",
        "Uw eigen werk onder de aandacht op de website en in de nieuwsbrief.",
    ],
    "en": [
        "A discount on the yearly congress: €399 instead of €549 per attendee, overnight stay not included.",
        "Working groups and theme meetings for your staff.",
        "A network of professionals in neighbourhood work.",
        "Your own work promoted on the website and in the newsletter.",
    ],
}
TITLE = {"nl": "Lidmaatschap", "en": "Membership"}
SUMMARY = {
    "nl": "Voor uw hele organisatie, 12 maanden vanaf de betaling.",
    "en": "For your whole organisation, 12 months from payment.",
}
ASSOCIATION: View = {
    "name": "Landelijk Platform Buurt- en wijkgericht werken",
    "short_name": "LPB",
    "website": "https://vereniging.example.nl",
    "email": "info@lpb.example.nl",
    "address": "Voorbeeldstraat 1, 1234 AB Voorbeeldstad",
    "terms_url": "https://vereniging.example.nl/voorwaarden",
    "privacy_url": "https://vereniging.example.nl/privacy",
    "accent": "#1f5f4a",
    "on_accent": "#ffffff",
    "logo_url": "",
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One template with one set of data."""

    name: str
    template: str
    lang: str
    context: View


def scenes(lang: str, text: Text) -> list[Scene]:
    """Every page, fragment and mail in one language; `text` is the catalogue's own lookup."""
    drawn = _form_scenes(lang, text) | _order_scenes(lang) | _other_scenes(lang) | _mail_scenes(lang)
    page: View = {"other_language": _other_language(lang)}
    return [
        Scene(name=name, template=template, lang=lang, context=page | context)
        for name, (template, context) in drawn.items()
    ]


type Drawn = dict[str, tuple[str, View]]


def _other_language(lang: str) -> View:
    other = "en" if lang == "nl" else "nl"
    return {"lang": other, "label": {"en": "English", "nl": "Nederlands"}[other], "url": f"{SITE}/{other}/lidmaatschap"}


def _field(text: Text, name: str, *, id_prefix: str, **given: Any) -> View:
    plain: View = {
        "name": name,
        "id": f"{id_prefix}-{name}",
        "kind": "text",
        "label": text(f"field.{name}.label", association=ASSOCIATION["name"]),
        "hint": text(f"field.{name}.hint"),
        "autocomplete": "",
        "inputmode": "",
        "maxlength": 120,
        "optional": False,
        "value": "",
        "checked": False,
        "error": "",
        "group": "main",
        "options": [],
    }
    return plain | given


def _fields(text: Text, id_prefix: str) -> list[View]:
    def field(name: str, **given: Any) -> View:
        return _field(text, name, id_prefix=id_prefix, **given)

    invoice: View = {"group": "invoice", "optional": True}
    return [
        field("organisation", autocomplete="organization"),
        field("name", autocomplete="name"),
        field("email", kind="email", autocomplete="email", maxlength=254),
        field("reference", optional=True, maxlength=100),
        field("street", autocomplete="street-address", **invoice),
        field("postal_code", autocomplete="postal-code", maxlength=10, **invoice),
        field("city", autocomplete="address-level2", **invoice),
        field("registration_number", inputmode="numeric", maxlength=30, **invoice),
        field("newsletter", kind="checkbox", value="ja", group="consent", optional=True),
    ]


def _form(lang: str, text: Text, **given: Any) -> View:
    plain: View = {
        "action": f"{SITE}/{lang}/lidmaatschap",
        "key": "0f5c3c1e-6f0e-4a55-9d0c-8c6f7f1f2b11",
        "id": "lidmaatschap",
        "offer": {
            "title": TITLE[lang],
            "summary": SUMMARY[lang],
            "benefits": BENEFITS[lang],
            "price_cents": 50000,
            "term_text": text("offer.membership_term", months=12),
        },
        "show_vat": False,
        "vat": None,
        "fields": _fields(text, "lidmaatschap"),
        "errors": [],
        "notice": "",
        "invoice_open": False,
        "total_cents": 50000,
        "failed": False,
    }
    return plain | given


def _form_scenes(lang: str, text: Text) -> Drawn:
    wrong = {
        "organisation": ("", "organisation_missing"),
        "email": ("naam@voorbeeld", "email_invalid"),
        "postal_code": ("12 AB", "postal_code_invalid"),
        "registration_number": ("1234", "kvk_or_oin_invalid"),
    }
    bad_fields = [
        field | {"value": wrong[field["name"]][0], "error": text(f"error.{wrong[field['name']][1]}")}
        if field["name"] in wrong
        else field
        for field in _fields(text, "lidmaatschap")
    ]
    errors = [{"id": field["id"], "text": field["error"]} for field in bad_fields if field["error"]]
    one_wrong = [
        field | {"error": errors[0]["text"] if field["name"] == "organisation" else ""} for field in bad_fields
    ]
    longest = [
        field | {"value": LONG_WORD * 2, "checked": True, "error": text("error.too_long", max=120)}
        for field in _fields(text, "f")
    ]
    longest += [_choice(text, "f", error=text("error.choice_missing"))]
    emptest = [field | {"hint": "", "autocomplete": "", "maxlength": 0} for field in _fields(text, "f")[:1]]
    long_offer: View = {
        "title": f"{TITLE[lang]} {LONG_WORD} <b>&amp;</b>",
        "summary": LONG_NAME * 4,
        "benefits": [LONG_NAME * 2, LONG_WORD * 2] * 4,
        "price_cents": 123456789,
        "term_text": LONG_NAME,
    }
    empty_offer: View = {"title": "X", "summary": "", "benefits": [], "price_cents": 0, "term_text": ""}
    forms = {
        "form": _form(lang, text),
        "form-errors": _form(lang, text, fields=bad_fields, errors=errors, invoice_open=True, failed=True),
        "form-error": _form(lang, text, fields=one_wrong, errors=errors[:1]),
        "form-vat": _form(
            lang,
            text,
            show_vat=True,
            vat={"rate": 21, "net_cents": 41322, "vat_cents": 8678},
            notice=text("error.key_missing"),
            invoice_open=True,
        ),
        "form-choice": _form(lang, text, fields=[*_fields(text, "f")[:3], _choice(text, "f")]),
        "form-longest": _form(
            lang,
            text,
            id="f",
            offer=long_offer,
            fields=longest,
            errors=[{"id": field["id"], "text": LONG_NAME} for field in longest],
            notice=LONG_NAME * 2,
            invoice_open=True,
            show_vat=True,
            vat={"rate": 21, "net_cents": 102030404, "vat_cents": 21426385},
            total_cents=123456789,
        ),
        "form-emptest": _form(lang, text, key="", offer=empty_offer, fields=emptest, total_cents=0),
    }
    drawn: Drawn = {name: ("site/form.html", {"form": form}) for name, form in forms.items()}
    for name in ("form", "form-errors", "form-longest", "form-emptest"):
        fragment = forms[name] | {"key": ""}
        drawn[name.replace("form", "fragment")] = ("site/form_fragment.html", {"form": fragment})
    return drawn


def _choice(text: Text, id_prefix: str, error: str = "") -> View:
    labels = ("Ja, € 399 per deelnemer", "Nee, € 549 per deelnemer")
    options = [{"value": str(number), "label": label, "checked": False} for number, label in enumerate(labels)]
    return _field(text, "reference", id_prefix=id_prefix) | {
        "name": "member",
        "id": f"{id_prefix}-member",
        "kind": "radio",
        "label": "Is uw organisatie lid?",
        "hint": "Exclusief overnachting.",
        "error": error,
        "options": options,
    }


def _order(lang: str, **given: Any) -> View:
    plain: View = {
        "code": "L26-7KQ4",
        "state": "pending",
        "offer_title": TITLE[lang],
        "organisation": "Gemeente Voorbeeldstad",
        "name": "Noor de Vries",
        "email": "noor.devries@voorbeeldstad.example.nl",
        "reference": "INK-2026-0412",
        "lines": [{"label": TITLE[lang], "quantity": 1, "unit_cents": 50000, "total_cents": 50000}],
        "total_cents": 50000,
        "show_vat": False,
        "vat_lines": [],
        "created_at": datetime(2026, 11, 25, 13, 5, tzinfo=UTC),
        "hold_until": datetime(2026, 11, 25, 13, 40, tzinfo=UTC),
        "paid_at": None,
        "membership": None,
    }
    return plain | given


def _paid(lang: str, **given: Any) -> View:
    membership = {
        "starts_on": datetime(2026, 11, 25, tzinfo=UTC),
        "ends_on": datetime(2027, 11, 24, tzinfo=UTC),
    }
    return _order(
        lang,
        **{"state": "paid", "paid_at": datetime(2026, 11, 25, 13, 9, tzinfo=UTC), "membership": membership} | given,
    )


def _longest_order(lang: str) -> View:
    lines = [
        {"label": LONG_NAME, "quantity": 1234, "unit_cents": 54900, "total_cents": 67746600},
        {"label": LONG_WORD, "quantity": 1, "unit_cents": 50000, "total_cents": 50000},
    ]
    return _paid(
        lang,
        code="LIDM26-7KQ4-7KQ4-7KQ4",
        offer_title=LONG_NAME,
        organisation=LONG_NAME,
        name=LONG_WORD * 2,
        email=LONG_EMAIL,
        reference=LONG_WORD * 2,
        lines=lines * 3,
        total_cents=203389800,
        show_vat=True,
        vat_lines=[
            {"rate": 21, "net_cents": 168090744, "vat_cents": 35299056},
            {"rate": 9, "net_cents": 10000, "vat_cents": 900},
        ],
    )


def _emptest_order(lang: str, state: str) -> View:
    return _order(
        lang, state=state, code="X", offer_title="X", organisation="", name="", email="", reference="", lines=[]
    )


def _order_scenes(lang: str) -> Drawn:
    orders = {f"order-{state}": _paid(lang) if state == "paid" else _order(lang, state=state) for state in ORDER_STATES}
    orders["order-paid-vat"] = _paid(
        lang, show_vat=True, vat_lines=[{"rate": 21, "net_cents": 41322, "vat_cents": 8678}]
    )
    orders["order-longest"] = _longest_order(lang)
    orders |= {f"order-{state}-emptest": _emptest_order(lang, state) for state in ORDER_STATES}
    settled: View = {"refresh_seconds": 0, "from_payment": False, "action": f"{SITE}/{lang}/order/token"}
    drawn: Drawn = {name: ("site/order.html", settled | {"order": order}) for name, order in orders.items()}
    waiting = settled | {
        "refresh_seconds": 30,
        "from_payment": True,
        "refresh_url": f"{SITE}/{lang}/order/token?from=payment&look=1",
        "stop_refresh_url": f"{SITE}/{lang}/order/token?from=payment&look=20",
    }
    drawn["order-waiting"] = ("site/order.html", waiting | {"order": _order(lang)})
    return drawn


def _other_scenes(lang: str) -> Drawn:
    action = f"{SITE}/{lang}/order/token"
    hidden = [("key", "0f5c3c1e"), ("organisation", LONG_NAME), ("newsletter", "ja"), ("replaces", "o_1")]
    replace: View = {"action": f"{SITE}/{lang}/lidmaatschap", "hidden": hidden}
    change: View = {"label": "Referentie", "before": "INK-2026-0412", "after": ""}
    long_change: View = {"label": LONG_NAME, "before": LONG_EMAIL, "after": LONG_NAME}
    offer: View = {
        "title": TITLE[lang],
        "summary": SUMMARY[lang],
        "price_cents": 50000,
        "url": f"{SITE}/{lang}/lidmaatschap",
    }
    congress: View = offer | {
        "title": "Congres 2026",
        "summary": "Drie dagen over buurt- en wijkgericht werken.",
        "price_cents": 54900,
    }
    long_offer: View = offer | {"title": LONG_NAME, "summary": LONG_NAME * 3, "price_cents": 123456789}

    def open_order(order: View, changes: list[View]) -> tuple[str, View]:
        return "site/open_order.html", {"order": order, "pay_action": action, "replace": replace, "changes": changes}

    drawn: Drawn = {
        "open-order": open_order(_order(lang), [change, {"label": "Plaats", "before": "", "after": "Voorbeeldstad"}]),
        "open-order-longest": open_order(_longest_order(lang) | {"paid_at": None}, [long_change] * 3),
        "fragment-open-order": ("site/open_order_fragment.html", open_order(_order(lang), [change])[1]),
        "open-order-emptest": open_order(_emptest_order(lang, "pending"), []),
        "cancelled": ("site/cancelled.html", {"order": _order(lang), "action": action}),
        "payment-unavailable": ("site/payment_unavailable.html", {"order": _order(lang), "action": action}),
        "index": ("site/index.html", {"offers": [offer, congress]}),
        "index-longest": ("site/index.html", {"offers": [long_offer] * 5}),
        "index-emptest": ("site/index.html", {"offers": [], "other_language": None}),
    }
    for problem in PROBLEMS:
        drawn[f"problem-{problem}"] = ("site/problem.html", {"problem": problem, "back_url": f"{SITE}/{lang}"})
    drawn["problem-emptest"] = ("site/problem.html", {"problem": "not_found", "back_url": "", "other_language": None})
    return drawn


def _mail_scenes(lang: str) -> Drawn:
    link = f"{SITE}/{lang}/order/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFy"
    term = _paid(lang)["membership"]
    confirmations = {
        "": _paid(lang),
        "-longest": _longest_order(lang),
        "-emptest": _emptest_order(lang, "paid"),
    }
    welcomes = {
        "": ({"organisation": "Gemeente Voorbeeldstad", "domains": ["voorbeeldstad.example.nl"]}, BENEFITS[lang]),
        "-longest": ({"organisation": LONG_NAME, "domains": [LONG_EMAIL.split("@")[1]] * 4}, [LONG_NAME] * 6),
        "-emptest": ({"organisation": "X", "domains": []}, []),
    }
    drawn: Drawn = {}
    for size, order in confirmations.items():
        for kind in ("html", "txt"):
            confirmed = {"order": order, "link": link, "name": order["name"]}
            drawn[f"mail-confirmation{size}.{kind}"] = (f"mail/confirmation.{kind}", confirmed)
            membership, benefits = welcomes[size]
            welcome = {
                "membership": term | membership,
                "offer": {"benefits": benefits},
                "link": link,
                "name": order["name"],
            }
            drawn[f"mail-welcome{size}.{kind}"] = (f"mail/welcome.{kind}", welcome)
    return drawn
