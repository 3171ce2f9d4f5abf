"""The expressions of one request, with the names and values it brings for their placeholders."""

import re
from collections.abc import Mapping
from typing import Any

from tests.engines import expressions
from tests.engines.conditions import Condition
from tests.engines.expressions import Parsed
from tests.engines.operands import OperandError, Path
from tests.engines.refusals import invalid
from tests.engines.updates import Update
from tests.engines.values import Value, stored

_PLACEHOLDERS = {
    "ExpressionAttributeNames": re.compile(r"#[A-Za-z0-9_]+", re.ASCII),
    "ExpressionAttributeValues": re.compile(r":[A-Za-z0-9_]+", re.ASCII),
}


class Bindings:
    """Parses on request and refuses placeholders that are undefined or, at the end, unused."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self._names: Mapping[str, str] = self._given("ExpressionAttributeNames")
        self.values: Mapping[str, Value] = {
            name: stored(value) for name, value in self._given("ExpressionAttributeValues").items()
        }
        self._used_names: set[str] = set()
        self._used_values: set[str] = set()
        self._expressions = 0

    def condition(self, expression: str = "ConditionExpression") -> Condition | None:
        if expression not in self._request:
            return None
        return self._checked(expression, expressions.condition(expression, self._request[expression], self._names))

    def update(self) -> Update:
        if "UpdateExpression" not in self._request:
            return Update()
        return self._checked("UpdateExpression", expressions.update(self._request["UpdateExpression"], self._names))

    def projection(self) -> tuple[Path, ...] | None:
        if "ProjectionExpression" not in self._request:
            return None
        parsed = expressions.projection(self._request["ProjectionExpression"], self._names)
        return self._defined("ProjectionExpression", parsed)

    def refuse_unused(self) -> None:
        for member, given, used in (
            ("ExpressionAttributeNames", self._names, self._used_names),
            ("ExpressionAttributeValues", self.values, self._used_values),
        ):
            if given and not self._expressions:
                raise invalid(f"{member} can only be specified when using expressions")
            if unused := given.keys() - used:
                raise invalid(
                    f"Value provided in {member} unused in expressions: keys: {{{', '.join(sorted(unused))}}}"
                )

    def _checked[Meaning: Condition | Update](self, expression: str, parsed: Parsed[Meaning]) -> Meaning:
        meaning = self._defined(expression, parsed)
        try:
            meaning.check(self.values)
        except OperandError as error:
            raise invalid(f"Invalid {expression}: {error}") from error
        return meaning

    def _defined[Meaning](self, expression: str, parsed: Parsed[Meaning]) -> Meaning:
        self._expressions += 1
        self._used_names |= parsed.names
        self._used_values |= parsed.values
        for name in sorted(parsed.values - self.values.keys()):
            raise invalid(
                f"Invalid {expression}: An expression attribute value used in expression is not defined; "
                f"attribute value: {name}"
            )
        return parsed.meaning

    def _given(self, member: str) -> Mapping[str, Any]:
        if member not in self._request:
            return {}
        given: Mapping[str, Any] = self._request[member]
        if not given:
            raise invalid(f"{member} must not be empty")
        for name in given:
            if not _PLACEHOLDERS[member].fullmatch(name):
                raise invalid(f'{member} contains invalid key: Syntax error; key: "{name}"')
        return given
