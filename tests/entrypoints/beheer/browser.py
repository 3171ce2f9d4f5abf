"""A browser of somebody who works behind the desk: it keeps cookies, and finds the token of a form."""

from __future__ import annotations

import gzip
import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

from tests.desk import BASE_URL, Desk

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

ORIGIN = BASE_URL
# What a page may weigh as it travels, its style sheet in it; API Gateway compresses.
MOST_WEIGHT = 30_000


def weight(answer: HTTPResponse) -> int:
    """How many bytes of an answer travel."""
    return len(gzip.compress(answer.body))


class Browser:
    """Keeps the cookies that it is given, as a browser does, and sends its website along with each form."""

    def __init__(self, desk: Desk, *, agent: str = "Firefox") -> None:
        self.desk, self.agent = desk, agent
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> HTTPResponse:
        return self._kept(self.desk.get(path, cookie=self._sent(), user_agent=self.agent))

    def post(self, path: str, fields: dict[str, str], *, origin: str = ORIGIN) -> HTTPResponse:
        given = {"cookie": self._sent(), "user_agent": self.agent}
        return self._kept(self.desk.post(path, fields, **given | ({"origin": origin} if origin else {})))

    def press(self, page: str, action: str, fields: dict[str, str]) -> HTTPResponse:
        """Fill in a form of a page, with the token that it carries."""
        return self.post(action, {"token": self.token(page)} | fields)

    def token(self, page: str = "/beheer/sessies") -> str:
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.get(page).body.decode())
        assert found, f"no form on {page}"
        return found[1]

    def ask(self, email: str) -> str:
        """Ask for a code; what the mail says, empty when there is none."""
        before = len(self.desk.sender.sent)
        answer = self.post("/beheer/inloggen", {"email": email})
        assert answer.status_code == 303, answer.body
        self.desk.work()
        mails = [letter for _, letter in self.desk.sender.sent[before:]]
        found = [re.search(r"(?m)^ +(\d{6})$", letter.text) for letter in mails]
        return found[0][1] if found and found[0] else ""

    def log_in(self, email: str) -> HTTPResponse:
        answer = self.post("/beheer/code", {"code": self.ask(email)})
        assert answer.status_code == 303, answer.body
        return answer

    def _sent(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _kept(self, answer: HTTPResponse) -> HTTPResponse:
        given: str | list[str] = answer.headers.get("Set-Cookie", [])
        for text in [given] if isinstance(given, str) else given:
            for name, morsel in SimpleCookie(text).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return answer
