"""A function of the template, run from the unpacked zip in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

type Json = dict[str, Any]

RUNTIME = Path(__file__).with_name("runtime.py")


class Function:
    """One running function: what it answers, and which AWS calls it made since it started."""

    def __init__(self, *, folder: Path, handler: str, environment: Mapping[str, str]) -> None:
        self.calls: list[Json] = []
        # isolated, without site-packages, without writing byte code: the task folder is read-only on Lambda
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(RUNTIME), str(folder), handler],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def invoke(self, event: Json) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(event) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the function ended at once; its log says why"
        outcome = json.loads(line)
        assert "error" not in outcome, outcome["error"]
        assert outcome["foreign"] == [], f"modules came from outside the package: {outcome['foreign']}"
        self.calls += outcome["calls"]
        return outcome["answer"]

    def stop(self) -> None:
        self._process.communicate(timeout=10)


class Web:
    """API Gateway in front of the web function: a REST API with the routes of the template."""

    def __init__(self, function: Function, *, routes: list[str]) -> None:
        self.function, self._routes = function, routes

    def get(self, url: str, **headers: str) -> Json:
        return self._call("GET", url, body=None, headers=headers)

    def post(self, url: str, fields: Mapping[str, str], **more: str) -> Json:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **more}
        return self._call("POST", url, body=urlencode(fields), headers=headers)

    def post_json(self, url: str, text: str, **headers: str) -> Json:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._call("POST", url, body=text, headers={"Content-Type": "application/json", **named})

    def _call(self, method: str, url: str, *, body: str | None, headers: Mapping[str, str]) -> Json:
        parts = urlsplit(url)
        resource, parameters = self._route(parts.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        sent = {"Host": "abc.execute-api.eu-west-1.amazonaws.com", "Accept": "text/html", **headers}
        answer: Json = self.function.invoke(
            {
                "resource": resource,
                "path": parts.path,
                "httpMethod": method,
                "headers": sent,
                "multiValueHeaders": {name: [value] for name, value in sent.items()},
                "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
                "multiValueQueryStringParameters": query or None,
                "pathParameters": parameters or None,
                "stageVariables": None,
                "requestContext": {
                    "resourcePath": resource,
                    "httpMethod": method,
                    "path": f"/api{parts.path}",
                    "stage": "api",
                    "requestId": "11111111-1111-1111-1111-111111111111",
                    "identity": {"sourceIp": "192.0.2.1", "userAgent": "test"},
                },
                "body": body,
                "isBase64Encoded": False,
            }
        )
        return answer

    def _route(self, path: str) -> tuple[str, dict[str, str]]:
        """As API Gateway chooses: a written-out part goes before a parameter."""
        for route in sorted(self._routes, key=lambda route: [part.startswith("{") for part in route.split("/")]):
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(route))
            if found := re.fullmatch(pattern, path):
                return route, {name: unquote(value) for name, value in found.groupdict().items()}
        raise AssertionError(f"API Gateway knows no {path}: it would answer 403")


def sqs_event(messages: list[Json]) -> Json:
    """What Lambda makes of messages of a queue."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:queue",
                "awsRegion": "eu-west-1",
            }
            for message in messages
        ]
    }


def schedule_event() -> Json:
    return {
        "version": "0",
        "id": "22222222-2222-2222-2222-222222222222",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-11-25T20:00:00Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:000000000000:rule/sweep"],
        "detail": {},
    }
