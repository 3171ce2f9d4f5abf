"""`make run` with a Stripe that admits as few calls a second as the real one does; the rest is refused with a 429.

python -m tests.browser.busy --port 8000
"""

from __future__ import annotations

import os
import sys
from functools import partial

from devstack import __main__ as stack
from devstack.stripe import Rates, stripe_app

# Of the 25 that Stripe says for each endpoint; a slow machine sees who waits only when it is less.
ADMITTED = int(os.environ.get("ADMITTED") or 20)

if __name__ == "__main__":
    # a developer has no use for an option that only makes him wait
    stack.stripe_app = partial(stripe_app, rates=Rates(endpoint=ADMITTED))  # type: ignore[attr-defined]
    sys.exit(stack.main())
