"""The page of another website on which a form stands: what is kept of its address, and the way back to it."""

import re
from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 500
# What a browser writes in an address: everything else stands there percent-encoded.
_PAGE = re.compile(r"(https?://[^/]+)(/[!$-;=@-\[\]_a-z~]*)?")
# WordPress names a page in the query when it has no pretty addresses; any other query may say who somebody is.
_PAGE_NUMBER = re.compile(r"(?:p|page_id)=[0-9]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """Where a visitor came from, and what that website is called."""

    url: str
    site: str


def host_page(address: str, *, allowed_origins: Container[str]) -> str:
    """What is kept of the address of the page that a form stands in; empty when that is no website we know."""
    page, _, query = address.partition("#")[0].partition("?")
    found = _PAGE.fullmatch(page)
    if found is None or found[1] not in allowed_origins:
        return ""
    number = next((each for each in query.split("&") if _PAGE_NUMBER.fullmatch(each)), "")
    kept = f"{found[1]}{found[2] or '/'}{f'?{number}' if number else ''}"
    return kept if len(kept) <= LONGEST else ""


def way_back(page: str, *, allowed_origins: Container[str]) -> WayBack | None:
    """The way back to a page that was kept; None when its website is not, or no longer, one that is known."""
    url = host_page(page, allowed_origins=allowed_origins)
    return WayBack(url=url, site=urlsplit(url).netloc) if url else None
