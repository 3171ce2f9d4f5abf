"""What DynamoDB refuses of the writes that take seats and give them back, with the code and the words it uses."""

from itertools import combinations_with_replacement
from typing import Any

from tests.engines.refusal_cases import ALL_OLD, CANCELLED, ONE, Case, transact, update_action
from tests.engines.seats import (
    CONGRESS,
    MEETING,
    OFFER,
    asking,
    checking_absent,
    checking_version,
    counting,
    deleting,
    deleting_there,
    giving_back,
    on_condition,
    putting,
    putting_new,
    taking,
    ticket,
    with_members,
)

SEATS_SEED: list[dict[str, Any]] = [
    OFFER | {"version": {"N": "1"}},
    ticket("1"),
    CONGRESS | {"taken": {"N": "3"}, "held": {"N": "2"}, "sold": {"N": "1"}},
    MEETING | {"taken": {"N": "3"}, "held": {"S": "many"}, "sold": {"N": "1"}},
]
NEW = putting_new(ticket("2"))
SPARE = {"ExpressionAttributeValues": {":spare": {"N": "1"}}}
SPARE_NAME = {"ExpressionAttributeNames": {"#spare": "spare"}}


def _kinds(key: Any) -> dict[str, Any]:
    return {
        "an update": counting(1, key=key),
        "a check": checking_version(1, key=key),
        "a delete": deleting_there(key),
        "a put": putting_new(key),
    }


def _valued(action: Any, **values: Any) -> Any:
    return with_members(action, ExpressionAttributeValues={f":{name}": value for name, value in values.items()})


def _named(action: Any, **names: str) -> Any:
    return with_members(action, ExpressionAttributeNames={f"#{alias}": name for alias, name in names.items()})


def _asking(**changes: Any) -> Any:
    return "query", asking("ORDER#1", prefix="TICKET#")[1] | changes


ON_ONE_ITEM = [
    Case(
        f"{one} and {other} on one item",
        transact(NEW, _kinds(CONGRESS)[one], _kinds(CONGRESS)[other]),
        "cannot include multiple operations on one item",
    )
    for one, other in combinations_with_replacement(_kinds(CONGRESS), 2)
]

FAILED = "ConditionalCheckFailed"
CONDITIONS = [
    Case("no seat left", transact(taking(most=2), NEW), f"[{FAILED}, None]", CANCELLED),
    Case("no seat left, told", transact(NEW, with_members(taking(most=2), **ALL_OLD)), f"[None, {FAILED}]", CANCELLED),
    Case("never any room", transact(taking(most=-1, key=ticket("3")), NEW), f"[{FAILED}, None]", CANCELLED),
    Case("fewer held", transact(giving_back(3), deleting(ticket("1"))), f"[{FAILED}, None]", CANCELLED),
    Case("fewer sold", transact(deleting(ticket("1")), giving_back(2, 2)), f"[None, {FAILED}]", CANCELLED),
    Case(
        "no counter to give back to",
        transact(with_members(giving_back(key=ticket("2")), **ALL_OLD), counting(1)),
        f"[{FAILED}, None]",
        CANCELLED,
    ),
    Case("a string is not enough", transact(giving_back(key=MEETING), NEW), f"[{FAILED}, None]", CANCELLED),
    Case("most in words", transact(_valued(taking(most=9), most={"S": "nine"}), NEW), f"[{FAILED}, None]", CANCELLED),
    Case(
        "offer changed",
        transact(taking(most=9), with_members(checking_version(2), **ALL_OLD), NEW),
        f"[None, {FAILED}, None]",
        CANCELLED,
    ),
    Case("offer gone", transact(NEW, counting(1), checking_version(1, key=ticket("3"))), f"{FAILED}]", CANCELLED),
    Case("offer there", transact(checking_absent(), deleting(CONGRESS), NEW), f"[{FAILED}, None, None]", CANCELLED),
    Case("nothing to delete", transact(counting(1), deleting_there(ticket("2"))), f"[None, {FAILED}]", CANCELLED),
    Case(
        "all at once",
        transact(
            with_members(taking(most=2), **ALL_OLD),
            with_members(checking_version(2), **ALL_OLD),
            with_members(deleting_there(ticket("2")), **ALL_OLD),
            putting(ticket("3")),
            with_members(putting_new(ticket("1")), **ALL_OLD),
        ),
        f"[{FAILED}, {FAILED}, {FAILED}, None, {FAILED}]",
        CANCELLED,
    ),
]

PLACEHOLDERS = [
    *(
        Case(f"spare value in {kind}", transact(NEW, with_members(action, **SPARE)), "unused in expressions: keys")
        for kind, action in _kinds(CONGRESS).items()
    ),
    *(
        Case(f"spare name in {kind}", transact(NEW, with_members(action, **SPARE_NAME)), "unused in expressions")
        for kind, action in _kinds(CONGRESS).items()
    ),
    Case("undefined value in an addition", transact(NEW, update_action("ADD sold :x")), "attribute value: :x"),
    Case("undefined name in an addition", transact(NEW, update_action("ADD #x :v", ONE)), "attribute name: #x"),
    Case(
        "undefined value in a check", transact(NEW, on_condition(checking_absent(), "#pk = :x")), "attribute value: :x"
    ),
    Case(
        "spare value before a missing table",
        transact(with_members(NEW, TableName="nowhere"), with_members(checking_absent(), **SPARE)),
        "unused in expressions: keys: {:spare}",
    ),
    *(
        Case(f"bare {name}", transact(NEW, update_action(f"SET {name} = :v", ONE)), f"keyword: {name}")
        for name in ("record", "format", "counter", "until")
    ),
]

ADDITIONS = [
    Case("addition to a string", transact(NEW, counting(1, key=MEETING)), "[None, ValidationError]", CANCELLED),
    Case(
        "addition to a string beside a failed condition",
        transact(checking_absent(), counting(1, key=MEETING), NEW),
        f"[{FAILED}, ValidationError, None]",
        CANCELLED,
    ),
    Case(
        "failed condition before an addition to a string",
        transact(NEW, taking(most=2, key=MEETING)),
        f"[None, {FAILED}]",
        CANCELLED,
    ),
    Case("addition alone to a string", ("update_item", counting(1, key=MEETING)["Update"]), "incorrect data type"),
    Case("two additions to one", transact(NEW, _named(counting(1), sold="held")), "Two document paths overlap"),
    Case("set and addition of one", transact(NEW, _named(counting(1), record="held")), "Two document paths overlap"),
]

_EMPTY = OFFER | {"sk": {"S": ""}}
_HALF = {"pk": OFFER["pk"]}
_OTHER_TYPE = OFFER | {"sk": {"N": "1"}}
KEYS = [
    *(
        Case(f"empty key in {kind}", transact(NEW, action), "an empty string value. Key: sk")
        for kind, action in _kinds(_EMPTY).items()
    ),
    *(
        Case(f"half a key in {kind}", transact(NEW, action), "[None, ValidationError]", CANCELLED)
        for kind, action in _kinds(_HALF).items()
    ),
    *(
        Case(f"other type of key in {kind}", transact(NEW, action), "[None, ValidationError]", CANCELLED)
        for kind, action in _kinds(_OTHER_TYPE).items()
    ),
    *(
        Case(
            f"no table for {kind}",
            transact(NEW, with_members(action, TableName="nowhere")),
            "Requested resource not found",
            "ResourceNotFoundException",
        )
        for kind, action in _kinds(OFFER).items()
    ),
]

ORDER_OF_CHECKS = [
    Case(
        "only the first of two wrong keys",
        transact(taking(most=2), counting(1, key=_HALF), deleting(_OTHER_TYPE)),
        "[None, ValidationError, None]",
        CANCELLED,
    ),
    Case(
        "wrong key before one item twice",
        transact(NEW, NEW, checking_version(1, key=_OTHER_TYPE)),
        "[None, None, ValidationError]",
        CANCELLED,
    ),
    Case(
        "one item twice before a failed condition",
        transact(taking(most=2), NEW, NEW),
        "cannot include multiple operations on one item",
    ),
    Case(
        "old item in other words",
        transact(NEW, with_members(taking(most=9), ReturnValuesOnConditionCheckFailure="OLD")),
        "Value 'OLD' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint",
    ),
]

QUERIES = [
    Case("empty prefix", asking("ORDER#1", prefix=""), "cannot contain an empty string value. Key: sk"),
    Case(
        "number as prefix",
        _asking(ExpressionAttributeValues={":pk": {"S": "x"}, ":prefix": {"N": "1"}}),
        "begins_with, operand type: N",
    ),
    Case(
        "prefix of the hash",
        _asking(KeyConditionExpression="begins_with(#pk, :pk) AND #sk = :prefix"),
        "Query key condition not supported",
    ),
    Case(
        "function in capitals",
        _asking(KeyConditionExpression="#pk = :pk AND BEGINS_WITH(#sk, :prefix)"),
        "function name; function: BEGINS_WITH",
    ),
    Case(
        "spare value in a query",
        _asking(KeyConditionExpression="#pk = :pk", ExpressionAttributeNames={"#pk": "pk"}),
        "unused in expressions: keys: {:prefix}",
    ),
]

SEAT_CASES = [*ON_ONE_ITEM, *CONDITIONS, *PLACEHOLDERS, *ADDITIONS, *KEYS, *ORDER_OF_CHECKS, *QUERIES]
