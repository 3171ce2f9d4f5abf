"""Set up a stage in your own AWS account: ask, check, and keep what the desk must know before it is deployed.

    python -m infra.setup --stage prod
    python -m infra.setup --stage prod --answers answers.json

Asks for the settings (Enter keeps what is there), for the Stripe key, makes the secret that links are signed with,
tells SES of the domain that mails come from, and says which DNS records prove it. All of it may be run again: what is
there is kept, and what changed is read by the functions at once. With --answers nothing is asked: a JSON object of
settings, in which STRIPE_SECRET_KEY may stand too, or else in the environment. Whoever ran a desk before the store was
there, gives its LOKET_SECRET_KEY in the same way, so that links in mails of then still work.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from chalicelib.settings import SECRETS
from infra.account import Account, account
from infra.functions import start_anew
from infra.mail_domain import MailDomain, allowance, domains, look_up, make_known
from infra.package import stages
from infra.parameters import MOST_BYTES, Parameters, as_kept
from infra.progress import tell
from infra.questions import ALARM_EMAIL, QUESTIONS, Question, complaint_about, complaints, known
from infra.resources import table_name
from infra.stack import stack_of
from infra.stripe_key import check_key
from infra.table import table_is_there
from infra.trouble import Trouble, guarded
from infra.webhook_endpoint import KEYS, WebhookEndpoints

SIGNING_KEY, STRIPE_KEY, WEBHOOK_SECRET = SECRETS
# What the stack itself must be told: whom a role lets send, and whom alarms tell.
OF_THE_STACK = ("LOKET_MAIL_FROM", "LOKET_BULK_MAIL_FROM", ALARM_EMAIL)
SANDBOX = (
    "https://console.aws.amazon.com/ses/home#/account: ask for production access, and say that you send "
    "confirmations and tickets to people who registered"
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make setup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    parser.add_argument("--answers", type=Path, help="a JSON file with the settings, instead of asking")
    given = parser.parse_args(arguments)
    return guarded(lambda: set_up(stage=given.stage, answers=given.answers))


def set_up(*, stage: str, answers: Path | None) -> None:
    """Ask, check and keep. Raises Trouble before anything is changed."""
    where = account()
    tell(f"AWS account {where.number}, region {where.region}, stage {stage}")
    parameters = Parameters(where.client("ssm"), stage=stage)
    kept, before = parameters.settings(), parameters.secrets()
    settings, given = _read(answers, kept=kept) if answers else _ask(kept, before=before, stage=stage)
    stripe_key = given.get(STRIPE_KEY) or before.get(STRIPE_KEY, "")
    _check(settings, given | {STRIPE_KEY: stripe_key}, stage=stage)
    if SIGNING_KEY not in before:
        _check_signing_key(where, given, stage=stage)
    endpoints = checked_endpoints(where, stripe_key, settings, stage=stage)
    tell("Stripe takes the key, and it may do all that is needed")

    if SIGNING_KEY not in before:
        parameters.keep_secret(SIGNING_KEY, given.get(SIGNING_KEY) or secrets.token_urlsafe(48))
        tell("kept the secret that links are signed with; it is never changed")
    if stripe_key != before.get(STRIPE_KEY):
        parameters.keep_secret(STRIPE_KEY, stripe_key)
        tell("kept the Stripe key")
    if settings != kept:
        parameters.keep_settings(settings)
        tell("kept the settings")
    stack = stack_of(where, stage=stage)
    if stack.state() and settings.get("LOKET_BASE_URL"):
        keep_endpoint(endpoints, parameters, base_url=settings["LOKET_BASE_URL"])
    for domain in domains(settings):
        _mail_domain(where, domain=domain)
    _mail_allowance(where)
    if stack.state():
        # even when nothing changed: a run before this may have been stopped just before
        tell(f"{start_anew(where, stack=stack)} functions start anew, with what is kept now")
    if stack.state() and any(settings.get(name) != kept.get(name) for name in OF_THE_STACK):
        tell(f"the stack does not know of it yet: until make deploy STAGE={stage} no mail may leave from a new address")
    tell(f"done; next: make deploy STAGE={stage}")


def checked_endpoints(where: Account, stripe_key: str, settings: Mapping[str, str], *, stage: str) -> WebhookEndpoints:
    """The endpoints that the key leads to. Raises Trouble when it lacks a right, or another desk is there."""
    base = settings.get("STRIPE_API_BASE", "")
    check_key(stripe_key, api_base=base)
    endpoints = WebhookEndpoints(stripe_key, stage=stage, home=where.home, api_base=base)
    endpoints.check_alone()
    return endpoints


def keep_endpoint(endpoints: WebhookEndpoints, parameters: Parameters, *, base_url: str) -> None:
    """Keep the webhook endpoint at Stripe as it should be, and its secret in the store."""
    kept = parameters.source(WEBHOOK_SECRET)
    made = endpoints.keep(base_url=base_url, kept=kept)
    if made:
        # the secret, and whose it is, in one request: what crashes after this is tidied by the next run
        parameters.keep_secret(WEBHOOK_SECRET, made.secret, source=made.id)
        tell(f"Stripe sends its news to {base_url}")
    endpoints.remove_others(kept=made.id if made else kept)


def _read(answers: Path, *, kept: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The settings, and the secrets that were given."""
    try:
        given = json.loads(answers.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Trouble(f"{answers} cannot be read as JSON: {error}.") from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Trouble(f"{answers} must be one JSON object of texts, such as {{{json.dumps(QUESTIONS[0].name)}: …}}.")
    strange = sorted(given.keys() - known() - {STRIPE_KEY, SIGNING_KEY})
    if strange:
        raise Trouble(f"{answers} has {', '.join(strange)}, of which docs/settings.md knows nothing that setup asks.")
    secret = {name: given.pop(name, "") or os.environ.get(name, "") for name in (STRIPE_KEY, SIGNING_KEY)}
    return _filled(kept | given), _filled(secret)


def _filled(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _ask(kept: dict[str, str], *, before: dict[str, str], stage: str) -> tuple[dict[str, str], dict[str, str]]:
    settings = dict(kept)
    for question in QUESTIONS:
        settings[question.name] = _answer(question, settings, stage=stage)
    print(f"\nThe Stripe key of this stage ({KEYS}); it is not shown", flush=True)
    there = " (Enter keeps the one that is there)" if STRIPE_KEY in before else ""
    key = os.environ.get(STRIPE_KEY, "") or getpass.getpass(f"  key{there}: ").strip()
    return _filled(settings), _filled({STRIPE_KEY: key, SIGNING_KEY: os.environ.get(SIGNING_KEY, "")})


def _answer(question: Question, settings: dict[str, str], *, stage: str) -> str:
    """Ask until the answer is one that the desk would take."""
    there = settings.get(question.name, "")
    hint = f" [{there}]" if there else f" (such as {question.example})" if question.example else ""
    while True:
        try:
            answer = input(f"{question.text}{hint}: ").strip() or there
        except EOFError as error:
            raise Trouble(
                "nobody is there to answer. Give the answers in a file, with ANSWERS=answers.json."
            ) from error
        if answer == "-" and question.optional:
            return ""
        if not answer and not question.optional:
            print("  This one is needed.")
            continue
        complaint = complaint_about(question.name, settings | {question.name: answer}, stage=stage)
        if not complaint:
            return answer
        print(f"  {complaint}")


def _check(settings: dict[str, str], given: dict[str, str], *, stage: str) -> None:
    found = complaints(settings | given, stage=stage)
    if not settings.get(ALARM_EMAIL):
        found.append(f"{ALARM_EMAIL} is missing")
    if not given.get(STRIPE_KEY):
        found.append(f"{STRIPE_KEY} is missing (make one at {KEYS})")
    if (size := len(as_kept(settings).encode())) > MOST_BYTES:
        found.append(f"all settings together are {size} bytes, and the store takes {MOST_BYTES}")
    if found:
        raise Trouble(f"{'; '.join(found)}. docs/settings.md explains each; nothing was changed.")


def _check_signing_key(where: Account, given: dict[str, str], *, stage: str) -> None:
    """With another one every link in every mail that a desk ever sent would lead nowhere."""
    if SIGNING_KEY not in given and table_is_there(where, stage=stage):
        raise Trouble(
            f"table {table_name(stage=stage)} is there, but not the key that its links are signed with. Give the one "
            f"of then, as {SIGNING_KEY} in the environment or the answers; if it is lost for good, give a new one of "
            "40 random characters, and every link in a mail of before leads nowhere."
        )


def _mail_domain(where: Account, *, domain: str) -> None:
    ses = where.client("sesv2")
    found = look_up(ses, domain=domain, region=where.region)
    if make_known(ses, found):
        found = look_up(ses, domain=domain, region=where.region)
        tell(f"told SES of {domain}")
    if found.verified:
        tell(f"SES sends mail for {domain}")
    else:
        tell(f"SES waits for proof of {domain}. Add these records where the domain's DNS is kept, then make doctor:")
    if not (found.verified and found.mail_from_set):
        print(told(found), flush=True)


def _mail_allowance(where: Account) -> None:
    allowed = allowance(where.client("sesv2"))
    if allowed.sandbox:
        tell(f"SES still has this account in its sandbox: it mails verified addresses only. {SANDBOX}")
    else:
        tell(f"SES lets this account send {allowed.per_day} mails a day, {allowed.per_second:g} a second")


def told(domain: MailDomain) -> str:
    """The records of a domain, one on each line."""
    return "\n".join(f"  {each.kind:6} {each.name}  {each.value}" for each in domain.records)


if __name__ == "__main__":
    sys.exit(main())
