"""`make run` from outside: how it begins and ends, and the journey through it over plain HTTP, to the cent."""

import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from devstack.__main__ import PLACES
from devstack.association import ORDERS, STAFF
from devstack.demo import MEMBERS
from devstack.emulator import HOST
from devstack.environment import BEHEERDER, TABLE, desk_variables
from tests.browser.buyer import NAME, ORGANISATION, Buyer, new_email
from tests.browser.stack import Json, Stack, free_block, plain_session, running_stack, wait_until

PRICE = 500_00


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(log=tmp_path_factory.mktemp("run") / "log.txt", sweep_seconds=1) as stack:
        yield stack


@pytest.fixture
def buyer(stack: Stack) -> Buyer:
    return Buyer(stack=stack)


# How it begins and ends


ENDS: dict[str, Callable[[Stack], int]] = {
    "terminal": Stack.press_ctrl_c,
    "kill": lambda stack: stack.stop(signal.SIGINT),
    "again and again": Stack.press_again_and_again,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_starts_says_where_and_ends_with_nothing_left(tmp_path: Path, end: Callable[[Stack], int]) -> None:
    stack = Stack(port=free_block(), log=tmp_path / "log.txt")
    try:
        print(f"\nready after {stack.wait_until_ready():.1f} s")
        for address in (stack.website, stack.form, stack.stripe, stack.mailbox, f"http://{HOST}:{stack.ports[4]}"):
            assert address in stack.said()
        # something is under way at each place when it ends
        Buyer(stack=stack).register().press("pay")
    finally:
        code = end(stack)
    assert code == 0, stack.said()
    stack.must_be_gone()
    assert stack.said().rstrip().endswith("Stopping.")
    assert "Traceback" not in stack.said()


def test_opens_with_an_association_unless_it_is_told_not_to(tmp_path: Path) -> None:
    stack = Stack(port=free_block(), log=tmp_path / "log.txt", options=())
    try:
        print(f"\nready after {stack.wait_until_ready():.1f} s")
        assert len(stack.items("order")) == ORDERS
        paid = {intent["id"] for intent in stack.books()["payment_intents"] if intent["amount_received"]}
        assert {payment["id"] for payment in stack.items("payment")} == paid
        # nothing of the past is told to anybody
        assert stack.mails_about("") == []
        assert all(email in stack.said() for email in (f"{stack.desk}/beheer", BEHEERDER, *(each[0] for each in STAFF)))
        Buyer(stack=stack).register().press("pay")
    finally:
        code = stack.stop()
    assert code == 0, stack.said()
    stack.must_be_gone()
    assert "Traceback" not in stack.said()


@pytest.mark.parametrize("place", [0, 3, 4], ids=lambda place: PLACES[place])
def test_taken_port_is_told_and_nothing_is_started(tmp_path: Path, place: int) -> None:
    port = free_block()
    with socket.socket() as taken:
        taken.bind((HOST, port + place))
        taken.listen()
        stack = Stack(port=port, log=tmp_path / "log.txt")
        assert stack.wait_for_end() == 1
    assert stack.said() == (
        f"Port {port + place} (for {PLACES[place]}) is taken. "
        "Stop what listens there, or choose others: make run PORT=8100\n"
    )
    stack.must_be_gone()


@pytest.mark.parametrize(
    ("given", "real"),
    [
        ({}, False),
        ({"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x"}, True),
        ({"STRIPE_SECRET_KEY": "", "STRIPE_WEBHOOK_SECRET": ""}, False),
    ],
)
def test_developers_own_keys_lead_to_the_real_stripe(given: dict[str, str], real: bool) -> None:
    variables = desk_variables(
        base_url="http://desk", website="http://site", stripe="http://stand-in", queues=_Queues(), given=given
    )
    assert ("STRIPE_API_BASE" not in variables) == real
    assert (variables["STRIPE_SECRET_KEY"] == given.get("STRIPE_SECRET_KEY")) == real


# The journey


def test_table_mail_and_stripe_agree_to_the_cent(stack: Stack, buyer: Buyer) -> None:
    buyer.register(reference="2027-INK-0042", newsletter="ja", postal_code="1234ab")
    assert buyer.press("pay") == f"{buyer.order_url}?from=payment"
    mails = stack.wait_for_mails(buyer.email, count=3)
    confirmation = next(mail for mail in mails if the_order(stack, buyer)["code"] in mail["subject"])
    order, session, intent = the_order(stack, buyer), stack.sessions(buyer.email)[0], the_intent(stack, buyer)

    amounts = {
        "ordered": sum(line["quantity"] * line["unit_cents"] for line in order["lines"]),
        "asked at Stripe": session["amount_total"],
        "received at Stripe": intent["amount_received"],
        "booked": the_payment(stack, order)["amount_cents"],
        "mailed": cents_after("Totaal", confirmation["text"]),
        "shown": cents_after("Totaal</th>", buyer.look()),
    }
    assert amounts == dict.fromkeys(amounts, PRICE)
    assert (order["currency"], session["currency"]) == ("EUR", "eur")
    assert (order["state"], session["payment_status"]) == ("paid", "paid")
    assert order["payment_id"] == intent["id"] == the_payment(stack, order)["id"]
    assert order["session_id"] == session["id"] == buyer.session_id
    assert session["client_reference_id"] == order["id"]

    code = order["code"]
    assert intent["description"] == code
    assert code in confirmation["subject"]
    assert "2027-INK-0042" in confirmation["text"]
    assert buyer.order_url in confirmation["text"]
    assert [item["order_id"] for item in stack.items("code") if item["pk"] == f"CODE#{code}"] == [order["id"]]


def test_requests_at_once_keep_their_own_answers(stack: Stack) -> None:
    """Many threads share one app here, which on Lambda serves one request at a time."""

    def shown(number: int) -> bool:
        fields = {"do": "show", "organisation": f"Gemeente {number}", "name": "", "email": "", "key": "k" * 20}
        with plain_session() as http:
            return f'value="Gemeente {number}"' in http.post(f"{stack.form}?send=1", data=fields, timeout=30).text

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(shown, range(200)))


def test_membership_consent_and_mails_are_in_the_table(stack: Stack, buyer: Buyer) -> None:
    buyer.register(newsletter="ja").press("pay")
    stack.wait_for_mails(buyer.email, count=3)
    order = the_order(stack, buyer)
    (membership,) = (item for item in stack.items("membership") if item["id"] == order["id"])
    assert (membership["organisation"], membership["contact_name"]) == (ORGANISATION, NAME)
    assert membership["domains"] == ["voorbeeldstad.example.nl"]
    days = datetime.fromisoformat(membership["ends_on"]) - datetime.fromisoformat(membership["starts_on"])
    assert days in (timedelta(days=364), timedelta(days=365))
    (consent,) = (item for item in stack.items("consent") if item["order_id"] == order["id"])
    assert (consent["purpose"], consent["source"]) == ("newsletter", buyer.form)
    (subscriber,) = (item for item in stack.items("subscriber") if item["email"] == buyer.email)
    assert (subscriber["standing"], subscriber["asked"]["detail"]) == ("unconfirmed", order["code"])
    wait_until(
        lambda: [email["delivery"] for email in the_emails(stack, order)] == ["delivered"] * 3,
        seconds=15,
        what=lambda: f"the news of the mail service is written down: {the_emails(stack, order)}",
    )
    assert {email["message_id"] for email in the_emails(stack, order)} == {
        mail["id"] for mail in stack.mails(buyer.email)
    }


@pytest.mark.parametrize(
    ("domain", "cents"), [(MEMBERS[0][2][0], 399_00), ("onbekend.example.nl", 549_00)], ids=["member", "no-member"]
)
def test_member_price_can_be_tried_at_once(stack: Stack, domain: str, cents: int) -> None:
    buyer = Buyer(stack=stack, offer="congres-2027", email=new_email(domain)).register(self="ja", member="nee")
    assert stack.sessions(buyer.email)[0]["amount_total"] == cents
    buyer.press("pay")
    confirmation, ticket = sorted(stack.wait_for_mails(buyer.email), key=lambda mail: len(mail["attachments"]))
    assert cents_after("Totaal", confirmation["text"]) == cents
    assert [attached["name"] for attached in ticket["attachments"]] == ["event.ics"]
    order = the_order(stack, buyer)
    assert (order["state"], the_payment(stack, order)["amount_cents"]) == ("paid", cents)


def test_lost_webhook_is_made_good_when_the_buyer_looks(stack: Stack, buyer: Buyer) -> None:
    buyer.register().press("lost")
    assert the_order(stack, buyer)["state"] == "pending"
    assert "Uw betaling is ontvangen" in buyer.look()
    assert the_order(stack, buyer)["state"] == "paid"
    assert len(stack.wait_for_mails(buyer.email)) == 2


def test_lost_webhook_of_a_buyer_who_never_returns_is_made_good_by_the_sweep(stack: Stack, buyer: Buyer) -> None:
    stack.act("pay", buyer.register().session_id, webhook="lost")
    order = the_order(stack, buyer)
    assert order["state"] == "pending"
    let_time_pass(stack, pk=f"ORDER#{order['id']}", sk="ORDER")
    assert len(stack.wait_for_mails(buyer.email)) == 2
    order = the_order(stack, buyer)
    assert (order["state"], the_payment(stack, order)["amount_cents"]) == ("paid", PRICE)


def test_unpaid_order_is_closed_at_stripe_and_then_let_go(stack: Stack, buyer: Buyer) -> None:
    buyer.register()
    let_time_pass(stack, pk=f"ORDER#{the_order(stack, buyer)['id']}", sk="ORDER")
    wait_until(lambda: the_order(stack, buyer)["state"] == "expired", seconds=15, what=lambda: "the order is let go")
    assert stack.sessions(buyer.email)[0]["status"] == "expired"
    assert stack.mails(buyer.email) == []


@pytest.mark.parametrize(
    ("fault", "delivery", "pause"), [("throttle", "queued", 60), ("error_500", "sending", 15 * 60)]
)
def test_mail_that_is_refused_at_first_comes_once(
    stack: Stack, buyer: Buyer, fault: str, delivery: str, pause: int
) -> None:
    """After a pause when the mail service said no; after the lease when nobody knows what it did."""
    buyer.register()
    with stack.mail_fault(fault, times=2):
        paid = datetime.now(UTC)
        buyer.press("pay")
        wait_until(
            lambda: (
                [email["delivery"] for email in the_emails(stack, the_order(stack, buyer))] == [delivery] * 2
                and pending(stack) == []
            ),
            seconds=15,
            what=lambda: f"both mails are refused: {the_emails(stack, the_order(stack, buyer))}",
        )
    order = the_order(stack, buyer)
    assert (order["state"], stack.mails(buyer.email)) == ("paid", [])
    for email in the_emails(stack, order):
        waits = datetime.fromisoformat(email["due"]) - paid
        assert timedelta(seconds=pause - 5) < waits < timedelta(seconds=pause + 15)
        let_time_pass(stack, pk=f"ORDER#{order['id']}", sk=f"EMAIL#{email['id']}")
    assert len(stack.wait_for_mails(buyer.email)) == 2
    wait_until(
        lambda: [email["delivery"] for email in the_emails(stack, order)] == ["delivered", "delivered"],
        seconds=15,
        what=lambda: f"both are delivered: {the_emails(stack, order)}",
    )
    assert [email["attempt"] for email in the_emails(stack, order)] == [2, 2]
    assert len(stack.mails(buyer.email)) == 2


def test_everything_adds_up_at_the_end(stack: Stack) -> None:
    """All tests of this module together: what Stripe received is what was booked, once, on paid orders."""
    received = {intent["id"]: intent["amount_received"] for intent in stack.books()["payment_intents"]}
    booked = {payment["id"]: int(payment["amount_cents"]) for payment in stack.items("payment")}
    assert booked == {intent: amount for intent, amount in received.items() if amount}
    paid = [order for order in stack.items("order") if order["state"] == "paid"]
    assert sum(booked.values()) == sum(line["unit_cents"] for order in paid for line in order["lines"])
    assert {order["payment_id"] for order in paid} == set(booked)
    members = [order for order in paid if order["offer_id"] == "lidmaatschap"]
    assert len(stack.items("membership")) == len(MEMBERS) + len(members)
    # a confirmation, and a welcome to each new member or a ticket to each attendee
    emails, ticked = stack.items("email"), {consent["order_id"] for consent in stack.items("consent")}
    assert len([email for email in emails if email["kind"] != "subscription"]) == 2 * len(paid)
    # and a question to each who ticked the newsletter
    asked = {email["order_id"] for email in emails if email["kind"] == "subscription"}
    assert asked == ticked & {order["id"] for order in paid}
    assert "Traceback" not in stack.said()


class _Queues(dict[str, str]):
    """Queues whose addresses do not matter."""

    def __missing__(self, name: str) -> str:
        return f"http://queues/{name}"


def the_order(stack: Stack, buyer: Buyer) -> Json:
    (order,) = stack.orders(buyer.email)
    return order


def the_payment(stack: Stack, order: Json) -> Json:
    (payment,) = (item for item in stack.items("payment") if item["order_id"] == order["id"])
    return payment


def the_intent(stack: Stack, buyer: Buyer) -> Json:
    (session,) = stack.sessions(buyer.email)
    intents: list[Json] = stack.books()["payment_intents"]
    (intent,) = (each for each in intents if each["id"] == session["payment_intent"])
    return intent


def the_emails(stack: Stack, order: Json) -> list[Json]:
    return [item for item in stack.items("email") if item["order_id"] == order["id"]]


def pending(stack: Stack) -> list[Json]:
    """The faults of the mail service that are still to come."""
    faults: list[Json] = stack.http.get(f"{stack.mailbox}/_stand-in/faults", timeout=10).json()
    return faults


def cents_after(words: str, text: str) -> int:
    """The amount that stands behind these words, in cents."""
    amount = text.partition(words)[2].partition("€")[2].replace("\u00a0", " ").split("<")[0].split()[0]
    return int(Decimal(amount.replace(".", "").replace(",", ".")) * 100)


def let_time_pass(stack: Stack, *, pk: str, sk: str) -> None:
    """Make the row due a minute ago, as if the pause it waits for were over."""
    due = datetime.now(UTC) - timedelta(minutes=1)
    stack.dynamodb().update_item(
        TableName=TABLE,
        Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET #due = :due",
        ConditionExpression="attribute_exists(#due)",
        ExpressionAttributeNames={"#due": "due"},
        ExpressionAttributeValues={":due": {"S": due.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")}},
    )
