"""Newsletter issues as scenes: one with every block there is, one with next to nothing, and all that can be found."""

from datetime import UTC, datetime

from markupsafe import Markup

from chalicelib.domain.email import Letter
from chalicelib.domain.language import Language
from chalicelib.domain.newsletter_finding import Finding, FindingKey
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.rendering.inline import inline_asset
from chalicelib.rendering.newsletter import NewsletterComposer
from chalicelib.rendering.newsletter_words import finding_words
from chalicelib.rendering.renderer import Renderer
from chalicelib.rendering.texts import Texts
from tests.looks.cast import ALL_OFFERS, EMOJI, LINKS, LONGEST_NAME
from tests.looks.shown import Drawn

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
FULL_ISSUE = {
    Language.NL: """---
onderwerp: Nieuws uit de wijk: drie dagen congres
preheader: Het programma staat vast, en vier buurten vertellen hoe zij het doen.
taal: nl
rubriek: nieuwsbrief
doelgroep: leden
---
# Samen maken wij de wijk

Beste {naam|lezer},

Dit najaar komen ruim **vijfhonderd mensen** uit buurten, gemeenten en organisaties bij elkaar.
In deze nieuwsbrief leest u wat er te doen is, [wie er spreken](https://www.lpb.example.nl/sprekers)
en hoe u *zelf* kunt meedoen.

![Bewoners planten samen een boom op een plein](https://pictures.example.nl/plein.jpg)

{aanbod congres-2027}

## Drie dingen om te weten

1. Het programma staat vast:
   - dinsdag: bewoners aan het woord
   - woensdag: werkbezoeken in de stad
   - donderdag: wat wij meenemen naar huis
2. Leden betalen minder. U krijgt de ledenprijs vanzelf, als u zich aanmeldt met het e-mailadres van uw organisatie.
3. Een overnachting regelt u zelf.

> Wij dachten dat niemand zou komen. Toen stonden er tachtig mensen met een schep.
>
> — Fatima, wijk Noord

### Bijeenkomsten in het voorjaar

| Datum | Waar | Plaatsen |
|---|---|---:|
| 14 januari | Zwolle | 40 |
| 11 februari | Den Haag | 65 |

:::netwerk
organisatie: Gemeente Voorbeeldstad
titel: Open dag in wijkcentrum De Brug
link: https://www.voorbeeldstad.example.nl/de-brug

Bewoners laten zien wat zij in een jaar hebben opgebouwd. Met soep en een rondleiding.
:::

:::netwerk
organisatie: جمعية الحي
titel: مهرجان الحي
Muziek en eten uit twintig landen. 🎉
:::

---

Wilt u zelf iets vertellen in de volgende nieuwsbrief?

[[Stuur ons uw verhaal]](https://www.lpb.example.nl/uw-verhaal)

Tot ziens in de wijk!
""",
    Language.EN: """---
subject: News from the neighbourhood
preheader: The programme is known, and four neighbourhoods tell how they do it.
language: en
topic: newsletter
segment: members
---
# We make the neighbourhood together

Dear {name|reader},

This autumn more than **five hundred people** meet.
Here you can read what happens, [who will speak](https://www.lpb.example.nl/en/speakers) and how you can take part.

![Residents plant a tree on a square](https://pictures.example.nl/square.jpg)
{offer congres-2027}

## What else there is

1. All is known:
   - Tuesday: residents
   - Wednesday: visits
2. Members pay less.

> We thought that nobody would come.

| Date | Where | Seats |
|---|---|---:|
| 14 January | Zwolle | 40 |

```
no links here
```

{offer lidmaatschap}
{offer lancering}

:::network
organisation: Gemeente Voorbeeldstad
title: Open day
link: https://www.voorbeeldstad.example.nl/de-brug

Residents show what they have built.
:::

:::network
organisation: جمعية الحي
title: مهرجان الحي
Food and music. 🎉
:::

---

[[Send us your story]](https://www.lpb.example.nl/your-story)
""",
}
LEAST_ISSUE = {
    Language.NL: "---\nonderwerp: Nieuws van uw vereniging\n---\nHet is stil in de wijk, beste {naam}.",
    Language.EN: "---\nsubject: News of the association\nlanguage: en\n---\nAll is quiet, dear {name}.",
}
# What the words of a finding can name.
VALUES = dict.fromkeys(("text", "name", "known", "value", "length", "url", "id", "size", "most"), "XYZ")


def newsletters(renderer: Renderer, language: Language) -> dict[str, Letter]:
    """The issues as mails, for the usual and the most unusual readers."""
    composer = NewsletterComposer(renderer, links=LINKS)

    def letter(source: str, name: str) -> Letter:
        prepared = composer.prepare(read_issue_text(source), offers=ALL_OFFERS, now=NOW)
        return prepared.letter(
            to="ada@voorbeeldstad.nl",
            name=name,
            unsubscribe_url=f"{LINKS.home(language)}/afmelden/0123456789?a=1&b=2",
            preferences_url=f"{LINKS.home(language)}/voorkeuren/0123456789",
            web_url=f"{LINKS.home(language)}/nieuwsbrief/1",
        )

    return {
        "newsletter": letter(FULL_ISSUE[language], EMOJI),
        "newsletter-longest": letter(FULL_ISSUE[language], LONGEST_NAME),
        "newsletter-emptest": letter(LEAST_ISSUE[language], ""),
    }


def archive_scenes(renderer: Renderer, language: Language) -> Drawn:
    """The archive, and an issue in it."""
    composer, sheet = NewsletterComposer(renderer, links=LINKS), inline_asset("newsletter.css").text
    form_url, archive_url = LINKS.newsletter(language), LINKS.archive(language)
    told = {"form_url": form_url, "other_language": None}
    listed = [
        {"url": f"{archive_url}/{number}", "title": title, "at": NOW, "written_in": language.value}
        for number, title in enumerate(("News", "N" * 78, ""))
    ]
    drawn: Drawn = {
        "archive": ("site/archive.html", told | {"issues": listed}),
        "archive-empty": ("site/archive.html", told | {"issues": []}),
    }
    for name, source in {"newsletter-page": FULL_ISSUE, "newsletter-page-emptest": LEAST_ISSUE}.items():
        prepared = composer.prepare(read_issue_text(source[language]), offers=ALL_OFFERS, now=NOW)
        shown = {"title": prepared.title, "content": Markup(prepared.page()), "sheet": sheet, "sent_at": NOW}
        shown |= {"listed": True, "written_in": language.value, "archive_url": archive_url}
        drawn[name] = ("site/archived_issue.html", told | shown)
    return drawn


def findings(texts: Texts) -> str:
    """The words of everything that can be found, as a writer reads them."""
    return "\n".join(finding_words(Finding(key=key, line=7, values=VALUES), texts=texts) for key in FindingKey)
