"""The way back: from an order to the website on which its form was filled in, and to no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk import FORM, WEBSITE, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.test_event_form import ALONE
from tests.entrypoints.test_order import path_of
from tests.events import EVENT, sample_event

PAGE = "/nl/lidmaatschap"
HOST = f"{WEBSITE}/lid-worden?page_id=12"
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])


def placed(desk: Desk, *, number: int = 0) -> str:
    """The id of the order of this generation."""
    orders = sorted(desk.items("order"), key=lambda item: int(item["generation"]["N"]))
    return str(orders[number]["id"]["S"])


def way_back(page: Document) -> str:
    links = [link for link in page.all("a") if link.text.startswith(("Terug naar www", "Back to www"))]
    return links[0].get("href") if links else ""


@LANGUAGES
@pytest.mark.parametrize("coming_from", ["", "?from=payment", "?from=cancel", "?from=unavailable"])
def test_every_page_of_an_order_leads_back(desk: Desk, lang: str, coming_from: str) -> None:
    desk.post(PAGE, FORM | {"page": f"{HOST}&loket-email=ada%40voorbeeldstad.nl#formulier"})
    order_id = placed(desk)
    assert desk.order(order_id).host_page == HOST
    page = Document(desk.get(path_of(desk, order_id, lang) + coming_from))
    assert way_back(page) == HOST


@pytest.mark.parametrize("end", ["paid", "expired"])
def test_so_does_one_that_has_ended(desk: Desk, end: str) -> None:
    desk.post(PAGE, FORM | {"page": HOST})
    session = desk.gateway.session_of(placed(desk)).id
    if end == "paid":
        desk.gateway.pay(session)
    else:
        desk.gateway.close(session)
    assert way_back(Document(desk.get(path_of(desk, placed(desk)) + "?from=payment"))) == HOST


@pytest.mark.parametrize(
    "page",
    [
        "",
        "https://kwaad.nl/",
        f"{WEBSITE}.kwaad.nl/",
        f"https://ada:x@{WEBSITE[8:]}/",
        "javascript:alert(1)",
        "x" * 9999,
    ],
)
def test_a_website_that_is_not_allowed_leads_nowhere_and_stops_nobody(desk: Desk, page: str) -> None:
    assert desk.post(PAGE, FORM | {"page": page}).status_code == 303
    assert desk.order(placed(desk)).host_page == ""
    shown = desk.get(path_of(desk, placed(desk)))
    assert way_back(Document(shown)) == ""
    assert "kwaad" not in shown.body.decode()


def test_a_website_that_is_no_longer_allowed_leads_nowhere(desk: Desk) -> None:
    desk.post(PAGE, FORM | {"page": HOST})
    desk.application.settings = replace(desk.application.settings, allowed_origins=frozenset())
    assert way_back(Document(desk.get(path_of(desk, placed(desk))))) == ""


def test_where_it_was_filled_in_does_not_make_it_another_form(desk: Desk) -> None:
    first = desk.post(PAGE, FORM | {"page": HOST})
    again = desk.post(PAGE, FORM | {"page": f"{WEBSITE}/elders"})
    assert again.headers["Location"] == first.headers["Location"]
    assert len(desk.items("order")) == 1
    assert desk.order(placed(desk)).host_page == HOST


def test_an_order_that_takes_the_place_of_another_leads_back_too(desk: Desk) -> None:
    desk.post(PAGE, FORM | {"page": HOST})
    asked = Document(desk.post(PAGE, FORM | {"page": HOST, "reference": "anders"}))
    assert desk.post(*asked.press("replace")).status_code == 303
    assert desk.order(placed(desk, number=1)).host_page == HOST


def test_an_order_that_is_begun_anew_leads_back_too(desk: Desk) -> None:
    desk.post(PAGE, FORM | {"page": HOST})
    page = path_of(desk, placed(desk))
    desk.post(page, "do=release")
    form = Document(desk.post(page, "do=again"))
    assert desk.post(*form.press("pay")).status_code == 303
    (new,) = [item for item in desk.items("order") if item["state"]["S"] == "pending"]
    assert new["host_page"]["S"] == HOST


def test_a_form_that_waited_leads_back_to_where_it_was_filled_in(desk: Desk) -> None:
    desk.put_offer(sample_event())
    joining = desk.post(f"/nl/{EVENT}", ALONE | {"do": "join", "page": HOST})
    draft_id = joining.headers["Location"].rpartition("=")[2]
    form = Document(desk.get(f"/nl/{EVENT}?draft={draft_id}"))
    assert desk.post(*form.press("pay")).status_code == 303
    assert desk.order(placed(desk)).host_page == HOST


# What a script in another website asks of an order


@pytest.mark.parametrize("do", ["pay", "release"])
def test_a_script_is_told_where_to_go(desk: Desk, do: str) -> None:
    desk.post(PAGE, FORM)
    order_id = placed(desk)
    page = path_of(desk, order_id)
    pay = desk.gateway.session_of(order_id).url
    answer = desk.post(f"{page}?fragment=1", f"do={do}", origin=WEBSITE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == WEBSITE
    assert answer.headers["Cache-Control"] == "no-store"
    own = desk.application.links.order(order_id, desk.order(order_id).language)
    assert answer.json_body == {"url": pay if do == "pay" else own}


def test_a_script_begins_anew_with_a_fragment(desk: Desk) -> None:
    desk.post(PAGE, FORM | {"page": HOST})
    page = path_of(desk, placed(desk))
    assert desk.post(f"{page}?fragment=1", "do=again").json_body["url"].endswith(page), "there is nothing to begin anew"
    desk.post(page, "do=release")
    answer = desk.post(f"{page}?fragment=1", "do=again")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    form = Document(answer)
    assert not list(form.all("title"))
    assert form.field("page").get("value") == HOST
    assert form.field("email").get("value") == FORM["email"]
