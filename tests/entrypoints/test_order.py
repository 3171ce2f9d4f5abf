"""The page of one order: the truth in every state, and the three things one can do there."""

from __future__ import annotations

import pytest

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.language import Language
from tests.desk import ANSWERS, BASE_URL, FORM_KEY, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import KEPT_FOR_ONE, orders, safe, said, untouched

LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
STATES = ["unopened", "pending", "processing", "paid", "expired", "review"]
BUTTONS = {
    "unopened": ["pay", "release"],
    "pending": ["pay", "release"],
    "processing": [],
    "paid": [],
    "expired": ["again"],
    "review": [],
}


def order_in(desk: Desk, state: str) -> str:
    """The id of an order that stands where it is said; the desk itself has not heard of it yet."""
    order = desk.register().order
    if state == "unopened":
        return order.id
    desk.open_checkout(order)
    session = desk.gateway.session_of(order.id).id
    match state:
        case "processing":
            desk.gateway.pay_later(session)
        case "paid":
            desk.gateway.pay(session)
        case "expired":
            desk.gateway.close(session)
        case "review":
            desk.gateway.pay(session, amount_cents=49999)
    return order.id


def path_of(desk: Desk, order_id: str, lang: str = "nl") -> str:
    return f"/{lang}/order/{desk.application.identity.link_token(order_id)}"


def show(desk: Desk, order_id: str, *, lang: str = "nl", query: str = "") -> Document:
    answer = desk.get(path_of(desk, order_id, lang) + query)
    assert answer.status_code == 200
    safe(answer)
    return Document(answer)


@LANGUAGES
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "coming_from", ["", "payment", "cancel", "unavailable", "unreleased", "nonsense", "<script>", "%00%ff"]
)
def test_page_tells_the_truth_whatever_the_visitor_comes_from(
    desk: Desk, lang: str, state: str, coming_from: str
) -> None:
    order_id = order_in(desk, state)
    page = show(desk, order_id, lang=lang, query=f"?from={coming_from}")
    status = state.replace("unopened", "pending")
    title, buttons = said(desk, lang, f"order.{status}.title"), BUTTONS[state]
    if status == "pending":
        title, buttons = {
            "payment": (said(desk, lang, "order.waiting.title"), []),
            "cancel": (said(desk, lang, "cancelled.title"), ["pay", "release"]),
            "unavailable": (said(desk, lang, "payment_unavailable.title"), ["pay"]),
            "unreleased": (said(desk, lang, "payment_unavailable.unreleased_title"), ["release", "pay"]),
        }.get(coming_from, (title, buttons))
    assert page.one("h1").text == title
    assert page.title == f"{title} – LPB"
    assert page.buttons() == buttons
    assert bool(list(page.all("meta", http_equiv="refresh"))) is (
        status == "pending" and coming_from in {"payment", "unavailable"}
    )
    assert desk.order(order_id).state == status


@LANGUAGES
def test_page_looks_again_by_itself_until_it_has_looked_enough(desk: Desk, lang: str) -> None:
    order_id = order_in(desk, "pending")
    path, queries = path_of(desk, order_id, lang), ["?from=payment"]
    while len(queries) < 100:
        page = show(desk, order_id, lang=lang, query=queries[-1])
        following = [each.get("content") for each in page.all("meta", http_equiv="refresh")]
        if not following:
            break
        assert following[0].startswith(f"3;url={BASE_URL}{path}?from=payment&look=")
        queries.append(following[0].partition(path)[2])
    assert len(queries) == len(set(queries)) == 21
    assert page.one("h1").text == said(desk, lang, "order.waiting.title")
    desk.gateway.pay(desk.gateway.session_of(order_id).id)
    assert show(desk, order_id, query=queries[3]).one("h1").text == said(desk, "nl", "order.paid.title")


@pytest.mark.parametrize("look", ["", "x", "-1", "1e3", "٣", "²", "9" * 5000, "%00", "20", "999"])
def test_made_up_number_of_looks(desk: Desk, look: str) -> None:
    order_id = order_in(desk, "pending")
    with untouched(desk):
        page = show(desk, order_id, query=f"?from=payment&look={look}")
    assert bool(list(page.all("meta", http_equiv="refresh"))) is (look not in {"20", "999"})


@LANGUAGES
@pytest.mark.parametrize("state", STATES)
def test_page_shows_the_order(desk: Desk, lang: str, state: str) -> None:
    order_id = order_in(desk, state)
    page = show(desk, order_id, lang=lang)
    order = desk.order(order_id)
    facts = page.one("dl", class_="facts").text
    for fact in (order.code, ANSWERS.organisation, ANSWERS.name, ANSWERS.email):
        assert fact in facts
    assert {"nl": "€ 500,00", "en": "€500.00"}[lang] in page.one("tfoot").text
    assert page.language == lang
    assert page.one("meta", name="robots").get("content") == "noindex"
    assert page.one("meta", name="referrer").get("content") == "same-origin"
    assert ("2026" in facts, "2027" in facts) == (True, state == "paid"), "only a member sees his term"
    other = page.one("a", class_="language")
    assert other.get("href") == BASE_URL + path_of(desk, order_id, {"nl": "en", "en": "nl"}[lang])


def test_return_page_confirms_before_any_webhook(desk: Desk) -> None:
    order_id = order_in(desk, "paid")
    assert show(desk, order_id, query="?from=payment").one("h1").text == said(desk, "nl", "order.paid.title")
    assert orders(desk) == ["paid"]
    assert [len(desk.items(kind)) for kind in ("payment", "membership", "email")] == [1, 1, 2]
    assert len(desk.emails.messages) == 2
    with untouched(desk):
        show(desk, order_id, query="?from=payment")


@pytest.mark.parametrize("state", STATES)
def test_payment_service_silent_shows_what_was_known(desk: Desk, state: str) -> None:
    order_id = order_in(desk, state)
    desk.gateway.silent()
    with untouched(desk):
        page = show(desk, order_id)
    assert page.one("h1").text == said(desk, "nl", "order.pending.title")
    desk.gateway.failures.clear()
    show(desk, order_id)
    desk.gateway.silent()
    known = desk.order(order_id).state
    assert show(desk, order_id).one("h1").text == said(desk, "nl", f"order.{known}.title")


def test_page_of_an_erased_buyer_shows_the_rest(desk: Desk) -> None:
    order_id = order_in(desk, "paid")
    show(desk, order_id)
    (buyer,) = desk.items("buyer")
    desk.client.delete_item(TableName="loket-test", Key={name: buyer[name] for name in ("pk", "sk")})
    page = show(desk, order_id)
    assert said(desk, "nl", "order.your_email") in page.text
    assert "Voorbeeldstad" not in page.text
    assert desk.order(order_id).code in page.text


# do=pay


@LANGUAGES
def test_pay_leads_to_the_one_checkout(desk: Desk, lang: str) -> None:
    order_id = order_in(desk, "unopened")
    path = path_of(desk, order_id, lang)
    answers = [desk.post(path, "do=pay") for _ in range(3)]
    for answer in answers:
        assert (answer.status_code, answer.headers["Location"]) == (303, desk.gateway.session_of(order_id).url)
        safe(answer)
    assert len(desk.gateway.stored) == 1


@LANGUAGES
@pytest.mark.parametrize("state", ["processing", "paid", "expired", "review"])
def test_pay_when_there_is_nothing_to_pay_leads_back_to_the_page(desk: Desk, lang: str, state: str) -> None:
    order_id = order_in(desk, state)
    for _ in range(2):  # before the desk has heard of it, and after
        answer = desk.post(path_of(desk, order_id, lang), "do=pay")
        assert answer.headers["Location"] == BASE_URL + path_of(desk, order_id, lang)
    assert desk.order(order_id).state == state
    assert len(desk.gateway.stored) == 1


@LANGUAGES
def test_payment_service_silent_says_so_in_the_language_of_the_page(desk: Desk, lang: str) -> None:
    order_id = order_in(desk, "pending")
    desk.gateway.silent()
    with untouched(desk):
        answer = desk.post(path_of(desk, order_id, lang), "do=pay")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{BASE_URL}{path_of(desk, order_id, lang)}?from=unavailable"
    page = show(desk, order_id, lang=lang, query="?from=unavailable")
    assert page.one("h1").text == said(desk, lang, "payment_unavailable.title")
    path, fields = page.press("pay")
    assert desk.post(path, fields).headers["Location"] == desk.gateway.session_of(order_id).url


# do=release


@LANGUAGES
@pytest.mark.parametrize("state", STATES)
def test_release_lets_go_of_what_is_not_paid(desk: Desk, lang: str, state: str) -> None:
    order_id = order_in(desk, state)
    for _ in range(2):
        answer = desk.post(path_of(desk, order_id, lang), "do=release")
        assert (answer.status_code, answer.headers["Location"]) == (303, BASE_URL + path_of(desk, order_id, lang))
    after = {"unopened": "expired", "pending": "expired"}.get(state, state)
    assert desk.order(order_id).state == after
    assert desk.gateway.session_of(order_id).outcome is not Outcome.OPEN, "nothing payable is left"
    assert show(desk, order_id, lang=lang).one("h1").text == said(desk, lang, f"order.{after}.title")


# do=again


@LANGUAGES
def test_again_gives_the_form_filled_in_with_a_new_key(desk: Desk, lang: str) -> None:
    order_id = order_in(desk, "expired")
    path, fields = show(desk, order_id, lang=lang).press("again")
    with untouched(desk):
        answer = desk.post(path, fields)
    assert answer.status_code == 200
    safe(answer, cache=KEPT_FOR_ONE)
    form = Document(answer)
    assert form.language == lang
    path, fields = form.press("pay")
    assert path.partition("?")[0] == f"/{lang}/lidmaatschap"
    assert fields.items() >= ANSWERS.fields().items()
    assert "newsletter" not in fields
    assert fields["key"] not in {FORM_KEY, ""}
    assert desk.post(path, fields).headers["Location"].startswith("https://checkout.stripe.test/")
    assert orders(desk) == ["expired", "pending"]


# Anything else.


@pytest.mark.parametrize("body", ["", "do=", "do=nope", "do=PAY", "pay", "do=pay%00", "x=pay", "do=%ff", "&&&", "="])
@LANGUAGES
def test_unknown_wish_is_refused(desk: Desk, lang: str, body: str) -> None:
    order_id = order_in(desk, "pending")
    with untouched(desk):
        answer = desk.post(path_of(desk, order_id, lang), body)
    assert answer.status_code == 400
    safe(answer)
    page = Document(answer)
    assert page.language == lang
    assert page.one("h1").text == said(desk, lang, "problem.wrong_type.title")
    assert BASE_URL + path_of(desk, order_id, lang) in [link.get("href") for link in page.all("a")]


@LANGUAGES
def test_large_body_is_refused(desk: Desk, lang: str) -> None:
    order_id = order_in(desk, "pending")
    with untouched(desk):
        answer = desk.post(path_of(desk, order_id, lang), "do=release&x=" + "a" * 1_000_000)
    assert answer.status_code == 413
    assert Document(answer).one("h1").text == said(desk, lang, "problem.too_large.title")


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_other_content_type_is_refused(desk: Desk, content_type: str) -> None:
    order_id = order_in(desk, "pending")
    with untouched(desk):
        answer = desk.post(path_of(desk, order_id), "do=release", content_type=content_type)
    assert answer.status_code == 415
    safe(answer)


def test_looking_changes_nothing_and_cannot_act(desk: Desk) -> None:
    order_id = order_in(desk, "pending")
    with untouched(desk):
        show(desk, order_id, query="?do=release")
        show(desk, order_id, query="?do=pay&from=cancel")


def test_link_in_an_order_keeps_the_language_it_was_made_in(desk: Desk) -> None:
    order = desk.register().order
    assert order.language is Language.NL
    assert desk.application.links.paid(order) == f"{BASE_URL}{path_of(desk, order.id)}?from=payment"
