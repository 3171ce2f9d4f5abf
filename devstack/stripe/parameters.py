"""Request parameters: decoded from Stripe's bracket notation and held to the SDK's own typed parameters.

The SDK's types are copied stricter than they are written, as strict as Stripe itself is: nothing unknown, enumerations
closed (the SDK leaves them open for later versions), whole numbers and booleans only as Stripe spells them, and no
empty text. Request options, which the SDK lists among the parameters, never travel as parameters.
"""

import functools
import re
import types
import typing
from decimal import Decimal
from importlib import import_module
from typing import Annotated, Any, ForwardRef, Literal, TypedDict
from urllib.parse import parse_qsl

import stripe._request_options
from pydantic import BeforeValidator, ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from devstack.stripe.wire import Json, Refused

type Operation = Literal[
    "checkout.sessions.create",
    "checkout.sessions.retrieve",
    "checkout.sessions.list",
    "checkout.sessions.expire",
    "payment_intents.retrieve",
    "payment_intents.list",
    "charges.retrieve",
    "charges.list",
    "refunds.create",
    "refunds.retrieve",
    "refunds.list",
    "disputes.retrieve",
    "disputes.list",
    "balance.retrieve",
    "balance_transactions.retrieve",
    "balance_transactions.list",
    "payouts.retrieve",
    "payouts.list",
    "events.retrieve",
    "events.list",
    "webhook_endpoints.create",
    "webhook_endpoints.update",
    "webhook_endpoints.delete",
    "webhook_endpoints.list",
]

_TYPES: dict[Operation, tuple[str, str]] = {
    "checkout.sessions.create": ("checkout._session_create_params", "SessionCreateParams"),
    "checkout.sessions.retrieve": ("checkout._session_retrieve_params", "SessionRetrieveParams"),
    "checkout.sessions.list": ("checkout._session_list_params", "SessionListParams"),
    "checkout.sessions.expire": ("checkout._session_expire_params", "SessionExpireParams"),
    "payment_intents.retrieve": ("_payment_intent_retrieve_params", "PaymentIntentRetrieveParams"),
    "payment_intents.list": ("_payment_intent_list_params", "PaymentIntentListParams"),
    "charges.retrieve": ("_charge_retrieve_params", "ChargeRetrieveParams"),
    "charges.list": ("_charge_list_params", "ChargeListParams"),
    "refunds.create": ("_refund_create_params", "RefundCreateParams"),
    "refunds.retrieve": ("_refund_retrieve_params", "RefundRetrieveParams"),
    "refunds.list": ("_refund_list_params", "RefundListParams"),
    "disputes.retrieve": ("_dispute_retrieve_params", "DisputeRetrieveParams"),
    "disputes.list": ("_dispute_list_params", "DisputeListParams"),
    "balance.retrieve": ("_balance_retrieve_params", "BalanceRetrieveParams"),
    "balance_transactions.retrieve": (
        "_balance_transaction_retrieve_params",
        "BalanceTransactionRetrieveParams",
    ),
    "balance_transactions.list": ("_balance_transaction_list_params", "BalanceTransactionListParams"),
    "payouts.retrieve": ("_payout_retrieve_params", "PayoutRetrieveParams"),
    "payouts.list": ("_payout_list_params", "PayoutListParams"),
    "events.retrieve": ("_event_retrieve_params", "EventRetrieveParams"),
    "events.list": ("_event_list_params", "EventListParams"),
    "webhook_endpoints.create": ("_webhook_endpoint_create_params", "WebhookEndpointCreateParams"),
    "webhook_endpoints.update": ("_webhook_endpoint_update_params", "WebhookEndpointUpdateParams"),
    "webhook_endpoints.delete": ("_webhook_endpoint_delete_params", "WebhookEndpointDeleteParams"),
    "webhook_endpoints.list": ("_webhook_endpoint_list_params", "WebhookEndpointListParams"),
}
_OPTIONS = frozenset(stripe._request_options.RequestOptions.__annotations__)
_REMOVED = {"payment_method_types": "payment_method_types_no_longer_supported"}
_KEY = re.compile(r"[^\[\]]+(\[[^\[\]]*\])*")
_STEP = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def decoded(encoded: str) -> Json:
    """Return nested parameters: `line_items[0][quantity]=1` and `expand[]=payment_intent` become dicts and lists."""
    root: Json = {}
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Refused("Invalid UTF-8 in the request's parameters.") from None
    for key, value in pairs:
        if not _KEY.fullmatch(key):
            raise Refused(f"Invalid parameter name: {key}", code="parameter_unknown", param=key)
        *path, last = _STEP.findall(key)
        node: Any = root
        for step in path:
            node = node.setdefault(step or str(len(node)), {})
            if not isinstance(node, dict):
                raise Refused(f"Invalid object: {key}", param=key)
        node[last or str(len(node))] = value
    return {key: _with_lists(value, name=key) for key, value in root.items()}


def checked(operation: Operation, parameters: Json) -> Json:
    """Return the parameters with their types, or refuse them as Stripe would."""
    try:
        typed: Json = _adapter(operation).validate_python(parameters)
    except ValidationError as error:
        details = error.errors(include_url=False)
        unknown = [each for each in details if each["type"] == "extra_forbidden"]
        raise _refusal((unknown or details)[0], parameters) from None
    return typed


def _with_lists(node: Any, *, name: str) -> Any:
    if not isinstance(node, dict):
        return node
    inner = {key: _with_lists(value, name=key) for key, value in node.items()}
    # A key of digits is a place in a list, except in metadata, where it is somebody's own key.
    if name != "metadata" and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def _whole(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        return int(value)
    raise PydanticCustomError("whole", "no whole number")


def _truth(value: object) -> bool:
    if value in ("true", "false"):
        return value == "true"
    raise PydanticCustomError("truth", "neither true nor false")


class _Metadata:
    """Stands where the SDK says `UntypedStripeObject[str]`: somebody's own texts, of which an empty one means none."""

    def __class_getitem__(cls, _: object) -> type[dict[str, str]]:
        return dict[str, str]


_STRICT: dict[Any, Any] = {
    int: Annotated[int, BeforeValidator(_whole)],
    bool: Annotated[bool, BeforeValidator(_truth)],
    str: Annotated[str, StringConstraints(min_length=1)],
}


@functools.cache
def _adapter(operation: Operation) -> TypeAdapter[Any]:
    module_name, type_name = _TYPES[operation]
    module = import_module(f"stripe.params.{module_name}")
    # Not typing.is_typeddict: the SDK's types come from typing_extensions, which has its own metaclass.
    copies = {name: _stricter(kind) for name, kind in vars(module).items() if hasattr(kind, "__total__")}
    adapter: TypeAdapter[Any] = TypeAdapter(copies[type_name])
    adapter.rebuild(
        _types_namespace={
            **vars(typing),
            **copies,
            **{kind.__name__: strict for kind, strict in _STRICT.items()},
            "Decimal": Decimal,
            "UntypedStripeObject": _Metadata,
        }
    )
    return adapter


def _stricter(kind: type) -> type:
    fields = {name: _strict(hint) for name, hint in kind.__annotations__.items() if name not in _OPTIONS}
    typed_dict: Any = TypedDict  # Called, not written as a class: the fields are only known here.
    copy: type = typed_dict(kind.__name__, fields)
    copy.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]
    return copy


def _strict(hint: Any) -> Any:
    if isinstance(hint, ForwardRef):
        return ForwardRef(_closed(hint.__forward_arg__))
    parts = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin is Literal or not parts:
        return _STRICT.get(hint, hint)
    if origin in (typing.Union, types.UnionType):
        if any(typing.get_origin(part) is Literal and part != Literal[""] for part in parts):
            parts = tuple(part for part in parts if part is not str)
        return functools.reduce(lambda left, right: typing.Union[left, right], map(_strict, parts))  # noqa: UP007  # of parts known at run time
    inner = tuple(_strict(part) for part in parts)
    return origin[inner[0] if len(inner) == 1 else inner]


def _closed(hint: str) -> str:
    only_literals = re.fullmatch(r"((?:Literal\[[^\]]*\]\|)+)str", hint)
    if only_literals is None or only_literals[1] == "Literal['']|":
        return hint
    return only_literals[1].rstrip("|")


def _refusal(error: ErrorDetails, parameters: Json) -> Refused:
    param = _name(error["loc"], parameters)
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        return Refused(
            f"Received unknown parameter: {param}", code=_REMOVED.get(param, "parameter_unknown"), param=param
        )
    if kind == "missing":
        missing = str(error["loc"][-1])
        param = f"{param}[{missing}]" if param else missing
        return Refused(f"Missing required param: {param}.", code="parameter_missing", param=param)
    if value == "":
        message = (
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter."
        )
        return Refused(message, code="parameter_invalid_empty", param=param)
    message, code = {
        "whole": (f"Invalid integer: {value}", "parameter_invalid_integer"),
        "truth": (f"Invalid boolean: {value}", None),
        "literal_error": (f"Invalid {param}: must be one of {error.get('ctx', {}).get('expected')}", None),
        "list_type": ("Invalid array", None),
        "string_type": ("Invalid string", None),
    }.get(kind, ("Invalid object", None))
    return Refused(message, code=code, param=param)


def _name(location: tuple[int | str, ...], parameters: Json) -> str:
    """Return the parameter's bracketed name: the location without the labels pydantic adds for unions."""
    node: Any = parameters
    steps: list[str] = []
    for step in location:
        inside = isinstance(node, dict) and step in node
        if inside or (isinstance(node, list) and isinstance(step, int) and step < len(node)):
            node = node[step]
            steps.append(str(step))
    return "".join(f"[{step}]" if place else step for place, step in enumerate(steps))
