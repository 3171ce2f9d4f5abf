"""One registration and its sweep, run by the functions of the packaged zip as Lambda would run them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from stripe import WebhookSignature

from chalicelib.domain.segment import Segment, SegmentKind
from devstack.demo import seed_demo
from devstack.environment import BEHEERDER, WEBHOOK_SECRET
from devstack.stripe.wire import written
from tests.adapters.subscriber_samples import ISSUE, ISSUE_TEXT, SUBSCRIBER
from tests.package.conftest import Packages
from tests.package.function import Function, Json, Web, schedule_event, sqs_event
from tests.package.template import Template
from tests.package.world import World, eventually
from tests.permissions import ASKED, WRITES, granted

FORM = {
    "organisation": "Gemeente Voorbeeldstad",
    "name": "Zoë van ’t Hof",
    "email": "zoe@bücher.example",
    "street": "Dorpsstraat 1",
    "postal_code": "1234ab",
    "city": "Voorbeeldstad",
    "registration_number": "12345678",
    "reference": "INK-7",
    "newsletter": "ja",
}


@dataclass(kw_only=True)
class Packaged:
    """The functions of the package, each started when it is first needed."""

    task: Path
    template: Template
    around: World
    stack: ExitStack
    running: dict[str, Function] = field(default_factory=dict)

    def function(self, name: str) -> Function:
        if name not in self.running:
            function = Function(
                folder=self.task,
                handler=self.template.functions[name]["Handler"],
                environment=self.template.environment(name, stack=self.around.stack) | self.around.endpoints,
            )
            self.stack.callback(function.stop)
            self.running[name] = function
        return self.running[name]

    @property
    def web(self) -> Web:
        return Web(self.function("APIHandler"), routes=self.template.routes)

    def order_something(self, *, key: str, offer: str = "lidmaatschap", answers: Mapping[str, str] = FORM) -> Json:
        """Send the form; the session it led to."""
        answer = self.web.post(f"/nl/{offer}", {**answers, "key": key})
        assert answer["statusCode"] == 303, answer
        session = self.around.sessions()[-1]
        assert (
            answer["multiValueHeaders"].get("Location") == [session["url"]]
            or answer["headers"]["Location"] == (session["url"])
        )
        return session

    def tell(self, event: Json) -> Json:
        """Stripe's webhook."""
        body = written(event)
        signature = WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, int(time.time()))
        return self.web.post_json("/webhooks/stripe", body, Stripe_Signature=signature)


@pytest.fixture(scope="module")
def packaged(packages: Packages, task: Path, around: World) -> Iterator[Packaged]:
    with ExitStack() as stack:
        yield Packaged(task=task, template=packages["dev", "x86_64"].template, around=around, stack=stack)


CONGRESS = {
    "organisation": "Gemeente Voorbeeldstad",
    "name": "Zoë van ’t Hof",
    "email": "zoe@voorbeeldstad.nl",
    "member": "ja",
    "self": "ja",
    "p1_name": "Grace 🎉",
    "p1_email": "grace@polderdam.nl",
}


def test_the_journey_and_what_each_role_must_allow_for_it(packaged: Packaged) -> None:
    seed_demo(store=packaged.around.store(), now=datetime.now(UTC))
    _register_and_pay(packaged)
    _go_to_the_congress(packaged)
    _take_part_for_free(packaged)
    _sweep_up(packaged)
    _reconcile(packaged)
    _work_behind_the_desk(packaged)
    _retain(packaged)
    _send_an_issue(packaged)
    for name in _POLICIES:
        _check_role(packaged, name)


def _register_and_pay(packaged: Packaged) -> None:
    """From the form to the delivered mails: two about the order, and one that asks whether he wants the newsletter."""
    web, around = packaged.web, packaged.around
    assert "/nl/lidmaatschap" in web.get("/nl")["body"]
    page = web.get("/nl/lidmaatschap")
    assert page["statusCode"] == 200
    key = re.search(r'name="key" value="([^"]+)"', page["body"])
    assert key is not None

    session = packaged.order_something(key=key[1])
    event = around.pay(session["id"])
    assert packaged.tell(event)["statusCode"] == 200
    (message,) = around.take("payments", least=1)
    assert message["Body"] == session["id"]
    assert packaged.function("Payments").invoke(sqs_event([message])) == {"batchItemFailures": []}
    (order,) = around.rows("ORDER")
    assert order["state"]["S"] == "paid"
    way_back = urlsplit(session["success_url"])
    assert "betaald" in web.get(f"{way_back.path}?{way_back.query}")["body"].lower()

    assert around.hand_over("emails", packaged.function("Emails"), least=3) == {"batchItemFailures": []}
    assert [mail["to"] for mail in around.mails()] == [["zoe@xn--bcher-kva.example"]] * 3
    (subscriber,) = around.rows("SUBSCRIBER")
    assert (subscriber["standing"]["S"], subscriber["asked"]["M"]["means"]["S"]) == ("unconfirmed", "order")

    def all_delivered() -> bool:
        answer = around.hand_over("deliveries", packaged.function("Deliveries"), least=1)
        assert answer == {"batchItemFailures": []}
        return {email["delivery"]["S"] for email in around.rows("EMAIL")} == {"delivered"}

    eventually(all_delivered)


def _go_to_the_congress(packaged: Packaged) -> None:
    """Two members, at their price: held, sold, and each his own ticket."""
    around = packaged.around
    session = packaged.order_something(key="a-congress-visitor-0123", offer="congres-2027", answers=CONGRESS)
    assert session["amount_total"] == 2 * 39900
    packaged.tell(around.pay(session["id"]))
    messages = around.take("payments", least=1)
    assert packaged.function("Payments").invoke(sqs_event(messages)) == {"batchItemFailures": []}
    (seats,) = around.rows("SEATS#congres-2027")
    assert {name: seats[name]["N"] for name in ("held", "sold", "taken")} == {"held": "0", "sold": "2", "taken": "2"}
    before = len(around.mails())
    assert around.hand_over("emails", packaged.function("Emails"), least=3) == {"batchItemFailures": []}
    addresses = [mail["to"] for mail in around.mails()]
    assert len(addresses) == before + 3
    assert addresses.count(["grace@polderdam.nl"]) == 1


def _take_part_for_free(packaged: Packaged) -> None:
    """Nothing to pay: confirmed by the web function itself."""
    answers = {name: value for name, value in CONGRESS.items() if name != "member"}
    answer = packaged.web.post("/en/lancering", answers | {"key": "a-free-visitor-0123456"})
    assert answer["statusCode"] == 303, answer
    page = urlsplit(answer["headers"]["Location"]).path
    assert "Grace" in packaged.web.get(page)["body"]


def _sweep_up(packaged: Packaged) -> None:
    """An overdue order is let go, and a mail that no worker came for is sent."""
    around = packaged.around
    session = packaged.order_something(key="another-visitor-0123")
    order = next(row for row in around.rows("ORDER") if row["session_id"]["S"] == session["id"])
    email = next(row for row in around.rows("EMAIL") if row["delivery"]["S"] == "queued")
    before = len(around.mails())
    for row in (order, email):
        _make_overdue(row, around=around)
    packaged.function("Sweep").invoke(schedule_event())
    assert around.sessions()[-1]["status"] == "expired"
    assert _again(order, around=around)["state"]["S"] == "expired"
    assert _again(email, around=around)["delivery"]["S"] == "sent"
    assert len(around.mails()) == before + 1


def _make_overdue(row: Json, *, around: World) -> None:
    around.dynamodb.update_item(
        TableName=around.stack["Table"],
        Key=_key(row),
        UpdateExpression="SET #due = :past",
        ExpressionAttributeNames={"#due": "due"},
        ExpressionAttributeValues={":past": {"S": "2026-01-01T00:00:00.000000+00:00"}},
    )


def _again(row: Json, *, around: World) -> Json:
    return around.dynamodb.get_item(TableName=around.stack["Table"], Key=_key(row), ConsistentRead=True)["Item"]


def _key(row: Json) -> Json:
    return {name: row[name] for name in ("pk", "sk")}


def _reconcile(packaged: Packaged) -> None:
    """All three windows come to their end; what no webhook told is found, and what differs is on the list."""
    around = packaged.around
    session = packaged.order_something(key="a-visitor-nobody-told-of")
    around.pay(session["id"])
    row = next(row for row in around.rows("ORDER") if row["session_id"]["S"] == session["id"])
    # it looks at nothing of the last two minutes
    key, month = {name: row[name] for name in ("pk", "sk")}, row["made_in"]["S"]
    around.dynamodb.update_item(
        TableName=around.stack["Table"],
        Key=key,
        UpdateExpression="SET #made = :made",
        ExpressionAttributeNames={"#made": "made"},
        ExpressionAttributeValues={":made": {"S": f"{month[-7:]}-01T00:00:00.000000+00:00"}},
    )
    packaged.function("Reconcile").invoke(schedule_event())
    rounds = around.rows("ROUND")
    assert {each["window"]["S"] for each in rounds} == {"hour", "two_days", "all"}
    assert all("finished_at" in each and "NULL" not in each["finished_at"] for each in rounds)


def _retain(packaged: Packaged) -> None:
    """What lapsed long ago is announced by one run, and erased by that of the next day."""
    around, long_ago = packaged.around, "2026-01-02T00:00:00+00:00"
    order = next(row for row in around.rows("ORDER") if row["state"]["S"] == "expired")
    _set(order, "created_at", long_ago, around=around)
    packaged.function("Retention").invoke(schedule_event())
    (run,) = around.rows("RETENTION")
    assert [each["M"]["label"] for each in run["found"]["L"]] == [order["code"]]
    _set(run, "started_at", long_ago, around=around)
    packaged.function("Retention").invoke(schedule_event())
    (buyer,) = [row for row in around.rows("BUYER") if row["pk"] == order["pk"]]
    assert buyer["answers"]["M"]["email"] == {"S": ""}


def _send_an_issue(packaged: Packaged) -> None:
    """An issue whose time has come goes to whoever confirmed that he wants it, and news of it is heard."""
    around, now = packaged.around, datetime.now(UTC)
    # the contact of the membership that was paid for
    reader = replace(SUBSCRIBER, email="zoe@xn--bcher-kva.example", version=1)
    issue = replace(ISSUE, segment=Segment(kind=SegmentKind.MEMBERS)).scheduled(at=now, expected=1, by=BEHEERDER)
    unit = around.store().unit_of_work()
    unit.subscribers.add(reader)
    unit.issues.add(issue)
    unit.issue_texts.add(ISSUE_TEXT)
    unit.commit()
    before = len(around.mails())
    packaged.function("Newsletter").invoke(schedule_event())
    assert sorted(row["state"]["S"] for row in around.rows("ISSUE")) == ["draft", "sent"]
    (mail,) = around.mails()[before:]
    assert mail["to"] == [reader.email]

    def delivered() -> bool:
        around.hand_over("deliveries", packaged.function("Deliveries"), least=1)
        return {row["delivery"]["S"] for row in around.rows("COPY")} == {"delivered"}

    eventually(delivered)


def _set(row: Json, name: str, text: str, *, around: World) -> None:
    around.dynamodb.update_item(
        TableName=around.stack["Table"],
        Key=_key(row),
        UpdateExpression="SET #name = :text",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":text": {"S": text}},
    )


def test_a_message_that_fails_is_named_and_the_others_are_done(packaged: Packaged) -> None:
    messages = [{"MessageId": name, "ReceiptHandle": name, "Body": body} for name, body in _POISON.items()]
    assert packaged.function("Deliveries").invoke(sqs_event(messages)) == {
        "batchItemFailures": [{"itemIdentifier": "poisoned"}]
    }


def test_a_webhook_that_is_not_stripes_is_refused(packaged: Packaged) -> None:
    answer = packaged.web.post_json("/webhooks/stripe", "{}", Stripe_Signature="t=1,v1=00")
    assert answer["statusCode"] == 400


def _work_behind_the_desk(packaged: Packaged) -> None:
    """A secretary logs in, looks at each list and at an order, and takes a file along."""
    web, around = packaged.web, packaged.around
    asked = web.post("/beheer/inloggen", {"email": BEHEERDER})
    login = _cookie(asked)
    assert around.hand_over("emails", packaged.function("Emails"), least=1) == {"batchItemFailures": []}
    code = next(mail for mail in around.mails() if mail["to"] == [BEHEERDER])
    [digits] = re.findall(r"(?m)^ +(\d{6})\r?$", code["text"])
    cookie = _cookie(web.post("/beheer/code", {"code": digits}, Cookie=login))
    order = next(row for row in around.rows("ORDER") if row["state"]["S"] == "paid")
    one = f"/beheer/aanmeldingen/{order['code']['S']}"
    for path in (
        "/beheer",
        "/beheer/aanmeldingen?offer=lidmaatschap",
        "/beheer/aanmeldingen?offer=alles&zoek=gemeente",
        f"/beheer/aanmeldingen?offer=alles&zoek={quote(FORM['email'])}",
        one,
        f"{one}/annuleren",
        "/beheer/leden",
        "/beheer/logboek",
    ):
        page = web.get(path, Cookie=cookie)
        assert page["statusCode"] == 200, (path, page)
    token = re.search(r'name="token" value="([0-9a-f]+)"', web.get(one, Cookie=cookie)["body"])
    assert token
    posted = {"token": token[1], "offer": "lidmaatschap", "zoek": "", "stand": "alle", "soort": "xlsx"}
    export = web.post("/beheer/aanmeldingen/export", posted, Cookie=cookie)
    assert export["statusCode"] == 303, export
    noted = web.post(one, {"token": token[1], "do": "note", "text": "Belt terug."}, Cookie=cookie)
    assert noted["statusCode"] == 303, noted
    _write_an_issue(packaged, token=token[1], cookie=cookie)


def _write_an_issue(packaged: Packaged, *, token: str, cookie: str) -> None:
    """A draft, a proof of it, and the page that asks for the number, which asks SES how much may be sent."""
    web, around = packaged.web, packaged.around
    written = {"token": token, "key": "an-issue-of-a-secretary", "tekst": ISSUE_TEXT.source, "rubriek": "nieuwsbrief"}
    kept = web.post("/beheer/nieuwsbrief/nieuw", written | {"groep": "iedereen", "do": "voorbeeld"}, Cookie=cookie)
    assert kept["statusCode"] == 303, kept
    preview = urlsplit(kept["headers"]["Location"]).path
    path = preview.removesuffix("/voorbeeld")
    for page in (preview, f"{path}/mail", path, f"{path}/versturen", "/beheer/nieuwsbrief", "/nl/nieuwsbrief/archief"):
        shown = web.get(page, Cookie=cookie)
        assert shown["statusCode"] == 200, (page, shown)
    asked = web.post(preview, {"token": token, "naar": BEHEERDER}, Cookie=cookie)
    assert asked["statusCode"] == 303, asked
    assert around.hand_over("emails", packaged.function("Emails"), least=1) == {"batchItemFailures": []}
    assert [mail["to"] for mail in around.mails()].count([BEHEERDER]) == 2, "a code and a proof"


def _cookie(answer: Json) -> str:
    """What a browser sends back of the cookie in an answer."""
    given = answer["headers"].get("Set-Cookie") or answer["multiValueHeaders"]["Set-Cookie"][0]
    return str(given).partition(";")[0]


def _check_role(packaged: Packaged, name: str) -> None:
    """Every call that the function made is one that its role allows."""
    calls = packaged.function(name).calls
    assert calls, f"{name} called nothing, so nothing is proven of its role"
    # settings and secrets, once for as long as the process lives
    assert [call["operation"] for call in calls if call["service"] == "ssm"] == ["GetParameters"]
    needed = {need for call in calls for need in _needs(call, around=packaged.around)}
    function = _POLICIES[name]
    ASKED.update((function, *need) for need in needed)
    assert {(function, *need) for need in needed} <= granted()


_POISON = {"fine": '{"eventType": "Open", "mail": {"messageId": "m"}}', "poisoned": "no JSON"}
_POLICIES = {
    "APIHandler": "api_handler",
    **{
        name.title(): name
        for name in ("payments", "emails", "deliveries", "sweep", "reconcile", "retention", "newsletter")
    },
}


def _needs(call: Json, *, around: World) -> set[tuple[str, str]]:
    """The actions, each with its resource by name in the template, that IAM asks for at a call."""
    queues = {url: f"{name.title()}Queue" for name, url in around.queues.items()}
    queues |= {f"{url}-dead": f"{name.title()}DeadLetterQueue" for name, url in around.queues.items()}
    service: dict[str, Callable[[], set[tuple[str, str]]]] = {
        "dynamodb": lambda: {
            (f"dynamodb:{action}", f"Table/index/{call['index']}" if call["index"] else "Table")
            for action in ([WRITES[kind] for kind in call["writes"]] or [call["operation"]])
        },
        "sqs": lambda: {(f"sqs:{call['operation']}", queues[call["queue"]])},
        "ssm": lambda: {(f"ssm:{call['operation']}", "parameter")},
        "s3": lambda: {(f"s3:{call['operation']}", "Exports/exports")},
        "sesv2": lambda: (
            {("ses:GetAccount", "*")}
            if call["operation"] == "GetAccount"
            else {(f"ses:{call['operation']}", "identity"), (f"ses:{call['operation']}", "configuration-set")}
        ),
    }
    return service[call["service"]]()
