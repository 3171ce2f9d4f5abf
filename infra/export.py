"""Take everything out of a stage: every row of its table, as JSON and as CSV.

    python -m infra.export --stage prod --out export

Writes table.jsonl with each row as DynamoDB has it (with which a table can be filled again), and for every kind of row
<kind>.json and <kind>.csv as plain values. It contains personal data: keep it where only those may read it who may.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from boto3.dynamodb.types import TypeDeserializer

from chalicelib.rendering.sheet import Sheet, as_csv
from infra.account import account
from infra.package import stages
from infra.progress import tell
from infra.resources import table_name
from infra.trouble import Trouble, guarded

# Keys by which DynamoDB finds a row, of no use to a reader of a table.
OF_THE_TABLE = ("pk", "sk", "record", "format", "due_kind", "made_in", "made", "edition", "address", "list", "place")
_deserialize = TypeDeserializer().deserialize


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    parser.add_argument("--out", required=True, type=Path, help="a folder that is not there yet")
    given = parser.parse_args(arguments)
    return guarded(lambda: export(stage=given.stage, out=given.out))


def export(*, stage: str, out: Path) -> None:
    """Write all of it. Raises Trouble when the folder is there already."""
    where, table = account(), table_name(stage=stage)
    if out.exists():
        raise Trouble(f"{out} is there already. Name a folder that is not.")
    out.mkdir(parents=True, mode=0o700)
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with _private(out / "table.jsonl") as rows:
        for count, item in enumerate(_items(where.client("dynamodb"), table=table), start=1):
            rows.write(json.dumps(item, ensure_ascii=False, sort_keys=True) + "\n")
            kinds[item["record"]["S"]].append({name: _plain(_deserialize(value)) for name, value in item.items()})
            if count % 1000 == 0:
                tell(f"{count} rows read")
    for kind, found in sorted(kinds.items()):
        _write(found, kind=kind, out=out)
        tell(f"{len(found):6} {kind}")
    tell(f"{sum(map(len, kinds.values()))} rows of {table} are in {out}")


def _items(dynamodb: Any, *, table: str) -> Iterator[dict[str, Any]]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _write(found: list[dict[str, Any]], *, kind: str, out: Path) -> None:
    with _private(out / f"{kind}.json") as file:
        json.dump(found, file, ensure_ascii=False, indent=1, sort_keys=True)
    headers = tuple(dict.fromkeys(name for row in found for name in row if name not in OF_THE_TABLE))
    cells = [tuple(_cell(row.get(name)) for name in headers) for row in found]
    with _private(out / f"{kind}.csv") as file:
        file.buffer.write(as_csv(Sheet(title=kind, headers=headers, rows=cells)))


def _private(path: Path) -> TextIO:
    """A new file that nobody else on this machine may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | set():
            return [_plain(each) for each in value]
        case None | bool() | str():
            return value
        case _:
            return int(value)


def _cell(value: Any) -> str:
    """Text as it is, anything else as JSON has it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
