"""A place for files in memory."""

from dataclasses import dataclass

from chalicelib.domain.error import ExportUnavailable
from chalicelib.domain.export import ExportKind

ADDRESS = "https://bestanden.example.nl"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidReady:
    """A file as whoever fetches it gets it."""

    content: bytes
    name: str
    content_type: str


class FakeExports:
    """Keeps files by the address that leads to each; `down` takes none."""

    def __init__(self) -> None:
        self.files: dict[str, LaidReady] = {}
        self.down = False

    def put(self, content: bytes, *, name: str, kind: ExportKind) -> str:
        if self.down:
            raise ExportUnavailable("down")
        address = f"{ADDRESS}/{len(self.files)}/{name}"
        self.files[address] = LaidReady(content=content, name=name, content_type=kind.content_type)
        return address
