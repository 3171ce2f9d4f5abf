"""The doors: for every route of the app, what hypothesis may send it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from tests.hostile.attack import Attack
from tests.hostile.bodies import (
    Bodies,
    Body,
    corrections,
    delivered,
    domains,
    forms,
    nonsense,
    preferences,
    subscriptions,
    wishes,
)
from tests.hostile.canary import GUEST, mark
from tests.hostile.headers import FORM_TYPES, headers, queries
from tests.hostile.judge import CONFIRM, LEAVE, NEWS, PREFER
from tests.hostile.scene import Scene
from tests.hostile.texts import Texts, mostly, texts, torn
from tests.hostile.webhook import news

type Attacks = st.SearchStrategy[Attack]

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "get", "", "\ud800")
SOURCES = ("192.0.2.7", "2001:db8::1", "::ffff:192.0.2.1", "", "nonsense", "192.0.2.7, 10.0.0.1")
LANG = mostly(
    st.sampled_from(["nl", "en"]), st.one_of(st.sampled_from(["de", "NL", "", "nl/..", "webhooks"]), torn()), times=12
)
FLAG = st.sampled_from(["1", "1", "0", ""])
# Parts of an address that may be anything; a mark among them must not come back.
PART: Texts = st.one_of(torn(), st.just(mark(GUEST, "path")), st.just("a" * 9_000))
NOTHING: Bodies = mostly(st.just(Body(content=None)), nonsense(), times=6)


@st.composite
def _attack(
    draw: st.DrawFn,
    *,
    resource: str,
    method: str,
    parameters: dict[str, Texts] | None = None,
    query: st.SearchStrategy[dict[str, list[str]] | None] | None = None,
    body: Bodies = NOTHING,
) -> Attack:
    sent = draw(body)
    return Attack(
        method=draw(mostly(st.just(method), st.sampled_from(METHODS), times=7)),
        resource=resource,
        parameters={name: draw(part) for name, part in parameters.items()} if parameters else None,
        query=draw(query if query is not None else queries(fragment=FLAG)),
        headers=draw(headers(FORM_TYPES if method == "POST" else ())),
        body=sent.content,
        is_base64=sent.is_base64,
        source=draw(mostly(st.just(SOURCES[0]), st.sampled_from(SOURCES), times=9)),
    )


def _drafts(scene: Scene) -> Texts:
    known = [right for right in scene.rights if len(right) == 32]
    return mostly(st.sampled_from([*known, "a" * 32]), PART, times=3)


def _tokens(scene: Scene) -> Texts:
    """Right, cut short, of another order, and made up."""
    right = list(scene.standing.values())
    ids, signatures = zip(*(token.split("-") for token in right), strict=True)
    wrong = [
        right[0][:-1],
        right[0].upper(),
        f"{right[1]}a",
        ids[0],
        f"{ids[0]}-",
        f"-{signatures[0]}",
        right[2].replace("-", "--"),
    ]
    wrong += [f"{ids[number]}-{signatures[number - 1]}" for number in range(len(right))]
    return mostly(st.sampled_from(right), st.one_of(st.sampled_from(wrong), PART), times=2)


def _shown_form(scene: Scene) -> Attacks:
    slugs = mostly(st.sampled_from(scene.offers), PART, times=2)
    query = queries(fragment=FLAG, iframe=FLAG, draft=_drafts(scene), send=FLAG)
    return _attack(resource="/{lang}/{slug}", method="GET", parameters={"lang": LANG, "slug": slugs}, query=query)


@st.composite
def _sent_form(draw: st.DrawFn, scene: Scene) -> Attack:
    slug = draw(st.sampled_from(scene.offers))
    body = mostly(forms(scene, scene.catalogue[slug]), nonsense(), times=9)
    slugs = mostly(st.just(slug), PART, times=30)
    attack = _attack(
        resource="/{lang}/{slug}",
        method="POST",
        parameters={"lang": LANG, "slug": slugs},
        query=queries(fragment=FLAG, send=FLAG),
        body=body,
    )
    return draw(attack)


def _order(scene: Scene) -> Attacks:
    parameters = {"lang": LANG, "token": _tokens(scene)}
    looks = st.sampled_from(["0", "3", "20", "999", "1e3", "-1", "٣", "1_0", "9" * 5_000])
    coming = st.sampled_from(["payment", "cancel", "unavailable", "evil"])
    resource = "/{lang}/order/{token}"
    shown = _attack(
        resource=resource, method="GET", parameters=parameters, query=queries(**{"from": coming, "look": looks})
    )
    acts = _attack(
        resource=resource,
        method="POST",
        parameters=parameters,
        query=queries(fragment=FLAG),
        body=mostly(wishes("pay", "release", "again"), corrections(), times=3),
    )
    return st.one_of(shown, acts)


def _builder(scene: Scene) -> Attacks:
    query = queries(form=st.sampled_from(scene.offers), lang=st.sampled_from(["nl", "en", "de"]))
    parameters = {"lang": LANG}
    shown = _attack(resource="/{lang}/insluiten", method="GET", parameters=parameters, query=query)
    sent = _attack(resource="/{lang}/insluiten", method="POST", parameters=parameters, query=query, body=nonsense())
    return mostly(shown, sent, times=3)


def _archived(scene: Scene) -> Attacks:
    issues = mostly(st.just(scene.issue), st.one_of(st.just(scene.issue[:-1]), PART), times=2)
    resource = "/{lang}/nieuwsbrief/archief/{issue}"
    return _attack(resource=resource, method="GET", parameters={"lang": LANG, "issue": issues})


def _led(scene: Scene) -> Attacks:
    issues = mostly(st.just(scene.issue), st.one_of(st.just(scene.issue[:-1]), PART), times=3)
    numbers = mostly(
        st.just("1"), st.one_of(st.sampled_from(["0", "2", "01", "1000", "١", "-1", "1/2"]), PART), times=3
    )
    parameters = {"lang": LANG, "issue": issues, "number": numbers}
    return _attack(resource="/{lang}/nieuwsbrief/naar/{issue}/{number}", method="GET", parameters=parameters)


def _total(scene: Scene) -> Attacks:
    parameters = {"lang": LANG, "slug": mostly(st.sampled_from(scene.offers), PART, times=8)}
    return _attack(resource="/{lang}/{slug}/total", method="POST", parameters=parameters, body=domains())


def _newsletter(scene: Scene) -> Attacks:
    query = queries(fragment=FLAG, iframe=FLAG)
    shown = _attack(resource=NEWS, method="GET", parameters={"lang": LANG}, query=query)
    body = mostly(subscriptions(scene), nonsense(), times=6)
    sent = _attack(resource=NEWS, method="POST", parameters={"lang": LANG}, query=query, body=body)
    return mostly(sent, shown, times=3)


def _subscriber_tokens(scene: Scene) -> Texts:
    """Right, of an order, of nobody, and made up."""
    right = list(scene.subscribed.values())
    nobody = scene.desk.application.identity.subscriber_token("a" * 32)
    wrong = [right[0][:-1], right[0].upper(), f"{right[1]}a", scene.standing["paid"], nobody, right[2].replace("-", "")]
    return mostly(st.sampled_from(right), st.one_of(st.sampled_from(wrong), PART), times=2)


def _confirm(scene: Scene) -> Attacks:
    parameters = {"lang": LANG, "token": _subscriber_tokens(scene)}
    mails = mostly(
        st.sampled_from([item["id"]["S"] for item in scene.desk.items("email")]), st.one_of(torn(), texts()), times=2
    )
    shown = _attack(resource=CONFIRM, method="GET", parameters=parameters, query=queries(mail=mails))
    acts = _attack(resource=CONFIRM, method="POST", parameters=parameters, body=wishes("confirm", "refuse"))
    return st.one_of(shown, acts)


def _prefer(scene: Scene) -> Attacks:
    parameters = {"lang": LANG, "token": _subscriber_tokens(scene)}
    shown = _attack(resource=PREFER, method="GET", parameters=parameters)
    answers = ("save", "again", "confirm", "refuse", "unsubscribe", "export", "erase", "erase-now")
    body = mostly(preferences(), wishes(*answers), times=1)
    return mostly(_attack(resource=PREFER, method="POST", parameters=parameters, body=body), shown, times=2)


@st.composite
def _leave(draw: st.DrawFn, scene: Scene) -> Attack:
    """As a mail program posts it, and as nobody would: of whatever type the body is, or of none."""
    issues = mostly(st.sampled_from(["uitgave-1", "-"]), PART, times=3)
    parameters = {"lang": LANG, "token": _subscriber_tokens(scene), "issue": issues}
    bodies = mostly(delivered(st.just("List-Unsubscribe=One-Click")), nonsense(), times=1)
    attack = draw(
        mostly(
            _attack(resource=LEAVE, method="POST", parameters=parameters, body=bodies),
            _attack(resource=LEAVE, method="GET", parameters=parameters),
            times=2,
        )
    )
    kinds = st.sampled_from(["multipart/form-data; boundary=x", "application/json", "", FORM_TYPES[0]])
    return replace(attack, headers=(attack.headers or {}) | {"content-type": draw(kinds)})


# Each route with what is sent to it, and its part of all examples.
DOORS: dict[str, tuple[Callable[[Scene], Attacks], int]] = {
    "/": (lambda _: _attack(resource="/", method="GET"), 1),
    "/embed.js": (lambda _: _attack(resource="/embed.js", method="GET"), 1),
    "/insluiten": (lambda _: _attack(resource="/insluiten", method="GET"), 1),
    "/{lang}": (lambda _: _attack(resource="/{lang}", method="GET", parameters={"lang": LANG}), 1),
    "/{lang}/insluiten": (_builder, 2),
    "/{lang}/draft/{draft}": (
        lambda scene: _attack(
            resource="/{lang}/draft/{draft}", method="GET", parameters={"lang": LANG, "draft": _drafts(scene)}
        ),
        2,
    ),
    "/{lang}/nieuwsbrief/archief": (
        lambda _: _attack(resource="/{lang}/nieuwsbrief/archief", method="GET", parameters={"lang": LANG}),
        1,
    ),
    "/{lang}/nieuwsbrief/archief/{issue}": (_archived, 2),
    "/{lang}/nieuwsbrief/naar/{issue}/{number}": (_led, 2),
    "/{lang}/{slug}": (lambda scene: mostly(_sent_form(scene), _shown_form(scene), times=3), 12),
    "/{lang}/{slug}/total": (_total, 2),
    "/{lang}/order/{token}": (_order, 6),
    NEWS: (_newsletter, 4),
    CONFIRM: (_confirm, 3),
    PREFER: (_prefer, 4),
    LEAVE: (_leave, 3),
    "/webhooks/stripe": (news, 5),
}
