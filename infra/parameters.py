"""The parameter store of one stage: the settings and secrets that its functions read when they start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.ssm_parameters import SETTINGS, parameter, read_object
from chalicelib.settings import SECRETS
from infra.resources import stack_name

MOST_BYTES = 4096


def path(*, stage: str) -> str:
    """Under which the template lets the functions read: that of the stack."""
    return f"/{stack_name(stage=stage)}"


def as_kept(settings: Mapping[str, str]) -> str:
    """The text of the one parameter; SSM takes MOST_BYTES of it."""
    return json.dumps(dict(sorted(settings.items())), ensure_ascii=False)


class Parameters:
    """Reads and keeps what a stage has in the store; a secret is never read back but by who needs it."""

    def __init__(self, client: Any, *, stage: str) -> None:
        self._client, self._path = client, path(stage=stage)

    def settings(self) -> dict[str, str]:
        """The settings that are kept; none yet: empty. Raises SettingsWrong."""
        name = parameter(self._path, SETTINGS)
        return read_object(self._read(SETTINGS).get(SETTINGS, "{}"), name=name)

    def secrets(self) -> dict[str, str]:
        """The secrets that are kept, by the variable they are for."""
        return self._read(*SECRETS)

    def keep_settings(self, settings: Mapping[str, str]) -> None:
        self._put(SETTINGS, as_kept(settings), kind="String")

    def keep_secret(self, name: str, value: str, *, source: str = "") -> None:
        """Keep it, and in the same request where it comes from, such as the endpoint that signs with it."""
        self._put(name, value, kind="SecureString", Description=source)

    def source(self, name: str) -> str:
        """Where a secret comes from, as it was told when it was kept."""
        wanted = {"Key": "Name", "Option": "Equals", "Values": [parameter(self._path, name)]}
        # a page may be empty although there are more
        pages = self._client.get_paginator("describe_parameters").paginate(ParameterFilters=[wanted])
        found = [each for page in pages for each in page["Parameters"]]
        return str(found[0].get("Description", "")) if found else ""

    def forget(self) -> None:
        """Take away all of it, which cannot be undone."""
        self._client.delete_parameters(Names=[parameter(self._path, name) for name in (SETTINGS, *SECRETS)])

    def _read(self, *names: str) -> dict[str, str]:
        asked = [parameter(self._path, name) for name in names]
        found = self._client.get_parameters(Names=asked, WithDecryption=True)["Parameters"]
        return {each["Name"].rpartition("/")[2]: each["Value"] for each in found}

    def _put(self, name: str, value: str, *, kind: str, **more: str) -> None:
        self._client.put_parameter(Name=parameter(self._path, name), Value=value, Type=kind, Overwrite=True, **more)
