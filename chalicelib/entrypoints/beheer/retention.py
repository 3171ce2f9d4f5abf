"""Retention: what is kept how long, and what the next run will erase."""

from collections import defaultdict

from chalice.app import Response

from chalicelib.domain.retention import RUN
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit


@GATE.door("GET", "/beheer/bewaren", Permission.ERASE)
def show(visit: Visit) -> Response:
    """As the last run announced it: nothing goes that did not stand here for a day."""
    run = visit.app.store.unit_of_work().retentions.get(RUN)
    labels: dict[str, list[str]] = defaultdict(list)
    for each in run.ahead if run else ():
        for rule in each.rules:
            labels[rule.value].append(each.label)
    return visit.page(
        "retention",
        run=run,
        labels=labels,
        erased=run.erased if run else {},
        terms=visit.app.settings.terms,
    )
