"""The network address of a request: of whom a network has many, they are one."""

from typing import Any

import pytest
from chalice.app import Request

from chalicelib.web.request import address_of


def request(context: dict[str, Any]) -> Request:
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {},
            "pathParameters": None,
            "requestContext": {"resourcePath": "/", "path": "/", "httpMethod": "POST"} | context,
            "body": None,
            "stageVariables": None,
            "isBase64Encoded": False,
        }
    )


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/56"),
        ("2001:db8:1:ff::ffff", "2001:db8:1::/56"),
        ("2001:db8:1:100::1", "2001:db8:1:100::/56"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("somewhere", ""),
    ],
)
def test_an_address_of_ipv6_stands_for_its_whole_network(source: str, address: str) -> None:
    assert address_of(request({"identity": {"sourceIp": source}})) == address


@pytest.mark.parametrize("context", [{}, {"identity": None}, {"identity": {}}, {"identity": {"sourceIp": None}}])
def test_what_is_not_told_is_empty(context: dict[str, Any]) -> None:
    assert address_of(request(context)) == ""
