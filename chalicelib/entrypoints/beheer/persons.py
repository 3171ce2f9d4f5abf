"""Persons: what lies here under one address, to be handed out or erased; the address is never in a link."""

import re

from chalice.app import Response

from chalicelib.domain.language import Language
from chalicelib.domain.person import Person
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.erase_person import Eraser
from chalicelib.flows.export_person import export_person
from chalicelib.flows.find_person import find_person
from chalicelib.rendering.person_document import person_document
from chalicelib.web import formats, reply
from chalicelib.web.request import query

_COUNT = re.compile(r"\d{1,4}")
_KEY = re.compile(r"[A-Za-z0-9-]{1,64}")


@GATE.door("GET", "/beheer/personen", Permission.ERASE)
def ask(visit: Visit) -> Response:
    done = {name: query(visit.request, name) for name in ("gewist", "leden", "wacht", "nieuwsbrief")}
    counts = {name: int(number) for name, number in done.items() if _COUNT.fullmatch(number)}
    return _page(visit, done=counts if len(counts) == len(done) else None)


@GATE.door("POST", "/beheer/personen", Permission.ERASE)
def search(visit: Visit) -> Response:
    email = _email(visit)
    return _page(visit, email=email, person=_found(visit, email)) if email else _complain(visit)


# Whoever had to type a code first comes back here with nothing in hand.
@GATE.door("GET", "/beheer/personen/wissen", Permission.ERASE)
def ask_before_erasing(visit: Visit) -> Response:
    return _page(visit, again=True)


@GATE.door("GET", "/beheer/personen/export", Permission.ERASE)
def ask_before_export(visit: Visit) -> Response:
    return _page(visit, again=True)


@GATE.door("POST", "/beheer/personen/wissen", Permission.ERASE, fresh=True)
def erase(visit: Visit) -> Response:
    """First the page that says what goes; with its button it goes, unless something was changed meanwhile."""
    email, posted = _email(visit), visit.posted
    if not email:
        return _complain(visit)
    person, key = _found(visit, email), posted.get("key")
    if not person:
        # erased a moment ago, by this same form perhaps
        return visit.go("personen", gewist="0", leden="0", wacht="0", nieuwsbrief="0")
    if posted.get("do") != "erase" or not _KEY.fullmatch(key):
        return _confirm(visit, person)
    if posted.get("seen") != person.seen():
        return _confirm(visit, person, changed=True, status=409)
    app = visit.app
    erased = Eraser(
        email=email,
        key=key,
        by=visit.staff.email,
        years=app.settings.terms.books_years,
        lists=app.lists,
        store=app.store,
        identity=app.identity,
        now=app.now(),
    ).erase()
    return visit.go(
        "personen",
        gewist=str(erased.orders),
        leden=str(erased.memberships),
        wacht=str(erased.refused),
        nieuwsbrief=str(int(erased.subscription)),
    )


@GATE.door("POST", "/beheer/personen/export", Permission.ERASE, fresh=True)
def export(visit: Visit) -> Response:
    """All of it, as a file for machines or as a page for people."""
    email, app = _email(visit), visit.app
    if not email:
        return _complain(visit)
    person = export_person(
        email,
        entry_id=app.new_token(),
        by=visit.staff.email,
        years=app.settings.terms.books_years,
        lists=app.lists,
        store=app.store,
        identity=app.identity,
        now=app.now(),
    )
    if not person:
        return _page(visit, email=email, person=person)
    document = person_document(person, topics=app.topics, texts=app.renderer.texts(Language.NL), now=app.now())
    if visit.posted.get("as") == "page":
        return visit.page("person_export", document=document)
    return reply.attachment(reply.readable(document), content_type="application/json", name="persoonsgegevens.json")


def _email(visit: Visit) -> str:
    """The address that was typed, in lower case; empty when it is none."""
    email = formats.as_stored(visit.posted.get("email").strip())
    return email if formats.looks_like_email(email) else ""


def _found(visit: Visit, email: str) -> Person:
    app = visit.app
    years = app.settings.terms.books_years
    return find_person(email, years=years, lists=app.lists, store=app.store, identity=app.identity, now=app.now())


def _complain(visit: Visit) -> Response:
    return _page(visit, email=visit.posted.get("email"), wrong=True, status=422)


def _page(visit: Visit, *, status: int = 200, **context: object) -> Response:
    given: dict[str, object] = {"email": "", "person": None, "wrong": False, "done": None, "again": False} | context
    return visit.page("persons", status=status, years=visit.app.settings.terms.books_years, **given)


def _confirm(visit: Visit, person: Person, *, changed: bool = False, status: int = 200) -> Response:
    years, key = visit.app.settings.terms.books_years, visit.app.new_token()
    return visit.page("person_erase", status=status, person=person, years=years, key=key, changed=changed)
