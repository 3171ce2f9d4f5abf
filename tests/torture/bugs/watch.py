"""What is looked at besides, as long as the harness itself does not."""

from __future__ import annotations

from chalicelib.domain.email import Delivery
from tests.torture.world import World

# No case comes near so many calls: one that does goes round in circles.
MOST = 20_000


class Endless(BaseException):
    """Going round in circles; nothing in the code may catch this."""


def watch(world: World) -> None:
    """Stop a world that never ends."""

    def count(_: str) -> None:
        if len(world.gate.places) > MOST:
            raise Endless

    world.gate.says = count


def unheard(world: World) -> list[str]:
    """In the end every mail that arrived is known to have, unless the news of it got lost."""
    if not world.habits.queues or any("never" in each for each in world.gate.struck):
        return []
    arrived = {each.email_id for each in world.mailroom.sent}
    return [
        f"email {email.kind} has arrived and is {email.delivery.value}"
        for email in world.books().emails
        if email.id in arrived and email.delivery is not Delivery.DELIVERED
    ]
