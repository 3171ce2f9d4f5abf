"""What somebody filled in, once it has been read and found right."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to a form; optional ones are empty. `extra` holds the offer's own questions by name."""

    organisation: str
    name: str
    email: str
    reference: str = ""
    registration_number: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    newsletter: bool = False
    extra: tuple[tuple[str, str], ...] = ()

    def fields(self) -> dict[str, str]:
        """The answers as a form would post them; a tick that is off is absent."""
        answers = asdict(self)
        ticked, extra = answers.pop("newsletter"), answers.pop("extra")
        return (
            {name: value for name, value in answers.items() if value}
            | dict(extra)
            | ({"newsletter": "ja"} if ticked else {})
        )


# Every field of Answers that an offer may ask; other names are the offer's own questions.
STANDARD_QUESTIONS = frozenset(
    {"organisation", "name", "email", "reference", "registration_number", "street", "postal_code", "city", "newsletter"}
)
REQUIRED_QUESTIONS = frozenset({"organisation", "name", "email"})
