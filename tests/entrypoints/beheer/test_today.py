"""Today: what needs a person stands first, and the numbers below it are those of one edition."""

from __future__ import annotations

import re
from datetime import timedelta

from chalicelib.domain.calendar import local_date
from chalicelib.domain.dead_letter import WorkerQueue
from chalicelib.domain.staff import Role
from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.orders import paid_event, text_of, under_review
from tests.events import EVENT

NOTHING = "Er is niets dat op u wacht."


def today(browser: Browser, query: str = f"offer={EVENT}") -> str:
    return text_of(browser, f"/beheer?{query}").replace("\u00a0", " ")


def secretary(desk: Desk) -> Browser:
    """Somebody who is not asked about the settings."""
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[Role.SECRETARIAAT])
    return browser


def test_when_nothing_waits_it_says_so(desk: Desk) -> None:
    assert NOTHING in today(secretary(desk), "")


def test_what_reconciliation_found_leads_to_its_order(desk: Desk) -> None:
    order = under_review(desk)
    desk.clock.advance(minutes=9)
    desk.reconcile()
    browser = secretary(desk)
    page = browser.get("/beheer").body.decode()
    assert NOTHING not in page
    assert f'href="https://aanmelden.example.nl/beheer/aanmeldingen/{order.code}"' in page
    assert "Neem het aan, of betaal het terug." in page


def test_settings_to_confirm_are_shown_to_whoever_can_have_them_filled_in(desk: Desk, browser: Browser) -> None:
    assert "het rekeningnummer" in today(browser, "")
    assert "het rekeningnummer" not in today(secretary(desk), "")


def test_messages_that_were_laid_aside_are_counted(desk: Desk) -> None:
    desk.dead_letters.lay(WorkerQueue.EMAILS, "a-message")
    assert "1 bericht is blijven liggen" in today(secretary(desk))


def test_while_the_queues_do_not_answer_the_page_is_there_and_says_so(desk: Desk) -> None:
    desk.dead_letters.down = True
    text = today(secretary(desk))
    assert "is nu niet te zien" in text
    assert NOTHING not in text


def test_memberships_that_end_soon_are_named_and_those_that_were_renewed_are_not(desk: Desk) -> None:
    day = local_date(desk.clock())
    desk.member("een.nl", organisation="Eindigt Straks", ends_on=day + timedelta(days=59))
    desk.member("twee.nl", organisation="Eindigt Later", ends_on=day + timedelta(days=61))
    desk.member("drie.nl", organisation="Is Verlengd", ends_on=day + timedelta(days=10))
    desk.member("drie.nl", organisation="Is  verlengd", ends_on=day + timedelta(days=300))
    desk.member("vier.nl", organisation="Is Al Weg", ends_on=day - timedelta(days=1))
    text = today(secretary(desk))
    assert "1 lidmaatschap eindigt binnen 60 dagen" in text
    assert "Eindigt Straks" in text
    for other in ("Eindigt Later", "Is Verlengd", "Is Al Weg"):
        assert other not in text
    assert "3 leden op dit moment" in text


def test_the_numbers_are_those_of_the_edition_that_is_shown(desk: Desk) -> None:
    paid_event(desk)
    text = today(secretary(desk))
    for number in ("1 bevestigde aanmelding", "3 personen van 10 plaatsen", "€ 1.647,00 ontvangen", "0 leden"):
        assert number in text
    assert "0 bevestigde aanmeldingen" in today(secretary(desk), "offer=lidmaatschap")
    # an edition that is none of ours is the one that comes next
    assert "Proefcongres" in today(secretary(desk), "offer=%3Cb%3E")


def test_the_picture_says_in_words_what_it_shows(desk: Desk) -> None:
    paid_event(desk)
    page = secretary(desk).get(f"/beheer?offer={EVENT}").body.decode()
    assert page.count("<rect") == 1
    assert "1 bevestigde aanmelding in 30 dagen, hoogstens 1 op één dag" in page
    assert re.search(r"<td>25.november.2026</td><td class=\"right\">1</td>", page)
    desk.clock.advance(days=31)
    browser = secretary(desk)
    assert "In de laatste 30 dagen zijn er geen bevestigde aanmeldingen bijgekomen." in today(browser)


def test_a_doorman_sees_nothing_of_it(desk: Desk) -> None:
    under_review(desk)
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[Role.DEUR])
    with counted(desk) as asked:
        text = text_of(browser, "/beheer")
    assert "Voor uw rol staat hier niets." in text
    assert asked == ["Query"]
