"""A buyer without a browser: the same doors over plain HTTP, for tests that need an order and no pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit
from uuid import uuid4

from requests import Response

from tests.browser.stack import Stack

ORGANISATION = "Gemeente Voorbeeldstad"
NAME = "Ada de Vries"


def new_email(domain: str = "voorbeeldstad.example.nl") -> str:
    """An address that no other test has; whoever becomes a member makes its domain a member's."""
    return f"ada.{uuid4().hex[:12]}@{domain}"


def new_domain() -> str:
    """A domain of an organisation that nobody knows yet."""
    return f"wijk-{uuid4().hex[:12]}.example.nl"


@dataclass(kw_only=True)
class Buyer:
    """Somebody with an address of his own, and where he got to."""

    stack: Stack
    offer: str = "lidmaatschap"
    language: str = "nl"
    email: str = field(default_factory=new_email)
    key: str = ""
    pay_url: str = ""
    free_order_url: str = ""

    @property
    def form(self) -> str:
        return f"{self.stack.desk}/{self.language}/{self.offer}"

    @property
    def session_id(self) -> str:
        return urlsplit(self.pay_url).path.rpartition("/")[2]

    @property
    def order_url(self) -> str:
        """The page of the order, as Stripe was told to send the buyer to, if there was something to pay."""
        if self.free_order_url:
            return self.free_order_url
        session = self.stack.sessions(self.email)[-1]
        return str(session["success_url"]).partition("?")[0]

    def open_form(self) -> str:
        """The page of the form; its hidden key is kept."""
        page = self.stack.http.get(self.form, timeout=30)
        page.raise_for_status()
        found = re.search(r'<input type="hidden" name="key" value="([^"]+)">', page.text)
        assert found, "the form has a key"
        self.key = unescape(found[1])
        return page.text

    # An event's form has a field of the name `self`, hence the slash.
    def send(self, /, **answers: str) -> Response:
        """Fill in and send the form; whatever the answer is."""
        if not self.key:
            self.open_form()
        fields = {"organisation": ORGANISATION, "name": NAME, "email": self.email, "key": self.key, "do": "pay"}
        return self.stack.http.post(self.form, data=fields | answers, allow_redirects=False, timeout=30)

    def register(self, /, **answers: str) -> Buyer:
        """Fill in and send the form; ends at the payment page."""
        answer = self.send(**answers)
        assert answer.status_code == 303, said(answer)
        self.pay_url = answer.headers["Location"]
        assert self.pay_url.startswith(self.stack.stripe), self.pay_url
        return self

    def confirm(self, /, **answers: str) -> Buyer:
        """Fill in and send the form of something free; ends at the page of the order."""
        answer = self.send(**answers)
        assert answer.status_code == 303, said(answer)
        self.free_order_url = answer.headers["Location"]
        assert self.free_order_url.startswith(f"{self.stack.desk}/{self.language}/order/"), self.free_order_url
        return self

    def press(self, button: str) -> str:
        """Press a button of the payment page; where it leads."""
        answer = self.stack.http.post(self.pay_url, data={"do": button}, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, said(answer)
        return answer.headers["Location"]

    def do(self, wish: str) -> str:
        """Press a button of the order's page; where it leads."""
        answer = self.stack.http.post(self.order_url, data={"do": wish}, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, said(answer)
        return answer.headers["Location"]

    def look(self, url: str = "") -> str:
        """A page as it is now; the order's, unless another is named."""
        page = self.stack.http.get(url or self.order_url, timeout=30)
        page.raise_for_status()
        return page.text


def said(answer: Response) -> str:
    """What an unexpected answer comes down to: its status, title and complaints."""
    return " · ".join([str(answer.status_code), *re.findall(r"<(?:title|li><a[^>]*)>(.*?)</", answer.text)])
