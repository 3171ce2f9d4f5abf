"""Export: lay a file ready for somebody of the staff, and write down that he has it before he can fetch it."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.export import ExportKind
from chalicelib.ports import Exports, Store


def export(
    content: bytes,
    *,
    name: str,
    kind: ExportKind,
    subject: str,
    facts: Mapping[str, str],
    by: str,
    entry_id: str,
    exports: Exports,
    store: Store,
    now: datetime,
) -> str:
    """The address that leads to the file for five minutes. Raises ExportUnavailable or StorageUnavailable.

    A file that is not in the log is led to by nobody, and goes after a day.
    """
    address = exports.put(content, name=name, kind=kind)
    unit = store.unit_of_work()
    unit.audit.add(AuditEntry(id=entry_id, at=now, by=by, deed=Deed.EXPORTED, subject=subject, facts=facts))
    unit.commit()
    return address
