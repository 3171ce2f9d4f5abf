"""Today: what needs a person, first of all."""

from chalice.app import Response

from chalicelib.domain.language import Language
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.rendering.difference_words import difference_words


@GATE.door("GET", "/beheer", Permission.SELF)
def today(visit: Visit) -> Response:
    """Whoever may see orders sees what is to be done; all others where they may go."""
    app, found = visit.app, []
    if visit.staff.may(Permission.SEE):
        texts = app.renderer.texts(Language.NL)
        for each in app.store.differences():
            words = difference_words(each, texts=texts, language=Language.NL)
            found.append({"code": each.code, "words": words, "since": each.found_at})
    return visit.page("today", found=found, association_to_confirm=app.settings.association.to_confirm())
