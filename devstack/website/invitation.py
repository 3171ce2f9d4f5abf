"""The invitations of the demo website: the words of each link, and the room that its form takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link to a form of the desk, as it stands in the marker."""

    url: str
    lang: str
    label: str
    height: int


# Where the words name a price it is the offer's, and a test holds it to that.
_LABELS = {
    "lidmaatschap": {
        "nl": "Word lid (€ 500 per organisatie per jaar)",
        "en": "Become a member (€ 500 per organisation per year)",
    },
    "congres-2027": {
        "nl": "Naar het congres (leden € 399, anderen € 549)",
        "en": "Come to the congress (members € 399, others € 549)",
    },
    "lancering": {"nl": "Doe mee op 4 februari (gratis)", "en": "Join us on 4 February (free)"},
    "werkgroep": {
        "nl": "Naar de werkgroep (alleen voor leden)",
        "en": "To the working group (for members only)",
    },
    "nieuwsbrief": {"nl": "Meld u aan voor onze nieuwsbrief", "en": "Subscribe to our newsletter"},
}
_ANY = {"nl": "Naar het formulier", "en": "To the form"}
# What is reserved until the form is there, in em, so that nothing below it moves.
_HEIGHTS = {"lidmaatschap": 58, "congres-2027": 86, "lancering": 54, "werkgroep": 66, "nieuwsbrief": 25}
_ANY_HEIGHT = 70


def invitation(offer_id: str, lang: str = "nl", *, desk_url: str) -> Invitation:
    """The invitation to a form, in one language; a form that the website does not know has plain words."""
    return Invitation(
        url=f"{desk_url}/{lang}/{offer_id}",
        lang=lang,
        label=_LABELS.get(offer_id, _ANY)[lang],
        height=_HEIGHTS.get(offer_id, _ANY_HEIGHT),
    )
