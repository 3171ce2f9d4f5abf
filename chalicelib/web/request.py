"""Requests: the few things of Chalice's request that the doors read."""

import ipaddress
from collections.abc import Iterable

from chalice.app import Request

# One connection of a household has all addresses of such a network of IPv6, or of an even larger one (RIPE-690).
_IPV6_NETWORK = 56


def body_of(request: Request) -> bytes:
    """The raw body; what no honest client sends makes it empty: a lone surrogate, or base64 that is none."""
    try:
        body = request.raw_body
    except ValueError:
        return b""
    return body if isinstance(body, bytes) else body.encode()


def query(request: Request, name: str) -> str:
    """The last value of a query parameter; empty when it is absent. A lone surrogate in it is a question mark."""
    parameters = request.query_params
    found = str(parameters[name]) if parameters is not None and name in parameters else ""
    return found.encode(errors="replace").decode()


def numbers(request: Request, names: Iterable[str]) -> dict[str, int]:
    """How many of each an address says that there were; what is no number is left out."""
    said = {name: query(request, name) for name in names}
    return {name: int(number[:9]) for name, number in said.items() if number.isdecimal()}


def address_of(request: Request) -> str:
    """The network address that it came from, as API Gateway tells it; empty when it tells none."""
    source = str((request.context.get("identity") or {}).get("sourceIp") or "")
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
    return str(address)
