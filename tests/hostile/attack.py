"""An attack: one request as API Gateway hands it over, which may be what no honest client sends, and its answer."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from chalicelib import bootstrap
from tests.desk import Desk

FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One request; `resource` is the pattern of its route, `parameters` what stands in its places."""

    method: str = "GET"
    resource: str
    parameters: dict[str, str] | None = None
    query: dict[str, list[str]] | None = None
    headers: dict[str, str] | None = None
    body: str | bytes | None = None
    is_base64: bool = False
    source: str = "192.0.2.7"

    def event(self) -> dict[str, Any]:
        body: str | bytes | None = self.body
        if self.is_base64 and isinstance(body, bytes):
            body = base64.b64encode(body).decode()
        return {
            "requestContext": {
                "httpMethod": self.method,
                "resourcePath": self.resource,
                "path": "/dev/somewhere",
                "identity": {"sourceIp": self.source},
            },
            "headers": self.headers,
            "pathParameters": self.parameters,
            "multiValueQueryStringParameters": self.query,
            "stageVariables": None,
            "body": body,
            "isBase64Encoded": self.is_base64,
        }

    @property
    def text(self) -> str:
        """All of it that can hold a mark, to look in."""
        body = self.body.decode(errors="replace") if isinstance(self.body, bytes) else (self.body or "")
        return "\n".join([body, *map(str, (self.parameters, self.query, self.headers))])

    @property
    def wants_fragment(self) -> bool:
        return ((self.query or {}).get("fragment") or [""])[-1:] == ["1"]

    def header(self, name: str) -> str:
        return next((value for each, value in (self.headers or {}).items() if each.lower() == name), "")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the Lambda gives back, as API Gateway reads it."""

    status: int
    headers: dict[str, str]
    several: dict[str, list[str]]
    text: str

    @property
    def body(self) -> bytes:
        return self.text.encode()

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "")

    @property
    def location(self) -> str:
        """Where it leads, by a redirect or by what a script is told."""
        if "Location" in self.headers:
            return self.headers["Location"]
        return str(json.loads(self.text).get("url", "")) if self.kind.startswith("application/json") else ""


def send(desk: Desk, attack: Attack) -> Answer:
    """The answer to a request, by way of the JSON that Lambda makes of it."""
    import app

    bootstrap.use(desk.application)
    given = json.loads(json.dumps(app.app(attack.event(), None)))
    return Answer(
        status=given["statusCode"], headers=given["headers"], several=given["multiValueHeaders"], text=given["body"]
    )
