"""Offers as data: what is not right is refused, with file, key and reason."""

import tomllib
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.seed_files import OFFERS, seed_files
from chalicelib.domain.error import OfferRefused
from chalicelib.domain.language import Text
from chalicelib.domain.offer import EarlyPrices, Event, Group, Offer, OfferKind, Prices, Session
from chalicelib.domain.seed import RESERVED_NAMES, read_offer
from tests.domain.summer_school import DATA, changed, summer_school

SEED: dict[str, Any] = tomllib.loads((OFFERS / "lidmaatschap.toml").read_text(encoding="utf-8"))


def refusal(data: object) -> OfferRefused:
    with pytest.raises(OfferRefused) as refused:
        read_offer(data, source="some.toml")
    assert refused.value.source == "some.toml"
    assert str(refused.value) == f"some.toml: {refused.value.key}: {refused.value.reason}"
    return refused.value


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("id", "Lid maatschap", "id"),
        ("id", "insluiten", "id"),
        ("kind", "raffle", "kind"),
        ("code_prefix", "l", "code_prefix"),
        ("price_cents", 500.0, "price_cents"),
        ("price_cents", True, "price_cents"),
        ("price_cents", "50000", "price_cents"),
        ("price_cents", 0, "price_cents"),
        ("price_cents", None, "price_cents"),
        ("term_months", -1, "term_months"),
        ("title.en", None, "title.en"),
        ("title.nl", "  ", "title.nl"),
        ("title.fr", "Adhésion", "title.fr"),
        ("title", "Lidmaatschap", "title"),
        ("vat.rate_percent", 0, "vat.rate_percent"),
        ("vat.treatment", "E", "vat.rate_percent"),
        ("vat.treatment", "X", "vat.treatment"),
        ("benefits.1.en", None, "benefits[1].en"),
        ("questions.0.kind", "telepathy", "questions[0].kind"),
        ("questions.0.required", "yes", "questions[0].required"),
        ("questions.0.required", False, "questions"),
        ("questions.1.name", "organisation", "questions"),
        ("questions.3.name", "key", "questions[3].label"),
        ("questions.3.name", "own_question", "questions[3].label"),
        ("questions.3.kind", "choice", "questions[3].options"),
        ("questions.3.max_length", 0, "questions[3].max_length"),
        ("seats", 100, "seats"),
        ("questions.0.colour", "red", "questions[0].colour"),
        ("event", {"place": {"nl": "Hier", "en": "Here"}}, "event"),
        ("member_price_cents", 40_000, "member_price_cents"),
        ("early", {"price_cents": 0, "ends_at": at("2028-01-01T00:00")}, "early.price_cents"),
    ],
)
def test_each_fault_is_named(path: str, value: object, key: str) -> None:
    refused = refusal(changed(SEED, path, value))
    assert refused.key == key
    assert refused.reason


GROUP = {"id": "aarde", "title": {"nl": "Aarde", "en": "Earth"}}
FAULTS: list[tuple[str, object, str, str]] = [
    # prices
    ("price_cents", -1, "price_cents", "from 0 through"),
    ("price_cents", 1, "price_cents", "0 or at least 50"),
    ("price_cents", 49, "price_cents", "0 or at least 50"),
    ("price_cents", 100_000_000, "price_cents", "through 99999999"),
    ("member_price_cents", 49, "member_price_cents", "0 or at least 50"),
    ("member_price_cents", "20000", "member_price_cents", "a whole number"),
    ("member_price_cents", True, "member_price_cents", "a whole number"),
    ("member_price_cents", 30_000, "member_price_cents", "lower than price_cents"),
    ("member_price_cents", 30_001, "member_price_cents", "lower than price_cents"),
    ("member_price_cents", None, "early.member_price_cents", "if, and only if"),
    ("price_note", "inclusief lunch", "price_note", "a table"),
    ("price_note.en", None, "price_note.en", "missing"),
    ("price_note.nl", " ", "price_note.nl", "does not match"),
    # early prices
    ("early", 25_000, "early", "a table"),
    ("early.price_cents", None, "early.price_cents", "missing"),
    ("early.price_cents", 10, "early.price_cents", "0 or at least 50"),
    ("early.price_cents", 30_000, "early.price_cents", "lower than price_cents"),
    ("early.ends_at", datetime(1, 1, 1), "early.ends_at", "a year from 2000"),  # noqa: DTZ001  # as a seed
    ("early.ends_at", None, "early.ends_at", "missing"),
    ("early.ends_at", "2028-05-01", "early.ends_at", "a date with a time"),
    ("early.ends_at", date(2028, 5, 1), "early.ends_at", "a date with a time"),
    ("early.ends_at", datetime(2028, 5, 1, tzinfo=UTC), "early.ends_at", "without an offset"),
    ("early.member_price_cents", None, "early.member_price_cents", "if, and only if"),
    ("early.member_price_cents", 25_000, "early.member_price_cents", "lower than price_cents"),
    ("early.member_price_cents", 20_000, "early.member_price_cents", "lower than member_price_cents"),
    ("price_cents", 25_000_001, "price_cents", "more than Stripe can charge"),
    ("early.seats", 10, "early.seats", "not a known key"),
    # dates
    ("opens_at", "2028-03-25T09:00:00", "opens_at", "a date with a time"),
    ("opens_at", datetime(2028, 3, 25, tzinfo=UTC), "opens_at", "without an offset"),
    ("closes_at", 20280701, "closes_at", "a date with a time"),
    ("closes_at", at("2028-03-25T09:00:00"), "closes_at", "later than opens_at"),
    ("closes_at", at("2028-03-25T08:59:59"), "closes_at", "later than opens_at"),
    ("opens_at", at("2028-07-01T12:00:00"), "closes_at", "later than opens_at"),
    # the event
    ("event", None, "event", "missing"),
    ("event", [], "event", "a table"),
    ("event.place", None, "event.place", "missing"),
    ("event.place.en", None, "event.place.en", "missing"),
    ("event.capacity", -1, "event.capacity", "from 0 through"),
    ("event.capacity", 1_000_001, "event.capacity", "through 1000000"),
    ("event.capacity", True, "event.capacity", "a whole number"),
    ("event.most_per_order", 0, "event.most_per_order", "from 1 through 20"),
    ("event.most_per_order", 21, "event.most_per_order", "from 1 through 20"),
    ("event.members_only", "ja", "event.members_only", "true or false"),
    ("event.members_only", 1, "event.members_only", "true or false"),
    ("event.members_only", True, "member_price_cents", "not for members only"),
    ("event.seats", 3, "event.seats", "not a known key"),
    ("term_months", 12, "term_months", "not a known key"),
    # its sessions
    ("event.sessions", at("2028-07-06T10:00:00"), "event.sessions", "a list"),
    ("event.sessions.0", "6 juli", "event.sessions[0]", "a table"),
    ("event.sessions.1.starts_at", None, "event.sessions[1].starts_at", "missing"),
    ("event.sessions.0.ends_at", at("2028-07-06T10:00:00"), "event.sessions[0].ends_at", "later than starts_at"),
    ("event.sessions.0.ends_at", at("2028-07-06T09:00:00"), "event.sessions[0].ends_at", "later than starts_at"),
    ("event.sessions.0.ends_at", at("2028-07-07T09:00:01"), "event.sessions", "not overlap"),
    ("event.sessions.1.starts_at", at("2028-07-05T09:00:00"), "event.sessions", "order of time"),
    ("event.sessions.1.room", "A", "event.sessions[1].room", "not a known key"),
    # its groups
    ("event.group_label", None, "event.group_label", "groups need it"),
    ("event.group_label.nl", "", "event.group_label.nl", "does not match"),
    ("event.groups", None, "event.group_label", "belongs to groups"),
    ("event.groups", [], "event.group_label", "belongs to groups"),
    ("event.groups.0.id", "Vuur", "event.groups[0].id", "does not match"),
    ("event.groups.0.id", "vuur/as", "event.groups[0].id", "does not match"),
    ("event.groups.0.id", None, "event.groups[0].id", "missing"),
    ("event.groups.0.id", "lucht", "event.groups", "'lucht' is there twice"),
    ("event.groups.2.title", None, "event.groups[2].title", "missing"),
    ("event.groups.2.capacity", -1, "event.groups[2].capacity", "from 0 through"),
    ("event.groups.2.most", 3, "event.groups[2].most", "not a known key"),
    ("event.groups", [GROUP | {"id": f"g{n}"} for n in range(21)], "event.groups", "at most 20 groups, not 21"),
    # its questions
    ("questions.3.name", "p1_name", "questions", "the form itself uses"),
    ("questions.3.name", "p99", "questions", "the form itself uses"),
]


@pytest.mark.parametrize(("path", "value", "key", "reason"), FAULTS)
def test_each_fault_of_an_event_is_named(path: str, value: object, key: str, reason: str) -> None:
    refused = refusal(changed(DATA, path, value))
    assert refused.key == key
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("price_cents", 25_001),
        ("member_price_cents", 15_001),
        ("early.member_price_cents", 0),
        ("early.member_price_cents", 50),
        ("price_note", None),
        ("early", None),
        ("opens_at", None),
        ("closes_at", None),
        ("event.capacity", None),
        ("event.capacity", 0),
        ("event.most_per_order", 1),
        ("event.most_per_order", 20),
        ("event.sessions", None),
        ("event.sessions.0.ends_at", at("2028-07-07T09:00:00")),
        ("event.groups.0.capacity", 0),
        ("event.groups", [GROUP | {"id": f"g{n}"} for n in range(20)]),
        ("questions.3.name", "pet"),
    ],
)
def test_what_is_only_just_right_is_taken(path: str, value: object) -> None:
    assert read_offer(changed(DATA, path, value), source="some.toml") != summer_school()


def test_a_free_event_needs_no_member_price_and_a_membership_may_have_an_early_one() -> None:
    free = changed(changed(changed(DATA, "price_cents", 0), "member_price_cents", None), "early", None)
    assert read_offer(free, source="x.toml").prices == Prices(list_cents=0, member_cents=None)
    early = changed(SEED, "early", {"price_cents": 45_000, "ends_at": at("2028-01-01T00:00")})
    assert read_offer(early, source="x.toml").prices_at(datetime(2027, 1, 1, tzinfo=UTC)).list_cents == 45_000


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_name_that_the_form_uses_itself_is_refused(name: str) -> None:
    assert refusal(changed(DATA, "questions.3.name", name)).key == "questions"


PATHS = [
    *DATA,
    *(f"early.{key}" for key in DATA["early"]),
    *(f"event.{key}" for key in DATA["event"]),
    *(f"event.sessions.0.{key}" for key in ("starts_at", "ends_at")),
    *(f"event.groups.0.{key}" for key in ("id", "title", "capacity", "colour")),
    *(f"questions.3.{key}" for key in ("name", "kind", "group", "required", "max_length", "label", "hint", "options")),
]
PLAIN = st.recursive(
    st.one_of(
        *(st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
        *(st.datetimes(at("2000-01-01"), at("2100-01-01")), st.dates(), st.times()),
        st.sampled_from(["nl", "S", "event", "membership", "text", "choice"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["nl", "en", "id"]), inner),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(PATHS), value=PLAIN)
def test_whatever_stands_there_is_taken_or_refused(path: str, value: object) -> None:
    with suppress(OfferRefused):
        assert isinstance(read_offer(changed(DATA, path, value), source="some.toml"), Offer)


@pytest.mark.parametrize("data", [[], "x", None, 3])
def test_what_is_no_table_is_refused(data: object) -> None:
    with pytest.raises(OfferRefused, match="a table is needed"):
        read_offer(data, source="x.toml")


# Right ones


def test_the_seeds_of_the_project_are_right() -> None:
    offers = {offer.id: offer for offer in seed_files()}
    assert list(offers) == ["congres-2027", "lancering", "lidmaatschap", "werkgroep"]
    membership, congress = offers["lidmaatschap"], offers["congres-2027"]
    assert (membership.prices, membership.term_months) == (Prices(list_cents=50_000, member_cents=None), 12)
    assert (len(membership.benefits), membership.event) == (4, None)
    assert congress.prices == Prices(list_cents=54_900, member_cents=39_900)
    assert congress.price_note == Text(nl="exclusief overnachting", en="overnight stay not included")
    assert congress.event is not None
    assert (congress.event.capacity, len(congress.event.sessions)) == (550, 3)
    launch, group = offers["lancering"].event, offers["werkgroep"].event
    assert launch is not None
    assert (offers["lancering"].prices.list_cents, launch.capacity, launch.members_only) == (0, 300, False)
    assert group is not None
    assert (offers["werkgroep"].prices.list_cents, group.members_only, len(group.groups)) == (0, True, 3)
    assert len({offer.code_prefix for offer in offers.values()}) == len(offers)


def test_another_event_needs_data_only() -> None:
    school = summer_school()
    assert (school.kind, school.term_months, school.version) == (OfferKind.EVENT, 0, 1)
    assert school.prices == Prices(list_cents=30_000, member_cents=20_000)
    assert school.early == EarlyPrices(
        prices=Prices(list_cents=25_000, member_cents=15_000), ends_at=datetime(2028, 4, 30, 22, 0, tzinfo=UTC)
    )
    assert school.opens_at == datetime(2028, 3, 25, 8, 0, tzinfo=UTC), "winter time"
    assert school.closes_at == datetime(2028, 7, 1, 10, 0, tzinfo=UTC), "summer time"
    first = datetime(2028, 7, 6, 8, 0, tzinfo=UTC)
    assert school.event == Event(
        place=Text(nl="Het bos", en="The wood"),
        sessions=(
            Session(starts_at=first, ends_at=first + timedelta(hours=7)),
            Session(starts_at=first + timedelta(hours=23), ends_at=first + timedelta(hours=30)),
        ),
        capacity=30,
        most_per_order=4,
        members_only=False,
        group_label=Text(nl="Werkplaats", en="Workshop"),
        groups=(
            Group(id="vuur", title=Text(nl="Vuur", en="Fire"), capacity=12),
            Group(id="water-2", title=Text(nl="Water", en="Water"), capacity=20),
            Group(id="lucht", title=Text(nl="Lucht", en="Air"), capacity=None),
        ),
    )
    assert school.asks_membership
    assert [question.name for question in school.questions] == ["organisation", "name", "email", "diet"]
    assert school.capacities() == {
        "zomerschool": 30,
        "zomerschool/vuur": 12,
        "zomerschool/water-2": 20,
        "zomerschool/lucht": None,
    }
    assert school.counters("vuur") == ("zomerschool", "zomerschool/vuur")
    assert school.counters("") == ("zomerschool",)
    for group in school.event.groups:
        assert set(school.counters(group.id)) <= set(school.capacities())


def test_an_event_of_which_little_is_known_yet() -> None:
    little = changed(changed(DATA, "event", {"place": {"nl": "Volgt", "en": "Follows"}}), "opens_at", None)
    event = read_offer(little, source="x.toml").event
    assert event == Event(
        place=Text(nl="Volgt", en="Follows"),
        sessions=(),
        capacity=None,
        most_per_order=20,
        members_only=False,
        group_label=None,
        groups=(),
    )


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.toml", "id = ", "is not TOML"),
        ("a.toml", b"id = '\xff'", "is not TOML"),
        ("b.toml", None, "as the file is named"),
    ],
)
def test_a_file_that_is_wrong_names_itself(tmp_path: Path, name: str, text: str | bytes | None, reason: str) -> None:
    content = (OFFERS / "lidmaatschap.toml").read_bytes() if text is None else text
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(OfferRefused, match=reason) as refused:
        seed_files(tmp_path)
    assert refused.value.source == name
