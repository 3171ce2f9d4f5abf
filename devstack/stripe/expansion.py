"""What may be expanded: which ids of which objects can be asked for as whole objects, four levels deep at most."""

from collections.abc import Mapping

from devstack.stripe.wire import Refused

type Kinds = tuple[str, ...]

_LEVELS = 4
_FIELDS: Mapping[str, Mapping[str, Kinds]] = {
    "checkout.session": {"payment_intent": ("payment_intent",)},
    "payment_intent": {"latest_charge": ("charge",)},
    "charge": {
        "balance_transaction": ("balance_transaction",),
        "payment_intent": ("payment_intent",),
        "refunds": ("list of refund",),
    },
    "refund": {
        "balance_transaction": ("balance_transaction",),
        "charge": ("charge",),
        "failure_balance_transaction": ("balance_transaction",),
        "payment_intent": ("payment_intent",),
    },
    "dispute": {"charge": ("charge",), "payment_intent": ("payment_intent",)},
    "balance_transaction": {"source": ("charge", "refund", "dispute", "payout")},
    "payout": {
        "balance_transaction": ("balance_transaction",),
        "failure_balance_transaction": ("balance_transaction",),
    },
}


def check_expansion(path: str, *, of: str) -> None:
    """Refuse a path that Stripe would not expand; `of` is what is told: the kind of an object, or a list of it."""
    steps = path.split(".")
    kinds: Kinds = (of,)
    if len(steps) > _LEVELS:
        raise Refused(f"You cannot expand more than {_LEVELS} levels of a property. Property: {path}", param="expand")
    for step in steps:
        kinds = tuple(inner for kind in kinds for inner in _inside(kind, step))
        if not kinds:
            raise Refused(f"This property cannot be expanded ({path}).", param="expand")
    if steps == ["data"]:
        raise Refused(f"This property cannot be expanded ({path}).", param="expand")


def _inside(kind: str, step: str) -> Kinds:
    listed = kind.removeprefix("list of ")
    if listed != kind:
        return (listed,) if step == "data" else ()
    return _FIELDS.get(kind, {}).get(step, ())
