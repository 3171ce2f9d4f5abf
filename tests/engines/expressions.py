"""From the text of an expression to its meaning: a tokenizer and a recursive descent parser for DynamoDB's grammar."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, NoReturn

from tests.engines.conditions import (
    BeginsWith,
    Between,
    Both,
    Compare,
    Condition,
    Contains,
    Either,
    Exists,
    HasType,
    Not,
    OneOf,
    Operand,
    Size,
)
from tests.engines.operands import Path, Placeholder, refuse_overlap
from tests.engines.refusals import Refusal, invalid
from tests.engines.reserved_words import RESERVED_WORDS
from tests.engines.updates import Arithmetic, IfNotExists, ListAppend, Source, Update

COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
OPERAND_LIMIT = 100
SIZE_LIMIT = 4096

_TOKEN = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_]*) | (?P<alias>\#[A-Za-z0-9_]+) | (?P<value>:[A-Za-z0-9_]+)
        | (?P<number>[0-9]+) | (?P<symbol><>|<=|>=|[=<>().,+\-\[\]]) | (?P<other>\S))""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Parsed[Meaning]:
    """What an expression means, and which placeholders it used."""

    meaning: Meaning
    names: frozenset[str]
    values: frozenset[str]


class Token(NamedTuple):
    """A word of an expression and its place in the text."""

    kind: str
    text: str
    start: int
    end: int


def condition(expression: str, text: str, names: Mapping[str, str]) -> Parsed[Condition]:
    return _condition(expression, text, _key(names))


def update(text: str, names: Mapping[str, str]) -> Parsed[Update]:
    return _update(text, _key(names))


def projection(text: str, names: Mapping[str, str]) -> Parsed[tuple[Path, ...]]:
    return _projection(text, _key(names))


def _key(names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(names.items()))


@lru_cache(maxsize=4096)
def _condition(expression: str, text: str, names: tuple[tuple[str, str], ...]) -> Parsed[Condition]:
    parser = _Parser(expression, text, dict(names))
    return parser.whole(parser.any_condition)


@lru_cache(maxsize=4096)
def _update(text: str, names: tuple[tuple[str, str], ...]) -> Parsed[Update]:
    parser = _Parser("UpdateExpression", text, dict(names))
    return parser.whole(parser.update)


@lru_cache(maxsize=4096)
def _projection(text: str, names: tuple[tuple[str, str], ...]) -> Parsed[tuple[Path, ...]]:
    parser = _Parser("ProjectionExpression", text, dict(names))
    return parser.whole(parser.projection)


class _Parser:
    """One pass over one expression."""

    def __init__(self, expression: str, text: str, names: Mapping[str, str]) -> None:
        self.expression = expression
        self.text = text
        self.names = names
        self.used_names: set[str] = set()
        self.used_values: set[str] = set()
        self.at = 0
        self.last_group: Condition | None = None
        if not text.strip():
            raise self.fault("The expression can not be empty;")
        if len(text.encode()) > SIZE_LIMIT:
            raise self.fault(
                f"Expression size has exceeded the maximum allowed size; expression size: {len(text.encode())}"
            )
        self.tokens = [
            Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup), match.end())
            for match in _TOKEN.finditer(text)
            if match.lastgroup
        ]
        self.end = Token("end", "<EOF>", len(text), len(text))

    def whole[Meaning](self, grammar: Callable[[], Meaning]) -> Parsed[Meaning]:
        meaning = grammar()
        if self.next is not self.end:
            self.syntax_error()
        return Parsed(meaning, frozenset(self.used_names), frozenset(self.used_values))

    # Tokens

    @property
    def next(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else self.end

    def sees(self, *texts: str, ahead: int = 0) -> bool:
        token = self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else self.end
        return token.text in texts or (token.kind == "name" and token.text.upper() in texts)

    def take(self, *texts: str) -> str:
        token = self.next
        if token is self.end or (texts and not self.sees(*texts)):
            self.syntax_error()
        self.at += 1
        return token.text

    def took(self, *texts: str) -> bool:
        if not self.sees(*texts):
            return False
        self.at += 1
        return True

    def fault(self, message: str) -> Refusal:
        return invalid(f"Invalid {self.expression}: {message}")

    def syntax_error(self) -> NoReturn:
        around = [*self.tokens, self.end][max(self.at - 1, 0) : self.at + 2]
        near = self.text[around[0].start : around[-1].end].strip()
        raise self.fault(f'Syntax error; token: "{self.next.text}", near: "{near}"')

    # Operands

    def path(self) -> Path:
        steps: list[str | int] = [self.name()]
        while True:
            if self.took("."):
                steps.append(self.name())
            elif self.took("["):
                if self.next.kind != "number":
                    self.syntax_error()
                steps.append(int(self.take()))
                self.take("]")
            else:
                return Path(tuple(steps))

    def name(self) -> str:
        if self.next.kind == "alias":
            alias = self.take()
            if alias not in self.names:
                raise self.fault(
                    f"An expression attribute name used in the document path is not defined; attribute name: {alias}"
                )
            self.used_names.add(alias)
            return self.names[alias]
        if self.next.kind != "name":
            self.syntax_error()
        name = self.take()
        if name.upper() in RESERVED_WORDS:
            raise self.fault(f"Attribute name is a reserved keyword; reserved keyword: {name}")
        return name

    def placeholder(self) -> Placeholder:
        if self.next.kind != "value":
            self.syntax_error()
        name = self.take()
        self.used_values.add(name)
        return Placeholder(name)

    def arguments[Argument](self, function: str, count: int, one: Callable[[], Argument]) -> list[Argument]:
        self.take(function)
        found = self.listed(one)
        if len(found) != count:
            raise self.fault(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {function}, number of operands: {len(found)}"
            )
        return found

    def listed[Argument](self, one: Callable[[], Argument]) -> list[Argument]:
        self.take("(")
        found = self.separated(one)
        self.take(")")
        return found

    def separated[Part](self, one: Callable[[], Part]) -> list[Part]:
        found = [one()]
        while self.took(","):
            found.append(one())
        return found

    def document_path(self, function: str, operand: Operand | Source) -> Path:
        if not isinstance(operand, Path):
            raise self.fault(f"Operator or function requires a document path; operator or function: {function}")
        return operand

    # Conditions

    def any_condition(self) -> Condition:
        left = self.every_condition()
        while self.took("OR"):
            left = Either(left, self.every_condition())
        return left

    def every_condition(self) -> Condition:
        left = self.negated_condition()
        while self.took("AND"):
            left = Both(left, self.negated_condition())
        return left

    def negated_condition(self) -> Condition:
        return Not(self.negated_condition()) if self.took("NOT") else self.one_condition()

    def one_condition(self) -> Condition:
        if self.took("("):
            return self.group()
        if self.next.kind == "name" and self.sees("(", ahead=1) and self.next.text != "size":
            return self.function()
        return self.comparison()

    def group(self) -> Condition:
        inner = self.any_condition()
        self.take(")")
        if inner is self.last_group:
            raise self.fault("The expression has redundant parentheses;")
        self.last_group = inner
        return inner

    def comparison(self) -> Condition:
        left = self.operand()
        if self.took("BETWEEN"):
            low = self.operand()
            self.take("AND")
            return Between(left, low, self.operand())
        if self.took("IN"):
            options = self.listed(self.operand)
            if len(options) > OPERAND_LIMIT:
                raise self.fault(
                    "Incorrect number of operands for operator or function; "
                    f"operator or function: IN, number of operands: {len(options) + 1}"
                )
            return OneOf(left, tuple(options))
        if isinstance(left, Size) and not self.sees(*COMPARATORS):
            raise self.fault("The function is not allowed to be used this way in an expression; function: size")
        operator = self.take(*COMPARATORS)
        right = self.operand()
        self.distinct(operator, left, right)
        return Compare(operator, left, right)

    def operand(self) -> Operand:
        if self.next.kind == "value":
            return self.placeholder()
        if self.next.text == "size" and self.sees("(", ahead=1):
            [measured] = self.arguments("size", 1, self.operand)
            return Size(self.document_path("size", measured))
        return self.path()

    def function(self) -> Condition:
        name = self.next.text
        match name:
            case "attribute_exists" | "attribute_not_exists":
                [operand] = self.arguments(name, 1, self.operand)
                return Exists(self.document_path(name, operand), wanted=name == "attribute_exists")
            case "attribute_type":
                operand, wanted = self.arguments(name, 2, self.operand)
                return HasType(self.document_path(name, operand), wanted)
            case "begins_with" | "contains":
                operand, part = self.arguments(name, 2, self.operand)
                self.distinct(name, operand, part)
                return BeginsWith(operand, part) if name == "begins_with" else Contains(operand, part)
            case "if_not_exists" | "list_append":
                raise self.fault(f"The function is not allowed in a condition expression; function: {name}")
        raise self.fault(f"Invalid function name; function: {name}")

    def distinct(self, operator: str, first: Operand, second: Operand) -> None:
        if first == second:
            raise self.fault(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {operator}, first operand: {first.name if isinstance(first, Placeholder) else first}"
            )

    # Updates

    def update(self) -> Update:
        sections: dict[str, Iterable[object]] = {}
        while not sections or self.next is not self.end:
            section = self.take("SET", "REMOVE", "ADD", "DELETE").upper()
            if section in sections:
                raise self.fault(f'The "{section}" section can only be used once in an update expression;')
            grammar = {"SET": self.assignment, "REMOVE": self.path}.get(section, self.change)
            sections[section] = tuple(self.separated(grammar))
        update = Update(*(sections.get(name, ()) for name in ("SET", "REMOVE", "ADD", "DELETE")))  # type: ignore[arg-type]
        refuse_overlap(self.expression, update.targets())
        return update

    def assignment(self) -> tuple[Path, Source]:
        target = self.path()
        self.take("=")
        return target, self.source()

    def change(self) -> tuple[Path, Placeholder]:
        return self.path(), self.placeholder()

    def source(self) -> Source:
        left = self.term()
        if self.sees("+", "-"):
            return Arithmetic(self.take("+", "-"), left, self.term())
        return left

    def term(self) -> Source:
        if self.took("("):
            inner = self.source()
            self.take(")")
            return inner
        if self.next.kind == "value":
            return self.placeholder()
        if self.next.kind == "name" and self.sees("(", ahead=1):
            return self.update_function()
        return self.path()

    def update_function(self) -> Source:
        name = self.next.text
        if name == "if_not_exists":
            path, otherwise = self.arguments(name, 2, self.source)
            return IfNotExists(self.document_path(name, path), otherwise)
        if name == "list_append":
            return ListAppend(*self.arguments(name, 2, self.source))
        raise self.fault(f"Invalid function name; function: {name}")

    # Projections

    def projection(self) -> tuple[Path, ...]:
        paths = self.separated(self.path)
        refuse_overlap(self.expression, paths)
        return tuple(paths)
