"""The page for site builders: with a form, with the longest there can be, and with none at all."""

from collections.abc import Collection, Sequence
from typing import Any

from chalicelib.domain.association import Association
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.rendering.inline import inline_asset, inline_picture
from chalicelib.rendering.renderer import Renderer
from chalicelib.web.site_builder_view import PICTURES, site_builder_view
from tests.looks.cast import ALL_OFFERS, LINKS, LONGEST_EVENT, LONGEST_MEMBERSHIP, LONGEST_WORD, SITE
from tests.looks.shown import Drawn

USUAL = ("https://lpb.example.nl", "https://www.lpb.example.nl")


def site_builder_scenes(language: Language, *, renderer: Renderer, association: Association) -> Drawn:
    def drawn(offers: Sequence[Offer], *, base_url: str = SITE, allowed: Collection[str] = USUAL) -> dict[str, Any]:
        view = site_builder_view(
            offers,
            form="lidmaatschap",
            lang=language.value,
            language=language,
            texts={each: renderer.texts(each) for each in Language},
            url=f"{LINKS.home(language)}/insluiten",
            base_url=base_url,
            allowed_origins=allowed,
            association=association,
        )
        return {
            "page": view,
            "sheet": inline_asset("site_builder.css").text,
            "script": inline_asset("copy.js").text,
            "pictures": [inline_picture(name) for name in PICTURES],
        }

    contexts = {
        "site-builder": drawn(list(ALL_OFFERS.values())),
        "site-builder-longest": drawn(
            [LONGEST_MEMBERSHIP, LONGEST_EVENT] * 5,
            base_url=f"https://{'aanmelden.' * 20}example.nl/{LONGEST_WORD}",
            allowed=[f"https://{number}.{'gemeente-' * 6}.example.nl" for number in range(20)],
        ),
        "site-builder-emptest": drawn([], allowed=()),
    }
    return {name: ("site/site_builder.html", context) for name, context in contexts.items()}
