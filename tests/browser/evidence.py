"""What has to be true after a registration: at Stripe, in the table, on the page of the order and in every mail."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from icalendar import Calendar
from playwright.sync_api import Page

from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from tests.browser.buyer import NAME, ORGANISATION
from tests.browser.events import event_of
from tests.browser.pages import TEXTS, heading
from tests.browser.stack import Json, Stack, wait_until

ASSOCIATION_DOMAIN = "lpb.example.nl"
# Words that only one of the languages has; each mail has some of them.
TELLING = {"nl": ("Beste ", "Dit bericht is automatisch verzonden"), "en": ("Dear ", "This message was sent")}


@dataclass(frozen=True, kw_only=True)
class Comer:
    """Somebody who comes, and what he has to pay by which rule; `member`: his organisation is recognised."""

    name: str
    email: str
    cents: int = 0
    rule: str = "list_price"
    member: bool = False
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One registration in one language, of these people in this order; the buyer's address is `email`."""

    stack: Stack
    offer: Offer
    lang: str
    email: str
    comers: tuple[Comer, ...]

    @property
    def cents(self) -> int:
        return sum(comer.cents for comer in self.comers)

    @property
    def title(self) -> str:
        return self.offer.title.within(Language(self.lang))

    def order(self) -> Json:
        (order,) = (each for each in self.stack.orders(self.email) if each["offer_id"] == self.offer.id)
        return order

    def must_be_asked_at_stripe(self, page: Page) -> None:
        """The payment page asks the total, so many times each price, and tells Stripe nobody's name."""
        assert page.url.startswith(f"{self.stack.stripe}/pay/"), page.url
        assert plain(heading(page)) == f"Betaal {euro(self.cents)}"
        (session,) = (each for each in self.stack.sessions(self.email) if each["status"] == "open")
        assert (session["amount_total"], session["currency"], session["locale"]) == (self.cents, "eur", self.lang)
        bill = [plain(line) for line in page.locator(".lines li").all_inner_texts()]
        assert len(bill) == len(self._alike())
        for line, (cents, count) in zip(bill, self._alike().items(), strict=True):
            assert f"{self.title} ({self.order()['code']})" in line
            assert line.endswith(euro(cents * count))
            assert (f"{count} × {euro(cents)}" in line) == (count > 1)
            if self.offer.price_note:
                assert self.offer.price_note.within(Language(self.lang)) in line
        assert not any(comer.name in page.content() for comer in self.comers)

    def must_be_on_the_page(self, page: Page) -> None:
        """The order's own page says that all is well, who comes and what each of them costs."""
        texts = TEXTS[self.lang]
        page.get_by_role("heading", level=1, name=texts[f"order.{self.state}.title"], exact=True).wait_for()
        assert page.locator("html").get_attribute("lang") == self.lang
        rows = [plain(row) for row in page.locator("tbody tr, .names li").all_inner_texts()]
        assert [re.split(r"[\n\t]+", row) for row in rows] == [self._row(comer) for comer in self.comers]
        totals = [plain(cell) for cell in page.locator("tr.sumline td").all_inner_texts()]
        assert totals == ([euro(self.cents, self.lang)] if self.cents else [])
        assert str(self.order()["code"]) in page.get_by_role("main").inner_text()

    def must_be_in_the_table(self) -> None:
        """Each price with its reason, the money booked once, and a seat sold for everybody."""
        order = self.order()
        assert (order["state"], order["language"], order["seating"]) == (self.state, self.lang, "sold")
        assert len(order["lines"]) == len(self.comers)
        for line, comer in zip(order["lines"], self.comers, strict=True):
            reason = line["reason"]
            assert (line["unit_cents"], line["quantity"], reason["rule"]) == (comer.cents, 1, comer.rule)
            assert bool(reason["membership_id"]) == comer.member
            assert reason["mail_domain"] == (comer.email.rpartition("@")[2] if comer.member else "")
            assert datetime.fromisoformat(reason["decided_at"]) >= datetime.fromisoformat(order["created_at"])
        booked = [int(each["amount_cents"]) for each in self.stack.items("payment", order_id=order["id"])]
        assert booked == ([self.cents] if self.cents else [])

    def must_be_mailed(self) -> None:
        """One confirmation to the buyer, one ticket to each attendee at his own address, and nothing else."""
        addresses, order = [self.email, *(comer.email for comer in self.comers)], self.order()
        wait_until(
            lambda: len(self._mails(order)) >= len(addresses),
            seconds=15,
            what=lambda: f"{len(addresses)} mails; there are {[mail['subject'] for mail in self._mails(order)]}",
        )
        mails = self._mails(order)
        assert sorted(mail["to"][0] for mail in mails) == sorted(addresses)
        assert all(len(mail["to"]) == 1 and mail["defects"] == [] for mail in mails)
        assert {len(self.stack.mails(address)) for address in set(addresses) - {self.email}} <= {1}
        for mail in mails:
            self._must_be_in_the_language(mail)
        confirmation, *tickets = sorted(mails, key=lambda mail: str(mail["subject"]) != self._subject(order))
        self._must_confirm(confirmation)
        assert len(tickets) == len(self.comers)
        for number, comer in enumerate(self.comers, start=1):
            code = f"{order['code']}-{number}"
            (ticket,) = (mail for mail in tickets if code in mail["subject"])
            self._must_be_a_ticket(ticket, comer, code=code, uid=f"{order['id']}-{number}@{ASSOCIATION_DOMAIN}")

    @property
    def state(self) -> str:
        return "paid" if self.cents else "confirmed"

    def _mails(self, order: Json) -> list[Json]:
        """Whatever was mailed about the order, to whomever."""
        return self.stack.mails_about(order["code"])

    def _alike(self) -> Counter[int]:
        return Counter(comer.cents for comer in self.comers)

    def _row(self, comer: Comer) -> list[str]:
        """A line of the order: who, in which group, by which rule, for how much; what is free has no price."""
        price = [TEXTS[self.lang][f"price.{comer.rule}"], euro(comer.cents, self.lang)] if comer.cents else []
        return [comer.name, *([comer.group] if comer.group else []), *price]

    def _subject(self, order: Json) -> str:
        key = f"mail.confirmation.{'paid' if self.cents else 'free'}.subject"
        return TEXTS[self.lang][key].format(code=order["code"])

    def _must_confirm(self, mail: Json) -> None:
        """The buyer's confirmation has every line, in both its parts, and nothing attached."""
        texts = TEXTS[self.lang]
        assert (mail["to"], mail["subject"]) == ([self.email], self._subject(self.order()))
        assert mail["attachments"] == []
        said = plain(mail["text"])
        shown = [re.sub(r"<[^>]+>", " ", plain(row)) for row in str(mail["html"]).split("</tr>")]
        for comer in self.comers:
            for lines in (said.splitlines(), shown):
                assert [line for line in lines if all(part in line for part in self._row(comer))], self._row(comer)
        total = f"{texts['order.total']}: {euro(self.cents, self.lang)}"
        assert (total in said) == bool(self.cents)
        assert texts["mail.confirmation.tickets"] in said
        assert f"{self.stack.desk}/{self.lang}/order/" in said

    def _must_be_a_ticket(self, mail: Json, comer: Comer, *, code: str, uid: str) -> None:
        """The attendee's own ticket: when, where, the code, who registered him and why, and the calendar's entry."""
        texts, itself = TEXTS[self.lang], comer.email == self.email
        assert mail["to"] == [comer.email]
        assert mail["subject"] == texts["mail.ticket.subject"].format(offer=self.title, code=code)
        said = plain(mail["text"])
        place = event_of(self.offer).place.within(Language(self.lang))
        for fact in (comer.name, code, plain(place), comer.group):
            assert fact in said
        told_by = texts["mail.ticket.why_source"].format(name=NAME, organisation=ORGANISATION)
        assert (texts["mail.ticket.why_source_self"] if itself else told_by) in said
        assert (ORGANISATION in said) != itself
        # what it costs and what the order's page shows is between the buyer and the association
        assert "€" not in said
        assert "/order/" not in said + mail["html"]
        self._must_be_in_a_calendar(mail, comer, code=code, uid=uid)

    def _must_be_in_a_calendar(self, mail: Json, comer: Comer, *, code: str, uid: str) -> None:
        sessions, texts = event_of(self.offer).sessions, TEXTS[self.lang]
        if not sessions:
            assert mail["attachments"] == []
            assert texts["event.dates_follow"] in mail["text"]
            assert texts["mail.ticket.dates_follow_hint"] in mail["text"]
            return
        (attached,) = mail["attachments"]
        assert (attached["name"], attached["type"]) == ("event.ics", "text/calendar")
        entry = calendar_entry(self.stack.attachment(mail))
        assert entry.decoded("dtstart") == sessions[0].starts_at
        assert entry.decoded("dtend") == sessions[-1].ends_at
        assert str(entry["uid"]) == uid
        assert str(entry["summary"]) == self.title
        assert str(entry["location"]) == event_of(self.offer).place.within(Language(self.lang))
        ticket = texts["mail.ticket.calendar"].format(code=code, name=comer.name)
        assert ticket in str(entry["description"]).splitlines()
        assert "/order/" not in str(entry)

    def _must_be_in_the_language(self, mail: Json) -> None:
        other = "en" if self.lang == "nl" else "nl"
        assert f'<html lang="{self.lang}">' in mail["html"]
        for said in (mail["text"], mail["html"]):
            assert all(words in said for words in TELLING[self.lang])
            assert not any(words in said for words in TELLING[other])


def calendar_entry(content: bytes) -> Any:
    """The one event of a calendar file that asks nobody to answer."""
    calendar = Calendar.from_ical(content)
    assert (str(calendar["version"]), "method" in calendar) == ("2.0", False)
    (event,) = calendar.walk("VEVENT")
    assert not event.errors
    return event


def euro(cents: int, lang: str = "nl") -> str:
    """An amount as the language writes it, such as € 1.347,00 and €1,347.00."""
    english = f"{cents // 100:,}.{cents % 100:02}"
    return f"€{english}" if lang == "en" else f"€ {english.translate(str.maketrans(',.', '.,'))}"


def plain(text: str) -> str:
    """The text with common spaces and line ends."""
    return text.replace("\u00a0", " ").replace("\r\n", "\n")
