"""An event that the project has no seed of: all there is to say about one, in a file."""

import tomllib
from copy import deepcopy
from typing import Any

from chalicelib.domain.offer import Offer
from chalicelib.domain.seed import read_offer

# It opens on the last day of winter time.
FILE = """
id = "zomerschool"
kind = "event"
code_prefix = "ZS"
title = { nl = "Zomerschool", en = "Summer school" }
summary = { nl = "Twee dagen buiten.", en = "Two days outdoors." }
price_note = { nl = "inclusief lunch", en = "lunch included" }
price_cents = 30000
member_price_cents = 20000
opens_at = 2028-03-25T09:00:00
closes_at = 2028-07-01T12:00:00
early = { price_cents = 25000, member_price_cents = 15000, ends_at = 2028-05-01T00:00:00 }
vat = { treatment = "S", rate_percent = 21 }

[event]
place = { nl = "Het bos", en = "The wood" }
capacity = 30
most_per_order = 4
group_label = { nl = "Werkplaats", en = "Workshop" }
sessions = [
    { starts_at = 2028-07-06T10:00:00, ends_at = 2028-07-06T17:00:00 },
    { starts_at = 2028-07-07T09:00:00, ends_at = 2028-07-07T16:00:00 },
]
groups = [
    { id = "vuur", title = { nl = "Vuur", en = "Fire" }, capacity = 12 },
    { id = "water-2", title = { nl = "Water", en = "Water" }, capacity = 20 },
    { id = "lucht", title = { nl = "Lucht", en = "Air" } },
]

[[questions]]
name = "organisation"
kind = "text"
required = true

[[questions]]
name = "name"
kind = "text"
required = true

[[questions]]
name = "email"
kind = "email"
required = true

[[questions]]
name = "diet"
kind = "text"
label = { nl = "Dieet", en = "Diet" }
"""
DATA: dict[str, Any] = tomllib.loads(FILE)


def changed(data: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The data with one value changed or added; None takes it out."""
    data = deepcopy(data)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = data
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


def summer_school() -> Offer:
    return read_offer(DATA, source="zomerschool.toml")
