"""What is left out is not missed: the same things work from the unpacked zip alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.trim import SERVICES, is_read
from tests.package.conftest import PROJECT


def _run(task: Path, code: str) -> Any:
    """The JSON that a piece of code prints, with nothing but the zip and the standard library to import."""
    program = f"import sys; sys.path.insert(0, {str(task)!r})\nimport json\n{code}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program], cwd=task, env={}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_addresses_are_judged_without_dnspython(task: Path) -> None:
    assert not (task / "dns").exists()
    said = _run(
        task,
        """
from chalicelib.web.formats import Malformed, email
def judge(address):
    try:
        return email(address)
    except Malformed as fault:
        return str(fault)
addresses = ["ada@voorbeeldstad.nl", "zoë@bücher.example", "ada@bücher.example", "ada@nowhere", "ada@x..nl", "@"]
print(json.dumps([judge(address) for address in addresses] + ["dns" in sys.modules]))
""",
    )
    bad = "email_invalid"
    assert said == ["ada@voorbeeldstad.nl", bad, "ada@xn--bcher-kva.example", bad, bad, bad, False]


def test_a_postal_code_is_judged_with_the_tables_of_no_other_country(task: Path) -> None:
    assert not (task / "stdnum" / "be").exists()
    said = _run(
        task,
        """
from chalicelib.web.formats import Malformed, postal_code
def judge(code):
    try:
        return postal_code(code)
    except Malformed as fault:
        return str(fault)
print(json.dumps([judge(code) for code in ("1234ab", "0123 AB")]))
""",
    )
    assert said[0] == "1234 AB"
    assert said[1] != "0123 AB"


def test_every_kept_service_has_a_client_and_no_other(task: Path) -> None:
    assert _run(
        task,
        f"""
import boto3
services = {sorted(SERVICES)}
session = boto3.Session(region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
hosts = [session.client(service).meta.endpoint_url for service in services]
print(json.dumps([hosts, session.get_available_services()]))
""",
    ) == [
        [
            "https://dynamodb.eu-west-1.amazonaws.com",
            "https://s3.eu-west-1.amazonaws.com",
            "https://email.eu-west-1.amazonaws.com",
            "https://sqs.eu-west-1.amazonaws.com",
            "https://ssm.eu-west-1.amazonaws.com",
            "https://sts.eu-west-1.amazonaws.com",
        ],
        sorted(SERVICES),
    ]


def test_every_service_that_the_code_asks_for_is_kept() -> None:
    sources = (PROJECT / "chalicelib").rglob("*.py")
    asked = {name for path in sources for name in re.findall(r'\b(?:client|resource)\(\s*"(\w+)"', path.read_text())}
    assert {"dynamodb", "s3", "sqs", "sesv2"} <= asked <= SERVICES


HEAVY = (
    "stripe",
    "requests",
    "xlsxwriter",
    "markdown_it",
    "nh3",
    "icalendar",
    "stdnum",
    "email_validator",
    "dateutil.rrule",
)


def test_the_web_starts_with_nothing_heavy(task: Path) -> None:
    """What a first page needs is chalice, DynamoDB and the templates; the rest comes where it is used."""
    assert (
        _run(
            task,
            f"""
import app, sys
from chalicelib.rendering.renderer import Renderer
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
""",
        )
        == []
    )


def test_a_workbook_is_made_when_it_is_asked_for_and_costs_nothing_before(task: Path) -> None:
    assert _run(
        task,
        """
import app, sys
before = "xlsxwriter" in sys.modules
from chalicelib.rendering.sheet import Euro, Sheet, as_xlsx
content = as_xlsx(Sheet(title="Blad", headers=("Naam", "Prijs"), rows=[("=1+1", Euro(39900))]))
print(json.dumps([before, content[:2].decode()]))
""",
    ) == [False, "PK"]


def test_an_event_of_stripe_is_read_without_the_events_of_its_second_api(task: Path) -> None:
    assert not (task / "stripe" / "events").exists()
    assert _run(
        task,
        """
import stripe
stripe.StripeClient("sk_test_x").v1.checkout.sessions
charge = {"id": "ch_1", "object": "charge"}
event = {"id": "evt_1", "object": "event", "type": "charge.failed", "data": {"object": charge}}
body, secret = json.dumps(event), "whsec_test"
import time
signature = stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()))
read = stripe.Webhook.construct_event(body, signature, secret)
print(json.dumps([type(read).__name__, type(read.data.object).__name__, read.type]))
""",
    ) == ["Event", "Charge", "charge.failed"]


def test_dates_are_told_and_entered_in_calendars_with_the_zones_of_europe_alone(task: Path) -> None:
    """As on Lambda, which has no zones of its own."""
    assert not (task / "tzdata" / "zoneinfo" / "America").exists()
    said = _run(
        task,
        """
import zoneinfo
zoneinfo.reset_tzpath(to=[])
from datetime import UTC, datetime
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.offer import Session
from chalicelib.rendering.calendar_file import calendar_file
summer, winter = (datetime(2027, month, 9, 10, tzinfo=UTC) for month in (7, 11))
file = calendar_file(
    uid="1@x.nl", sequence=0, title="Congres", place="Zwolle", description="", url="https://x.nl", made_at=summer,
    sessions=(Session(starts_at=winter, ends_at=winter),),
)
told = [moment.astimezone(AMSTERDAM).hour for moment in (summer, winter)]
print(json.dumps([told, b"DTSTART" in file, str(zoneinfo.ZoneInfo("UTC"))]))
""",
    )
    assert said == [[12, 11], True, "UTC"]


def test_a_newsletter_is_made_when_it_is_asked_for_and_costs_nothing_before(task: Path) -> None:
    assert _run(
        task,
        """
import app, sys
from datetime import UTC, datetime
from chalicelib.domain.association import Association
from chalicelib.domain.identity import Identity
from chalicelib.domain.link import Links
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.rendering.newsletter import NewsletterComposer
from chalicelib.rendering.renderer import Renderer
house = Association(name="Vereniging", short_name="V", website="https://x.nl", email="info@x.nl")
composer = NewsletterComposer(Renderer(house), links=Links("https://x.nl", Identity("a secret")))
before = [name for name in ("markdown_it", "nh3") if name in sys.modules]
issue = read_issue_text("---\\nonderwerp: Nieuws uit de wijk\\npreheader: x\\n---\\nBeste {naam}, | a |\\n\\n* een")
prepared = composer.prepare(issue, offers={}, now=datetime(2027, 1, 1, tzinfo=UTC))
letter = prepared.letter(to="a@x.nl", name="<b>", unsubscribe_url="u", preferences_url="p", web_url="w")
print(json.dumps([before, prepared.sendable, "&lt;b&gt;" in letter.html, "Beste <b>," in letter.text]))
""",
    ) == [[], True, True, True]


def test_which_files_are_left_out() -> None:
    kept: tuple[str, ...] = (
        "app.py",
        "botocore/data/_retry.json",
        "botocore/data/sqs/2012-11-05/service-2.json.gz",
        "boto3/session.py",
    )
    kept += ("stripe/_refund.py", "stdnum/util.py", "stdnum/nl/postcode.py", "stripe/v2/core/_event.py")
    kept += ("tzdata/zoneinfo/Europe/Amsterdam", "tzdata/zoneinfo/UTC", "tzdata/zones", "markdown_it/main.py")
    assert [path for path in kept if not is_read(path)] == []
    left_out = (
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "botocore/data/sqs/2012-11-05/examples-1.json",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "chalicelib/__pycache__/settings.cpython-313.pyc",
        "certifi/tests/test_certify.py",
        "dns/resolver.py",
        "stripe/params/checkout/_session_create_params.py",
        "stdnum/cn/loc.dat",
        "stdnum/be/vat.py",
        "stdnum/isbn.py",
        "stripe/events/_v1_charge_failed_event.py",
        "tzdata/zoneinfo/America/New_York",
        "tzdata/zoneinfo/Zulu",
        "markdown_it/cli/parse.py",
    )
    assert [path for path in left_out if is_read(path)] == []
