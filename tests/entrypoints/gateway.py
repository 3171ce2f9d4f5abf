"""An event of API Gateway, made by hand: what an HTTP client cannot send, a broken or hostile one in front may."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from tests.desk import Desk

FORM_TYPE = "application/x-www-form-urlencoded"


def request(
    desk: Desk,
    *,
    method: str = "POST",
    resource: str = "/{lang}/{slug}",
    parameters: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    is_base64: bool = False,
    source: str = "",
) -> dict[str, Any]:
    """What the Lambda answers to API Gateway."""
    import app

    bootstrap.use(desk.application)
    identity = {"sourceIp": source} if source else {}
    event = {
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": "/dev/somewhere",
            "identity": identity,
        },
        "headers": {"content-type": FORM_TYPE} if headers is None else headers,
        "pathParameters": {"lang": "nl", "slug": "lidmaatschap"} if parameters is None else parameters,
        "multiValueQueryStringParameters": None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": is_base64,
    }
    answer: dict[str, Any] = app.app(event, None)
    return answer
