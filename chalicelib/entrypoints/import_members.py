"""Import existing members from a CSV file, into the table that the environment names.

Without --apply it is a dry run: every row that would be added, changed or refused is named, and nothing is written.
Rows that are not refused are written one by one; after a stop anywhere, run the same command again.
The columns, and what each refusal means, are in docs/members.md.

The desk's settings come from the environment (docs/settings.md). LOKET_SECRET_KEY must be the one of the desk itself:
the ids by which a later import finds these memberships again are derived from it.

Exit code: 0 when every row was taken, 1 when one was refused or something stopped the import.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from chalicelib.bootstrap import Application, application
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.member_import import Add, Change, Fault, MemberRow, Reason, Refuse, Same, Verdict
from chalicelib.domain.membership import Membership
from chalicelib.flows.import_members import import_members, plan_import
from chalicelib.settings import SettingsWrong
from chalicelib.web.member_file import LONGEST, MOST_DOMAINS, MOST_ROWS, read_member_file
from chalicelib.web.table_file import FileRefused
from chalicelib.web.table_words import DRY_RUN, clipped, content_of, refusal_words, row_line, title

WORDS = {
    Reason.ORGANISATION_MISSING: "the organisation is missing",
    Reason.REGISTRATION_NUMBER_MALFORMED: (
        "'{value}' is no KvK number (8 digits) or OIN (20 digits); did a spreadsheet drop zeros or round it?"
    ),
    Reason.DOMAIN_MISSING: "there is no mail domain",
    Reason.DOMAIN_MALFORMED: "'{value}' is no mail domain",
    Reason.DOMAIN_IS_ADDRESS: "'{value}' is an address: give only what is behind the @",
    Reason.DOMAIN_IS_WEBSITE: "'{value}' is a website: give what is behind the @ in its mail addresses",
    Reason.DOMAIN_PUBLIC: "{value} is a mail provider for everybody: it says nothing about an organisation",
    Reason.DOMAINS_TOO_MANY: f"{{value}} mail domains are too many: at most {MOST_DOMAINS}",
    Reason.EMAIL_MALFORMED: "'{value}' is no e-mail address",
    Reason.DATE_MISSING: "there is no date until which it is valid",
    Reason.DATE_MALFORMED: "'{value}' is no date: write 31-12-2027 or 2027-12-31",
    Reason.DATE_SHORT_YEAR: "'{value}' has a year of two digits: write it with four",
    Reason.DATE_PAST: "{value} is in the past",
    Reason.DATE_FAR: "{value} is more than ten years away",
    Reason.DATE_ORDER: "{value} is before its first day",
    Reason.TEXT_MALFORMED: "the {value} is more than one line, or has signs that cannot be read",
    Reason.TEXT_TOO_LONG: f"the {{value}} is longer than {LONGEST} signs",
    Reason.TEXT_GARBLED: "the letters of '{value}' are garbled: save the file as CSV UTF-8",
    Reason.CELLS_TOO_MANY: "there are more cells than columns; is there a separator in a cell without quotes?",
    Reason.ORGANISATION_TWICE: "the same organisation is on row {other}",
    Reason.DOMAIN_TWICE: "{value} is on row {other} as well",
    Reason.DOMAIN_TAKEN: "{value} belongs to '{other}', whose membership is running",
    Reason.NAME_TAKEN: "'{value}' was the name or number of '{other}' when that was imported: give another KvK or OIN",
}
NAMES = {
    "organisation": "organisation",
    "registration_number": "KvK or OIN",
    "domains": "domains",
    "contact_name": "contact",
    "contact_email": "e-mail",
    "starts_on": "first day",
    "ends_on": "valid until",
    "valid_until": "valid until",
}
NOT_TEXT = "not a CSV in UTF-8, Windows-1252 or UTF-16: save the spreadsheet as CSV."
PLANNED = {Add: "to add", Change: "to change", Same: "the same", Refuse: "refused"}
DONE = {Add: "added", Change: "changed", Same: "the same", Refuse: "refused"}


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    try:
        app, rows = application(), read_member_file(content_of(given.file))
    except (SettingsWrong, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except FileRefused as refusal:
        print(
            refusal_words(refusal, most=MOST_ROWS, not_text=NOT_TEXT, names=NAMES, docs="docs/members.md"),
            file=sys.stderr,
        )
        return 1
    print(title(len(rows), given.file, settings=app.settings))
    return _run(app, rows, apply=given.apply)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.entrypoints.import_members",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, help="the CSV file")
    parser.add_argument("--apply", action="store_true", help="write it; without this nothing is written")
    return parser.parse_args(arguments)


def _run(app: Application, rows: Sequence[MemberRow], *, apply: bool) -> int:
    flow = import_members if apply else plan_import
    verdicts = flow(rows, store=app.store, identity=app.identity, now=app.now())
    counts: Counter[type[Verdict]] = Counter()
    try:
        for verdict in verdicts:
            print(_line(verdict, width=len(str(rows[-1].number))), flush=True)
            counts[type(verdict)] += 1
    except StorageUnavailable as error:
        row = rows[counts.total()].number
        print(f"\nStopped at row {row}: the table did not answer ({error}).", file=sys.stderr)
        print("What is above it is done. Run the same command again." if apply else "", file=sys.stderr)
        return 1
    words = DONE if apply else PLANNED
    print("\n" + ", ".join(f"{counts[kind]} {word}" for kind, word in words.items()) + ".")
    if not apply:
        print(DRY_RUN)
    return 1 if counts[Refuse] else 0


def _line(verdict: Verdict, *, width: int) -> str:
    match verdict:
        case Add(membership=membership, beside=beside):
            word, said = "add", f"{_member(membership)}{_beside(beside)}"
        case Change(before=before, fields=fields, beside=beside):
            changes = "; ".join(f"{NAMES[each.field]} {each.before or '–'} → {each.after or '–'}" for each in fields)
            word, said = "change", f"{before.organisation}: {changes}{_beside(beside)}"
        case Same(membership=membership):
            word, said = "same", _member(membership)
        case Refuse(organisation=organisation, faults=faults):
            word, said = "REFUSE", f"{organisation or '(no organisation)'}: {'; '.join(map(_words, faults))}"
    return row_line(verdict.row, word, said, width=width)


def _member(membership: Membership) -> str:
    number = f" ({membership.registration_number})" if membership.registration_number else ""
    return f"{membership.organisation}{number}: {' '.join(membership.domains)}, valid until {membership.ends_on}"


def _beside(bought: Iterable[Membership]) -> str:
    return "".join(f"; beside the membership it bought, valid until {each.ends_on}" for each in bought)


def _words(fault: Fault) -> str:
    value = NAMES.get(fault.value, fault.value)
    return WORDS[fault.reason].format(value=clipped(value), other=fault.other)


if __name__ == "__main__":
    raise SystemExit(main())
