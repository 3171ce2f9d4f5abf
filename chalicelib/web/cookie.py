"""Cookies: two small ones, for staff only; whoever fills in a form has none."""

from __future__ import annotations

from dataclasses import dataclass

from chalice.app import Request


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of the desk, which no script reads and no other website's form brings along.

    `secure` is false only for the developer's own machine, where there is no https: a browser then refuses the prefix.
    """

    plain_name: str
    secure: bool

    @property
    def name(self) -> str:
        return f"__Host-{self.plain_name}" if self.secure else self.plain_name

    def read(self, request: Request) -> str:
        """Its value; empty when the browser has none, and when it has two, of which one is somebody else's."""
        header = str(request.headers.get("cookie", ""))
        pairs = [pair.strip().partition("=") for pair in header.split(";")]
        found = [value for name, _, value in pairs if name == self.name]
        return found[0] if len(found) == 1 else ""

    def put(self, value: str, *, seconds: int) -> str:
        """The header that lets the browser keep it for so long."""
        secure = "; Secure" if self.secure else ""
        return f"{self.name}={value}; Path=/; Max-Age={seconds}{secure}; HttpOnly; SameSite=Lax"

    def drop(self) -> str:
        """The header that lets the browser forget it."""
        return self.put("", seconds=0)
