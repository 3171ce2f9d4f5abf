"""The ways in which SES says no, in the codes that botocore turns into exception classes."""

from collections.abc import Mapping
from types import MappingProxyType

STATUS_OF: Mapping[str, int] = MappingProxyType(
    {
        "AccountSuspendedException": 400,
        "AlreadyExistsException": 400,
        "BadRequestException": 400,
        "LimitExceededException": 400,
        "MailFromDomainNotVerifiedException": 400,
        "MessageRejected": 400,
        "SendingPausedException": 400,
        "NotFoundException": 404,
        "UnknownOperationException": 404,
        "TooManyRequestsException": 429,
        "InternalServiceErrorException": 500,
    }
)


class Refusal(Exception):
    """One refused call: the error code, its HTTP status and a sentence for people."""

    def __init__(self, *, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = STATUS_OF[code]


def bad_request(message: str) -> Refusal:
    """The refusal for input that is not well formed."""
    return Refusal(code="BadRequestException", message=message)
