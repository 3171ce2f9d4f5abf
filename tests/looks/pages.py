"""The other pages: the list of forms, what is not on sale, who is no member, and every problem."""

import re
from datetime import timedelta
from typing import Any

from chalicelib.domain.availability import Sale
from chalicelib.domain.offer import Offer
from chalicelib.domain.refusal import Stranger
from chalicelib.rendering.event_view import event_view
from tests.looks.cast import (
    ALL_OFFERS,
    CONGRESS,
    EARLY,
    EMOJI,
    FORM_KEY,
    HEBREW,
    LAUNCH,
    LINKS,
    LONGEST,
    LONGEST_EMAIL,
    LONGEST_EVENT,
    LONGEST_NAME,
    LONGEST_WORD,
    MEMBERS_FREE,
    MEMBERS_PAY,
    MEMBERSHIP,
    MONTHLY,
    NOW,
    RIGHT_TO_LEFT,
    THREE,
    WORKING_GROUP,
    fields,
)
from tests.looks.forms import Desk
from tests.looks.shown import Drawn

PROBLEMS = (
    "not_found",
    "form_unknown",
    "draft_gone",
    "too_large",
    "wrong_type",
    "wrong_method",
    "link_invalid",
    "went_wrong",
    "storage_unavailable",
)
MIXED = (
    Stranger(number=2, name="Grace Hopper", mail_domain="buurtbelang.example.nl", public_provider=False),
    Stranger(number=3, name=RIGHT_TO_LEFT, mail_domain="gmail.com", public_provider=True),
)
LONGEST_STRANGERS = tuple(
    Stranger(number=number, name=name, mail_domain=LONGEST_EMAIL.partition("@")[2], public_provider=True)
    for number, name in enumerate((LONGEST_NAME, LONGEST_WORD, RIGHT_TO_LEFT * 4, HEBREW * 8, EMOJI * 4), start=1)
)


def page_scenes(desk: Desk) -> Drawn:
    return _index(desk) | _not_on_sale(desk) | _ask_member(desk) | _problems(desk)


def _index(desk: Desk) -> Drawn:
    usual = [_listed(desk, offer) for offer in ALL_OFFERS.values()]
    every = [
        *usual,
        _listed(desk, EARLY),
        _listed(desk, MEMBERS_FREE),
        _listed(desk, MEMBERS_PAY),
        _listed(desk, MONTHLY),
        _listed(desk, CONGRESS, sale="not_yet", opens_at=NOW + timedelta(days=30)),
        _listed(desk, LAUNCH, sale="closed"),
    ]
    longest = [_listed(desk, LONGEST_EVENT)] * 5
    lists: dict[str, dict[str, Any]] = {
        "index": {"offers": usual},
        "index-one": {"offers": usual[:1]},
        "index-many": {"offers": every * 3},
        "index-longest": {"offers": longest},
        "index-emptest": {"offers": [], "other_language": None},
    }
    return {name: ("site/index.html", context) for name, context in lists.items()}


def _listed(desk: Desk, offer: Offer, **given: Any) -> dict[str, Any]:
    prices, language = offer.prices_at(NOW), desk.language
    plain = {
        "title": offer.title.within(language),
        "summary": offer.summary.within(language),
        "days": event_view(offer, texts=desk.texts, language=language).days if offer.event else "",
        "sale": Sale.OPEN.value,
        "opens_at": offer.opens_at,
        "cents": prices.list_cents,
        "member_cents": prices.member_cents,
        "members_only": bool(offer.event and offer.event.members_only),
        "price_note": offer.price_note.within(language) if offer.price_note else "",
        "url": LINKS.form(offer.id, language),
    }
    return plain | given


def _not_on_sale(desk: Desk) -> Drawn:
    def said(offer: Offer, sale: Sale, *, minutes: int = 0, refused: bool = False) -> dict[str, Any]:
        return {
            "offer": {"title": offer.title.within(desk.language), "opens_at": NOW + timedelta(days=30)},
            "sale": sale.value,
            "minutes": minutes,
            "refused": refused,
            "again": {
                "id": f"{offer.id}-again",
                "action": f"{LINKS.form(offer.id, desk.language)}?send=1",
                "hidden": [*fields(THREE).items(), ("key", FORM_KEY)],
            }
            if refused and sale in (Sale.ALL_HELD, Sale.NOT_YET)
            else None,
            "again_url": LINKS.form(offer.id, desk.language),
        }

    waits = {"minutes": 12, "minute": 1, "later": 0}
    cases = {sale.value.replace("_", "-"): (sale, 0) for sale in (Sale.NOT_YET, Sale.CLOSED, Sale.SOLD_OUT)}
    cases |= {f"all-held-{name}": (Sale.ALL_HELD, minutes) for name, minutes in waits.items()}
    contexts = {
        f"sale-{name}{'-refused' if refused else ''}": said(CONGRESS, sale, minutes=minutes, refused=refused)
        for name, (sale, minutes) in cases.items()
        for refused in (False, True)
    }
    contexts["sale-longest"] = said(LONGEST_EVENT, Sale.ALL_HELD, minutes=12, refused=True)
    pages = {name: ("site/not_on_sale.html", context) for name, context in contexts.items()}
    fragments = {
        f"fragment-{name}": ("site/not_on_sale_fragment.html", contexts[name])
        for name in ("sale-sold-out", "sale-all-held-minutes", "sale-all-held-minutes-refused")
    }
    return pages | fragments


def _ask_member(desk: Desk) -> Drawn:
    def asked(offer: Offer, strangers: tuple[Stranger, ...], total_cents: int, **given: Any) -> dict[str, Any]:
        prices = offer.prices_at(NOW)
        plain = {
            "id": f"{offer.id}-ask",
            "action": f"{LINKS.form(offer.id, desk.language)}?send=1",
            "hidden": [*fields(THREE).items(), ("key", FORM_KEY)],
            "strangers": strangers,
            "members_only": bool(offer.event and offer.event.members_only),
            "can_join": True,
            "total_cents": total_cents,
            "list_cents": prices.list_cents,
            "member_cents": prices.member_cents,
            "title": offer.title.within(desk.language),
        }
        return {"ask": plain | given}

    contexts = {
        "ask-member": asked(CONGRESS, MIXED, 149700),
        "ask-member-one": asked(CONGRESS, MIXED[:1], 54900),
        "ask-member-no-offer": asked(CONGRESS, MIXED, 149700, can_join=False),
        "ask-member-only": asked(WORKING_GROUP, MIXED[1:], 0),
        "ask-member-only-no-offer": asked(WORKING_GROUP, MIXED, 0, can_join=False),
        "ask-member-longest": asked(
            LONGEST_EVENT, LONGEST_STRANGERS, 99_999_999 * 20, hidden=list(fields(LONGEST).items())
        ),
    }
    pages = {name: ("site/ask_member.html", context) for name, context in contexts.items()}
    return pages | {"fragment-ask-member": ("site/ask_member_fragment.html", contexts["ask-member"])}


def _problems(desk: Desk) -> Drawn:
    back = LINKS.form(MEMBERSHIP.id, desk.language)
    drawn: Drawn = {
        f"problem-{problem}": ("site/problem.html", {"problem": problem, "back_url": back}) for problem in PROBLEMS
    }
    nowhere = {"problem": "not_found", "back_url": "", "other_language": None}
    return drawn | {"problem-emptest": ("site/problem.html", nowhere)}


# Of what is told about money there are many stories and few forms: these are looked at, besides the extreme ones.
LOOKED_AT = {
    "money-late",
    "money-late-returned",
    "money-twice-gone",
    "money-cancelled-three",
    "money-failed",
    "money-invoiced",
}


def is_like_another(name: str) -> bool:
    """Whether a scene differs from one that is looked at by its words alone."""
    if name.startswith("money-"):
        return name not in LOOKED_AT and not re.search("longest|emptest", name)
    return bool(re.match("problem-", name)) and name != "problem-went_wrong"
