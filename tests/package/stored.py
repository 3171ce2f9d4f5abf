"""What lies in the parameter store for a desk under test."""

from __future__ import annotations

from devstack.environment import BEHEERDER, BULK_MAIL_FROM, MAIL_FROM, STRIPE_KEY, WEBHOOK_SECRET


def stored(*, base_url: str) -> dict[str, str]:
    """Settings and secrets, as make setup keeps them."""
    return {
        "LOKET_BASE_URL": base_url,
        "LOKET_MAIL_FROM": MAIL_FROM,
        "LOKET_BULK_MAIL_FROM": BULK_MAIL_FROM,
        "LOKET_BEHEERDER": BEHEERDER,
        "LOKET_ALLOWED_ORIGINS": "https://lpb.example.nl",
        "LOKET_ASSOCIATION_NAME": "Landelijk Platform Buurt- en wijkgericht werken",
        "LOKET_ASSOCIATION_SHORT_NAME": "LPB",
        "LOKET_ASSOCIATION_WEBSITE": "https://lpb.example.nl",
        "LOKET_ASSOCIATION_EMAIL": "info@lpb.example.nl",
        "LOKET_SECRET_KEY": "only-for-a-test-of-the-package-0123456789",
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
