"""Pages: lists as Stripe cuts them, newest first, with a cursor and spans of time."""

from collections.abc import Callable, Iterable
from itertools import dropwhile, islice
from typing import Protocol

from devstack.stripe.wire import Json, Refused


class Listed(Protocol):
    """What can stand in a list."""

    @property
    def id(self) -> str: ...
    @property
    def created(self) -> int: ...


def within(span: Json | int | None, moment: int) -> bool:
    """Whether a moment lies in a span as it was asked for."""
    if span is None:
        return True
    if isinstance(span, int):
        return moment == span
    bounds: dict[str, int] = span
    from_below = bounds.get("gte", moment) <= moment and bounds.get("gt", moment - 1) < moment
    return from_below and moment <= bounds.get("lte", moment) and moment < bounds.get("lt", moment + 1)


def page[Each: Listed](
    found: list[Each], asked: Json, *, what: str, url: str, wanted: Callable[[Each], bool], told: Callable[[Each], Json]
) -> Json:
    """Return one page of what was found, of which only what is wanted counts."""
    limit = asked.get("limit", 10)
    after, before = asked.get("starting_after"), asked.get("ending_before")
    if after is not None and before is not None:
        raise Refused("You can only use one of `starting_after` or `ending_before`.", param="starting_after")
    rest: Iterable[Each] = found
    if after is not None:
        rest = islice(dropwhile(lambda each: each.id != after, found), 1, None)
    elif before is not None:
        # The page next to the cursor, so it is gathered from the cursor upwards and turned round again.
        rest = islice(dropwhile(lambda each: each.id != before, reversed(found)), 1, None)
    for param, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and all(each.id != cursor for each in found):
            raise Refused(f"No such {what}: '{cursor}'", code="resource_missing", param=param)
    span = asked.get("created")
    kept = list(islice((each for each in rest if within(span, each.created) and wanted(each)), limit + 1))
    shown = kept[:limit] if before is None else kept[:limit][::-1]
    return {"object": "list", "url": url, "has_more": len(kept) > limit, "data": [told(each) for each in shown]}
