"""Report differences: keep what was found about a subject, and take away what is found no more."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain.difference import Difference, DifferenceKind
from chalicelib.ports import Store

log = logging.getLogger(__name__)

type Facts = Mapping[str, str]


class Differences:
    """The differences as they are known; what a check finds now takes the place of what it found before."""

    def __init__(self, *, store: Store, now: datetime) -> None:
        self._store, self._now = store, now
        self._known = {difference.id: difference for difference in store.differences()}

    def report(
        self, subject: str, *, code: str, checked: Iterable[DifferenceKind], found: Mapping[DifferenceKind, Facts]
    ) -> None:
        """Keep what was found of the kinds that were checked about a subject; the others of them are put right.

        Raises StorageUnavailable.
        """
        for kind in checked:
            known = self._known.get(f"{subject}#{kind.value}")
            if kind in found:
                since = known.found_at if known else self._now
                self._keep(Difference(kind=kind, subject=subject, code=code, facts=found[kind], found_at=since), known)
            elif known:
                self._remove(known)

    def _keep(self, difference: Difference, known: Difference | None) -> None:
        if known and known.facts == difference.facts:
            return
        unit = self._store.unit_of_work()
        unit.differences.keep(difference)
        unit.commit()
        self._known[difference.id] = difference
        log.error("difference_found kind=%s subject=%s", difference.kind.value, difference.subject)

    def _remove(self, known: Difference) -> None:
        unit = self._store.unit_of_work()
        unit.differences.remove(known.id)
        unit.commit()
        del self._known[known.id]
        log.info("difference_gone kind=%s subject=%s", known.kind.value, known.subject)
