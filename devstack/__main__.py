"""make run: the whole desk on one machine, with stand-ins for AWS, Stripe and the mail."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from threading import Event

import boto3

from chalicelib.bootstrap import application
from devstack import environment
from devstack.association import ORDERS, STAFF, Place, seed_association
from devstack.demo import MEMBERS, seed_demo
from devstack.desk import serve_desk
from devstack.emulator import EmulatorError, start_emulator, taken
from devstack.lambda_ import start_schedule, start_workers
from devstack.serve import HOST, serve
from devstack.ses import PostOffice, mailbox_app
from devstack.stripe import Books, close, stripe_app
from devstack.website import website_app

PLACES = ("the desk", "the association's website", "the Stripe stand-in", "the mailbox", "the emulated AWS")


def main() -> int:
    arguments = _arguments()
    ports = [arguments.port + offset for offset in range(len(PLACES))]
    for place, port in zip(PLACES, ports, strict=True):
        if taken(port):
            print(f"Port {port} (for {place}) is taken. Stop what listens there, or choose others: make run PORT=8100")
            return 1
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    for noisy in ("botocore", "stripe"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    bell = _bell()
    # the developer's own proxy and AWS profile have no part in this
    os.environ |= {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    os.environ.pop("AWS_PROFILE", None)
    if "_live_" in os.environ.get("STRIPE_SECRET_KEY", ""):
        print("STRIPE_SECRET_KEY is a live key: real money. Use a test key (sk_test_…), or none for the stand-in.")
        return 1
    with ExitStack() as stack:
        try:
            _start(stack, ports=ports, sweep_seconds=arguments.sweep_seconds, empty=arguments.empty)
        except EmulatorError as error:
            print(error)
            return 1
        bell.recv(1)
        print("\nStopping.", flush=True)
    return 0


def _bell() -> socket.socket:
    """Gets a byte for each signal to end, however many come at once: make and the terminal both send one.

    The handler itself does nothing. It runs in the middle of whatever the main thread does: setting an Event there
    waits for ever on a lock that thread may hold, and an exception would disturb the ending.
    """
    bell, rope = socket.socketpair()
    rope.setblocking(False)
    signal.set_wakeup_fd(rope.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return bell


def _start(stack: ExitStack, *, ports: list[int], sweep_seconds: float, empty: bool) -> None:
    began, stopping = time.monotonic(), Event()
    desk, website, stripe, mailbox, emulator_port = ports
    desk_url, website_url, stripe_url, mailbox_url = (f"http://localhost:{port}" for port in ports[:4])
    print("Starting the emulated AWS …", flush=True)
    emulator = start_emulator(port=emulator_port)
    stack.callback(emulator.stop)
    stack.callback(stopping.set)
    given = dict(os.environ)
    os.environ |= environment.aws_variables(emulator=emulator.url, mailbox=f"http://{HOST}:{mailbox}")
    queues = environment.create_queues()
    environment.create_bucket()
    environment.create_table(boto3.client("dynamodb"), name=environment.TABLE)
    variables = environment.desk_variables(
        base_url=desk_url, website=website_url, stripe=stripe_url, queues=queues, given=given
    )
    os.environ |= variables
    print("Starting the desk and what is around it …", flush=True)
    module = importlib.import_module("app")
    real_stripe = "STRIPE_API_BASE" not in variables
    # the real one knows nothing of a past that never was
    empty |= real_stripe
    books = _seed(stripe_url, empty=empty)
    who = " or ".join((environment.BEHEERDER, *(email for email, _, _ in STAFF if not empty)))
    sqs = boto3.client("sqs")
    post_office = PostOffice(
        verified=frozenset({environment.MAIL_FROM, environment.BULK_MAIL_FROM}),
        clock=_now,
        publish=lambda event: sqs.send_message(QueueUrl=queues["deliveries"], MessageBody=event) and None,
    )
    stack.callback(post_office.close)
    stack.callback(serve(mailbox_app(post_office=post_office), port=mailbox).shutdown)
    if not real_stripe:
        stand_in = stripe_app(
            books=books,
            webhook_url=f"http://{HOST}:{desk}/webhooks/stripe",
            webhook_secret=environment.WEBHOOK_SECRET,
            api_key=environment.STRIPE_KEY,
            public_url=stripe_url,
            clock=_now,
        )
        stack.callback(close, stand_in)
        stack.callback(serve(stand_in, port=stripe).shutdown)
    members = {name: domains for name, _, domains in MEMBERS}
    site = website_app(desk_url=desk_url, members=members, mailbox_url=mailbox_url, stripe_url=stripe_url)
    stack.callback(serve(site, port=website).shutdown)
    stack.callback(serve_desk(module, port=desk).shutdown)
    start_workers(module, queues=queues, stopping=stopping)
    start_schedule("sweep", module, every_seconds=sweep_seconds, stopping=stopping)
    start_schedule("reconcile", module, every_seconds=10 * sweep_seconds, stopping=stopping)
    start_schedule("retention", module, every_seconds=sweep_seconds, stopping=stopping)
    start_schedule("newsletter", module, every_seconds=sweep_seconds, stopping=stopping)
    print(
        f"""
Loket is ready ({time.monotonic() - began:.1f} s). Begin at the association's website:

  website    {website_url}
  desk       {desk_url}/nl/lidmaatschap
  embedding  {desk_url}/insluiten, with examples at {website_url}/voorbeelden
  Stripe     {"the real one, with your key" if real_stripe else stripe_url}
  mailbox    {mailbox_url}
  beheer     {desk_url}/beheer: log in as {who}; the code comes in the mailbox
  AWS        {emulator.url}  (DynamoDB table {environment.TABLE}, SQS, S3)

Everything is forgotten when this ends: press Ctrl-C.
""",
        flush=True,
    )
    if real_stripe:
        print(
            f"Let Stripe's own tool bring its webhooks:\n  stripe listen --forward-to {desk_url}/webhooks/stripe\n",
            flush=True,
        )


def _seed(stripe_url: str, *, empty: bool) -> Books:
    """Fill the table: with an association and its past, or only with what can be registered for."""
    desk = application()
    if empty:
        seed_demo(store=desk.store, now=_now())
        return Books()
    place = Place(
        identity=desk.identity,
        limits=desk.settings.limits,
        base_url=desk.settings.base_url,
        stripe_url=stripe_url,
    )

    def say(orders: int) -> None:
        if sys.stdout.isatty() or orders == ORDERS:
            end = "\n" if orders == ORDERS else ""
            print(f"\rSeeding the demo association: {orders} of {ORDERS} orders", end=end, flush=True)

    print("Seeding the demo association: two years go by …", end="", flush=True)
    return seed_association(store=desk.store, place=place, now=_now(), say=say)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    parser.add_argument(
        "--port",
        type=int,
        default=int(os.environ.get("PORT") or 8000),
        help="first of five ports in a row (default: PORT, or 8000)",
    )
    parser.add_argument(
        "--sweep-seconds",
        type=float,
        default=60,
        help="how often the sweep runs, and a tenth as often the reconciliation (default: 60)",
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        default=os.environ.get("EMPTY") == "yes",
        help="without the demo association: only offers and three members (default: EMPTY=yes, or not)",
    )
    return parser.parse_args()


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
