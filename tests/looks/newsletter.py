"""The newsletter: its form, a subscriber's own pages, and the mail that asks whether it is he."""

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.adapters.seed_files import topics_file
from chalicelib.domain.email import Letter, new_question
from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Evidence, Means, Subscriber, new_subscriber
from chalicelib.rendering.letters import LetterComposer
from chalicelib.rendering.texts import Texts
from chalicelib.web.topics import topic_views
from chalicelib.web.typo import Typo
from tests.looks.cast import BUYER, HEBREW, IDENTITY, LINKS, LONGEST_EMAIL, LONGEST_NAME, NOW
from tests.looks.shown import Drawn

TOPICS = topics_file()
LONG = f"{LONGEST_EMAIL}<&>"
STATES = ("confirmed", "known", "kept", "unsubscribed", "erased", "gone")


def newsletter_scenes(language: Language, *, texts: Texts) -> Drawn:
    return _form(language, texts=texts) | _said(language) | _own(language, texts=texts)


def _form(language: Language, *, texts: Texts) -> Drawn:
    def form(
        typed: str = "", *chosen: str, notice: str = "", folded: bool = True, **faults: str
    ) -> dict[str, dict[str, Any]]:
        return {
            "form": {
                "action": LINKS.newsletter(language),
                "email": typed,
                "longest": 254,
                "page": "https://lpb.example.nl/nieuws" if typed else "",
                "topics": topic_views(TOPICS, chosen=chosen or ("nieuwsbrief",), language=language),
                "open": not folded,
                "faults": faults,
                "notice": notice,
                "doubt": Typo(name="email", typed=typed, meant="ada@gmail.com") if "gmial" in typed else None,
                "mended": False,
                "sure": "",
            }
        }

    wrong = {"email": texts("error.email_invalid"), "topics": texts("newsletter.topics_missing")}
    many = texts("newsletter.too_many", wait=texts("limit.minutes", minutes=7), email="info@lpb.example.nl")
    forms = {
        "newsletter": form(),
        "newsletter-errors": form("ada@", "geen", folded=False, **wrong),
        "newsletter-too-many": form(BUYER.email, "congres", folded=False, notice=many),
        "newsletter-unavailable": form(
            BUYER.email, notice=texts("newsletter.unavailable", email="info@lpb.example.nl")
        ),
        "newsletter-typo": form("ada@gmial.com"),
        "newsletter-fragment": form(),
        "newsletter-errors-fragment": form("ada@", "geen", folded=False, **wrong),
    }
    asked = {"newsletter-asked": BUYER.email, "newsletter-asked-longest": LONG}
    return {
        name: (f"site/newsletter{'_fragment' if name.endswith('fragment') else ''}.html", context)
        for name, context in forms.items()
    } | {
        **{name: ("site/newsletter_asked.html", {"email": email}) for name, email in asked.items()},
        "newsletter-asked-fragment": ("site/newsletter_asked_fragment.html", {"email": BUYER.email}),
    }


def _said(language: Language) -> Drawn:
    def said(state: str, email: str) -> tuple[str, dict[str, Any]]:
        gone = state == "gone"
        topics = "" if state in ("unsubscribed", "erased", "gone") else "Nieuwsbrief, Congres"
        context = {"state": state, "email": "" if gone else email, "topics": topics, "url": LINKS.newsletter(language)}
        return "site/newsletter_said.html", context

    return {f"newsletter-{state}": said(state, BUYER.email) for state in STATES} | {
        "newsletter-confirmed-longest": said("confirmed", LONG)
    }


def _own(language: Language, *, texts: Texts) -> Drawn:
    subscriber_id = IDENTITY.subscriber_id(BUYER.email)
    urls = {
        "preferences_url": LINKS.preferences(subscriber_id, language),
        "action": LINKS.preferences(subscriber_id, language),
    }

    def confirm(email: str, topics: str, *, standing: str = "unconfirmed") -> tuple[str, dict[str, Any]]:
        mail = "" if standing == "confirmed" else "subscriber-x-20261125"
        given = {"mail": mail, "email": email, "standing": standing, "topics": topics, "shown": "congres"}
        return "site/newsletter_confirm.html", urls | given

    def preferences(*chosen: str, **given: Any) -> tuple[str, dict[str, Any]]:
        plain = {
            "email": BUYER.email,
            "subscribed": bool(chosen),
            "topics": topic_views(TOPICS, chosen=chosen, language=language),
            "wanted": "",
            "shown": "congres",
            "languages": [("nl", "Nederlands", language is Language.NL), ("en", "English", language is Language.EN)],
            "paused_until": None,
            "pauses": (1, 3, 6),
            "saved": False,
            "missing": False,
        }
        return "site/newsletter_preferences.html", urls | plain | given

    until = date(2027, 2, 26)
    return {
        "newsletter-confirm": confirm(BUYER.email, "Nieuwsbrief, Congres"),
        "newsletter-confirm-longest": confirm(LONG, ", ".join(topic.title.nl for topic in TOPICS) * 3),
        "newsletter-confirm-emptest": confirm("y@x.nl", ""),
        "newsletter-confirm-more": confirm(BUYER.email, "Werkgroepen", standing="confirmed"),
        "newsletter-confirm-left": confirm(BUYER.email, "Nieuwsbrief", standing="unsubscribed"),
        "newsletter-unsubscribe": ("site/newsletter_unsubscribe.html", urls | {"email": BUYER.email}),
        "newsletter-preferences": preferences("nieuwsbrief", "congres"),
        "newsletter-preferences-saved": preferences("congres", saved=True, paused_until=until),
        "newsletter-preferences-wanted": preferences("nieuwsbrief", wanted="Werkgroepen, Congres"),
        "newsletter-preferences-left": preferences(),
        "newsletter-preferences-left-wanted": preferences(wanted="Nieuwsbrief"),
        "newsletter-preferences-left-errors": preferences(missing=True),
        "newsletter-preferences-longest": preferences("nieuwsbrief", email=LONG, wanted="Congres"),
        "newsletter-erase": ("site/newsletter_erase.html", urls | {"email": BUYER.email, "back": urls["action"]}),
        "newsletter-erase-longest": (
            "site/newsletter_erase.html",
            urls | {"email": LONG, "back": urls["action"]},
        ),
    }


def newsletter_letters(composer: LetterComposer, language: Language) -> dict[str, Letter]:
    asked = Evidence(
        means=Means.FORM, text="Ja", language=language, source=LINKS.newsletter(language), detail="", at=NOW
    )

    def letter(email: str, name: str, *, known: bool = False) -> Letter:
        subscriber: Subscriber = new_subscriber(
            email,
            subscriber_id=IDENTITY.subscriber_id(email),
            name=name,
            language=language,
            topics=("nieuwsbrief",),
            asked=asked,
        )
        subscriber = subscriber.confirms(replace(asked, means=Means.LINK)) if known else subscriber
        question = new_question(subscriber_id=subscriber.id, language=language, now=NOW)
        return composer.compose_question(subscriber, email=question)

    return {
        "subscription": letter(BUYER.email, BUYER.name),
        "subscription-emptest": letter("y@x.nl", ""),
        "subscription-backwards": letter(BUYER.email, HEBREW),
        "subscription-longest": letter(LONGEST_EMAIL, LONGEST_NAME),
        "subscription-known": letter(BUYER.email, "", known=True),
    }
