"""Put another secret in the place of one, without deploying anything.

    python -m infra.rotate --stage prod STRIPE_SECRET_KEY

Asks for the Stripe key and tries it at Stripe before it is kept; for STRIPE_WEBHOOK_SECRET it makes a new endpoint and
takes away the old one once its secret is kept. The functions read it at once. LOKET_SECRET_KEY cannot be rotated: every
link in every mail is signed with it (docs/decisions/0006).
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Sequence

from infra.account import account
from infra.functions import start_anew
from infra.package import stages
from infra.parameters import Parameters
from infra.progress import tell
from infra.questions import complaint_about
from infra.setup import STRIPE_KEY, WEBHOOK_SECRET, checked_endpoints, keep_endpoint
from infra.stack import stack_of
from infra.trouble import Trouble, guarded


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make rotate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    parser.add_argument("secret", choices=[STRIPE_KEY, WEBHOOK_SECRET])
    given = parser.parse_args(arguments)
    return guarded(lambda: rotate(stage=given.stage, secret=given.secret))


def rotate(*, stage: str, secret: str) -> None:
    """Keep the new one, and let the functions read it. Raises Trouble before anything is changed."""
    where = account()
    parameters = Parameters(where.client("ssm"), stage=stage)
    settings, secrets = parameters.settings(), parameters.secrets()
    if STRIPE_KEY not in secrets:
        raise Trouble(f"there is nothing to rotate yet. Run make setup STAGE={stage} first.")
    key = _new_key(stage=stage) if secret == STRIPE_KEY else secrets[STRIPE_KEY]
    endpoints = checked_endpoints(where, key, settings, stage=stage)
    made = None
    if secret == STRIPE_KEY:
        parameters.keep_secret(STRIPE_KEY, key)
        if base_url := settings.get("LOKET_BASE_URL"):
            # a key of another account or mode knows nothing of our endpoint
            keep_endpoint(endpoints, parameters, base_url=base_url)
    elif base_url := settings.get("LOKET_BASE_URL"):
        made = endpoints.make(base_url=base_url)
        parameters.keep_secret(WEBHOOK_SECRET, made.secret, source=made.id)
    else:
        raise Trouble(f"there is no endpoint yet. Run make deploy STAGE={stage} first.")
    tell(f"kept the new {secret}")
    stack = stack_of(where, stage=stage)
    if stack.state():
        tell(f"{start_anew(where, stack=stack)} functions start anew with it")
    if made:
        endpoints.remove_others(kept=made.id)
    else:
        tell("now take the old key away at Stripe")


def _new_key(*, stage: str) -> str:
    key = os.environ.get(STRIPE_KEY, "") or getpass.getpass("The new Stripe key; it is not shown: ").strip()
    complaint = complaint_about(STRIPE_KEY, {STRIPE_KEY: key}, stage=stage) if key else f"{STRIPE_KEY} is empty"
    if complaint:
        raise Trouble(f"{complaint}; nothing was changed.")
    return key


if __name__ == "__main__":
    sys.exit(main())
