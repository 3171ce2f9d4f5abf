"""Examples for whoever builds a website: hosts on which the form must hold, and hosts on which the link must stay."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A page of the demo website with something special about it; DESK in its rules is the origin of the desk."""

    path: str
    title: str
    text: str
    template: str = "example"
    rules: tuple[str, ...] = ()
    keeps_link: bool = False

    def policy(self, desk_url: str) -> str:
        """Its Content-Security-Policy; empty when it has none."""
        parts = urlsplit(desk_url)
        return "; ".join(self.rules).replace("DESK", f"{parts.scheme}://{parts.netloc}")


EXAMPLES = (
    Example(
        path="/thema",
        title="Een thema dat alles overhoop haalt",
        text="Het stijlblad van deze pagina verandert elk veld en elke letter. In het formulier verandert niets.",
        template="hostile",
    ),
    Example(
        path="/donker",
        title="Een donkere website",
        text="Deze website geeft het formulier haar eigen kleuren, met de variabelen die daarvoor zijn.",
        template="dark",
    ),
    Example(
        path="/strikt",
        title="Een strenge beveiliging",
        text="Deze pagina staat niets toe, behalve wat het formulier nodig heeft.",
        rules=(
            "default-src 'none'",
            "script-src DESK",
            "connect-src DESK",
            "style-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ),
    ),
    Example(
        path="/twee",
        title="Twee formulieren op een pagina",
        text="Elk formulier staat op zichzelf: wat u in het ene invult, blijft staan als u het andere verstuurt.",
        template="two",
    ),
    Example(
        path="/iframe",
        title="Zonder script: een iframe",
        text="Voor wie geen script mag plaatsen. Het formulier staat in een kader met een vaste hoogte.",
        template="iframe",
    ),
    Example(
        path="/geen-script",
        title="Het script wordt tegengehouden",
        text="De beveiliging van deze pagina laat geen script van een ander toe. De link blijft staan, en werkt.",
        rules=("script-src 'self'",),
        keeps_link=True,
    ),
    Example(
        path="/geen-verbinding",
        title="De verbinding wordt tegengehouden",
        text="Het script mag, maar het mag niets ophalen. De link blijft staan, en werkt.",
        rules=("script-src DESK", "connect-src 'self'"),
        keeps_link=True,
    ),
    Example(
        path="/trusted-types",
        title="Trusted Types zijn verplicht",
        text="Deze pagina laat geen enkel script HTML in de pagina zetten. De link blijft staan, en werkt.",
        rules=("script-src DESK", "connect-src DESK", "require-trusted-types-for 'script'", "trusted-types 'none'"),
        keeps_link=True,
    ),
)
