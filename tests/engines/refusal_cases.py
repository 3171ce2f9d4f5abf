"""What DynamoDB refuses, with the code and the words it uses."""

from dataclasses import dataclass
from typing import Any

from tests.engines.calls import TABLE, Call

INVALID = "ValidationException"
CANCELLED = "TransactionCanceledException"
NAME = TABLE["TableName"]
KEY: dict[str, Any] = {"pk": {"S": "A"}, "sk": {"S": "1"}}
SEED_ITEM = KEY | {"status": {"S": "open"}, "sold": {"N": "1"}, "doc": {"M": {"a": {"S": "x"}}}, "tags": {"SS": ["x"]}}
ONE = {":v": {"N": "1"}}
TEXT = {":v": {"S": "x"}}
LARGE = {"S": "x" * 409_600}
ALL_OLD: dict[str, Any] = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


@dataclass(frozen=True)
class Case:
    """A call that must be refused."""

    name: str
    call: Call
    says: str
    error: str = INVALID


def put(attributes: dict[str, Any] | None = None, **request: Any) -> Call:
    return "put_item", put_action(attributes, **request)["Put"]


def update(expression: str, values: dict[str, Any] | None = None, **request: Any) -> Call:
    return "update_item", update_action(expression, values, **request)["Update"]


def get(projection: str | None = None, key: dict[str, Any] = KEY, **request: Any) -> Call:
    projected = {"ProjectionExpression": projection} if projection else {}
    return "get_item", {"TableName": NAME, "Key": key} | projected | request


def query(condition: str, values: dict[str, Any], **request: Any) -> Call:
    given = {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}
    return "query", {"TableName": NAME} | given | request


def transact(*actions: dict[str, Any], **request: Any) -> Call:
    return "transact_write_items", {"TransactItems": list(actions)} | request


def put_action(attributes: dict[str, Any] | None = None, **request: Any) -> Any:
    return {"Put": {"TableName": NAME, "Item": KEY | (attributes or {})} | request}


def update_action(expression: str, values: dict[str, Any] | None = None, **request: Any) -> Any:
    given = {"ExpressionAttributeValues": values} if values else {}
    return {"Update": {"TableName": NAME, "Key": KEY, "UpdateExpression": expression} | given | request}


def delete_action(key: dict[str, Any] = KEY, **request: Any) -> Any:
    return {"Delete": {"TableName": NAME, "Key": key} | request}


def condition(text: str, values: dict[str, Any] | None = None) -> Call:
    return "put_item", put_action(**conditional(text, values))["Put"]


def conditional(text: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"ConditionExpression": text} | ({"ExpressionAttributeValues": values} if values else {})


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "leaf"}
    for _ in range(levels):
        value = {"M": {"n": value}}
    return value


EXPRESSIONS = [
    Case("reserved word in a condition", condition("status = :v", TEXT), "reserved keyword: status"),
    Case("reserved word in an update", update("SET Name = :v", TEXT), "reserved keyword: Name"),
    Case("reserved word in a projection", get("pk, name"), "reserved keyword: name"),
    Case(
        "reserved word in a filter",
        query("pk = :v", TEXT, FilterExpression="attribute_exists(free)"),
        "reserved keyword: free",
    ),
    Case("unused value", condition("sold = :v", ONE | {":w": {"N": "1"}}), "unused in expressions: keys: {:w}"),
    Case("unused name", get("pk", ExpressionAttributeNames={"#x": "x"}), "unused in expressions: keys: {#x}"),
    Case("undefined value", update("SET sold = :v"), "is not defined; attribute value: :v"),
    Case("undefined name", get("#x"), "is not defined; attribute name: #x"),
    Case("values without expression", put(ExpressionAttributeValues=ONE), "only be specified when using expressions"),
    Case("empty expression", update(""), "The expression can not be empty"),
    Case("name without its mark", get("x", ExpressionAttributeNames={"x": "x"}), 'Syntax error; key: "x"'),
    Case("redundant parentheses", condition("((attribute_exists(sold)))"), "redundant parentheses"),
    Case("leading underscore", get("_x"), 'Syntax error; token: "_", near: "_x"'),
    Case("unfinished condition", condition("attribute_exists("), 'token: "<EOF>", near: "("'),
    Case("no section", update("INVALID SYNTAX HERE"), 'token: "INVALID", near: "INVALID SYNTAX"'),
    Case("section twice", update("SET sold = :v SET doc = :v", ONE), '"SET" section can only be used once'),
    Case("unknown function", condition("exists(sold)"), "Invalid function name; function: exists"),
    Case("operand of begins_with", condition("begins_with(sold, :v)", ONE), "begins_with, operand type: N"),
    Case("same operand twice", condition("contains(sold, sold)"), "first operand must be distinct"),
    Case(
        "bounds the wrong way round",
        condition("sold BETWEEN :v AND :w", {":v": {"N": "2"}, ":w": {"N": "1"}}),
        "upper bound to be greater than or equal to lower bound",
    ),
    Case("overlapping paths", update("SET doc = :v, doc.a = :v", ONE), "Two document paths overlap"),
    Case("overlapping projection", get("doc, doc.a"), "Two document paths overlap"),
]

VALUES = [
    Case("39 digits", put({"n": {"N": "1" * 39}}), "more than 38 significant digits"),
    Case("39 digits as a sum", update("SET sold = sold + :v", {":v": {"N": "1" + "0" * 38}}), "38 significant digits"),
    Case("too large a number", put({"n": {"N": "1e126"}}), "Number overflow"),
    Case("not a number", put({"n": {"N": "one"}}), "cannot be converted to a numeric value"),
    Case("empty set", put({"n": {"SS": []}}), "An string set  may not be empty"),
    Case("duplicates in a set", put({"n": {"SS": ["a", "a"]}}), "contains duplicates"),
    Case("null that is false", put({"n": {"NULL": False}}), "must have the value of true"),
    Case("two types at once", put({"n": {"S": "a", "N": "1"}}), "more than one datatypes set"),
    Case("33 levels", put({"n": nested(32)}), "Nesting Levels have exceeded"),
    Case("large item", put({"n": LARGE}), "Item size has exceeded"),
    Case("item grown too large", update("SET n = :v", {":v": LARGE}), "Item size to update has exceeded"),
]

KEYS = [
    Case("empty key in a put", put({"sk": {"S": ""}}), "cannot contain an empty string value. Key: sk"),
    Case("empty key in a get", get(key=KEY | {"pk": {"S": ""}}), "cannot contain an empty string value. Key: pk"),
    Case("wrong key type in a put", put({"sk": {"N": "1"}}), "Type mismatch for key sk expected: S actual: N"),
    Case("wrong key type in a get", get(key=KEY | {"sk": {"N": "1"}}), "key element does not match the schema"),
    Case("half a key", get(key={"pk": {"S": "A"}}), "key element does not match the schema"),
    Case("more than a key", get(key=KEY | {"x": {"S": "A"}}), "key element does not match the schema"),
    Case("item without its key", put(Item={"pk": {"S": "A"}}), "Missing the key sk in the item"),
    Case("long key", put({"sk": {"S": "x" * 1025}}), "size limit of 1024 bytes"),
    Case("wrong type for an index", put({"moment": {"S": "x"}}), "Expected: N Actual: S IndexName: by_moment"),
    Case("empty string for an index", put({"due": {"S": ""}}), "IndexName: by_due, IndexKey: due"),
    Case("changed key", update("SET sk = :v", TEXT), "Cannot update attribute sk. This attribute is part of the key"),
    Case("no such table", get(TableName="nowhere"), "Requested resource not found", "ResourceNotFoundException"),
    Case("table again", ("create_table", TABLE), "already exists", "ResourceInUseException"),
    Case("short table name", ("create_table", TABLE | {"TableName": "ab"}), "at least 3 characters"),
]

UPDATES = [
    Case("sum of what is not there", update("SET n = absent + :v", ONE), "attribute that does not exist in the item"),
    Case("sum with a string", update("SET sold = doc.a + :v", ONE), "incorrect data type"),
    Case("path into nothing", update("SET absent.a = :v", ONE), "update expression is invalid for update"),
    Case("removal from nothing", update("REMOVE absent.a"), "update expression is invalid for update"),
    Case("addition of a string", update("ADD sold :v", TEXT), "operator: ADD, operand type: STRING"),
    Case("addition to another type", update("ADD tags :v", ONE), "incorrect data type"),
    Case(
        "failed condition",
        update("SET sold = :v", ONE, ConditionExpression="sold > :v", **ALL_OLD),
        "The conditional request failed",
        "ConditionalCheckFailedException",
    ),
]

QUERIES = [
    Case("no hash", query("sk = :v", TEXT), "missed key schema element: pk"),
    Case("not a key", query("pk = :v AND sold = :v", TEXT), "missed key schema element: sk"),
    Case("hash by comparison", query("pk > :v", TEXT), "Query key condition not supported"),
    Case("one or the other", query("pk = :v OR sk = :v", TEXT), "Invalid operator used in KeyConditionExpression: OR"),
    Case("unequal range", query("pk = :v AND sk <> :v", TEXT), "KeyConditionExpression"),
    Case("two on one key", query("pk = :v AND sk > :v AND sk < :v", TEXT), "only contain one condition per key"),
    Case("path in a key condition", query("pk = :v AND sk.a = :v", TEXT), "cannot have conditions on nested"),
    Case("wrong type in a key condition", query("pk = :v", ONE), "parameter type does not match schema type"),
    Case("empty key condition", query("pk = :v", {":v": {"S": ""}}), "cannot contain an empty string value. Key: pk"),
    Case(
        "filter on a key",
        query("pk = :v", TEXT, FilterExpression="sk = :v"),
        "can only contain non-primary key attributes: Primary key attribute: sk",
    ),
    Case("no such index", query("pk = :v", TEXT, IndexName="by_nothing"), "specified index: by_nothing"),
    Case(
        "consistent index",
        query("due = :v", TEXT, IndexName="by_due", ConsistentRead=True),
        "Consistent reads are not supported",
    ),
    Case("foreign start", query("pk = :v", TEXT, ExclusiveStartKey=KEY), "outside query boundaries"),
    Case("half a start", query("pk = :v", TEXT, ExclusiveStartKey={"pk": {"S": "x"}}), "starting key is invalid"),
    Case(
        "all of what an index lacks",
        query("due = :v", TEXT, IndexName="by_due", Select="ALL_ATTRIBUTES"),
        "its projection type is not ALL",
    ),
    Case(
        "projection of what an index lacks",
        query("due = :v", TEXT, IndexName="by_due", ProjectionExpression="sold"),
        "Global secondary index by_due does not project [sold]",
    ),
    Case(
        "filter on what an index lacks",
        query("due = :v", TEXT, IndexName="by_due", FilterExpression="attribute_exists(sold)"),
        "Secondary index by_due does not project one or more filter attributes: [sold]",
    ),
    Case(
        "101 keys",
        ("batch_get_item", {"RequestItems": {NAME: {"Keys": [KEY | {"sk": {"S": str(n)}} for n in range(101)]}}}),
        "Too many items requested",
    ),
    Case("same key twice", ("batch_get_item", {"RequestItems": {NAME: {"Keys": [KEY, KEY]}}}), "contains duplicates"),
]

SET_SOLD = update_action("SET sold = :v", ONE)
TRANSACTIONS = [
    Case(
        "101 actions", transact(*(put_action({"sk": {"S": str(n)}}) for n in range(101))), "less than or equal to 100"
    ),
    Case("one item twice", transact(SET_SOLD, delete_action()), "cannot include multiple operations on one item"),
    Case("long token", transact(SET_SOLD, ClientRequestToken="x" * 37), "less than or equal to 36"),
    Case(
        "transaction on no table",
        transact(SET_SOLD, put_action(TableName="nowhere")),
        "Requested resource not found",
        "ResourceNotFoundException",
    ),
    Case(
        "more than 4 MB",
        transact(*(put_action({"sk": {"S": str(n)}, "n": {"S": "x" * 400_000}}) for n in range(11))),
        "4 MB",
    ),
    Case("unused value in an action", transact(put_action(**conditional("attribute_exists(pk)", ONE))), "unused"),
    Case("empty key in an action", transact(put_action({"sk": {"S": ""}})), "an empty string value. Key: sk"),
    Case("large item in an action", transact(put_action({"n": LARGE})), "Item size has exceeded"),
    Case("wrong key type in an action", transact(put_action({"sk": {"N": "1"}})), "[ValidationError]", CANCELLED),
    Case(
        "half a key in an action",
        transact(put_action({"sk": {"S": "2"}}), delete_action({"pk": {"S": "A"}})),
        "[None, ValidationError]",
        CANCELLED,
    ),
    Case("index type in an action", transact(put_action({"moment": {"S": "x"}})), "[ValidationError]", CANCELLED),
    Case("changed key in an action", transact(update_action("SET sk = :v", TEXT)), "[ValidationError]", CANCELLED),
    Case("missing operand in an action", transact(update_action("SET n = absent")), "[ValidationError]", CANCELLED),
    Case(
        "action grows too large", transact(update_action("SET n = :v", {":v": LARGE})), "[ValidationError]", CANCELLED
    ),
    Case(
        "two of three conditions fail",
        transact(
            put_action(**conditional("attribute_not_exists(pk)"), **ALL_OLD),
            put_action({"sk": {"S": "2"}}),
            delete_action(KEY | {"sk": {"S": "3"}}, **conditional("attribute_exists(pk)"), **ALL_OLD),
        ),
        "[ConditionalCheckFailed, None, ConditionalCheckFailed]",
        CANCELLED,
    ),
]

CASES = [*EXPRESSIONS, *VALUES, *KEYS, *UPDATES, *QUERIES, *TRANSACTIONS]
