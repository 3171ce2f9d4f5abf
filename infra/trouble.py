"""What keeps a command from going on, told in one sentence with the remedy."""

from __future__ import annotations

import sys
from collections.abc import Callable

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  # botocore's, which is no OSError
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from chalicelib.domain.error import LoketError
from chalicelib.settings import SettingsWrong

CREDENTIALS = "Log in to AWS (aws sso login, or AWS_PROFILE, or AWS_ACCESS_KEY_ID with its secret), and try again."
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
_UNKNOWN_KEY = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure")
_FORBIDDEN = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


_WORDS: dict[type[BaseException], str] = {
    KeyboardInterrupt: "stopped by you.",
    LoketError: "the table does not answer ({name}: {error}). Try again in a minute.",
    NoRegionError: "no region is chosen. Set AWS_DEFAULT_REGION, to eu-west-1 for example.",
    NoCredentialsError: f"AWS does not know who you are. {CREDENTIALS}",
    ProfileNotFound: "{error}. Choose one that `aws configure list-profiles` shows, in AWS_PROFILE.",
    ConnectionError: "AWS cannot be reached ({name}). Look at the network, and at AWS_DEFAULT_REGION.",
}


class Trouble(Exception):
    """Something must be done first; the message says what is the matter, and what to do."""


def guarded(work: Callable[[], int | None]) -> int:
    """Do the work of a command; the exit code. Whatever AWS refuses is told as a person would."""
    try:
        return work() or 0
    except (Trouble, SettingsWrong, LoketError, ClientError, BotoCoreError) as error:
        print(f"Stopped: {in_words(error)}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped by you. What was done stays done; the same command goes on from there.", file=sys.stderr)
    return 1


def in_words(error: BaseException) -> str:
    """What we, AWS, or the way to it have to say, and the remedy."""
    if isinstance(error, ClientError):
        return _refused(error)
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words.format(error=error, name=type(error).__name__)
    return str(error)


def _refused(error: ClientError) -> str:
    code, said = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in _EXPIRED:
        return f"your login at AWS has expired. {CREDENTIALS}"
    if code in _UNKNOWN_KEY:
        return f"AWS does not know your key. {CREDENTIALS}"
    if code in _FORBIDDEN:
        return f"your login at AWS may not do {error.operation_name}: {said}. Use a role that may deploy."
    return f"AWS refused {error.operation_name}: {said} ({code})."
