"""A table in memory: its keys, its items and its indexes, kept in order as items come and go."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.engines.operands import Path, projected
from tests.engines.refusals import Refusal, invalid
from tests.engines.values import ITEM_LIMIT, Item, sortable, type_of, value_bytes

type Key = tuple[Any, ...]
type Entry = tuple[Key, Key]

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}", re.ASCII)


@dataclass(frozen=True)
class KeySchema:
    """The attributes that make a key: a hash, and perhaps a range."""

    hash: str
    range: str | None

    @classmethod
    def of(cls, schema: Iterable[Mapping[str, str]]) -> "KeySchema":
        roles = {element["KeyType"]: element["AttributeName"] for element in schema}
        return cls(hash=roles["HASH"], range=roles.get("RANGE"))

    @property
    def attributes(self) -> tuple[str, ...]:
        return (self.hash,) if self.range is None else (self.hash, self.range)

    def value(self, item: Item) -> Key:
        return tuple(sortable(item[name]) for name in self.attributes)


class Index:
    """The items of a table by one key: per hash a list of (range, primary key), in order."""

    def __init__(self, name: str | None, definition: Mapping[str, Any]) -> None:
        self.name = name
        self.key = KeySchema.of(definition["KeySchema"])
        projection = definition.get("Projection", {"ProjectionType": "ALL"})
        self.projects_all = projection["ProjectionType"] == "ALL"
        self.projected_names = (*self.key.attributes, *projection.get("NonKeyAttributes", ()))
        self.partitions: dict[Any, list[Entry]] = {}

    def place(self, item: Item, primary: Key) -> tuple[Any, Entry] | None:
        """Where the item belongs, or nothing: an index is sparse."""
        if any(name not in item for name in self.key.attributes):
            return None
        hashed, *ranged = self.key.value(item)
        return hashed, (tuple(ranged), primary)

    def insert(self, place: tuple[Any, Entry]) -> None:
        hashed, entry = place
        insort(self.partitions.setdefault(hashed, []), entry)

    def remove(self, place: tuple[Any, Entry]) -> None:
        hashed, entry = place
        entries = self.partitions[hashed]
        del entries[bisect_left(entries, entry)]
        if not entries:
            del self.partitions[hashed]


class Table:
    """Items by primary key; an item is never changed in place, only replaced."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        _check_definition(definition)
        self.definition = definition
        self.name: str = definition["TableName"]
        self.key = KeySchema.of(definition["KeySchema"])
        self.types: dict[str, str] = {
            attribute["AttributeName"]: attribute["AttributeType"] for attribute in definition["AttributeDefinitions"]
        }
        self.primary = Index(None, definition)
        self.secondary = {
            index["IndexName"]: Index(index["IndexName"], index)
            for index in definition.get("GlobalSecondaryIndexes", ())
        }
        self.items: dict[Key, Item] = {}

    def index(self, name: str | None) -> Index:
        if name is None:
            return self.primary
        if name not in self.secondary:
            raise invalid(f"The table does not have the specified index: {name}")
        return self.secondary[name]

    def put(self, item: Item) -> None:
        primary = self.key.value(item)
        old = self.items.get(primary)
        self.items[primary] = item
        self._move(primary, old, item)

    def delete(self, primary: Key) -> None:
        old = self.items.pop(primary, None)
        if old is not None:
            self._move(primary, old, None)

    def _move(self, primary: Key, old: Item | None, new: Item | None) -> None:
        for index in (self.primary, *self.secondary.values()):
            was = index.place(old, primary) if old else None
            becomes = index.place(new, primary) if new else None
            if was == becomes:
                continue
            if was:
                index.remove(was)
            if becomes:
                index.insert(becomes)

    def projection(self, index: Index, item: Item) -> Item:
        """The item as the index holds it."""
        if index.projects_all:
            return item
        return projected(
            item, [Path((name,)) for name in dict.fromkeys((*self.key.attributes, *index.projected_names))]
        )

    def refuse_empty_key(self, item: Item) -> None:
        """Only this fault of a key is seen before anything is done, also in a transaction."""
        for name in self.key.attributes:
            if (empty := _empty(item, name)) is not None:
                raise invalid(
                    "One or more parameter values are not valid. "
                    f"The AttributeValue for a key attribute cannot contain an empty {empty} value. Key: {name}"
                )

    def refuse_empty_index_key(self, item: Item) -> None:
        for index in self.secondary.values():
            for name in index.key.attributes:
                if (empty := _empty(item, name)) is not None:
                    raise invalid(
                        "One or more parameter values are not valid. "
                        "A value specified for a secondary index key is not supported. "
                        f"The AttributeValue for a key attribute cannot contain an empty {empty} value. "
                        f"IndexName: {index.name}, IndexKey: {name}"
                    )

    def refuse_wrong_key(self, key: Item) -> None:
        """The key of a read, an update or a delete: exactly the key attributes, of the right types."""
        if key.keys() != set(self.key.attributes) or any(
            type_of(key[name]) != self.types[name] for name in self.key.attributes
        ):
            raise invalid("The provided key element does not match the schema")
        self._refuse_long_key(key)

    def refuse_wrong_item(self, item: Item) -> None:
        for name in self.key.attributes:
            if name not in item:
                raise invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
            if (actual := type_of(item[name])) != self.types[name]:
                raise invalid(
                    "One or more parameter values were invalid: "
                    f"Type mismatch for key {name} expected: {self.types[name]} actual: {actual}"
                )
        self._refuse_long_key(item)
        self.refuse_wrong_index_key(item)

    def refuse_wrong_index_key(self, item: Item) -> None:
        for index in self.secondary.values():
            for name in index.key.attributes:
                if name in item and (actual := type_of(item[name])) != self.types[name]:
                    raise invalid(
                        "One or more parameter values were invalid: "
                        f"Type mismatch for Index Key {name} Expected: {self.types[name]} Actual: {actual} "
                        f"IndexName: {index.name}"
                    )

    def _refuse_long_key(self, key: Item) -> None:
        if value_bytes(key[self.key.hash]) > 2048:
            raise invalid(
                "One or more parameter values were invalid: "
                "Size of hashkey has exceeded the maximum size limit of2048 bytes"
            )
        if self.key.range and value_bytes(key[self.key.range]) > 1024:
            raise invalid(
                "One or more parameter values were invalid: "
                "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
            )


def refuse_large_item(size: int, *, updated: bool = False) -> None:
    if size > ITEM_LIMIT:
        raise invalid(f"Item size {'to update ' if updated else ''}has exceeded the maximum allowed size")


def _empty(item: Item, name: str) -> str | None:
    kind, content = next(iter(item[name].items())) if name in item else ("", None)
    return {"S": "string", "B": "binary"}.get(kind) if content == "" else None


def _check_definition(definition: Mapping[str, Any]) -> None:
    if not _NAME.fullmatch(definition["TableName"]):
        raise invalid("TableName must be at least 3 characters long and at most 255 characters long")
    if "LocalSecondaryIndexes" in definition:
        raise NotImplementedError("the memory engine has no local secondary indexes")
    defined = [attribute["AttributeName"] for attribute in definition["AttributeDefinitions"]]
    keyed = {
        element["AttributeName"]
        for holder in (definition, *definition.get("GlobalSecondaryIndexes", ()))
        for element in holder["KeySchema"]
    }
    if keyed - set(defined):
        raise invalid(
            "One or more parameter values were invalid: Some index key attributes are not defined in "
            f"AttributeDefinitions. Keys: [{', '.join(sorted(keyed))}], AttributeDefinitions: [{', '.join(defined)}]"
        )
    if set(defined) - keyed:
        raise invalid(
            "One or more parameter values were invalid: Some AttributeDefinitions are not used. "
            f"AttributeDefinitions: [{', '.join(defined)}], keys used: [{', '.join(sorted(keyed))}]"
        )


def in_use(name: str) -> Refusal:
    return Refusal("ResourceInUseException", f"Table already exists: {name}")
