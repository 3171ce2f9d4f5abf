"""Meanwhile: while one call waits, everybody else does all that he has to do; the smallest of all interleavings."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from chalicelib.domain.email import Delivery
from tests.torture.world import World

# What stands in a case in the place of a fault: all others go on, or the visitor sends his form once more.
MEANWHILE, AGAIN = "meanwhile", "pressed-again"


def interrupt(world: World, *, meanwhile: Collection[int], again: Collection[int]) -> None:
    """Let others go first at these places."""
    post, pressed = world.post, list[Callable[[], Any]]()

    def remembered(path: str, body: Any, **headers: str) -> Any:
        if not path.startswith("/webhooks"):
            pressed[:] = [lambda: post(path, body, **headers)]
        return post(path, body, **headers)

    def arrive(_: str) -> None:
        place = len(world.gate.places) + 1
        if place not in meanwhile and place not in again:
            return
        with world.meanwhile(), world.gate.resting():
            if place in again and pressed:
                world.attempt(pressed[0])
            if place in meanwhile:
                _all_others(world)

    world.post = remembered  # type: ignore[method-assign]  # what was pressed last is remembered
    world.gate.on_arrival = arrive


def _all_others(world: World) -> None:
    """News, the queues, and both once more as a queue may do; then the sweep."""
    world.bring()
    world.work("payments")
    for session in world.stripe.books.sessions():
        world.queues.put("payments", session.id)
    world.work("payments")
    for email in world.books().emails:
        if email.delivery in (Delivery.QUEUED, Delivery.SENDING):
            world.queues.put("emails", email.id)
    world.work("emails")
    world.hand_on()
    world.work("deliveries")
    world.sweep()
