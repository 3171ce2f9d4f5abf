"""Our side: the rows of the table as plain values, read past the records and the nouns of the product."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.desk import TABLE
from tests.torture.engine import Engine

type Row = dict[str, Any]

CONFIRMED = frozenset({"paid", "confirmed"})
_KINDS = frozenset(
    {"order", "entry", "payment", "refund", "dispute", "email", "seats", "payout", "offer", "difference"}
)


class Rows:
    """All rows of the kinds that are audited, and those of one order together."""

    def __init__(self, engine: Engine) -> None:
        self._of: dict[str, list[Row]] = defaultdict(list)
        self._of_order: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for item in engine.raw(TABLE).values():
            kind = item["record"]["S"]
            if kind in _KINDS:
                row = {name: _plain(value) for name, value in item.items()}
                self._of[kind].append(row)
                if "order_id" in row:
                    self._of_order[row["order_id"]][kind].append(row)

    def of(self, kind: str) -> list[Row]:
        return self._of[kind]

    def of_order(self, order_id: str, kind: str) -> list[Row]:
        return self._of_order[order_id][kind]

    def orders(self) -> dict[str, Row]:
        return {row["id"]: row for row in self._of["order"]}


def _plain(value: dict[str, Any]) -> Any:
    kind, content = next(iter(value.items()))
    match kind:
        case "N":
            return int(content)
        case "NULL":
            return None
        case "L":
            return [_plain(each) for each in content]
        case "M":
            return {name: _plain(each) for name, each in content.items()}
        case _:
            return content
