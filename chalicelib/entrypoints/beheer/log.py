"""The log: who did what, by month."""

import re
from datetime import datetime

from chalice.app import Response

from chalicelib.domain.language import Language
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.web.request import query

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
PAGE = 100


@GATE.door("GET", "/beheer/logboek", Permission.LOG)
def show(visit: Visit) -> Response:
    # a month of the log begins and ends in UTC
    asked, this = query(visit.request, "maand"), f"{visit.app.now():%Y-%m}"
    month = asked if _MONTH.fullmatch(asked) and asked <= this else this
    page = visit.app.store.audit(month, rest=query(visit.request, "verder"), limit=PAGE)
    before = datetime.fromisoformat(f"{month}-01")
    earlier = f"{before.year - (before.month == 1)}-{(before.month - 2) % 12 + 1:02}"
    name = visit.app.renderer.texts(Language.NL)(f"date.month_{before.month}")
    return visit.page(
        "log",
        entries=page.items,
        rest=page.rest,
        month=month,
        month_name=f"{name} {before.year}",
        earlier=earlier,
    )
