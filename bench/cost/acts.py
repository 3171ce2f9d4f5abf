"""The acts: people at the real doors, and what the schedules do afterwards for what they left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from bench.cost.assumptions import Act
from bench.cost.desk import CountedDesk
from bench.cost.usage import NOTHING, Unit, Usage
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.reconciliation import EVERY, REACH, Window
from devstack.environment import BEHEERDER
from tests.desk import BASE_URL, WEBSITE
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.orders import form_of, path_of
from tests.entrypoints.test_webhook import changed, deliver
from tests.flows.newsletter import Newsroom, addresses

MEMBERSHIP, CONGRESS, MEETING = "lidmaatschap", "congres-2027", "lancering"
INVOICE = {
    "reference": "INKOOP-2027-0042",
    "street": "Stadhuisplein 1",
    "postal_code": "1234 AB",
    "city": "Voorbeeldstad",
    "registration_number": "12345678",
}
# A buyer of an event comes himself.
ALONE = {"self": "ja"}
# How many get the issue that is counted.
READERS = 200
# How often each act is played: item sizes differ a little, and the mean of a few is taken.
SAMPLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What the schedules do of themselves, and what they do more for each order."""

    # a function that starts anew
    start: Usage
    # a minute, twice, ten minutes and an hour in which there is nothing to do
    sweep: Usage
    newsletter: Usage
    reconcile: Usage
    retain: Usage
    # a round over an empty table, by window, and a day's retention
    rounds: Mapping[Window, Usage]
    retention: Usage
    # the same, for each order that it looks at
    round_of_order: Mapping[Window, Usage]
    retention_of_order: Usage

    def young_order(self) -> Usage:
        """All rounds that an order is in for being young."""
        times = {window: REACH[window] / EVERY[window] for window in (Window.HOUR, Window.TWO_DAYS)}
        return sum((self.round_of_order[window] * often for window, often in times.items()), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What each act uses, how many bytes it leaves in the table, and the upkeep."""

    acts: Mapping[Act, Usage]
    stored: Mapping[Act, float]
    upkeep: Upkeep
    # how long a run of a function computed here, in seconds; the DynamoDB in memory is part of it
    computed: float


class People:
    """Everybody who comes to one desk, one after the other, each with an address of his own."""

    def __init__(self, desk: CountedDesk) -> None:
        self.desk = desk
        self._come = 0

    def look(self, offer_id: str = CONGRESS) -> None:
        """A page of a website with a form in it."""
        self.desk.get("/embed.js")
        self.desk.get(f"/nl/{offer_id}?fragment=1", origin=WEBSITE)

    def membership(self) -> Order:
        return self._pay(self._send(MEMBERSHIP, INVOICE))

    def congress(self, *others: str) -> Order:
        """Somebody comes to the congress, with others of these names; the total follows what he types."""
        return self._pay(self._order_congress(*others))

    def leave(self) -> Order:
        """Somebody sees the payment page and goes; the sweep lets his seat go, and Stripe tells that it is over."""
        session_id = self._order_congress()
        self.desk.clock.advance(minutes=37)
        self.desk.sweep()
        self._hear_of(session_id)
        return self._order_of(session_id)

    def free(self) -> Order:
        """A meeting that costs nothing; its page is shown at once."""
        order = self.register_free()
        self.desk.work()
        return order

    def register_free(self) -> Order:
        """The same, before its mail goes."""
        location = self._send(MEETING, ALONE)
        self.desk.get(location)
        return self.desk.order(location.rpartition("/")[2].partition("-")[0])

    def _order_congress(self, *others: str) -> str:
        self.look()
        for domains in ("voorbeeldstad.nl,", "voorbeeldstad.nl,elders.nl,")[: 1 + bool(others)]:
            self.desk.post(f"/nl/{CONGRESS}/total", {"domains": domains}, origin=WEBSITE)
        number = self._come
        fields = {f"p{row}_name": f"{name} van Voorbeeld" for row, name in enumerate(others, 1)}
        fields |= {f"p{row}_email": f"{name.lower()}{number}@elders.nl" for row, name in enumerate(others, 1)}
        return self._send(CONGRESS, ALONE | INVOICE | {"member": "nee"} | fields, looked=True)

    def _send(self, offer_id: str, fields: Mapping[str, str], *, looked: bool = False) -> str:
        """Fill in a form that stands in a website; the session at the payment page, or the path of the order."""
        if not looked:
            self.look(offer_id)
        self._come += 1
        # all of a congress within the three hours that the shortest round looks back, and slower than any limit
        self.desk.clock.advance(seconds=15)
        answers = {
            "key": f"the-form-key-of-somebody-who-comes-{self._come:05}",
            "do": "pay",
            "organisation": f"Gemeente Voorbeeldstad, afdeling {self._come}",
            "name": f"Ada de Vries-van der Berg {self._come}",
            "email": f"ada.de.vries{self._come}@voorbeeldstad.nl",
            "newsletter": "ja",
            "page": f"{WEBSITE}/aanmelden",
        }
        answer = self.desk.post(f"/nl/{offer_id}?fragment=1", answers | dict(fields), origin=WEBSITE)
        assert answer.status_code == 200, answer.body.decode()
        url: str = json.loads(answer.body)["url"]
        return url.removeprefix(BASE_URL) if url.startswith(BASE_URL) else url.rpartition("/")[2]

    def _pay(self, session_id: str) -> Order:
        """Pay, come back before the webhook, look once more later, and read the mail."""
        desk = self.desk
        order = self._order_of(session_id)
        page = desk.application.links.order(order.id, Language.NL).removeprefix(BASE_URL)
        desk.gateway.pay(session_id)
        desk.get(f"{page}?from=payment")
        self._hear_of(session_id)
        desk.get(page)
        return desk.order(order.id)

    def _hear_of(self, session_id: str) -> None:
        """Stripe's webhook, and all that follows."""
        assert deliver(self.desk, changed("data.object.id", session_id)).status_code == 200
        self.desk.work()

    def _order_of(self, session_id: str) -> Order:
        return self.desk.order(self.desk.gateway.stored[session_id].session.order_id)


def working_day(desk: CountedDesk, *, order: Order) -> None:
    """A secretary looks things up, helps people and logs in once; some eighty pages."""
    browser = Browser(desk)
    browser.get("/beheer/inloggen")
    browser.log_in(BEHEERDER)
    for _ in range(8):
        browser.get(f"/beheer?offer={CONGRESS}")
        browser.get(f"/beheer/aanmeldingen?offer={CONGRESS}")
        browser.get(f"/beheer/aanmeldingen?offer={CONGRESS}&zoek=voorbeeld")
        browser.get("/beheer/leden")
        browser.get("/beheer/leden?zoek=gemeente")
    for _ in range(20):
        browser.get(path_of(order))
    for number in range(5):
        note = form_of(browser, path_of(order)) | {"do": "note", "text": f"Belt terug over factuur {number}."}
        assert browser.post(path_of(order), note).status_code == 303
        form_of(browser, path_of(order, "/gegevens"))
        desk.clock.advance(minutes=1)
    for _ in range(3):
        browser.get("/beheer/logboek")
        browser.get("/beheer/leden/ledentarief")


def export(desk: CountedDesk) -> None:
    """The registrations as a workbook, after a fresh code."""
    browser = Browser(desk)
    browser.log_in(BEHEERDER)
    wanted = {"offer": CONGRESS, "zoek": "", "stand": "alle", "soort": "xlsx"}
    answer = browser.press(f"/beheer/aanmeldingen?offer={CONGRESS}", "/beheer/aanmeldingen/export", wanted)
    assert answer.status_code == 303, answer.body.decode()


def measure(*, orders: int) -> Measured:
    """Play everything once, some of it at a desk with so many orders of the congress."""
    busy, desk = CountedDesk(), CountedDesk()
    acts, upkeep = _behind(busy, orders=orders)
    people = _open(desk)
    plays: dict[Act, Callable[[], object]] = {
        Act.LOOK: people.look,
        Act.MEMBERSHIP: people.membership,
        Act.CONGRESS_ONE: people.congress,
        Act.CONGRESS_TWO: lambda: people.congress("Grace"),
        Act.FREE: people.free,
        Act.LEAVE: people.leave,
    }
    stored = dict[Act, float]()
    for act, play in plays.items():
        # whatever is written once only, such as the counter of the seats of an event
        play()
        held = desk.stored_bytes()
        acts[act] = sum((desk.measure(play) for _ in range(SAMPLE)), NOTHING) * (1 / SAMPLE)
        stored[act] = (desk.stored_bytes() - held) / SAMPLE
    # the sweep that lets a seat go runs each minute all the same
    acts[Act.LEAVE] = acts[Act.LEAVE] - upkeep.sweep
    acts[Act.MAIL] = _mail(desk, people=people)
    acts[Act.COPY] = _copy(desk)
    runs = sum(each.meter.read()[Unit.LAMBDA_REQUESTS] for each in (busy, desk))
    computed = (busy.meter.computed + desk.meter.computed) / runs
    return Measured(acts=acts, stored=stored, upkeep=upkeep, computed=computed)


def _open(desk: CountedDesk) -> People:
    """The first visitor of a desk puts the offers in the table."""
    people = People(desk)
    people.look()
    return people


def _behind(desk: CountedDesk, *, orders: int) -> tuple[dict[Act, Usage], Upkeep]:
    """Upkeep and secretariat: at a desk at which nobody was yet, and then with so many orders, and members."""
    people = _open(desk)
    before = _upkeep(desk)
    for number in range(orders):
        desk.member(f"lid{number}.nl", organisation=f"Gemeente Voorbeeldstad, afdeling {number}")
    last = [people.congress() for _ in range(orders)][-1]
    desk.clock.advance(minutes=5)
    after = _upkeep(desk)
    acts = {
        Act.DAY: desk.measure(lambda: working_day(desk, order=last)),
        Act.EXPORT: desk.measure(lambda: export(desk)),
    }
    upkeep = replace(
        before,
        round_of_order={window: (after.rounds[window] - before.rounds[window]) * (1 / orders) for window in Window},
        retention_of_order=(after.retention - before.retention) * (1 / orders),
    )
    return acts, upkeep


def _mail(desk: CountedDesk, *, people: People) -> Usage:
    """What the sending of one mail uses, its row being there, among others."""
    before = len(desk.sender.sent)
    people.register_free()
    usage = desk.measure(desk.work, warm=True)
    return usage * (1 / (len(desk.sender.sent) - before))


def _copy(desk: CountedDesk) -> Usage:
    """What an issue uses for one of its readers, from looking up who reads to what SES tells of the mail."""
    room = Newsroom(desk)
    room.subscribe(addresses(READERS))
    room.issue()
    usage = desk.measure(desk.newsletter, warm=True) + desk.measure(desk.hear, warm=True)
    assert usage[Unit.MAILS] == READERS
    return usage * (1 / READERS)


def _upkeep(desk: CountedDesk) -> Upkeep:
    """The schedules at a desk as it is; the parts for each order are left out."""
    desk.run_reconcile()
    desk.work()
    orders = len(desk.items("order"))
    rounds = {window: desk.measure(partial(desk.go_round, window, orders=orders)) for window in Window}
    desk.clock.advance(minutes=1)
    reconcile = desk.measure(desk.run_reconcile)
    desk.clock.advance(days=2)
    run = desk.measure(desk.retain)
    desk.clock.advance(hours=1)
    idle = desk.measure(desk.retain)
    desk.sweep()
    desk.work()
    desk.clock.advance(minutes=1)
    return Upkeep(
        start=desk.measure(desk.start),
        sweep=desk.measure(desk.sweep),
        newsletter=desk.measure(desk.newsletter),
        reconcile=reconcile,
        retain=idle,
        rounds=rounds,
        retention=run - idle,
        round_of_order={},
        retention_of_order=NOTHING,
    )
