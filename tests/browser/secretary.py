"""The secretary at her pages: she logs in with a code from the mailbox, and finds her way by what she reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Page

from chalicelib.domain.staff import Role, Staff
from tests.browser.pages import follow, heading, press
from tests.browser.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Secretary:
    """Somebody behind the desk, in one browser."""

    stack: Stack
    page: Page
    email: str

    @classmethod
    def new(cls, *, stack: Stack, page: Page) -> Secretary:
        """Somebody new: so many codes may be asked for by one address, and no more. She is in when this returns."""
        email = f"secretaris.{uuid4().hex[:10]}@lpb.example.nl"
        unit = stack.store().unit_of_work()
        unit.staff.add(Staff(email=email, name="Tessa Bakker", role=Role.BEHEERDER, version=1))
        unit.commit()
        found = cls(stack=stack, page=page, email=email)
        found.log_in()
        return found

    def log_in(self) -> None:
        before = len(self.stack.mails(self.email))
        self.page.goto(f"{self.stack.desk}/beheer")
        self.page.get_by_label("Uw e-mailadres").fill(self.email)
        press(self.page, "Stuur mij een code")
        self.page.get_by_label("Code van 6 cijfers").fill(self.code(before))
        press(self.page, "Inloggen")
        assert heading(self.page) == "Vandaag"

    def code(self, before: int) -> str:
        """The code of the mail that comes after so many others."""
        mail = self.stack.wait_for_mails(self.email, count=before + 1)[-1]
        found = re.search(r"(?m)^ +(\d{6})\r?$", mail["text"])
        assert found, mail["text"]
        return found[1]

    def find(self, words: str, *, where: str = "Overal zoeken") -> None:
        follow(self.page, "Aanmeldingen")
        self.page.get_by_label("Waarvoor").select_option(label=where)
        self.page.get_by_label("Zoeken", exact=True).fill(words)
        press(self.page, "Zoeken")

    def reads(self) -> str:
        """What stands on the page."""
        return self.page.get_by_role("main").inner_text().replace("\u00a0", " ")
