"""The ways in which DynamoDB says no."""

from typing import Any


class Refusal(Exception):
    """An answer with an error code, as DynamoDB gives it to its caller."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.members = members


def invalid(message: str) -> Refusal:
    return Refusal("ValidationException", message)


def unmet(value: str, constraint: str) -> Refusal:
    return invalid(f"1 validation error detected: {value} failed to satisfy constraint: {constraint}")


def not_found() -> Refusal:
    return Refusal("ResourceNotFoundException", "Requested resource not found")
