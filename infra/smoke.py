"""The smoke test of a deployed desk: one free registration, from its form to its mail, that is erased again."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import requests
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.domain.email import ARRIVED_NOT, Delivery
from chalicelib.domain.error import LoketError
from chalicelib.domain.offer import Offer
from chalicelib.domain.seed import read_offer
from infra.progress import tell
from infra.trouble import Trouble
from infra.webhook_endpoint import PATH

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

OFFER = Path(__file__).with_name("smoke.toml")
# Nobody else names an offer like this, for whatever bears its mark is deleted.
OURS = re.compile(r"smoke-test-([0-9a-f]{12})")
# SES takes mail for it in its sandbox too, and nobody reads it.
MAILBOX = "success+{mark}@simulator.amazonses.com"
ARRIVED = (Delivery.SENT, Delivery.DELIVERED)
# A mail that SES takes a moment later, since it admits one a second, waits a minute and for the sweep.
PATIENCE = 240
# A first request after a deploy starts a function, reads the settings and seeds the offers.
TIMEOUT = 30


class SmokeFailed(Trouble):
    """The desk does not do what it is for; the message says at which step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk under test: where it is reached, and its table."""

    base_url: str
    dynamodb: DynamoDBClient
    table: str

    @property
    def store(self) -> TableStore:
        return TableStore(self.dynamodb, table=self.table, new_token=lambda: uuid4().hex)


def smoke(desk: Desk, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Register somebody who does not exist, for nothing, and take away every trace. Raises SmokeFailed."""
    for offer in desk.store.offers():
        # of one that was stopped half-way
        if left := OURS.fullmatch(offer.id):
            erase(desk, mark=left[1])
    mark = uuid4().hex[:12]
    with _offer(desk, mark=mark) as offer:
        order_id = _register(desk, offer, mark=mark)
        tell("a registration is confirmed, and its page shows it")
        _wait_for_mail(desk, order_id=order_id, pause=pause)
        tell("its mails were sent")
        refused = _ask("POST", f"{desk.base_url}{PATH}", data="{}", headers={"Content-Type": "application/json"})
        if refused.status_code != requests.codes.bad_request:
            raise SmokeFailed(f"the webhook's door answers {refused.status_code} to a message that Stripe did not sign")
        tell("the webhook's door takes only what Stripe signed")


@contextmanager
def _offer(desk: Desk, *, mark: str) -> Iterator[Offer]:
    """Something to register for, as long as it is needed; with it goes all that came of it."""
    drawn = read_offer(tomllib.loads(OFFER.read_text(encoding="utf-8")), source=OFFER.name)
    closes_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
    offer = replace(drawn, id=f"smoke-test-{mark}", closes_at=closes_at)
    unit = desk.store.unit_of_work()
    unit.offers.add(offer)
    unit.commit()
    try:
        yield offer
    except BaseException:
        # Ctrl-C too must leave nothing behind; and whatever went wrong first is what must be told
        with suppress(ClientError, BotoCoreError, LoketError):
            erase(desk, mark=mark)
        raise
    tell(f"erased what was made for this: {erase(desk, mark=mark)} rows")


def _register(desk: Desk, offer: Offer, *, mark: str) -> str:
    """Fill in the form as a visitor would; the id of the order."""
    form = f"{desk.base_url}/nl/{offer.id}"
    key = re.search(r'name="key" value="([^"]+)"', _page(form))
    if key is None:
        raise SmokeFailed(f"{form} shows no form")
    tell("the form is there")
    answers = {
        "key": key[1],
        "self": "ja",
        "organisation": "Proef",
        "name": "Proef",
        "email": MAILBOX.format(mark=mark),
    }
    posted = _ask("POST", form, data=answers)
    where = posted.headers.get("Location", "")
    if posted.status_code != requests.codes.see_other or not where.startswith(f"{desk.base_url}/nl/order/"):
        raise SmokeFailed(f"the form leads to {posted.status_code} {where}, not to a page of {desk.base_url}")
    if offer.title.nl not in _page(where):
        raise SmokeFailed("the page of the registration does not show it")
    return where.rpartition("/")[2].partition("-")[0]


def _wait_for_mail(desk: Desk, *, order_id: str, pause: Callable[[float], None]) -> None:
    for _ in range(PATIENCE):
        emails = desk.store.emails(order_id)
        if emails and all(email.delivery in ARRIVED for email in emails):
            return
        if lost := [email for email in emails if email.delivery in ARRIVED_NOT]:
            raise SmokeFailed(f"the mail {lost[0].kind} came no further than {lost[0].delivery}")
        pause(1)
    states = ", ".join(sorted({email.delivery.value for email in emails})) or "none at all"
    raise SmokeFailed(f"after {PATIENCE} seconds the mails are: {states}. The log of the function emails says why")


def _page(url: str) -> str:
    answer = _ask("GET", url)
    if answer.status_code != requests.codes.ok:
        raise SmokeFailed(f"{url} answers {answer.status_code}. The log of the function api_handler says why")
    return answer.text


def _ask(method: str, url: str, **more: Any) -> requests.Response:
    try:
        return requests.request(method, url, timeout=TIMEOUT, allow_redirects=False, **more)
    except requests.RequestException as error:
        raise SmokeFailed(f"{url} does not answer ({type(error).__name__})") from error


def erase(desk: Desk, *, mark: str) -> int:
    """Take away every row that bears the mark of a smoke test, or the id of its order; how many there were."""
    rows = list(_rows(desk))
    orders = {row["pk"]["S"].partition("#")[2] for row in rows if _is_order(row) and mark in json.dumps(row)}
    traces = [row for row in rows if _may_go(row) and any(trace in json.dumps(row) for trace in (mark, *orders))]
    for row in traces:
        desk.dynamodb.delete_item(TableName=desk.table, Key={"pk": row["pk"], "sk": row["sk"]})
    return len(traces)


def _may_go(row: dict[str, Any]) -> bool:
    """A round that is under way may name an order as the place where it goes on."""
    return not str(row["pk"]["S"]).startswith(("ROUND#", "RETENTION"))


def _is_order(row: dict[str, Any]) -> bool:
    return str(row["pk"]["S"]).startswith("ORDER#")


def _rows(desk: Desk) -> Iterator[dict[str, Any]]:
    for page in desk.dynamodb.get_paginator("scan").paginate(TableName=desk.table, ConsistentRead=True):
        for item in page["Items"]:
            yield dict(item)
