"""What belongs in one commit, in two: some of the writes before all others, or after them."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.adapters.dynamodb.write import Write
from tests.torture.bugs.change import Constant


def earlier(*keys: str) -> Constant:
    """What lies under keys that begin so has a commit of its own, before that of everything else."""
    return Constant(TableUnitOfWork, "commit", _divided(keys, first=True))


def later(*keys: str) -> Constant:
    """What lies under keys that begin so has a commit of its own, after that of everything else."""
    return Constant(TableUnitOfWork, "commit", _divided(keys, first=False))


def _divided(keys: tuple[str, ...], *, first: bool) -> Callable[[TableUnitOfWork], None]:
    whole = TableUnitOfWork.commit

    def commit(self: TableUnitOfWork) -> None:
        apart = [write for write in self._writes if _key(write).startswith(keys)]
        others = [write for write in self._writes if write not in apart]
        for number, part in enumerate((apart, others) if first else (others, apart)):
            if part:
                self._writes[:] = part
                self._token = f"{self._token}-{number}"[-36:]
                whole(self)

    return commit


def _key(write: Write) -> str:
    """The kind of what is written: that of its partition, but where much lies beside an order that of its sort key."""
    (action,) = write.action.values()
    key = action.get("Item") or action["Key"]
    partition, sort = key["pk"]["S"], key["sk"]["S"]
    return str(sort if partition.startswith("ORDER#") else partition)
