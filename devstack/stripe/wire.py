"""What travels over the wire: JSON objects, identifiers, and refusals in Stripe's shape."""

import secrets
from collections import Counter
from typing import Any

import msgspec

type Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"


def new_id(prefix: str) -> str:
    """Return an identifier that looks like one of Stripe's."""
    return f"{prefix}_{secrets.token_hex(12)}"


class CountedIds:
    """Identifiers that are the same in every run, for tests that repeat a world to the letter."""

    def __init__(self, used: Counter[str] | None = None) -> None:
        self._used = Counter(used or ())

    def __call__(self, prefix: str) -> str:
        """Return the next identifier of this kind."""
        self._used[prefix] += 1
        return f"{prefix}_{self._used[prefix]:024}"

    def __copy__(self) -> "CountedIds":
        return CountedIds(self._used)


def written(value: Json) -> str:
    """Return the JSON text as Stripe sends it: indented, so that nobody gets away with re-serialising it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def compact(value: Json) -> str:
    """Return the JSON text of an answer, which nobody signs."""
    return msgspec.json.encode(value).decode()


def metadata_of(asked: Json) -> dict[str, str]:
    """Return the metadata asked for; a key with an empty text counts as unset."""
    # Stripe's way to unset all of it is one empty text.
    return {key: value for key, value in (asked.get("metadata") or {}).items() if value}


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
