"""The data that comes with the code: the seeds of the offers in chalicelib/offers, and chalicelib/topics.toml."""

import tomllib
from pathlib import Path
from typing import Any

from chalicelib.domain.error import OfferRefused
from chalicelib.domain.offer import Offer
from chalicelib.domain.seed import read_offer
from chalicelib.domain.topic import Topic, read_topics

OFFERS = Path(__file__).parent.parent / "offers"
TOPICS = Path(__file__).parent.parent / "topics.toml"


def seed_files(folder: Path = OFFERS) -> tuple[Offer, ...]:
    """All seeds, by file name. Raises OfferRefused with file, key and reason."""
    return tuple(_read(path) for path in sorted(folder.glob("*.toml")))


def topics_file(path: Path = TOPICS) -> tuple[Topic, ...]:
    """What somebody can subscribe to. Raises OfferRefused with file, key and reason."""
    return read_topics(_data(path), source=path.name)


def _read(path: Path) -> Offer:
    offer = read_offer(_data(path), source=path.name)
    if offer.id != path.stem:
        raise OfferRefused(source=path.name, key="id", reason=f"must be {path.stem!r}, as the file is named")
    return offer


def _data(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OfferRefused(source=path.name, key="(whole file)", reason=f"is not TOML: {error}") from error
