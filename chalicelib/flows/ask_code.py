"""Ask for a code to log in with: the same is done, and said, whether anybody works here by that address or not."""

import logging
from datetime import datetime

from chalicelib.domain.identity import Identity
from chalicelib.domain.limit import MINUTE, Limit
from chalicelib.domain.login import new_login
from chalicelib.domain.refusal import TooMany
from chalicelib.ports import Logins, Queue, Tallies

log = logging.getLogger(__name__)

# What the queue of the mails calls a login, beside the emails of the outbox.
MESSAGE = "login-"
BY_ADDRESS = Limit(name="login address", most=5, period=60 * MINUTE)
BY_NETWORK = Limit(name="login network", most=20, period=60 * MINUTE)


def ask_code(
    email: str,
    *,
    nonce: str,
    network: str,
    logins: Logins,
    queue: Queue,
    tallies: Tallies,
    identity: Identity,
    now: datetime,
) -> None:
    """Keep a login, and have its code mailed if anybody works here by that address.

    Raises TooMany, StorageUnavailable or QueueUnavailable: then there is no code, and he may ask again. A code that
    gets lost is asked for again too, so it is in no outbox.
    """
    for limit, subject in ((BY_NETWORK, network), (BY_ADDRESS, email)):
        tally = limit.tally(identity.subject(limit.name, subject), now=now)
        if tallies.count(tally) > limit.most:
            raise TooMany(limit.name, minutes=tally.minutes_left(now=now))
    login = new_login(nonce=nonce, email=email.lower(), now=now)
    logins.keep(login)
    queue.put(f"{MESSAGE}{login.id}")
    log.info("code_asked")
