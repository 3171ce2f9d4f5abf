"""The association behind the desk: what is said of it on pages and mails, and what it still has to confirm."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """Names, addresses and colours; empty means not known yet."""

    name: str
    short_name: str
    website: str
    email: str
    address: str = ""
    registration_number: str = ""
    vat_id: str = ""
    iban: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    accent: str = "#1f5f4a"
    on_accent: str = "#fefefe"
    logo_url: str = ""
    vat_confirmed: bool = False

    def to_confirm(self) -> tuple[str, ...]:
        """What the association must still fill in or confirm before the desk opens for real."""
        wanted = ("address", "registration_number", "vat_id", "iban", "terms_url", "privacy_url", "vat_confirmed")
        return tuple(name for name in wanted if not getattr(self, name))
