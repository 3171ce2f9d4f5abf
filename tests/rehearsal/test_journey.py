"""The journey on a deployed desk: through API Gateway, the functions of the real zip, the table, the queues and SES."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests

from infra.deploy import base_url_of
from infra.parameters import Parameters
from infra.questions import complaints
from infra.resources import dead_letter_queue_name, queue_name
from tests.package.function import schedule_event
from tests.rehearsal.cloud import STAGE
from tests.rehearsal.conftest import Deployed

FORM = {
    "organisation": "Gemeente Voorbeeldstad",
    "name": "Zoë van ’t Hof",
    "email": "zoe@voorbeeldstad.nl",
    "street": "Dorpsstraat 1",
    "postal_code": "1234ab",
    "city": "Voorbeeldstad",
    "registration_number": "12345678",
    "newsletter": "ja",
}


def test_from_the_form_to_the_mails_with_every_link_where_the_desk_is(deployed: Deployed) -> None:
    base = f"{deployed.cloud.edge}/api"
    index = _page(f"{base}/nl")
    page = _page(f"{base}/nl/lidmaatschap")
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    sent = requests.post(f"{base}/nl/lidmaatschap", data=FORM | {"key": key[1]}, allow_redirects=False, timeout=30)
    assert sent.status_code == 303
    session = _sessions(deployed)[-1]
    assert sent.headers["Location"] == session["url"]

    paid = requests.post(f"{deployed.cloud.stripe}/_stand-in/sessions/{session['id']}/pay", timeout=10)
    paid.raise_for_status()
    # nobody returns: the webhook alone settles it, over the endpoint that deploy made
    order = _order(deployed, session["id"])
    _eventually(lambda: _order(deployed, session["id"])["state"]["S"] == "paid")
    way_back = _page(session["success_url"])
    assert "betaald" in way_back.lower()

    def delivered() -> bool:
        emails = _rows(deployed, pk=order["pk"]["S"], prefix="EMAIL#")
        return len(emails) == 3 and {email["delivery"]["S"] for email in emails} == {"delivered"}

    _eventually(delivered)
    mails = [mail for mail in deployed.cloud.mails() if mail["to"] == [FORM["email"]]]
    assert len(mails) == 3, "the confirmation, the welcome, and whether he wants the newsletter that he ticked"

    links = [link for text in (index, page, way_back) for link in _links(text)]
    links += [link for mail in mails for link in _links(mail["html"]) + re.findall(r"https?://\S+", mail["text"])]
    ours = [link for link in links if link.startswith((deployed.cloud.edge, "/"))]
    assert len(ours) > 10
    for link in ours:
        # the stage is part of every address: beside it API Gateway knows nothing
        assert link.startswith(f"{base}/"), link
    assert [link for link in ours if ".amazonaws.com" in link] == []
    for link in {urlsplit(link)._replace(fragment="").geturl() for link in ours}:
        assert requests.get(link, timeout=30).status_code == 200, link


def test_a_poisoned_message_is_laid_aside_and_its_batch_goes_through(deployed: Deployed) -> None:
    sqs = deployed.cloud.client("sqs")
    work = sqs.get_queue_url(QueueName=queue_name("deliveries", stage=STAGE))["QueueUrl"]
    dead = sqs.get_queue_url(QueueName=dead_letter_queue_name("deliveries", stage=STAGE))["QueueUrl"]
    # five tries of six minutes each are too long to wait for
    sqs.set_queue_attributes(QueueUrl=work, Attributes={"VisibilityTimeout": "2"})
    fine = json.dumps({"eventType": "Open", "mail": {"messageId": "m"}})
    entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate([fine, "no JSON", fine])]
    try:
        sqs.send_message_batch(QueueUrl=work, Entries=entries)
        _eventually(lambda: _waiting(sqs, dead) == 1)
        _eventually(lambda: _waiting(sqs, work) == 0)
    finally:
        sqs.set_queue_attributes(QueueUrl=work, Attributes={"VisibilityTimeout": "360"})
    (letter,) = sqs.receive_message(QueueUrl=dead)["Messages"]
    assert letter["Body"] == "no JSON"
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])


def test_each_schedule_runs_and_tells_how_it_is(deployed: Deployed) -> None:
    functions = deployed.stack.resources("AWS::Lambda::Function")
    event = json.dumps(schedule_event()).encode()
    for name, metric in (("Sweep", "OverdueSeconds"), ("Reconcile", "Differences")):
        log = _run(deployed, functions[name], event=event)
        (line,) = [line for line in log.splitlines() if f'"{metric}": 0' in line]
        # CloudWatch reads a figure only from a line that is nothing but JSON
        assert json.loads(line)[metric] == 0
    # these two say nothing when there is nothing to do
    for name in ("Retention", "Newsletter"):
        answer = deployed.cloud.client("lambda").invoke(FunctionName=functions[name], Payload=event)
        assert "FunctionError" not in answer, answer["Payload"].read()


def _run(deployed: Deployed, function: str, *, event: bytes) -> str:
    """What a function says while it does this; a busy emulator may have lost it, and then it is done again."""
    for _ in range(5):
        answer = deployed.cloud.client("lambda").invoke(FunctionName=function, LogType="Tail", Payload=event)
        assert "FunctionError" not in answer, answer["Payload"].read()
        if "LogResult" in answer:
            return base64.b64decode(answer["LogResult"]).decode()
    raise AssertionError(f"{function} says nothing")


def test_a_form_on_another_site_may_read_the_answers_and_a_stranger_may_not(deployed: Deployed) -> None:
    form = f"{deployed.cloud.edge}/api/nl/lidmaatschap"
    for origin, allowed in (("https://lpb.example.nl", "https://lpb.example.nl"), ("https://evil.example", None)):
        answer = requests.get(form, headers={"Origin": origin}, timeout=30)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_without_an_address_of_its_own_the_desk_takes_that_of_api_gateway(deployed: Deployed) -> None:
    parameters = Parameters(deployed.where.client("ssm"), stage=STAGE)
    settings = parameters.settings()
    assert base_url_of(deployed.stack, parameters) == settings["LOKET_BASE_URL"]
    unset = {name: value for name, value in settings.items() if name != "LOKET_BASE_URL"}
    # never known, or that of a stack that is gone
    for before in ({}, {"LOKET_BASE_URL": "https://0ld.execute-api.eu-west-1.amazonaws.com/api"}):
        parameters.keep_settings(unset | before)
        try:
            address = base_url_of(deployed.stack, parameters)
            (api,) = deployed.where.client("apigateway").get_rest_apis()["items"]
            assert address == f"https://{api['id']}.execute-api.eu-west-1.amazonaws.com/api"
            assert parameters.settings() == {**unset, "LOKET_BASE_URL": address}
            assert complaints(parameters.settings(), stage=STAGE) == []
        finally:
            parameters.keep_settings(settings)


def _page(url: str) -> str:
    answer = requests.get(url, timeout=30)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.text


def _links(html: str) -> list[str]:
    return re.findall(r'(?:href|src|action)="([^"#][^"]*)"', html)


def _sessions(deployed: Deployed) -> list[dict[str, Any]]:
    books = requests.get(f"{deployed.cloud.stripe}/_stand-in/books", timeout=10).json()
    sessions: list[dict[str, Any]] = books["sessions"]
    return sessions


def _order(deployed: Deployed, session_id: str) -> dict[str, Any]:
    items = deployed.where.client("dynamodb").scan(TableName=deployed.stack.name, ConsistentRead=True)["Items"]
    (order,) = [item for item in items if item["sk"]["S"] == "ORDER" and item["session_id"]["S"] == session_id]
    return dict(order)


def _rows(deployed: Deployed, *, pk: str, prefix: str) -> list[dict[str, Any]]:
    answer = deployed.where.client("dynamodb").query(
        TableName=deployed.stack.name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
    )
    return list(answer["Items"])


def _waiting(sqs: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(told[name]) for name in names)


def _eventually(holds: Callable[[], bool], *, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)  # what is waited for happens in processes of the emulator, which tell nobody
