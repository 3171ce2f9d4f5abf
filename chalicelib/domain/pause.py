"""How long a page waits before it asks for the payment page again: longer as time goes by, and not all at once."""

import hashlib
from datetime import timedelta

# In seconds: the shortest pause at first and after a minute, and by how much the pauses of a crowd differ.
FIRST, LATER, SPREAD = 4, 10, 6


def pause(order_id: str, *, waited: timedelta) -> int:
    """Whole seconds, at most 15, for an order that has waited so long: by its id and the moment, never by chance."""
    seconds = max(0, int(waited.total_seconds()))
    digest = hashlib.sha256(f"{order_id} {seconds}".encode()).digest()
    return min(FIRST + seconds // 10, LATER) + digest[0] % SPREAD
