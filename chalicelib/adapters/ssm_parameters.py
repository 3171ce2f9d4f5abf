"""What a deployed desk keeps in the parameter store of SSM: its settings, and each of its secrets."""

from __future__ import annotations

import json

import boto3
from botocore.config import Config

from chalicelib.settings import SECRETS, SettingsWrong

# The parameter with all that is no secret, as one JSON object of variables.
SETTINGS = "settings"


def parameter(path: str, name: str) -> str:
    """The name in the store of a secret, or of SETTINGS."""
    return f"{path}/{name}"


def read_parameters(path: str) -> dict[str, str]:
    """The variables under a path such as /loket/prod, in one request; what is not there is left out.

    Raises SettingsWrong when the settings are no JSON object of texts, and what the AWS SDK raises.
    """
    client = boto3.client(
        "ssm",
        # the store admits 40 requests a second: when many functions start at once, some wait for each other
        config=Config(
            connect_timeout=2,
            read_timeout=4,
            retries={"mode": "standard", "total_max_attempts": 6},
            user_agent="loket/1",
        ),
    )
    names = [parameter(path, name) for name in (SETTINGS, *SECRETS)]
    found = client.get_parameters(Names=names, WithDecryption=True)["Parameters"]
    values = {each["Name"].rpartition("/")[2]: each["Value"] for each in found}
    settings = read_object(values.pop(SETTINGS, "{}"), name=parameter(path, SETTINGS))
    return settings | values


def read_object(text: str, *, name: str) -> dict[str, str]:
    """The settings in the parameter of this name. Raises SettingsWrong, without what stands there."""
    try:
        settings = json.loads(text)
    except ValueError:
        settings = None
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise SettingsWrong(f"{name} is no JSON object of texts")
    return settings
