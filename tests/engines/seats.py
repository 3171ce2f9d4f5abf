"""The writes by which seats are taken and given back, as the unit of work makes them, and random calls of that kind."""

from typing import Any

from tests.engines.calls import TABLE, Call, Calls, Value

CONGRESS: dict[str, Value] = {"pk": {"S": "SEATS#congres-2027"}, "sk": {"S": "SEATS"}}
MEETING: dict[str, Value] = {"pk": {"S": "SEATS#vergadering-2027"}, "sk": {"S": "SEATS"}}
OFFER: dict[str, Value] = {"pk": {"S": "OFFER#congres-2027"}, "sk": {"S": "OFFER"}}
ROOM = "attribute_not_exists(#taken) OR #taken <= :most"
NO_ROOM = "#taken <= :most"
ENOUGH = "#held >= :held_back AND #sold >= :sold_back"


def counting(held: int = 0, sold: int = 0, *, key: Any = CONGRESS, held_until: str | None = "2027-03-01") -> Any:
    """A change of a counter, which is made when it is not there; below zero it gives back."""
    names = ["record", "format", "counter", "taken", "held", "sold"]
    values = {
        ":record": {"S": "seats"},
        ":format": {"N": "1"},
        ":counter": {"S": "congres-2027"},
        ":taken": {"N": str(held + sold)},
        ":held": {"N": str(held)},
        ":sold": {"N": str(sold)},
    }
    sets = "SET #record = :record, #format = :format, #counter = :counter"
    if held_until is not None:
        sets += ", #held_until = :held_until"
        names.append("held_until")
        values[":held_until"] = {"S": held_until}
    update = {
        "TableName": TABLE["TableName"],
        "Key": key,
        "UpdateExpression": f"{sets} ADD #taken :taken, #held :held, #sold :sold",
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": values,
    }
    return {"Update": update}


def taking(held: int = 1, sold: int = 0, *, most: int, **how: Any) -> Any:
    """The counter goes up, unless more than `most` seats are taken already."""
    condition = ROOM if most >= 0 else NO_ROOM
    return on_condition(counting(held, sold, **how), condition, values={":most": {"N": str(most)}})


def giving_back(held: int = 0, sold: int = 0, **how: Any) -> Any:
    """The counter goes down, unless it has not got that many."""
    return _if_enough(counting(-held, -sold, **how), held, sold)


def selling(count: int, **how: Any) -> Any:
    """What was held is sold, unless fewer are held."""
    return _if_enough(counting(-count, count, **how), count, 0)


def putting(item: Any) -> Any:
    return {"Put": {"TableName": TABLE["TableName"], "Item": item}}


def putting_new(item: Any) -> Any:
    return if_absent(putting(item))


def deleting(key: Any) -> Any:
    return {"Delete": {"TableName": TABLE["TableName"], "Key": key}}


def deleting_there(key: Any) -> Any:
    return on_condition(deleting(key), "attribute_exists(#pk)", names={"#pk": "pk"})


def checking_version(version: int, *, key: Any = OFFER) -> Any:
    check = {"ConditionCheck": {"TableName": TABLE["TableName"], "Key": key}}
    given = {":version": {"N": str(version)}}
    return on_condition(check, "#version = :version", names={"#version": "version"}, values=given)


def checking_absent(key: Any = OFFER) -> Any:
    return if_absent({"ConditionCheck": {"TableName": TABLE["TableName"], "Key": key}})


def if_absent(action: Any) -> Any:
    return on_condition(action, "attribute_not_exists(#pk)", names={"#pk": "pk"})


def _if_enough(action: Any, held: int, sold: int) -> Any:
    back = {":held_back": {"N": str(held)}, ":sold_back": {"N": str(sold)}}
    return on_condition(action, ENOUGH, values=back)


def on_condition(action: Any, condition: str, *, names: Any = None, values: Any = None) -> Any:
    return with_members(
        action, ConditionExpression=condition, ExpressionAttributeNames=names, ExpressionAttributeValues=values
    )


def with_members(action: Any, **members: Any) -> Any:
    """The same write with more members; names and values come beside those it has."""
    [(kind, write)] = action.items()
    merged = {
        name: {**write.get(name, {}), **member} if isinstance(member, dict) else member
        for name, member in members.items()
        if member is not None
    }
    return {kind: {**write, **merged}}


def asking(pk: str, *, prefix: str | None = None) -> Call:
    """All rows under one key, or those whose second key begins with the prefix."""
    request: Any = {
        "TableName": TABLE["TableName"],
        "ConsistentRead": True,
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": "pk"},
        "ExpressionAttributeValues": {":pk": {"S": pk}},
    }
    if prefix is not None:
        request["KeyConditionExpression"] += " AND begins_with(#sk, :prefix)"
        request["ExpressionAttributeNames"]["#sk"] = "sk"
        request["ExpressionAttributeValues"][":prefix"] = {"S": prefix}
    return "query", request


def ticket(name: str) -> dict[str, Value]:
    return {"pk": {"S": "ORDER#1"}, "sk": {"S": f"TICKET#{name}"}}


class SeatCalls(Calls):
    """Transactions on two counters, an offer and a few tickets, and what a reader then sees."""

    def _draw(self) -> Call:
        if self.random.random() < 0.2:
            return asking(f"ORDER#{self.random.randint(1, 2)}", prefix=self.random.choice([None, "T", "TICKET#1", "x"]))
        actions = [self._seat_action() for _ in range(self.random.randint(1, 5))]
        if self.random.random() < 0.9:
            actions = list({self._item_of(action): action for action in actions}.values())
        return "transact_write_items", {"TransactItems": actions}

    def _seat_action(self) -> Any:
        draw = self.random.choices([self._counter, self._offer, self._ticket], weights=[3, 1, 2])
        action = draw[0]()
        if self.random.random() < 0.5:
            action = with_members(action, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        if self.random.random() < 0.02:
            action = with_members(action, ExpressionAttributeValues={":spare": {"N": "1"}})
        return action

    def _counter(self) -> Any:
        key = self.random.choice([CONGRESS, MEETING])
        how: dict[str, Any] = {"key": key, "held_until": self.random.choice([None, "2027-03-01", "2027-03-02"])}
        held, sold = self.random.randint(0, 3), self.random.randint(0, 2)
        match self.random.randrange(10):
            case 0:
                return deleting(key)
            case 1:
                return putting(key | {"held": {"S": "many"}} if self.random.random() < 0.3 else key)
            case 2:
                return counting(self.random.randint(-2, 2), self.random.randint(-2, 2), **how)
            case 3:
                return selling(sold, **how)
            case 4 | 5:
                return giving_back(held, sold, **how)
        return taking(held, sold, most=self.random.randint(-1, 8), **how)

    def _offer(self) -> Any:
        version = self.random.randint(1, 2)
        return self.random.choice(
            [
                checking_version(version),
                checking_version(version),
                checking_absent(),
                putting(OFFER | {"version": {"N": str(version)}}),
                deleting(OFFER),
            ]
        )

    def _ticket(self) -> Any:
        key = ticket(str(self.random.randint(1, 12)))
        make = self.random.choice([putting, putting_new, putting_new, deleting, deleting_there])
        return make(key)

    def _item_of(self, action: Any) -> tuple[str, str]:
        [write] = action.values()
        key = write.get("Key") or write["Item"]
        return key["pk"]["S"], key["sk"]["S"]
