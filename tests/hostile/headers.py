"""Headers: those the doors read, right and wrong, and those of proxies and attackers."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.desk import BASE_URL, WEBSITE
from tests.hostile.attack import FORM_TYPE
from tests.hostile.canary import GUEST, email_of, mark
from tests.hostile.texts import mostly, texts, torn

type Headers = st.SearchStrategy[dict[str, str]]

ORIGINS = (
    WEBSITE,
    BASE_URL,
    "null",
    "https://evil.example",
    f"{WEBSITE}.evil.example",
    f"{WEBSITE}:443",
    WEBSITE.upper(),
    "https://",
    f"{WEBSITE}, https://evil.example",
    "*",
)
PAGES = (
    f"{WEBSITE}/congres?p=12",
    f"{WEBSITE}/?loket-email={email_of(GUEST)}",
    f"{WEBSITE}/{'a' * 3000}",
    "https://evil.example/",
    f"{WEBSITE}@evil.example/",
    "javascript:alert(1)",
    "",
)
FORM_TYPES = (FORM_TYPE, FORM_TYPE.upper(), f"{FORM_TYPE}; charset=UTF-8", f"{FORM_TYPE};charset=utf-16")
OTHER_TYPES = (
    "",
    "application/json",
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/html",
    "application/octet-stream",
    "*/*",
    ",",
    f"{FORM_TYPE}\r\nx: y",
    "\ud800",
)


def _others() -> Headers:
    return st.fixed_dictionaries(
        {},
        optional={
            "origin": mostly(st.sampled_from(ORIGINS), torn()),
            "Referer": mostly(st.sampled_from(PAGES), torn()),
            "Sec-Fetch-Site": st.sampled_from(["same-origin", "cross-site", "none", "same-site", "", "\ud800"]),
            "Sec-Fetch-Mode": st.sampled_from(["navigate", "cors", "no-cors", "x"]),
            "Accept": st.sampled_from(["*/*", "text/html", "application/json", "image/png", "", ",;=", "\x00"]),
            "Accept-Language": st.one_of(st.sampled_from(["en", "nl;q=0", "de", "*"]), torn()),
            "Accept-Encoding": st.sampled_from(["gzip", "br;q=1e9", "\x00"]),
            "Cookie": st.one_of(st.just(f"a={mark(GUEST, 'cookie')}"), torn(), st.just("a=" + "b" * 8_000)),
            "X-Forwarded-For": st.one_of(st.sampled_from(["203.0.113.9", "::1", "a, b", mark(GUEST, "proxy")]), torn()),
            "X-Forwarded-Host": st.just("evil.example"),
            "X-HTTP-Method-Override": st.sampled_from(["DELETE", "POST"]),
            "Host": st.sampled_from(["evil.example", "", "\ud800"]),
            "If-None-Match": st.one_of(st.just("*"), torn()),
            "Authorization": st.sampled_from(["Basic YTpi", "Bearer x", "\ud800"]),
            "User-Agent": st.one_of(st.just(f"{mark(GUEST, 'agent')}/1.0"), torn()),
            "Stripe-Signature": torn(),
        },
    )


def headers(content_types: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, str] | None]:
    """With one of these content types, mostly; sometimes with no headers at all."""
    right = st.sampled_from(content_types) if content_types else st.just("")
    kinds: st.SearchStrategy[str | None] = mostly(right, st.sampled_from([None, *OTHER_TYPES]), times=8)
    spelling = st.sampled_from(["content-type", "Content-Type", "CONTENT-TYPE"])
    given = st.builds(
        lambda others, kind, name: others | ({name: kind} if kind else {}),
        mostly(st.just({}), _others(), times=1),
        kinds,
        spelling,
    )
    return mostly(given, st.none(), times=60)


def queries(**known: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, list[str]] | None]:
    """Some of the parameters that a door reads, others, and the same more than once."""
    values = {name: st.lists(mostly(good, torn(), times=5), min_size=1, max_size=2) for name, good in known.items()}
    strange = st.dictionaries(texts().map(lambda name: name[:50]), st.lists(torn(), max_size=2), max_size=2)
    read = st.fixed_dictionaries({}, optional=values)
    return mostly(st.one_of(st.none(), read), st.builds(lambda one, other: one | other, strange, read), times=4)
