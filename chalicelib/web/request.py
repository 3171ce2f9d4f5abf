"""Requests: the two things of Chalice's request that the doors read."""

from chalice.app import Request


def body_of(request: Request) -> bytes:
    """The raw body; a lone surrogate, which no honest client sends, makes it empty."""
    try:
        body = request.raw_body
    except UnicodeEncodeError:
        return b""
    return body if isinstance(body, bytes) else body.encode()


def query(request: Request, name: str) -> str:
    """The last value of a query parameter; empty when it is absent."""
    parameters = request.query_params
    return str(parameters[name]) if parameters is not None and name in parameters else ""
