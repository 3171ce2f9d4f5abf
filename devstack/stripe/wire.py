"""What travels over the wire: JSON objects, identifiers, and refusals in Stripe's shape."""

import json
import secrets
from typing import Any

type Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"


def new_id(prefix: str) -> str:
    """Return an identifier that looks like one of Stripe's."""
    return f"{prefix}_{secrets.token_hex(12)}"


def written(value: Json) -> str:
    """Return the JSON text as Stripe sends it: indented, so that nobody gets away with re-serialising it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def metadata_of(asked: Json) -> dict[str, str]:
    """Return the metadata asked for; a key with an empty text counts as unset."""
    return {key: value for key, value in asked.get("metadata", {}).items() if value}


class Refused(Exception):
    """A request that Stripe would turn down, with the answer it would give."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind}
        if code is not None:
            self.error["code"] = code
        if param is not None:
            self.error["param"] = param

    def as_json(self) -> Json:
        """Return the body of the answer."""
        return {"error": self.error}
