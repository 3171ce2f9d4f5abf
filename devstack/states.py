"""Draw the states of an order, as domain/state.py has them: a picture and two tables for the docs.

python -m devstack.states            writes docs/states.md and docs/pictures/states.svg
python -m devstack.states --check    only says whether they are as they should be
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from html import escape
from math import atan2, cos, sin
from pathlib import Path
from typing import Any

from chalicelib.domain.state import ACTIONS, SEATING, TABLE, Action, Cell, News, State

DOCS = Path(__file__).parent.parent / "docs"
PAGE, PICTURE = DOCS / "states.md", DOCS / "pictures" / "states.svg"

WIDTH, HEIGHT = 1120, 700
BOX, TALL = 176, 62
# Where each state stands; a new one needs a place, and says so.
PLACES: Mapping[State, tuple[int, int]] = {
    State.PENDING: (150, 130),
    State.PROCESSING: (330, 350),
    State.EXPIRED: (150, 590),
    State.PAID: (720, 130),
    State.REVIEW: (720, 350),
    State.REFUND_DUE: (720, 590),
    State.CANCELLED: (980, 350),
    State.CONFIRMED: (980, 130),
    State.INVOICED: (980, 590),
}
# How far a line bends, and where on it its words stand, for those that would cross another's.
BENDS: Mapping[tuple[State, State], tuple[int, float]] = {
    (State.PENDING, State.EXPIRED): (60, 0.5),
    (State.PENDING, State.PROCESSING): (-20, 0.5),
    (State.PENDING, State.PAID): (-24, 0.5),
    (State.PENDING, State.REVIEW): (-50, 0.34),
    (State.PROCESSING, State.PAID): (20, 0.6),
    (State.PROCESSING, State.REVIEW): (0, 0.35),
    (State.PROCESSING, State.REFUND_DUE): (-30, 0.72),
    (State.PROCESSING, State.EXPIRED): (14, 0.3),
    (State.EXPIRED, State.PROCESSING): (24, 0.36),
    (State.EXPIRED, State.PAID): (80, 0.5),
    (State.PAID, State.CANCELLED): (-40, 0.34),
    (State.REVIEW, State.PAID): (34, 0.4),
    (State.REVIEW, State.REFUND_DUE): (-34, 0.4),
    (State.CONFIRMED, State.CANCELLED): (-30, 0.5),
    (State.EXPIRED, State.REVIEW): (40, 0.36),
    (State.EXPIRED, State.REFUND_DUE): (24, 0.5),
}
MEANS: Mapping[State, str] = {
    State.PENDING: "to be paid until the hold ends",
    State.PROCESSING: "done at Stripe, the bank has to pay",
    State.PAID: "paid and confirmed",
    State.CONFIRMED: "costs nothing, confirmed at once",
    State.INVOICED: "confirmed, paid by invoice: reserved",
    State.EXPIRED: "not paid in time, its session closed",
    State.REFUND_DUE: "money that cannot stay: all goes back",
    State.CANCELLED: "called off by the secretariat",
    State.REVIEW: "money that does not fit: a person decides",
}
SAYS: Mapping[News, str] = {
    News.STALE: "news of an earlier session",
    News.OPEN: "the session is open",
    News.PROCESSING: "completed, money to come",
    News.PAID: "paid",
    News.PAID_OTHER_AMOUNT: "paid, another amount",
    News.PAID_WITHOUT_SEAT: "paid, no seats left",
    News.KNOWN_PAYMENT: "the payment it has",
    News.SECOND_PAYMENT: "a second payment",
    News.FAILED: "the bank did not pay",
    News.EXPIRED: "the session is closed",
}
DOES: Mapping[Action, str] = {
    Action.REFUND: "refund a part",
    Action.CANCEL: "cancel",
    Action.ACCEPT: "accept what was paid",
    Action.RETURN: "give it all back",
}


# What some news or action leads to, or begins with.
LIVE = {cell.state for table in (TABLE, ACTIONS) for cell in table.values()} | {State.CONFIRMED}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m devstack.states", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the docs are not up to date")
    check = parser.parse_args(arguments).check
    stale = [path for path, text in drawn().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if check and stale:
        print(f"{', '.join(path.name for path in stale)}: not as the table is. Run `make states`.", file=sys.stderr)
        return 1
    for path in stale:
        path.write_text(drawn()[path], encoding="utf-8")
        print(f"wrote {path.relative_to(DOCS.parent)}")
    return 0


def drawn() -> dict[Path, str]:
    """The files, as they should be."""
    return {PAGE: _page(), PICTURE: _picture()}


def _page() -> str:
    return f"""# The states of an order

Drawn from `chalicelib/domain/state.py` by `make states`; do not edit by hand. What the words mean is in
[order.md](order.md), what the money does in [money.md](money.md).

![The states and what leads from one to another](pictures/states.svg)

Solid lines are news from Stripe, dashed ones what the secretariat does.

## What each state is

{_table(("state", "means", "its seats"), [(f"**{state.name}**", MEANS[state], _seats(state)) for state in State])}

## What news does

A dash is refused: such news cannot be, and changes nothing but a line in the log.

{_cells(TABLE, {news: SAYS[news] for news in News})}

## What the secretariat may do

{_cells(ACTIONS, {action: DOES[action] for action in Action})}

The effects: *book* puts the payment in the order's ledger, *confirm* makes memberships, attendances and mails, *give
back* commands a full refund of that payment with a mail, *tell failed* mails that the bank did not pay, *undo* takes
back what *confirm* made. All of it is written in one transaction with the new state. Refunds and disputes are facts
beside the state: they change the ledger and its totals, never the state by themselves.
"""


def _seats(state: State) -> str:
    return SEATING[state].value if state in SEATING else "as they were"


def _cells(table: Mapping[Any, Cell], says: Mapping[Any, str]) -> str:
    rows = [(says[event], *(_cell(table.get((state, event)), state) for state in State)) for event in says]
    return _table(("", *(state.name for state in State)), rows)


def _cell(cell: Cell | None, state: State) -> str:
    if cell is None:
        return "–"
    goes = "stays" if cell.state is state else f"**{cell.state.name}**"
    effects = ", ".join(effect.value.replace("_", " ") for effect in cell.effects)
    return goes + (f": {effects}" if effects else "") + (", alarm" if cell.alarm else "")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    rule = ["---"] * len(lines[0])
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def _picture() -> str:
    news = _edges(TABLE, {each: SAYS[each] for each in News})
    actions = _edges(ACTIONS, {each: DOES[each] for each in Action})
    drawn_edges = [_edge(*ends, says, dashed=False) for ends, says in news.items()]
    drawn_edges += [_edge(*ends, says, dashed=True) for ends, says in actions.items()]
    start = '<circle cx="150" cy="36" r="7"/><path class="news" d="M150,43 L150,95" marker-end="url(#arrow)"/>'
    free = '<circle cx="980" cy="36" r="7"/><path class="news" d="M980,43 L980,95" marker-end="url(#arrow)"/>'
    said = '<text x="166" y="66">the form is sent</text><text x="966" y="66" class="end">it costs nothing</text>'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">
<title>The states of an order</title>
<style>
rect.ground {{ fill: #fff }}
.box {{ fill: #f3f6f8; stroke: #2b4a5e; stroke-width: 1.5 }}
.reserved {{ stroke-dasharray: 4 4; fill: #fff }}
path {{ fill: none; stroke: #2b4a5e; stroke-width: 1.5 }}
path.action {{ stroke: #8a4b08; stroke-dasharray: 6 4 }}
text {{ font: 13px system-ui, sans-serif; fill: #22313a }}
text.name {{ font-weight: 600; font-size: 15px; text-anchor: middle }}
text.means {{ font-size: 11px; text-anchor: middle; fill: #4a5a64 }}
text.said {{ text-anchor: middle; paint-order: stroke; stroke: #fff; stroke-width: 5px }}
text.end {{ text-anchor: end }}
text.action {{ fill: #8a4b08 }}
</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0,0 L8,4 L0,8 z" style="fill:#2b4a5e;stroke:none"/></marker></defs>
<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>
{start}
{free}
{said}
{chr(10).join(line for line, _ in drawn_edges)}
{chr(10).join(map(_box, State))}
{chr(10).join(text for _, text in drawn_edges)}
</svg>
"""


def _edges(table: Mapping[Any, Cell], says: Mapping[Any, str]) -> dict[tuple[State, State], list[str]]:
    """What leads from one state to another; what leaves a state as it is has no line."""
    found: dict[tuple[State, State], list[str]] = {}
    for key, cell in table.items():
        if cell.state is not key[0]:
            found.setdefault((key[0], cell.state), []).append(says[key[1]])
    return found


def _box(state: State) -> str:
    x, y = PLACES[state]
    reserved = " reserved" if state not in LIVE else ""
    return (
        f'<rect class="box{reserved}" x="{x - BOX / 2:g}" y="{y - TALL / 2:g}" width="{BOX}" height="{TALL}" rx="8"/>'
        f'<text class="name" x="{x}" y="{y - 4}">{state.name}</text>'
        + "".join(
            f'<text class="means" x="{x}" y="{y + 12 + 12 * place}">{escape(line)}</text>'
            for place, line in enumerate(_broken(MEANS[state]))
        )
    )


def _broken(text: str) -> list[str]:
    """In lines that fit into a box."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > 27:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _edge(start: State, end: State, says: list[str], *, dashed: bool) -> tuple[str, str]:
    """A bent line from box to box, and its words at the bend; the way back bends the other way."""
    (x1, y1), (x2, y2) = PLACES[start], PLACES[end]
    angle, (bend, at) = atan2(y2 - y1, x2 - x1), BENDS.get((start, end), (34, 0.5))
    mx, my = (x1 + x2) / 2 - sin(angle) * 2 * bend, (y1 + y2) / 2 + cos(angle) * 2 * bend
    (ax, ay), (bx, by) = _border(x1, y1, mx, my), _border(x2, y2, mx, my)
    kind = "action" if dashed else "news"
    line = (
        f'<path class="{kind}" d="M{ax:.0f},{ay:.0f} Q{mx:.0f},{my:.0f} {bx:.0f},{by:.0f}" marker-end="url(#arrow)"/>'
    )
    tx, ty = ((1 - at) ** 2 * a + 2 * (1 - at) * at * m + at**2 * b for a, m, b in ((ax, mx, bx), (ay, my, by)))
    words = "".join(
        f'<text class="said {kind}" x="{tx:.0f}" y="{ty + 4 + 15 * (place - (len(says) - 1) / 2):.0f}">'
        f"{escape(each)}</text>"
        for place, each in enumerate(says)
    )
    return line, words


def _border(x: float, y: float, towards_x: float, towards_y: float) -> tuple[float, float]:
    """Where a line from the middle of a box leaves it."""
    dx, dy = towards_x - x, towards_y - y
    scale = min(
        (BOX / 2 + 3) / abs(dx) if dx else float("inf"),
        (TALL / 2 + 3) / abs(dy) if dy else float("inf"),
    )
    return x + dx * scale, y + dy * scale


if __name__ == "__main__":
    sys.exit(main())
