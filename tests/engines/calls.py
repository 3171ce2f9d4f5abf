"""Random calls of DynamoDB, such as a repository makes them, and what the engines answer."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from botocore.exceptions import ClientError

_ALIAS = re.compile(r"#\w+")

type Call = tuple[str, dict[str, Any]]
type Value = dict[str, Any]

TABLE: dict[str, Any] = {
    "TableName": "loket",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
        {"AttributeName": "kind", "AttributeType": "S"},
        {"AttributeName": "moment", "AttributeType": "N"},
        {"AttributeName": "due", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_moment",
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "moment", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        },
        {
            "IndexName": "by_due",
            "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        },
    ],
}


_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
_COMPARED: list[tuple[str, Value]] = [
    ("sold", {"N": "1"}),
    ("sold", {"S": "1"}),
    ("#status", {"S": "open"}),
    ("absent", {"S": "open"}),
    ("doc.a", {"N": "0.5"}),
    ("#raw", {"B": b"\x80"}),
]
CONDITIONS: list[tuple[Any, ...]] = [
    *((f"{path} {operator} {{}}", value) for path, value in _COMPARED for operator in _COMPARATORS),
    *((f"size({path}) >= {{}}", {"N": "2"}) for path in ("#status", "tags", "doc", "#list", "absent", "#raw")),
    *((f"attribute_exists({path})",) for path in ("sold", "#status", "doc.a", "#list[1]", "absent")),
    *((f"attribute_not_exists({path})",) for path in ("sold", "#status", "doc.a", "#list[1]", "absent")),
    ("sold BETWEEN {} AND {}", {"N": "-1"}, {"N": "2"}),
    ("#status IN ({}, {})", {"S": "open"}, {"S": "paid"}),
    ("begins_with(#status, {})", {"S": "open"}),
    ("contains(tags, {})", {"S": "x"}),
    ("contains(#status, {})", {"S": "pe"}),
    ("contains(#list, {})", {"N": "1"}),
    ("attribute_type(#none, {})", {"S": "NULL"}),
    ("attribute_type(sold, {})", {"S": "N"}),
]
RANGES: list[tuple[Any, ...]] = [
    ("",),
    (" AND sk = {}", {"S": "a1"}),
    (" AND begins_with(sk, {})", {"S": "b"}),
    *((f" AND sk {operator} {{}}", {"S": "b1"}) for operator in ("<", "<=", ">", ">=")),
    (" AND sk BETWEEN {} AND {}", {"S": "a2"}, {"S": "b1"}),
]


@dataclass(frozen=True)
class Outcome:
    """An answer or an error of an engine, without what may differ: wording, spelling, an order not promised."""

    error: str | None
    answer: object


# What was not asked for, but is told by one engine or another.
UNASKED = {"ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics"}


def outcome(client: Any, call: Call) -> Outcome:
    operation, parameters = call
    try:
        answer = getattr(client, operation)(**parameters)
    except ClientError as error:
        response: Any = error.response
        reasons = [(reason["Code"], plain(reason.get("Item"))) for reason in response.get("CancellationReasons", ())]
        return Outcome(response["Error"]["Code"], reasons or plain(response.get("Item")))
    answer = {name: value for name, value in answer.items() if name not in UNASKED}
    if answer.get("Attributes") == {}:
        del answer["Attributes"]
    if parameters.get("IndexName") == "by_due" and "Items" in answer:
        answer["Items"].sort(key=_key)
    if operation == "batch_get_item":
        answer["Responses"] = {name: sorted(items, key=_key) for name, items in answer["Responses"].items()}
    return Outcome(None, plain(answer))


def everything(client: Any) -> list[Any]:
    """All items of an engine that can scan, in the order of their keys."""
    pages = client.get_paginator("scan").paginate(TableName=TABLE["TableName"])
    return [plain(item) for item in sorted((item for page in pages for item in page["Items"]), key=_key)]


def plain(answer: Any) -> Any:
    match answer:
        case {"N": str(number)} if len(answer) == 1:
            return {"N": Decimal(number).normalize()}
        case {"SS": list(members)} | {"BS": list(members)} if len(answer) == 1:
            return {next(iter(answer)): sorted(members)}
        case {"NS": list(members)} if len(answer) == 1:
            return {"NS": sorted(Decimal(member).normalize() for member in members)}
        case dict():
            return {name: plain(value) for name, value in answer.items()}
        case list():
            return [plain(member) for member in answer]
    return answer


def _key(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


class Calls:
    """Calls drawn from one seed, on few keys, so that they meet each other."""

    def __init__(self, seed: int, *, without: Collection[str] = ()) -> None:
        self.random = Random(seed)
        self.without = without
        self.values: dict[str, Value] = {}

    def __next__(self) -> Call:
        call = self._draw()
        while any(text in str(call) for text in self.without):
            call = self._draw()
        return call

    def _draw(self) -> Call:
        kinds: list[tuple[int, Callable[[], Call]]] = [
            (3, self.put),
            (4, self.update),
            (1, self.delete),
            (1, self.get),
            (1, self.batch_get),
            (4, self.query),
            (5, self.transact),
        ]
        [make] = self.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
        return make()

    # The operations

    def put(self) -> Call:
        return "put_item", self._single({"Item": self.item()}, returns=("NONE", "ALL_OLD"))

    def update(self) -> Call:
        self._forget()
        request = {"Key": self.key(), "UpdateExpression": self.update_expression()}
        returns: tuple[str, ...] = ("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
        if "#list[1]" in request["UpdateExpression"]:
            returns = returns[:3]  # whether the element or the whole list is told differs, and AWS does not document it
        return "update_item", self._single(request, returns=returns, keep=True)

    def delete(self) -> Call:
        return "delete_item", self._single({"Key": self.key()}, returns=("NONE", "ALL_OLD"))

    def get(self) -> Call:
        self._forget()
        request: dict[str, Any] = {"Key": self.key(), "ConsistentRead": True}
        if self.random.random() < 0.4:
            request["ProjectionExpression"] = ", ".join(self.random.sample(["pk", "#status", "doc.a", "sold"], 2))
        return "get_item", self._finished(request)

    def batch_get(self) -> Call:
        keys = {(key["pk"]["S"], key["sk"]["S"]): key for key in (self.key() for _ in range(5))}
        return "batch_get_item", {"RequestItems": {TABLE["TableName"]: {"Keys": list(keys.values())}}}

    def query(self) -> Call:
        self._forget()
        request: dict[str, Any] = {}
        match self.random.randrange(4):
            case 0:
                request |= {"IndexName": "by_due", "KeyConditionExpression": f"due = {self.value({'S': 'now'})}"}
            case 1:
                request |= {"IndexName": "by_moment", "KeyConditionExpression": self._moments()}
            case _:
                request |= {"KeyConditionExpression": self._sorts(), "ConsistentRead": self.random.random() < 0.5}
        if request.get("IndexName") != "by_due":
            request["ScanIndexForward"] = self.random.random() < 0.5
            if self.random.random() < 0.5:
                request["Limit"] = self.random.randint(1, 4)
            if self.random.random() < 0.4:
                request["FilterExpression"] = self.condition(depth=1)
        if self.random.random() < 0.2:
            request["Select"] = "COUNT"
        return "query", self._finished(request)

    def transact(self) -> Call:
        actions = {}
        for _ in range(self.random.randint(1, 4)):
            action = self._action()
            [parameters] = action.values()
            key = parameters.get("Key") or parameters["Item"]
            actions[key["pk"]["S"], key["sk"]["S"]] = action
        return "transact_write_items", {"TransactItems": list(actions.values())}

    def _action(self) -> dict[str, Any]:
        kind = self.random.choice(["Put", "Update", "Update", "Delete", "ConditionCheck"])
        self._forget()
        request: dict[str, Any] = {"Item": self.item()} if kind == "Put" else {"Key": self.key()}
        if kind == "Update":
            request["UpdateExpression"] = self.update_expression()
        if kind == "ConditionCheck" or self.random.random() < 0.4:
            request["ConditionExpression"] = self.condition()
        if self.random.random() < 0.5:
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return {kind: self._finished(request)}

    def _single(self, request: dict[str, Any], *, returns: tuple[str, ...], keep: bool = False) -> dict[str, Any]:
        if not keep:
            self._forget()
        request["ReturnValues"] = self.random.choice(returns)
        if self.random.random() < 0.5:
            request["ConditionExpression"] = self.condition()
            request["ReturnValuesOnConditionCheckFailure"] = self.random.choice(["NONE", "ALL_OLD"])
        return self._finished(request)

    # Placeholders

    def _forget(self) -> None:
        self.values = {}

    def _finished(self, request: dict[str, Any]) -> dict[str, Any]:
        expressions = " ".join(text for text in request.values() if isinstance(text, str))
        if aliases := set(_ALIAS.findall(expressions)):
            request["ExpressionAttributeNames"] = {alias: alias[1:] for alias in sorted(aliases)}
        request["TableName"] = TABLE["TableName"]
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request

    def value(self, value: Value) -> str:
        name = f":v{len(self.values)}"
        self.values[name] = value
        return name

    # Items

    def key(self) -> dict[str, Value]:
        return {
            "pk": {"S": self.random.choice("ABC")},
            "sk": {"S": self.random.choice(["a1", "a2", "b1", "b2", "b\u00e9"])},
        }

    def item(self) -> dict[str, Value]:
        possible: dict[str, Value] = {
            "status": {"S": self.random.choice(["open", "paid", "opened"])},
            "sold": {"N": str(self.random.randint(-3, 3))},
            "tags": {"SS": self.random.sample(["x", "y", "z"], self.random.randint(1, 3))},
            "doc": {
                "M": {name: self.scalar() for name in self.random.sample(["a", "b", "c"], self.random.randint(0, 3))}
            },
            "list": {"L": [self.scalar() for _ in range(self.random.randint(0, 3))]},
            "kind": {"S": self.random.choice(["order", "mail"])},
            "moment": {"N": str(self.random.randint(0, 10**9))},
            "due": {"S": "now"},
            "raw": {"B": self.random.randbytes(2)},
            "flag": {"BOOL": self.random.random() < 0.5},
            "none": {"NULL": True},
            "figures": {"NS": [str(number) for number in self.random.sample(range(5), 2)]},
        }
        chosen = {name: value for name, value in possible.items() if self.random.random() < 0.8}
        return self.key() | chosen

    def scalar(self) -> Value:
        return self.random.choice(
            [{"S": "open"}, {"S": ""}, {"N": "1"}, {"N": "0.5"}, {"BOOL": True}, {"B": b"\x00\xff"}]
        )

    # Expressions

    def condition(self, depth: int = 0) -> str:
        if depth < 2 and self.random.random() < 0.4:
            left, right = self.condition(depth + 1), self.condition(depth + 1)
            match self.random.randrange(4):
                case 0:
                    return f"{left} AND {right}"
                case 1:
                    return f"({left}) OR {right}"
                case 2:
                    return f"NOT ({left} OR {right})"
            return f"({left} OR {right}) AND attribute_exists(sold)"
        return self._filled(*self.random.choice(CONDITIONS))

    def update_expression(self) -> str:
        """At most one change per attribute, in the order DynamoDB lets one choose freely."""
        sections: dict[str, list[str]] = {}
        changes = [self._status, self._sold, self._tags, self._document, self._list, self._keys]
        for change in self.random.sample(changes, self.random.randint(1, 3)):
            section, text = change()
            sections.setdefault(section, []).append(text)
        return " ".join(f"{section} {', '.join(texts)}" for section, texts in sections.items())

    def _status(self) -> tuple[str, str]:
        if self.random.random() < 0.5:
            return "REMOVE", "#status"
        return "SET", self._filled("#status = {}", {"S": "paid"})

    def _sold(self) -> tuple[str, str]:
        one = self.value({"N": "1"})
        return self.random.choice(
            [
                ("SET", f"sold = sold + {one}"),
                ("SET", f"sold = sold - {one}"),
                ("SET", f"sold = if_not_exists(sold, {one}) + {one}"),
                ("ADD", f"sold {one}"),
            ]
        )

    def _tags(self) -> tuple[str, str]:
        return self.random.choice(["ADD", "DELETE"]), self._filled("tags {}", {"SS": ["x", "y"]})

    def _document(self) -> tuple[str, str]:
        if self.random.random() < 0.3:
            return "SET", self._filled("doc = {}", {"M": {"a": {"S": "new"}}})
        if self.random.random() < 0.3:
            return "REMOVE", "doc.b"
        return "SET", self._filled("doc.a = {}", self.scalar())

    def _list(self) -> tuple[str, str]:
        more = {"L": [{"N": "1"}]}
        changes: list[tuple[Any, ...]] = [
            ("#list = list_append(#list, {})", more),
            ("#list = list_append(if_not_exists(#list, {}), {})", {"L": []}, more),
            ("#list[1] = {}", more),
        ]
        return "SET", self._filled(*self.random.choice(changes))

    def _keys(self) -> tuple[str, str]:
        moment = {"N": str(self.random.randint(0, 10**9))}
        return "SET", self._filled("kind = {}, moment = {}", {"S": "order"}, moment)

    def _sorts(self) -> str:
        hashed = self._filled("pk = {}", {"S": self.random.choice("ABC")})
        return hashed + self._filled(*self.random.choice(RANGES))

    def _moments(self) -> str:
        moments: list[tuple[Any, ...]] = [
            ("",),
            (" AND moment < {}", {"N": "5e8"}),
            (" AND moment >= {}", {"N": "5e8"}),
        ]
        return self._filled("kind = {}", {"S": "order"}) + self._filled(*self.random.choice(moments))

    def _filled(self, template: str, *values: Value) -> str:
        return template.format(*(self.value(value) for value in values))
