"""A record: how the nouns of one kind are made items of the table, and nouns again.

An item carries the kind of its record and the format it was written in, so that an old one can be read for ever:
a change of shape raises the format and adds the step that lifts records of the format before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib.domain.error import AlreadyExists

type Item = dict[str, Any]

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, slots=True, kw_only=True)
class Record[Noun]:
    """How nouns of one kind are stored."""

    kind: str
    noun: type[Noun]
    partition: Callable[[str], str]
    sort: Callable[[str], str]
    key_of: Callable[[Noun], str]
    format: int = 1
    lifts: tuple[Callable[[Item], Item], ...] = ()
    exists: type[AlreadyExists] = AlreadyExists
    # the moment from which DynamoDB may remove it; none: never
    expires: Callable[[Noun], datetime | None] | None = None
    # the moment by which all of a period are found; none: they are not
    made: Callable[[Noun], datetime] | None = None
    # whether whatever is due of it is found among all that is due
    awaited: bool = True
    # what the other indexes find it by, and show of it beside its own fields
    found_by: Callable[[Noun], Mapping[str, str | int]] | None = None

    def key(self, key: str) -> Item:
        return {"pk": {"S": self.partition(key)}, "sk": {"S": self.sort(key)}}

    def write(self, noun: Noun) -> Item:
        """The item of a noun, ready for DynamoDB; `due` becomes the key of the sparse index."""
        body = msgspec.to_builtins(noun)
        body |= {"record": self.kind, "format": self.format}
        if (due := body.get("due")) is not None:
            body |= {"due": due_key(datetime.fromisoformat(due))}
            body |= {"due_kind": self.kind} if self.awaited else {}
        else:
            body.pop("due", None)  # a sparse index holds only items that have its key
        if self.made:
            moment = self.made(noun)
            body |= {"made_in": made_in(self.kind, moment), "made": due_key(moment)}
        if self.expires and (gone_at := self.expires(noun)):
            body["expires"] = int(gone_at.timestamp())
        if self.found_by:
            body |= {name: value for name, value in self.found_by(noun).items() if value != ""}
        return self.key(self.key_of(noun)) | {name: _serialize(value) for name, value in body.items()}

    def read(self, item: Mapping[str, Any]) -> Noun:
        """The noun of an item, written in this format or any before it."""
        body = {name: _plain(_deserialize(value)) for name, value in item.items()}
        for lift in self.lifts[body["format"] - 1 :]:
            body = lift(body)
        body.setdefault("due", None)
        return msgspec.convert(body, self.noun)


def due_key(moment: datetime) -> str:
    """A moment as the index sorts it: text of one width, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def made_in(kind: str, moment: datetime) -> str:
    """The month in which something was made, as the index keeps it together."""
    return f"{kind} {_month(moment)}"


# Before this nothing was made: a period that begins earlier begins here.
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def months(since: datetime, until: datetime) -> list[str]:
    """The months of a period, as made_in names them."""
    at, last = max(since, FIRST).astimezone(UTC).replace(day=1), _month(until)
    found = []
    while _month(at) <= last:
        found.append(_month(at))
        at = (at + timedelta(days=32)).replace(day=1)
    return found or [last]


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"


def _plain(value: Any) -> Any:
    """Numbers come back as Decimal; the nouns hold whole numbers only."""
    match value:
        case Decimal():
            return int(value)
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case _:
            return value
