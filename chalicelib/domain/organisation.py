"""An organisation: how two ways of typing its name are known to be one."""

import unicodedata


def organisation_key(name: str) -> str:
    """A name such that two ways of typing it are one."""
    return " ".join(unicodedata.normalize("NFC", name.casefold()).split())
