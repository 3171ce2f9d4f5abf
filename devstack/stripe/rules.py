"""What Stripe refuses although its type is right, and what the stand-in honestly does not imitate."""

import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from devstack.stripe.expansion import check_expansion
from devstack.stripe.parameters import Operation
from devstack.stripe.wire import Json, Refused

_HALF_AN_HOUR, _ONE_DAY = 30 * 60, 24 * 60 * 60
_CURRENCIES = frozenset(("eur", "gbp", "usd", "chf", "dkk", "sek", "nok", "pln", "czk"))
_LEAST, _MOST = 50, 99_999_999
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

_IMITATED: dict[str, Collection[str]] = {
    "": (
        *("allowed_payment_method_types", "billing_address_collection", "branding_settings", "cancel_url"),
        *("client_reference_id", "currency", "custom_text", "customer_creation", "customer_email"),
        *("excluded_payment_method_types", "expand", "expires_at", "line_items", "locale", "metadata", "mode"),
        *("name_collection", "payment_intent_data", "payment_method_configuration", "payment_method_options"),
        *("phone_number_collection", "submit_type", "success_url", "tax_id_collection", "ui_mode"),
    ),
    "line_items": ("price_data", "quantity", "metadata"),
    "price_data": ("currency", "product_data", "tax_behavior", "unit_amount"),
    "payment_intent_data": (
        *("capture_method", "description", "metadata", "receipt_email"),
        *("statement_descriptor", "statement_descriptor_suffix"),
    ),
}
_PAGED = ("created", "ending_before", "expand", "limit", "starting_after")
_LISTED_BY: dict[Operation, Collection[str]] = {
    "checkout.sessions.list": (*_PAGED, "payment_intent", "status"),
    "payment_intents.list": _PAGED,
    "charges.list": (*_PAGED, "payment_intent"),
    "refunds.list": (*_PAGED, "charge", "payment_intent"),
    "disputes.list": (*_PAGED, "charge", "payment_intent"),
    "balance_transactions.list": (*_PAGED, "currency", "payout", "source", "type"),
    "payouts.list": (*_PAGED, "arrival_date", "status"),
    "events.list": (*_PAGED, "delivery_success", "type", "types"),
    "webhook_endpoints.list": _PAGED,
}
_KINDS = {
    "checkout.sessions": "checkout.session",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "balance": "balance",
    "balance_transactions": "balance_transaction",
    "payouts": "payout",
    "events": "event",
    "webhook_endpoints": "webhook_endpoint",
}
_REFUNDED_BY = ("amount", "charge", "expand", "metadata", "payment_intent", "reason")


def apply_rules(operation: Operation, asked: Json, *, now: int) -> None:
    """Refuse what Stripe would refuse of these parameters."""
    noun, _, verb = operation.rpartition(".")
    for path in asked.get("expand", []):
        check_expansion(path, of=f"list of {_KINDS[noun]}" if verb == "list" else _KINDS[noun])
    if verb == "list":
        _imitated(asked, _LISTED_BY[operation])
        if not 1 <= asked.get("limit", 10) <= 100:
            raise _no_number("limit", "must be between 1 and 100")
    if operation == "checkout.sessions.create":
        _apply_to_creation(asked, now=now)
    elif operation == "refunds.create":
        _apply_to_refund(asked)
    elif noun == "webhook_endpoints" and "url" in asked:
        _check_address(asked, "url")
    elif operation == "events.list":
        _apply_to_events(asked)


def _apply_to_refund(asked: Json) -> None:
    _imitated(asked, _REFUNDED_BY)
    if "charge" not in asked and "payment_intent" not in asked:
        raise Refused(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if asked.get("amount", 1) < 1:
        raise _no_number("amount", "must be greater than or equal to 1")
    _check_metadata(asked, within="")


def _apply_to_events(asked: Json) -> None:
    if "type" in asked and "types" in asked:
        raise Refused("You may only specify one of these parameters: type, types.", param="types")
    if len(asked.get("types", [])) > 20:
        raise Refused("At most 20 types can be asked for.", param="types")


def _apply_to_creation(asked: Json, *, now: int) -> None:
    for name in ("mode", "line_items", "success_url"):
        _require(asked, name)
    _imitated(asked, _IMITATED[""])
    _only(asked, "mode", "payment")
    _only(asked, "ui_mode", "hosted_page")
    _check_lines(asked)
    for name in ("success_url", "cancel_url"):
        _check_address(asked, name)
    _check_expiry(asked, now=now)
    _check_length(asked, "client_reference_id", 200)
    if "customer_email" in asked and not _EMAIL.fullmatch(asked["customer_email"]):
        raise Refused(f"Invalid email address: {asked['customer_email']}", code="email_invalid", param="customer_email")
    intent = asked.get("payment_intent_data", {})
    _imitated(intent, _IMITATED["payment_intent_data"], within="payment_intent_data")
    _check_metadata(asked, within="")
    _check_metadata(intent, within="payment_intent_data")


def _check_lines(asked: Json) -> None:
    lines = asked["line_items"]
    if not 1 <= len(lines) <= 100:
        raise Refused("A Checkout Session has between 1 and 100 line items.", param="line_items")
    for place, line in enumerate(lines):
        _check_line(line, within=f"line_items[{place}]")
    currencies = {line["price_data"]["currency"] for line in lines} | {asked.get("currency")} - {None}
    if len(currencies) > 1:
        raise Refused("All prices on a Checkout Session must have the same currency.", param="line_items")
    total = sum(line["quantity"] * line["price_data"]["unit_amount"] for line in lines)
    if total < _LEAST:
        raise Refused("The Checkout Session's total amount due is too small.", code="amount_too_small")
    if total > _MOST:
        raise Refused("The Checkout Session's total amount due is too large.", code="amount_too_large")


def _check_line(line: Json, *, within: str) -> None:
    _imitated(line, _IMITATED["line_items"], within=within)
    _require(line, "price_data", within=within)
    price = line["price_data"]
    _imitated(price, _IMITATED["price_data"], within=f"{within}[price_data]")
    _require(price, "product_data", within=f"{within}[price_data]")
    for part, name, inside in ((line, "quantity", within), (price, "unit_amount", f"{within}[price_data]")):
        _require(part, name, within=inside)
        if part[name] < 1:
            raise _no_number(f"{inside}[{name}]", "must be greater than or equal to 1")
    if price["currency"] not in _CURRENCIES:
        param = f"{within}[price_data][currency]"
        raise Refused(f"Invalid currency: {price['currency']}.", param=param)
    _check_metadata(line, within=within)
    _check_metadata(price["product_data"], within=f"{within}[price_data][product_data]")


def _check_address(asked: Json, name: str) -> None:
    if name not in asked:
        return
    try:
        address = urlsplit(asked[name])
    except ValueError:
        address = urlsplit("")
    if address.scheme not in ("http", "https") or not address.hostname or re.search(r"\s", asked[name]):
        raise Refused("Not a valid URL", code="url_invalid", param=name)


def _check_expiry(asked: Json, *, now: int) -> None:
    if "expires_at" not in asked:
        return
    ahead = asked["expires_at"] - now
    if ahead < _HALF_AN_HOUR:
        bound = "at least 30 minutes"
    elif ahead >= _ONE_DAY:
        bound = "less than 24 hours"
    else:
        return
    raise Refused(f"The `expires_at` timestamp must be {bound} from Checkout Session creation.", param="expires_at")


def _check_metadata(holder: Json, *, within: str) -> None:
    metadata, param = holder.get("metadata") or {}, _inside("metadata", within)
    if len(metadata) > 50:
        raise Refused("Metadata can have at most 50 keys.", param=param)
    for key, value in metadata.items():
        if len(key) > 40:
            raise Refused("Metadata keys can be at most 40 characters long.", param=param)
        if len(value) > 500:
            raise Refused("Metadata values can be at most 500 characters long.", param=f"{param}[{key}]")


def _check_length(asked: Json, name: str, most: int) -> None:
    if len(asked.get(name, "")) > most:
        raise Refused(f"Invalid string: {name} must be at most {most} characters", param=name)


def _require(holder: Json, name: str, *, within: str = "") -> None:
    if name not in holder:
        param = _inside(name, within)
        raise Refused(f"Missing required param: {param}.", code="parameter_missing", param=param)


def _only(asked: Json, name: str, value: str) -> None:
    if asked.get(name, value) != value:
        raise _not_imitated(name, f"only {value}")


def _imitated(asked: Iterable[str], names: Collection[str], *, within: str = "") -> None:
    for name in asked:
        if name not in names:
            raise _not_imitated(_inside(name, within), "not at all")


def _not_imitated(param: str, instead: str) -> Refused:
    return Refused(
        f"Stripe knows {param}, this stand-in does not imitate it ({instead}).", code="stand_in_limit", param=param
    )


def _no_number(param: str, reason: str) -> Refused:
    return Refused(f"Invalid {param}: {reason}", code="parameter_invalid_integer", param=param)


def _inside(name: str, within: str) -> str:
    return f"{within}[{name}]" if within else name
