"""The payment service's own pages: where a person finds a payment there."""

DASHBOARD = "https://dashboard.stripe.com"


def payment_page(payment_id: str, *, secret_key: str, api_base: str) -> str:
    """The address of a payment; with another service in Stripe's place, that of its overview."""
    if api_base:
        return f"{api_base.rstrip('/')}/#{payment_id}"
    mode = "" if "_live_" in secret_key else "test/"
    return f"{DASHBOARD}/{mode}payments/{payment_id}"
