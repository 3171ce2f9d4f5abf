"""Rendering: the one Jinja2 environment, the texts in each language, and the letters and pages made of them."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.domain.association import Association
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.email import Email, Letter
from chalicelib.domain.language import Language
from chalicelib.domain.link import Links
from chalicelib.domain.membership import Membership
from chalicelib.domain.money import VatPart
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Order, OrderLine, State

# `chalice package` lays both beside app.py, as they stand here.
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page, and the hash under which its style sheet is allowed."""

    html: str
    style_hash: str


class Texts:
    """The catalogue of one language, by dotted key."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._texts = dict(_flat(tables))

    def __call__(self, key: str, **values: object) -> str:
        """The text with its values filled in. Raises KeyError for an unknown key or a missing value."""
        return self._texts[key].format(**values)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def euro(self, cents: int) -> str:
        """An amount of whole cents, such as € 1.234,50."""
        whole, rest = divmod(abs(cents), 100)
        grouped = f"{whole:,}".replace(",", self("number.thousands"))
        amount = f"{grouped}{self('number.decimal')}{rest:02}"
        return self("number.negative" if cents < 0 else "number.euro", amount=amount)

    def date(self, day: date) -> str:
        """A date, or the date in Amsterdam of a moment, such as 25 november 2026."""
        local = day.astimezone(AMSTERDAM).date() if isinstance(day, datetime) else day
        return self("date.date", day=local.day, month=self(f"date.month_{local.month}"), year=local.year)

    def time(self, moment: datetime) -> str:
        return f"{moment.astimezone(AMSTERDAM):%H:%M}"

    def moment(self, moment: datetime) -> str:
        return self("date.moment", date=self.date(moment), time=self.time(moment))


class Renderer:
    """Pages and letters of one association."""

    def __init__(self, association: Association, *, root: Path = ROOT) -> None:
        self._association, self._root = association, root
        self._environments: dict[Language, Environment] = {}
        self._texts: dict[Language, Texts] = {}

    def texts(self, language: Language) -> Texts:
        if language not in self._texts:
            path = self._root / "templates" / "texts" / f"{language.value}.toml"
            self._texts[language] = Texts(tomllib.loads(path.read_text(encoding="utf-8")))
        return self._texts[language]

    def page(self, template: str, *, language: Language, **context: object) -> Page:
        html = self._render(f"site/{template}.html", language, css=self._style, **context)
        return Page(html=html, style_hash=self._style_hash)

    def fragment(self, template: str, *, language: Language, **context: object) -> str:
        return self._render(f"site/{template}.html", language, **context)

    def letter(
        self, kind: str, *, to: str, language: Language, subject: Mapping[str, str], **context: object
    ) -> Letter:
        return Letter(
            to=to,
            subject=self.texts(language)(f"mail.{kind}.subject", **subject),
            html=self._render(f"mail/{kind}.html", language, **context),
            text=self._render(f"mail/{kind}.txt", language, **context),
        )

    def _render(self, template: str, language: Language, **context: object) -> str:
        return self._environment(language).get_template(template).render(context)

    def _environment(self, language: Language) -> Environment:
        if language not in self._environments:
            texts = self.texts(language)
            environment = Environment(
                loader=FileSystemLoader(self._root / "templates"),
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=False,
            )
            environment.globals |= {"t": texts, "lang": language.value, "association": self._association}
            environment.filters |= {
                "euro": texts.euro,
                "date": texts.date,
                "time": texts.time,
                "moment": texts.moment,
            }
            self._environments[language] = environment
        return self._environments[language]

    @cached_property
    def _style(self) -> str:
        sheets = [(self._root / "assets" / name).read_text(encoding="utf-8") for name in ("embed.css", "site.css")]
        accent, on_accent = self._association.accent, self._association.on_accent
        return "\n".join([f":root{{--house-accent:{accent};--house-on-accent:{on_accent}}}", *sheets])

    @cached_property
    def _style_hash(self) -> str:
        digest = hashlib.sha256(self._style.encode()).digest()
        return f"sha256-{base64.b64encode(digest).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VatView:
    """One rate as a reader sees it; cents."""

    rate: int
    net_cents: int
    vat_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as pages and mails show it."""

    code: str
    state: State
    offer_title: str
    organisation: str
    name: str
    email: str
    reference: str
    lines: tuple[OrderLine, ...]
    total_cents: int
    show_vat: bool
    vat_lines: tuple[VatView, ...]
    created_at: datetime
    hold_until: datetime | None
    paid_at: datetime | None
    membership: Membership | None


def order_view(order: Order, *, buyer: Buyer | None, membership: Membership | None, show_vat: bool) -> OrderView:
    """What is shown of an order; without its buyer, who may have been erased, the personal part is empty."""
    answers = buyer.answers if buyer else None
    return OrderView(
        code=order.code,
        state=order.state,
        offer_title=order.lines[0].label,
        organisation=answers.organisation if answers else "",
        name=answers.name if answers else "",
        email=answers.email if answers else "",
        reference=answers.reference if answers else "",
        lines=order.lines,
        total_cents=order.total_cents,
        show_vat=show_vat,
        vat_lines=tuple(vat_view(part) for part in order.vat_parts()),
        created_at=order.created_at,
        hold_until=order.hold_until,
        paid_at=order.paid_at,
        membership=membership,
    )


def vat_view(part: VatPart) -> VatView:
    return VatView(rate=part.rate_percent, net_cents=part.net_cents, vat_cents=part.vat_cents)


class LetterComposer:
    """Makes letters from what is stored (the port MailComposer)."""

    def __init__(self, renderer: Renderer, *, association: Association, links: Links) -> None:
        self._renderer, self._association, self._links = renderer, association, links

    def compose(
        self, email: Email, *, order: Order, buyer: Buyer, offer: Offer, membership: Membership | None
    ) -> Letter:
        view = order_view(order, buyer=buyer, membership=membership, show_vat=self._association.vat_confirmed)
        return self._renderer.letter(
            email.kind.value,
            to=buyer.answers.email,
            language=email.language,
            subject={"code": order.code, "association": self._association.short_name},
            name=buyer.answers.name,
            order=view,
            membership=membership,
            offer={"benefits": [benefit.within(email.language) for benefit in offer.benefits]},
            link=self._links.order(order.id, email.language),
        )


def _flat(tables: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tables.items():
        key = f"{path}.{name}" if path else name
        found += _flat(value, key) if isinstance(value, Mapping) else [(key, value)]
    return found
