"""An export: what leaves the desk as a file that people open, in the kinds that there are."""

from enum import StrEnum


class ExportKind(StrEnum):
    """The kind of a file; also the end of its name."""

    XLSX = "xlsx"
    CSV = "csv"

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    ExportKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportKind.CSV: "text/csv; charset=utf-8",
}
