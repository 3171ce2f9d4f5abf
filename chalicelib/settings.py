"""Settings: every knob, read once from the environment; all that is wrong is named together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.association import Association
from chalicelib.domain.limit import MINUTE, Limit, Limits
from chalicelib.domain.retention import Terms

_URL = r"https?://[^/\s]+(/[^\s]*)?"
# As a browser writes it, since it is compared with what a browser sends.
_HOST = r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
_ORIGIN = rf"(?:https://{_HOST}(?!:443(?!\d))|http://{_HOST}(?!:80(?!\d)))(?::[1-9]\d{{0,4}})?"
_ORIGINS = rf"({_ORIGIN}( {_ORIGIN})*)?"
# Every link begins with it, and the one in the head of a mail must fit on a line there, in ASCII.
_BASE_URL = rf"(?=.{{1,500}}$){_ORIGIN}(/[!\"$-;=@-~]*)?"
# So many times in so many minutes; 0 is no limit.
_RATE = r"0|[1-9]\d{0,5}/[1-9]\d{0,3}"
_COUNT = r"\d{1,5}"
# Less than a day is a mistake of whoever set it; fewer years than seven the law does not allow.
_DAYS = r"[1-9]\d{0,3}"
_YEARS = r"[7-9]|[1-9]\d"
# What is expected, where the pattern does not say it to people.
_PLAIN = "https:// or http://, a host in lower case, and a port only when it is not the usual one"
_IN_WORDS = {
    _ORIGIN: f"an origin as a browser sends it: {_PLAIN}; nothing else, no * and no / at the end",
    _ORIGINS: f"origins as a browser sends them, one space between: {_PLAIN}; nothing else, no * and no / at the end",
    _BASE_URL: f"{_PLAIN}; a path may follow, in ASCII, no ? and no #; at most 500 signs",
}


# Where a deployed desk's settings lie in the parameter store; on a developer's machine they are variables themselves.
PARAMETERS = "LOKET_PARAMETERS"
# What never stands in a template or in a function's own variables.
SECRETS = ("LOKET_SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")


class SettingsWrong(Exception):
    """Some settings are missing or malformed; the message names every one of them, `complaints` each by itself."""

    def __init__(self, *complaints: str) -> None:
        super().__init__(f"{'; '.join(complaints)}. See docs/settings.md.")
        self.complaints = complaints


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an association sets for its desk. docs/settings.md explains each."""

    stage: str
    base_url: str
    table: str
    email_queue_url: str
    payment_queue_url: str
    delivery_queue_url: str
    email_dead_letters_url: str
    payment_dead_letters_url: str
    delivery_dead_letters_url: str
    export_bucket: str
    export_origin: str
    secret_key: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_api_base: str
    checkout_origin: str
    allowed_origins: frozenset[str]
    mail_from: str
    configuration_set: str
    # the address and the configuration set of bulk mail, which has a stream of its own
    bulk_mail_from: str
    bulk_configuration_set: str
    # whether it is counted how often the links of a newsletter are followed
    newsletter_clicks: bool
    # where the desk's figures are watched; empty: nowhere
    metrics: str
    # who may always come behind the desk, and let others in; empty: nobody comes there
    first_beheerder: str
    association: Association
    limits: Limits
    # how long personal data is kept
    terms: Terms


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment. Raises SettingsWrong naming all that is missing or malformed."""
    reader = _Reader(environment)
    settings = Settings(
        stage=reader.needed("LOKET_STAGE", r"[a-z][a-z0-9-]{0,19}"),
        base_url=reader.needed("LOKET_BASE_URL", _BASE_URL).rstrip("/"),
        table=reader.needed("LOKET_TABLE", r"[A-Za-z0-9_.-]{3,255}"),
        email_queue_url=reader.needed("LOKET_EMAIL_QUEUE_URL", _URL),
        payment_queue_url=reader.needed("LOKET_PAYMENT_QUEUE_URL", _URL),
        delivery_queue_url=reader.needed("LOKET_DELIVERY_QUEUE_URL", _URL),
        email_dead_letters_url=reader.needed("LOKET_EMAIL_DEAD_LETTERS_URL", _URL),
        payment_dead_letters_url=reader.needed("LOKET_PAYMENT_DEAD_LETTERS_URL", _URL),
        delivery_dead_letters_url=reader.needed("LOKET_DELIVERY_DEAD_LETTERS_URL", _URL),
        export_bucket=reader.needed("LOKET_EXPORT_BUCKET", r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
        export_origin=reader.needed("LOKET_EXPORT_ORIGIN", _ORIGIN),
        secret_key=reader.needed("LOKET_SECRET_KEY", r"\S{32,}"),
        stripe_secret_key=reader.needed("STRIPE_SECRET_KEY", _stripe_key(environment)),
        stripe_webhook_secret=reader.needed("STRIPE_WEBHOOK_SECRET", r"whsec_\S+"),
        stripe_api_base=reader.optional("STRIPE_API_BASE", _URL),
        checkout_origin=reader.optional("LOKET_CHECKOUT_ORIGIN", _ORIGIN, "https://checkout.stripe.com"),
        allowed_origins=frozenset(reader.optional("LOKET_ALLOWED_ORIGINS", _ORIGINS).split()),
        mail_from=reader.needed("LOKET_MAIL_FROM", r"[^@\s]+@[^@\s]+"),
        configuration_set=reader.needed("LOKET_CONFIGURATION_SET", r"[A-Za-z0-9_-]{1,64}"),
        bulk_mail_from=reader.optional(
            "LOKET_BULK_MAIL_FROM", r"[^@\s]+@[^@\s]+", environment.get("LOKET_MAIL_FROM", "")
        ),
        bulk_configuration_set=reader.needed("LOKET_BULK_CONFIGURATION_SET", r"[A-Za-z0-9_-]{1,64}"),
        newsletter_clicks=reader.optional("LOKET_NEWSLETTER_CLICKS", r"yes|no", "no") == "yes",
        metrics=reader.optional("LOKET_METRICS", r"[A-Za-z0-9/_-]{1,255}"),
        first_beheerder=reader.optional("LOKET_BEHEERDER", r"[^@\s]+@[^@\s]+").lower(),
        association=Association(
            name=reader.needed("LOKET_ASSOCIATION_NAME", r".*\S.*"),
            short_name=reader.needed("LOKET_ASSOCIATION_SHORT_NAME", r".*\S.*"),
            website=reader.needed("LOKET_ASSOCIATION_WEBSITE", _URL),
            email=reader.needed("LOKET_ASSOCIATION_EMAIL", r"[^@\s]+@[^@\s]+"),
            address=reader.optional("LOKET_ASSOCIATION_ADDRESS", r".*"),
            registration_number=reader.optional("LOKET_ASSOCIATION_KVK", r"(\d{8})?"),
            vat_id=reader.optional("LOKET_ASSOCIATION_VAT_ID", r"(NL\d{9}B\d{2})?"),
            iban=reader.optional("LOKET_ASSOCIATION_IBAN", r"([A-Z]{2}\d{2}[A-Z0-9]{10,30})?"),
            terms_url=reader.optional("LOKET_TERMS_URL", rf"({_URL})?"),
            privacy_url=reader.optional("LOKET_PRIVACY_URL", rf"({_URL})?"),
            accent=reader.optional("LOKET_ACCENT", r"#[0-9a-fA-F]{6}", "#1f5f4a"),
            on_accent=reader.optional("LOKET_ON_ACCENT", r"#[0-9a-fA-F]{6}", "#fefefe"),
            logo_url=reader.optional("LOKET_LOGO_URL", rf"({_URL})?"),
            vat_confirmed=reader.optional("LOKET_VAT_CONFIRMED", r"yes|no", "no") == "yes",
        ),
        # roomy enough for a whole town hall behind one network address
        limits=Limits(
            address=reader.limit("LOKET_LIMIT_ADDRESS", "60/10", name="address"),
            recipient=reader.limit("LOKET_LIMIT_RECIPIENT", "12/60", name="recipient"),
            form=reader.limit("LOKET_LIMIT_FORM", "600/10", name="form"),
            lookup=reader.limit("LOKET_LIMIT_LOOKUP", "240/10", name="lookup"),
            most_holds_address=reader.count("LOKET_HOLDS_ADDRESS", 30),
            most_holds_recipient=reader.count("LOKET_HOLDS_RECIPIENT", 4),
            mail_pause=timedelta(minutes=reader.count("LOKET_MAIL_PAUSE", 10)),
        ),
        terms=Terms(
            books_years=reader.years("LOKET_KEEP_BOOKS_YEARS", 7),
            unpaid=reader.days("LOKET_KEEP_UNPAID_DAYS", 90),
            free=reader.days("LOKET_KEEP_FREE_DAYS", 365),
            event=reader.days("LOKET_KEEP_ATTENDEES_DAYS", 365),
            contacts=reader.days("LOKET_KEEP_CONTACTS_DAYS", 2 * 365),
            notes=reader.days("LOKET_KEEP_NOTES_DAYS", 2 * 365),
        ),
    )
    reader.complain()
    return settings


def _stripe_key(environment: Mapping[str, str]) -> str:
    """A stage for trying things out can never hold a key that moves money."""
    return r"(sk|rk)_(test|live)_\S+" if environment.get("LOKET_STAGE") == "prod" else r"(sk|rk)_test_\S+"


class _Reader:
    """Reads variables one by one and remembers every complaint."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._complaints: list[str] = []

    def needed(self, name: str, pattern: str) -> str:
        if not self._environment.get(name):
            self._complaints.append(f"{name} is missing")
            return ""
        return self._checked(name, pattern, self._environment[name])

    def optional(self, name: str, pattern: str, default: str = "") -> str:
        value = self._environment.get(name) or default
        return self._checked(name, pattern, value) if value else value

    def limit(self, variable: str, default: str, *, name: str) -> Limit:
        rate = self.optional(variable, _RATE, default)
        most, _, minutes = (rate if re.fullmatch(_RATE, rate) else "0").partition("/")
        return Limit(name=name, most=int(most), period=int(minutes or 1) * MINUTE)

    def count(self, name: str, default: int) -> int:
        number = self.optional(name, _COUNT, str(default))
        return int(number) if re.fullmatch(_COUNT, number) else 0

    def days(self, name: str, default: int) -> timedelta:
        number = self.optional(name, _DAYS, str(default))
        return timedelta(days=int(number) if re.fullmatch(_DAYS, number) else default)

    def years(self, name: str, default: int) -> int:
        number = self.optional(name, _YEARS, str(default))
        return int(number) if re.fullmatch(_YEARS, number) else default

    def complain(self) -> None:
        if self._complaints:
            raise SettingsWrong(*self._complaints)

    def _checked(self, name: str, pattern: str, value: str) -> str:
        if not re.fullmatch(pattern, value):
            # the value itself may be a secret
            self._complaints.append(f"{name} does not look right (expected {_IN_WORDS.get(pattern, pattern)})")
        return value
