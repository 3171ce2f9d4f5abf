"""Bodies: forms as browsers send them, the same with one thing wrong, and what is no form at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from hypothesis import strategies as st

from chalicelib.domain.offer import Offer
from tests.hostile.canary import GUEST, VICTIM, email_of, mark
from tests.hostile.forms import filled, key_of
from tests.hostile.headers import PAGES
from tests.hostile.scene import Scene
from tests.hostile.texts import HTML, SURROGATES, marked, mostly, texts, torn

# Addresses that the form asks about.
SLIPS = tuple(f"{mark(GUEST, 'mail')}@{domain}" for domain in ("gmial.com", "lid.nll", "lid.nl,"))
WISHES = ("pay", "show", "switch", "add", "del-1", "del-99", "join", "replace", "mend-email")
BOUNDARY = "x"
LARGE = (
    "[" * 100_000,
    "a" * 2_000_000,
    "&" * 70_000,
    "&".join(f"f{number}=" for number in range(250)),
    "name=" + "%F0%9F%98%80" * 7_000,
)
GARBAGE = (
    b"\xff\xfe\x00",
    b"%",
    b"%zz=%f",
    b"\xed\xa0\x80=1",
    b"%ED%A0%80=%C0%80",
    b"=&=&&=",
    b"\x1f\x8b\x08\x00",
    b"PK\x03\x04",
)


@dataclass(frozen=True, kw_only=True)
class Body:
    """A body and whether it comes as base64."""

    content: str | bytes | None
    is_base64: bool = False


type Bodies = st.SearchStrategy[Body]
type Fields = list[tuple[str, str]]


def delivered(contents: st.SearchStrategy[str | bytes | None]) -> Bodies:
    """As text, as bytes, and as API Gateway wraps bytes."""
    return st.builds(_wrapped, contents, st.integers(0, 5))


def _wrapped(content: str | bytes | None, way: int) -> Body:
    if content is None or way < 3:
        return Body(content=content)
    as_bytes = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    return Body(content=as_bytes, is_base64=way > 3)


def nonsense() -> Bodies:
    """No form, whatever it says it is."""
    broken = st.sampled_from(
        [Body(content=text, is_base64=True) for text in ("%", "abc", "é", "====", "YQ", "\ud800", "")]
    )
    contents: st.SearchStrategy[str | bytes | None] = st.one_of(
        st.none(),
        torn(),
        st.binary(max_size=60),
        st.sampled_from(LARGE),
        st.sampled_from(GARBAGE),
        st.sampled_from(SURROGATES),
    )
    return st.one_of(delivered(contents), broken)


@st.composite
def forms(draw: st.DrawFn, scene: Scene, offer: Offer) -> Body:
    """A guest's form of this offer: right as it is, or wrong in a thing or two."""
    number = draw(st.integers(10, 99_999))
    fields = filled(offer, owner=GUEST, number=number, others=draw(st.integers(0, 2)) if offer.event else 0)
    fields["do"] = draw(mostly(st.just("pay"), st.sampled_from(WISHES), times=2))
    # embedded forms tell where they stand
    fields |= draw(st.sampled_from([{}, {}, *({"page": page} for page in PAGES)]))
    fields |= draw(mostly(st.just({}), _more(scene, offer), times=2))
    pairs = list(fields.items())
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        pairs = draw(_mutated(pairs))
    return draw(delivered(_written(pairs)))


def _more(scene: Scene, offer: Offer) -> st.SearchStrategy[dict[str, str]]:
    """What only the form itself sends along, right or of somebody else."""
    drafts = [right for right in scene.rights if len(right) == 32] + ["a" * 32, "x"]
    orders = [right.partition("-")[0] for right in scene.standing.values()]
    options: dict[str, st.SearchStrategy[str]] = {
        "prices": st.sampled_from([offer.prices_at(scene.desk.clock()).fingerprint(), "0" * 16]),
        "agreed": st.one_of(st.sampled_from(["54900", "0", "-1", "1e9", "٣", "9" * 9]), texts()),
        "draft": st.sampled_from(drafts),
        "replaces": st.sampled_from([*orders, "x"]),
        "website": st.sampled_from(["", " ", "https://evil.example"]),
        "key": st.sampled_from([*(key_of(VICTIM, number) for number in range(1, 10)), "short", "a" * 65, "é" * 20]),
        "email": st.sampled_from([email_of(VICTIM, 2), email_of(VICTIM, 6), f"{mark(GUEST, 'mail')}@lid.nl", *SLIPS]),
        "sure": st.one_of(st.sampled_from(["gmial.com", "lid.nll gmial.com"]), texts()),
    }
    if offer.event:
        options |= {"member": st.sampled_from(["ja", "nee"]), "self": st.sampled_from(["ja", "nee", "JA"])}
    some = st.lists(st.sampled_from(sorted(options)), min_size=1, max_size=2, unique=True)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: options[name] for name in names}))


@st.composite
def _mutated(draw: st.DrawFn, pairs: Fields) -> Fields:
    """With one field different, gone, twice, or one too many."""
    place = draw(st.integers(0, len(pairs) - 1)) if pairs else 0
    way = draw(st.sampled_from(["other", "other", "other", "gone", "twice", "new"]))
    if way == "new" or not pairs:
        name = draw(
            st.one_of(st.sampled_from(["price", "total", "state", "p1_name", "p99_email", "group"]), marked("field"))
        )
        return [*pairs, (name, draw(texts()))]
    name, value = pairs[place]
    if way == "gone":
        return pairs[:place] + pairs[place + 1 :]
    if way == "twice":
        return [*pairs, (name, draw(st.one_of(st.just(value), texts())))]
    other = mostly(texts(), st.one_of(st.sampled_from(HTML), marked("typo")), times=2)
    return [*pairs[:place], (name, draw(other)), *pairs[place + 1 :]]


def _written(pairs: Fields) -> st.SearchStrategy[str | bytes | None]:
    """As a browser writes it, mostly; else raw, cut off, with garbage behind it, or in another format."""
    plain = urlencode(pairs, errors="surrogatepass")
    pieces = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs
    )
    others: list[str | bytes] = [
        plain[: len(plain) // 2],
        "&".join(f"{name}={value}" for name, value in pairs),
        f"{pieces}--{BOUNDARY}--",
        json.dumps(dict(pairs)),
        *(plain.encode() + b"&name=" + garbage for garbage in GARBAGE),
    ]
    return mostly(st.just(plain), st.sampled_from(others), times=9)


def wishes(*words: str) -> Bodies:
    """A body that asks for one thing."""
    right = st.sampled_from(words).map(lambda word: f"do={word}")
    wrong = texts().map(lambda text: urlencode({"do": text}))
    return mostly(delivered(mostly(right, wrong, times=8)), nonsense(), times=8)


def corrections() -> Bodies:
    """A better address for somebody of an order."""
    numbers = mostly(st.sampled_from(["0", "2", "99", "-1", ""]), texts(), times=4)
    addresses = mostly(st.sampled_from([email_of(GUEST, 1), email_of(VICTIM, 2), "a@b"]), texts(), times=3)
    fields = st.fixed_dictionaries({"do": st.just("address"), "number": numbers, "email": addresses})
    return mostly(delivered(fields.map(urlencode)), nonsense(), times=8)


def domains() -> Bodies:
    """What a form asks the price for: the part behind the @ of each address."""
    known = st.sampled_from(["lid.nl", "elders.nl", "", "a", f"{mark(GUEST, 'domain')}.nl", "x" * 300, "lid.nl."])
    some = st.lists(mostly(known, texts(), times=3), max_size=30).map(lambda each: "".join(f"{one}," for one in each))
    return mostly(delivered(some.map(lambda text: urlencode({"domains": text}))), nonsense(), times=6)


@st.composite
def subscriptions(draw: st.DrawFn, scene: Scene) -> Body:
    """The newsletter's form: a guest's, or in the victim's name."""
    known = st.sampled_from([email_of(GUEST, 1), email_of(VICTIM, 2), *(email_of(VICTIM, n) for n in range(11, 15))])
    fields = {"email": draw(mostly(known, texts(), times=5)), "do": "subscribe"}
    for topic in scene.desk.application.topics:
        if draw(st.booleans()):
            fields[f"topic_{topic.id}"] = draw(mostly(st.just("ja"), texts(), times=9))
    fields |= draw(st.sampled_from([{}, {}, {"website": "x"}, *({"page": page} for page in PAGES)]))
    pairs = list(fields.items())
    for _ in range(draw(st.sampled_from([0, 0, 1]))):
        pairs = draw(_mutated(pairs))
    return draw(delivered(_written(pairs)))


@st.composite
def preferences(draw: st.DrawFn) -> Body:
    """What somebody chose on his own page."""
    fields = {
        "do": draw(st.sampled_from(["save", "again"])),
        "language": draw(mostly(st.sampled_from(["nl", "en"]), texts(), times=5)),
        "pause": draw(mostly(st.sampled_from(["", "1", "3", "6", "stays", "-1", "1e9"]), texts(), times=5)),
        "topic_congres": draw(mostly(st.just("ja"), texts(), times=3)),
    }
    return draw(delivered(_written(list(fields.items()))))
