"""An issue of the newsletter, written, looked at, tried out, sent and read online: in a browser without JavaScript."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from playwright.sync_api import expect

from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Evidence, Means, new_subscriber
from tests.browser.conftest import PHONE, SMALLEST, OpenPage
from tests.browser.pages import complaints, follow, heading, press
from tests.browser.secretary import Secretary
from tests.browser.stack import Stack, wait_until
from tests.looks.studio import overflow

TOPIC = "werkgroepen"


def subscribe(stack: Stack) -> str:
    """Somebody who gets what is about this topic."""
    address = f"lezer.{uuid4().hex[:10]}@example.nl"
    asked = Evidence(
        means=Means.FORM, text="Ja", language=Language.NL, source=stack.desk, detail="", at=datetime.now(UTC)
    )
    reader = new_subscriber(
        address,
        # any secret will do: nothing asks for him by his address
        subscriber_id=Identity("a" * 32).subscriber_id(address),
        name="Ada Lezer",
        language=Language.NL,
        topics=(TOPIC,),
        asked=asked,
    ).confirms(replace(asked, means=Means.LINK))
    unit = stack.store().unit_of_work()
    unit.subscribers.add(reader)
    unit.commit()
    return address


def test_an_issue_is_written_tried_out_sent_and_read_online(stack: Stack, open_page: OpenPage) -> None:
    secretary = Secretary.new(stack=stack, page=open_page(javascript=False))
    address, page = subscribe(stack), secretary.page
    follow(page, "Nieuwsbrief")
    follow(page, "Nieuwe nieuwsbrief schrijven")
    field = page.get_by_label("Tekst", exact=True)
    field.fill(field.input_value().replace("## Een eerste onderwerp", "## Uit de werkgroepen"))
    page.get_by_label("Rubriek").select_option("Werkgroepen")
    press(page, "Voorbeeld en proef")

    mail = page.frame_locator("iframe.mail")
    expect(mail.get_by_role("heading", name="Uit de werkgroepen")).to_be_visible()
    expect(mail.get_by_role("link", name="Lees verder")).to_be_visible()
    # styled as it will be: the policy of our own pages would have taken that away
    look = mail.get_by_role("link", name="Lees verder").evaluate("e => getComputedStyle(e).textDecorationLine")
    assert look == "none"
    press(page, "Stuur de proef")
    proofs = [mail for mail in stack.wait_for_mails(secretary.email, count=2) if mail["subject"].startswith("[Proef] ")]
    assert len(proofs) == 1
    for size in (PHONE, SMALLEST):
        page.set_viewport_size(size)
        assert overflow(page) == 0

    follow(page, "Versturen…")
    assert complaints(page) == []
    page.get_by_label("Ja, stuur deze nieuwsbrief").check()
    press(page, "Versturen")
    address_of_page = page.url.partition("?")[0]

    def sent() -> bool:
        page.goto(address_of_page)
        return "Uitslag" in secretary.reads()

    wait_until(sent, seconds=60, what=secretary.reads)
    (letter,) = stack.wait_for_mails(address, count=1)
    assert "Ada Lezer" in letter["text"]
    follow(page, "Bekijk online")
    assert heading(page) == "Nieuws van LPB"
    assert "Beste lezer" in page.inner_text("main")
    assert complaints(page) == []
