"""How long a newsletter takes: rendered once for all, and then filled for each subscriber.

    python -m bench.newsletter

An issue of about 50 kB with every block in it, and names that need escaping. Times are of this process's CPU.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.association import Association
from chalicelib.domain.identity import Identity
from chalicelib.domain.link import Links
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.rendering.newsletter import NewsletterComposer
from chalicelib.rendering.renderer import Renderer

ROUNDS = 20_000
NAMES = ("Zoë van ’t Hof", "", "O’Brien & <Zn>", "نوعا", "Ada Lovelace")
HOUSE = Association(name="Vereniging", short_name="V", website="https://x.example.nl", email="info@x.example.nl")
HEAD = "---\nonderwerp: Nieuws uit de wijk\npreheader: Lees snel verder.\n---\n# Nieuws\n\nBeste {naam},\n\n"
STORY = """## Een verhaal

Dit najaar komen ruim **vijfhonderd mensen** bij elkaar, en [wie er spreken](https://x.example.nl/sprekers) staat vast.
Beste {naam|buur}, kom ook, en neem wie u kent mee naar het plein voor het grote feest van de hele wijk.

* bewoners aan het woord
* werkbezoeken in de stad

[[Meld u aan]](https://x.example.nl/aanmelden)

:::netwerk
organisatie: Gemeente Voorbeeldstad
titel: Open dag
link: https://x.example.nl/open-dag

Bewoners laten zien wat zij hebben opgebouwd.
:::

"""


def main() -> None:
    links = Links("https://aanmelden.example.nl", Identity("a secret for a bench"))
    composer = NewsletterComposer(Renderer(HOUSE), links=links)
    offers = {offer.id: offer for offer in seed_files()}
    issue = read_issue_text(HEAD + "{aanbod congres-2027}\n\n" + STORY * 21)

    def prepare() -> object:
        return composer.prepare(issue, offers=offers, now=datetime(2027, 1, 1, tzinfo=UTC))

    first = _microseconds(prepare, rounds=1)
    again = _microseconds(prepare, rounds=10)
    prepared = composer.prepare(issue, offers=offers, now=datetime(2027, 1, 1, tzinfo=UTC))
    names = itertools.cycle(NAMES)

    def fill() -> object:
        return prepared.letter(
            to="ada@voorbeeldstad.nl",
            name=next(names),
            unsubscribe_url="https://aanmelden.example.nl/nl/afmelden/0123456789abcdef0123456789abcdef",
            preferences_url="https://aanmelden.example.nl/nl/voorkeuren/0123456789abcdef0123456789abcdef",
            web_url="https://aanmelden.example.nl/nl/nieuwsbrief/2027-01",
        )

    each = _microseconds(fill, rounds=ROUNDS)
    print(
        f"HTML {prepared.html.size(slot_bytes=0) / 1000:.1f} kB, text {prepared.text.size(slot_bytes=0) / 1000:.1f} kB"
    )
    print(f"slots: {len(prepared.html.slots)} in the HTML, {len(prepared.text.slots)} in the text")
    print(f"prepared: {first / 1000:.1f} ms the first time (with the libraries), {again / 1000:.1f} ms after that")
    print(f"filled: {each:.1f} µs for each subscriber, over {ROUNDS} of them")


def _microseconds(work: Callable[[], object], *, rounds: int) -> float:
    begin = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - begin) / rounds * 1e6


if __name__ == "__main__":
    main()
