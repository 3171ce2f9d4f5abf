"""People: the organisations around the association and who works there; all of them invented."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

_STEMS = "Proef Model Schets Denk Fictie Ergens Elders Bedacht Verzin Papier Maquette Nergens Anders".split()
_ENDS = "stad dam drecht veen huizen wolde broek hoven kerk horst berg meer".split()
# What a list, a badge or a mail must bear: long names, accents, apostrophes, signs.
_SPECIAL = (
    "Gemeente 's-Gravenvoorbeeld",
    "Gemeente Súdwest-Modelân",
    "Stichting d'Oude Brêgewachter",
    "Fryske Foriening foar Doarpswurk 't Foarbyld",
    "Coöperatieve Vereniging Wijkbedrijf De Eén-en-Twintig Bruggen U.A.",
    "Samenwerkingsverband Sociaal Domein Noordelijk Voorbeeldland, Ergensveen en de Modelburgse Wouden",
    "Stichting Welzijn & Zorg Fictiehoven / Bedachtwolde",
    "Buurthuis Café 't Pleintje",
    "Kultuerhûs De Façade",
    "Vereniging van Bewonersorganisaties “Samen Sterk” Schetsdrecht-Oost",
    "BO",
)
_KINDS = (
    "Gemeente {}",
    "Gemeente {}",
    "Gemeente {}",
    "Stichting Welzijn {}",
    "Buurtteams {}",
    "Woonstichting {}",
    "Dorpsbelangen {}",
    "Wijkcoöperatie {}",
    "GGD Regio {}",
)
_FIRST = (
    "Anneke Fatima Jan-Willem Renée Björn Zoë Mohammed Sjoerd Chloé Youssef Marijke Thijs Aïcha Piet Noor Sanne "
    "Daan Geertruida Ömer Lieke Hendrik-Jan Ilse Kees Małgorzata Ruben Ineke Samir Femke Willem Joke"
).split()
_LAST = (
    *("de Vries", "van den Berg", "El Amrani", "van 't Hoff", "d'Hondt", "Jansen", "Bakker", "Yılmaz", "Visser"),
    *("Smit", "de Boer", "Ó Brádaigh", "Mulder", "Dekker", "van der Meulen-Oosterbaan", "Nguyễn", "Wijnalda"),
    *("Hoekstra", "Kaya", "Sørensen", "Müller", "Pietersen", "van Voorst tot Voorst-van Heeckeren", "Bos", "Vos"),
)
_STREETS = ("Voorbeeldstraat", "Dorpsplein", "Marktstraat", "Laan van de Eenentwintigste Eeuw", "'t Hof", "Kade")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, with the address at which he is reached."""

    name: str
    email: str


@dataclass(slots=True, kw_only=True)
class Organisation:
    """An organisation that may be a member; its people come by turns, so that nobody comes twice to one event."""

    name: str
    domain: str
    registration_number: str
    street: str
    postal_code: str
    city: str
    people: tuple[Person, ...]
    turns: Iterator[Person] = field(init=False)

    def __post_init__(self) -> None:
        self.turns = cycle(self.people)

    @property
    def contact(self) -> Person:
        return self.people[0]


def organisations(count: int, *, chance: random.Random) -> list[Organisation]:
    """So many organisations, each with a mail domain of its own."""
    towns = [stem + end for stem in _STEMS for end in _ENDS]
    chance.shuffle(towns)
    kinds = cycle(_KINDS)
    names = [*_SPECIAL, *(next(kinds).format(town) for town in towns)]
    assert len(names) >= count, "there are not as many names"
    return [_organisation(name, number, chance=chance) for number, name in enumerate(names[:count], start=1)]


def _organisation(name: str, number: int, *, chance: random.Random) -> Organisation:
    domain = f"{_plain(name)[:40].strip('-')}.example.nl"
    return Organisation(
        name=name,
        domain=domain,
        # one in six has none, or does not tell
        registration_number="" if number % 6 == 0 else f"{90_000_000 + number * 137:08}",
        street=f"{chance.choice(_STREETS)} {chance.randint(1, 240)}",
        postal_code=f"{chance.randint(1000, 9999)} {chance.choice('ABCDEGHJK')}{chance.choice('ABCDEGHJK')}",
        city=name.rpartition(" ")[2].strip("”’'"),
        people=tuple(_people(domain, chance=chance)),
    )


def _people(domain: str, *, chance: random.Random) -> Iterator[Person]:
    """Sixteen colleagues with an address each."""
    used = set[str]()
    while len(used) < 16:
        first, last = chance.choice(_FIRST), chance.choice(_LAST)
        place = f"{_plain(first)}.{_plain(last).replace('-', '')}"
        if place not in used:
            used.add(place)
            yield Person(name=f"{first} {last}", email=f"{place}@{domain}")


_UNCOMPOSED = str.maketrans({"ø": "o", "ł": "l", "ı": "i", "&": " en "})


def _plain(text: str) -> str:
    """In letters, digits and hyphens, as an address has it."""
    letters = unicodedata.normalize("NFKD", text.lower().translate(_UNCOMPOSED))
    return re.sub(r"[^a-z0-9]+", "-", "".join(each for each in letters if not unicodedata.combining(each))).strip("-")
