"""The seeds of the offers: TOML files in chalicelib/offers."""

import tomllib
from pathlib import Path

from chalicelib.domain.error import OfferRefused
from chalicelib.domain.offer import Offer
from chalicelib.domain.seed import read_offer

OFFERS = Path(__file__).parent.parent / "offers"


def seed_files(folder: Path = OFFERS) -> tuple[Offer, ...]:
    """All seeds, by file name. Raises OfferRefused with file, key and reason."""
    return tuple(_read(path) for path in sorted(folder.glob("*.toml")))


def _read(path: Path) -> Offer:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OfferRefused(source=path.name, key="(whole file)", reason=f"is not TOML: {error}") from error
    offer = read_offer(data, source=path.name)
    if offer.id != path.stem:
        raise OfferRefused(source=path.name, key="id", reason=f"must be {path.stem!r}, as the file is named")
    return offer
