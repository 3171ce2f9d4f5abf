"""What is left out of the zip: files of the dependencies that Loket never reads at run time."""

from pathlib import PurePosixPath

# The services whose descriptions the AWS SDK keeps; a new boto3.client("…") needs its name here.
SERVICES = frozenset({"dynamodb", "s3", "sqs", "sesv2", "ssm", "sts"})

# The parts of stdnum that judge a Dutch postal code: the Netherlands, and what that imports.
NUMBERS = frozenset({"nl", "iso7064"})
NUMBER_MODULES = frozenset({"__init__.py", "exceptions.py", "util.py"})

# The desk lives in Amsterdam and reckons in UTC; of the other time zones only the list of names is read.
ZONES = frozenset({"Europe", "Etc", "UTC", "__init__.py"})

NEVER_READ = (
    # made by another run of Python, or for another place; the zip gets its own
    "**/__pycache__/**",
    # what only people, compilers and type checkers read
    "**/tests/**",
    "**/*.pyi",
    "**/py.typed",
    "**/*.c",
    "*.dist-info/RECORD",
    "*.dist-info/sboms/**",
    "*.data/scripts/**",
    "boto3/examples/**",
    "botocore/data/**/examples-1.json",
    # the shapes of what Stripe is asked, which only a type checker reads
    "stripe/params/**",
    # classes for the events of Stripe's second API, imported when one comes; Loket takes those of the first
    "stripe/events/**",
    # a command, and a note for who ports it from JavaScript
    "markdown_it/cli/**",
    "markdown_it/port.yaml",
    # tables of numbers that Loket does not judge
    "stdnum/**/*.dat",
    # email-validator asks the DNS only when told to check deliverability, which Loket never does
    "dns/**",
    "dnspython-*.dist-info/**",
)


def is_read(path: str) -> bool:
    """Whether a file of the zip, by its path there, can be needed at run time."""
    match PurePosixPath(path).parts:
        case ("botocore" | "boto3", "data", service, _, *_):
            # a file directly in data/ belongs to all services
            if service not in SERVICES:
                return False
        case ("stdnum", part, _, *_):
            if part not in NUMBERS:
                return False
        case ("stdnum", module):
            if module not in NUMBER_MODULES:
                return False
        case ("tzdata", "zoneinfo", zone, *_):
            if zone not in ZONES:
                return False
        case _:
            pass
    return not any(PurePosixPath(path).full_match(pattern) for pattern in NEVER_READ)
