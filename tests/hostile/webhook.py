"""News that Stripe has signed, or that says so: right, mutated, and made to break a reader of JSON."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from hypothesis import strategies as st

from tests.entrypoints.test_webhook import GOOD, changed
from tests.hostile.attack import Attack
from tests.hostile.bodies import LARGE, Body, nonsense
from tests.hostile.canary import VICTIM, email_of, mark
from tests.hostile.headers import OTHER_TYPES
from tests.hostile.scene import SECRETS, Scene
from tests.hostile.texts import mostly, torn

PLACES = "id object api_version created type livemode data data.object data.object.id data.object.metadata".split()
PLACES += ["data.object.metadata.app", "data.object.metadata.stage"]
JSON = ("application/json", "application/json; charset=utf-8")
STRANGE = (
    "",
    "{}",
    "[]",
    "null",
    "NaN",
    '{"id": NaN}',
    GOOD.replace('"livemode": false', '"livemode": true, "livemode": false'),
    GOOD.replace('"id": "evt_1"', '"id": "evt_1", "id": 1'),
    GOOD.replace("1764072000", "1e999"),
    GOOD + GOOD,
    "\ufeff" + GOOD,
    '{"data": ' * 100_000,
    "[" * 100_000,
    "[" * 100_000 + "]" * 100_000,
    *LARGE[:2],
)
type Values = st.SearchStrategy[Any]


def _values() -> Values:
    plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), torn(), st.just(...))
    return st.recursive(
        plain,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(torn(), inner, max_size=3)),
        max_leaves=6,
    )


def told(session: str) -> str:
    """The whole of what Stripe tells of a session: also who paid."""
    event = json.loads(changed("data.object.id", session))
    event["data"]["object"] |= {
        "customer_details": {"name": mark(VICTIM, "name"), "email": email_of(VICTIM)},
        "customer_email": email_of(VICTIM),
    }
    return json.dumps(event)


def _mutated(place: str, value: Any) -> str:
    # what JSON cannot hold stays out
    return GOOD if value is ... and place.count(".") > 1 else changed(place, value)


def _contents(scene: Scene) -> st.SearchStrategy[str]:
    sessions = st.sampled_from([*scene.till.drawer.sessions, "cs_test_unknown"])
    mutated = st.builds(_mutated, st.sampled_from(PLACES), _values().filter(_writable))
    return mostly(sessions.map(told), st.one_of(mutated, st.sampled_from(STRANGE), torn()), times=1)


def _writable(value: Any) -> bool:
    return value is ... or "Ellipsis" not in repr(value)


def signed(body: Body, *, at: int, secret: str = SECRETS["STRIPE_WEBHOOK_SECRET"]) -> str:
    content = body.content or b""
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    return f"t={at},v1=" + hmac.new(secret.encode(), str(at).encode() + b"." + raw, hashlib.sha256).hexdigest()


@st.composite
def news(draw: st.DrawFn, scene: Scene) -> Attack:
    body = draw(mostly(_contents(scene).map(lambda text: Body(content=text)), nonsense(), times=5))
    now = int(scene.desk.clock().timestamp())
    right = signed(body, at=now)
    signature = draw(
        mostly(
            st.just(right),
            st.one_of(
                st.sampled_from(
                    [
                        "",
                        right[:-1],
                        right.upper(),
                        f"t={now},v1=é",
                        f"t={'9' * 5_000},v1=a",
                        f"t=٣,{right}",
                        f"{right},{right}",
                        signed(body, at=now - 301),
                        signed(body, at=now, secret="whsec_other"),
                    ]
                ),
                torn(),
            ),
            times=3,
        )
    )
    kind = draw(mostly(st.sampled_from(JSON), st.sampled_from(OTHER_TYPES), times=9))
    return Attack(
        method=draw(mostly(st.just("POST"), st.sampled_from(["GET", "PUT", "DELETE", "\ud800"]), times=30)),
        resource="/webhooks/stripe",
        headers={"Stripe-Signature": signature} | ({"Content-Type": kind} if kind else {}),
        body=body.content,
        is_base64=body.is_base64,
    )
