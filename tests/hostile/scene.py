"""A scene: a living desk with every kind of order in it, Stripe's SDK on a till in process, and canaries everywhere."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import stripe

from chalicelib import bootstrap
from chalicelib.adapters.stripe_gateway import API_VERSION, StripeGateway
from chalicelib.adapters.stripe_gateway import Desk as Mark
from chalicelib.domain.email import Delivery, MailNews
from chalicelib.flows.record_delivery import record_delivery
from tests.desk import BASE_URL, Desk
from tests.events import FREE, QUESTIONS, groups, sample_event
from tests.fakes.queue import FakeQueue
from tests.flows.newsletter import SOURCE, Newsroom
from tests.hostile.attack import FORM_TYPE, Answer, Attack, send
from tests.hostile.canary import OFFER, SECRET, VICTIM, email_of, mark
from tests.hostile.forms import filled, key_of
from tests.hostile.till import Till

SECRETS = {
    "STRIPE_SECRET_KEY": f"sk_test_{mark(SECRET, 'stripe')}",
    "STRIPE_WEBHOOK_SECRET": f"whsec_{mark(SECRET, 'hook')}",
}
# So few that hypothesis meets them.
TIGHT = {
    "LOKET_LIMIT_ADDRESS": "1/10",
    "LOKET_LIMIT_RECIPIENT": "1/60",
    "LOKET_LIMIT_LOOKUP": "1/10",
    "LOKET_HOLDS_ADDRESS": "1",
    "LOKET_HOLDS_RECIPIENT": "1",
}
PAID_EVENT, FREE_EVENT, FULL_EVENT, MEMBERSHIP = "proefcongres", "proefbijeenkomst", "vol", "lidmaatschap"
NEWSLETTER = {"nl": f"Nieuwsbrief {mark(OFFER, 'text')}", "en": f"Newsletter {mark(OFFER, 'text')}"}
ASKED = [
    *({"kind": "text", "required": True} | question for question in QUESTIONS),
    {"name": "reference", "kind": "text", "max_length": 100},
    {"name": "newsletter", "kind": "tick", "group": "consent", "label": NEWSLETTER},
]


class KeepingQueue(FakeQueue):
    """Remembers what was ever put in it."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: list[str] = []

    def put(self, message: str) -> None:
        super().put(message)
        self.ever.append(message)


class Scene:
    """The desk, the till, and all that opens something: `rights` tells whose a token, draft or form key is."""

    def __init__(self) -> None:
        self.desk = Desk(given=SECRETS)
        app = self.desk.application
        app.settings = replace(app.settings, secret_key=f"{mark(SECRET, 'desk')}-and-a-few-letters-more")
        self.till = Till(clock=self.desk.clock)
        client = stripe.StripeClient(
            app.settings.stripe_secret_key, stripe_version=API_VERSION, max_network_retries=0, http_client=self.till
        )
        app.gateway = StripeGateway(client, desk=Mark(app=bootstrap.APP, stage=app.settings.stage))
        self.emails, self.payments = KeepingQueue(), KeepingQueue()
        self.desk.emails = app.emails = self.emails
        self.desk.payments = app.payments = self.payments
        self.rights: dict[str, str] = {}
        self.standing: dict[str, str] = {}
        self.subscribed: dict[str, str] = {}
        self._furnish()
        self.catalogue = {slug: self.desk.offer(slug) for slug in self.offers}
        self._start = self._kept()

    def reset(self) -> None:
        """As it was at first."""
        table, emails, payments, sent, drawer, moment, rights = pickle.loads(self._start)
        self.desk.dynamo.restore(table)
        self.emails.messages, self.payments.messages, self.desk.sender.sent = emails, payments, sent
        self.emails.ever, self.payments.ever = [], []
        self.till.drawer, self.desk.clock.moment, self.rights = drawer, moment, rights

    def tighten(self) -> None:
        """From here on with limits that are met at once."""
        app = self.desk.application
        app.settings = replace(app.settings, limits=Desk(given=TIGHT).application.settings.limits)

    @property
    def offers(self) -> list[str]:
        return [MEMBERSHIP, PAID_EVENT, FREE_EVENT, FULL_EVENT, *(seed.id for seed in self.desk.application.seeds())]

    def link(self, order_id: str) -> str:
        return self.desk.application.identity.link_token(order_id)

    def learn(self, owner: str) -> None:
        """Whoever placed what is new in the table has what opens it."""
        for item in self.desk.items("order"):
            self.rights.setdefault(self.link(item["id"]["S"]), owner)
            self.rights.setdefault(self.desk.application.identity.form_key_after(item["id"]["S"]), owner)
        for item in self.desk.items("draft"):
            self.rights.setdefault(item["id"]["S"], owner)

    def post(self, slug: str, fields: Mapping[str, str]) -> Answer:
        attack = Attack(
            method="POST",
            resource="/{lang}/{slug}",
            parameters={"lang": "nl", "slug": slug},
            headers={"content-type": FORM_TYPE},
            body=urlencode(fields),
            source="198.51.100.3",
        )
        answer = send(self.desk, attack)
        assert answer.status == 303, (slug, answer.status, fields)
        return answer

    def act(self, token: str, do: str) -> Answer:
        attack = Attack(
            method="POST",
            resource="/{lang}/order/{token}",
            parameters={"lang": "nl", "token": token},
            headers={"content-type": FORM_TYPE},
            body=f"do={do}",
        )
        return send(self.desk, attack)

    def work(self) -> None:
        self.desk.work()

    def _publish(self) -> str:
        """An issue that was sent; its id."""
        room = Newsroom(self.desk)
        issue = room.issue(source=f"{SOURCE}\n[Meld u aan]({BASE_URL}/nl)\n")
        unit = self.desk.store.unit_of_work()
        unit.issues.update(issue.started(now=self.desk.clock()).finished(now=self.desk.clock()))
        unit.commit()
        return issue.id

    def _furnish(self) -> None:
        """An order in each state, a draft, a member, and every offer in the table."""
        desk = self.desk
        desk.put_offer(sample_event(questions=ASKED, event={"capacity": 40} | groups(open=None, klein=1)))
        desk.put_offer(sample_event(**FREE, id=FREE_EVENT, questions=ASKED))
        desk.put_offer(sample_event(**FREE, id=FULL_EVENT, questions=ASKED, event={"capacity": 1}))
        for seed in desk.application.seeds():
            desk.offer(seed.id)
        desk.member("lid.nl")
        self.issue = self._publish()
        self._stand("open", MEMBERSHIP, 1)
        self.till.pay(self._stand("paid", PAID_EVENT, 2, others=1))
        self.till.pay(self._stand("member", MEMBERSHIP, 3))
        self.till.pay_later(self._stand("underway", PAID_EVENT, 4))
        self._stand("gone", PAID_EVENT, 5)
        self._stand("free", FREE_EVENT, 6)
        self._stand("full", FULL_EVENT, 7)
        for session in list(self.till.drawer.sessions):
            if session not in self.till.open_sessions():
                self.payments.put(session)
        self.work()
        self.act(self.standing["gone"], "release")
        self._bounce("paid")
        self._stand("waiting", PAID_EVENT, 8, others=2)
        for number, name in enumerate(("asked", "confirmed", "left", "more"), 11):
            self._subscribe(name, number)
        draft = filled(desk.offer(PAID_EVENT), owner=VICTIM, number=9) | {"do": "join"}
        self.post(PAID_EVENT, draft)
        self.learn(VICTIM)
        self.rights |= {key_of(VICTIM, number): VICTIM for number in range(1, 10)}
        states = {item["state"]["S"] for item in desk.items("order")}
        assert states >= {"pending", "paid", "processing", "expired", "confirmed"}, states

    def _bounce(self, name: str) -> None:
        """Let no mail of this order have arrived."""
        order_id = self.desk.application.identity.order_of_link(self.standing[name])
        assert order_id is not None
        for email in self.desk.store.emails(order_id):
            news = MailNews(email_id=email.id, delivery=Delivery.BOUNCED, message_id="m", reason="Permanent NoEmail")
            record_delivery(news, store=self.desk.store, identity=self.desk.application.identity, now=self.desk.clock())

    def _subscribe(self, name: str, number: int) -> None:
        """Let the victim ask for the newsletter, and confirm, leave, or be asked for more in his name."""
        app, email = self.desk.application, email_of(VICTIM, number)
        form = "/nl/nieuwsbrief"
        self.desk.post(form, {"email": email, "topic_nieuwsbrief": "ja"})
        token = app.identity.subscriber_token(app.identity.subscriber_id(email))
        if name != "asked":
            self.desk.post(f"{form}/bevestigen/{token}", {"do": "confirm", "shown": "nieuwsbrief"})
        if name == "left":
            self.desk.post(f"{form}/afmelden/{token}/uitgave-1", {})
        if name == "more":
            self.desk.post(form, {"email": email, "topic_congres": "ja"})
        self.work()
        self.subscribed[name] = token
        self.rights[token] = VICTIM

    def _stand(self, name: str, slug: str, number: int, *, others: int = 0) -> str:
        """Let the victim place an order; its session, when there is one."""
        known = {item["id"]["S"] for item in self.desk.items("order")}
        answer = self.post(slug, filled(self.desk.offer(slug), owner=VICTIM, number=number, others=others))
        (order,) = [item for item in self.desk.items("order") if item["id"]["S"] not in known]
        self.standing[name] = self.link(order["id"]["S"])
        return answer.location.rpartition("/")[2]

    def _kept(self) -> bytes:
        """All that changes; as bytes it is copied faster than by deepcopy."""
        return pickle.dumps(
            (
                self.desk.dynamo.snapshot(),
                self.emails.messages,
                self.payments.messages,
                self.desk.sender.sent,
                self.till.drawer,
                self.desk.clock.moment,
                self.rights,
            )
        )
