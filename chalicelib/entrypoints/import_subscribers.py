"""Import existing subscribers of the newsletter from a CSV or XLSX file, into the table that the environment names.

Without --apply it is a dry run: what would become of each row is told, and nothing is written. With proof of consent,
in the row itself or in --proof and --proof-date for the whole file, somebody is subscribed at once; without it he is
asked by mail, so many in one run. After a stop anywhere, or for the next of them, run the same command again.
The columns, and what each refusal means, are in docs/newsletter.md.

The desk's settings come from the environment (docs/settings.md). LOKET_SECRET_KEY must be the one of the desk itself:
the ids by which a subscriber is known again are derived from it.

Exit code: 0 when every row was taken, 1 when one was refused or something stopped the import.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from chalicelib.bootstrap import Application, application
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.subscriber import Standing
from chalicelib.domain.subscriber_import import (
    Ask,
    Confirm,
    Fault,
    Later,
    Leave,
    Proof,
    Reason,
    Refuse,
    Same,
    SubscriberList,
    Verdict,
)
from chalicelib.flows.import_subscribers import MOST_QUESTIONS, SubscriberImport
from chalicelib.settings import SettingsWrong
from chalicelib.web.formats import Malformed
from chalicelib.web.subscriber_file import LONGEST, LONGEST_PROOF, MOST_ROWS, read_consent_day, read_subscriber_file
from chalicelib.web.table_file import FileRefused
from chalicelib.web.table_words import DRY_RUN, clipped, content_of, refusal_words, row_line, title

WORDS = {
    Reason.EMAIL_MISSING: "there is no e-mail address",
    Reason.EMAIL_MALFORMED: "'{value}' is no e-mail address",
    Reason.EMAIL_TWICE: "the same address is on row {other}, which counts",
    Reason.LANGUAGE_UNKNOWN: "'{value}' is no language of ours: write nl or en",
    Reason.TOPIC_UNKNOWN: "'{value}' is no topic",
    Reason.STANDING_UNKNOWN: "'{value}' is no standing: write ontvangt, nog niet bevestigd or afgemeld",
    Reason.DATE_MALFORMED: "'{value}' is no date: write 31-12-2025 or 2025-12-31",
    Reason.DATE_SHORT_YEAR: "'{value}' has a year of two digits: write it with four",
    Reason.DATE_TO_COME: "{value} is still to come: nobody can have consented or left then",
    Reason.PROOF_WITHOUT_DATE: "the proof has no date: when did he consent?",
    Reason.PROOF_WITHOUT_SOURCE: "the date has no proof: where and how did he consent?",
    Reason.TEXT_MALFORMED: "the {value} is more than one line, has a link, or signs that cannot be read",
    Reason.TEXT_TOO_LONG: f"the {{value}} is too long (name {LONGEST}, proof {LONGEST_PROOF} signs)",
    Reason.TEXT_GARBLED: "the letters of '{value}' are garbled: save the file as CSV UTF-8",
    Reason.CELLS_TOO_MANY: "there are more cells than columns; is there a separator in a cell without quotes?",
    Reason.UNSUBSCRIBED: "he has unsubscribed: an import never subscribes him again",
    Reason.SUPPRESSED: "this address is not mailed any more: mail came back, or he complained",
}
NOT_TEXT = "no XLSX, and no CSV in UTF-8, Windows-1252 or UTF-16."
PLANNED = {
    Confirm: "to subscribe",
    Ask: "to ask by mail",
    Leave: "to keep as unsubscribed",
    Later: "to ask in a next run",
    Same: "there already",
    Refuse: "refused",
}
STANDS = {Standing.CONFIRMED: "subscribed", Standing.UNCONFIRMED: "asked", Standing.UNSUBSCRIBED: "unsubscribed"}
DONE = PLANNED | {Confirm: "subscribed", Ask: "asked by mail", Leave: "kept as unsubscribed"}


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    try:
        app = application()
        rows = read_subscriber_file(content_of(given.file), topics=app.topics)
    except (SettingsWrong, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except FileRefused as refusal:
        print(
            refusal_words(refusal, most=MOST_ROWS, not_text=NOT_TEXT, names={}, docs="docs/newsletter.md"),
            file=sys.stderr,
        )
        return 1
    print(title(len(rows), given.file, settings=app.settings))
    proof = Proof(told=given.proof.strip(), on=given.proof_date)
    whole = SubscriberList(rows=rows, source=given.file.name, proof=proof)
    return _run(app, whole, apply=given.apply, most_questions=given.questions)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.entrypoints.import_subscribers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, help="the CSV or XLSX file")
    parser.add_argument("--apply", action="store_true", help="write it; without this nothing is written")
    parser.add_argument("--proof", default="", help="where and how everybody of this file was asked for consent")
    parser.add_argument("--proof-date", type=_day, help="the day of that consent, such as 31-12-2025")
    parser.add_argument(
        "--questions", type=int, default=MOST_QUESTIONS, help=f"how many are asked in one run ({MOST_QUESTIONS})"
    )
    return parser.parse_args(arguments)


def _day(text: str) -> date:
    try:
        return read_consent_day(text)
    except Malformed as wrong:
        raise argparse.ArgumentTypeError(WORDS[Reason(str(wrong))].format(value=text, other="")) from wrong


def _run(app: Application, whole: SubscriberList, *, apply: bool, most_questions: int) -> int:
    work = SubscriberImport(
        of=whole,
        store=app.store,
        readership=app.readership,
        identity=app.identity,
        now=app.now(),
        most_questions=most_questions,
    )
    counts: Counter[type[Verdict]] = Counter()
    try:
        verdicts: Iterable[Verdict] = work.run() if apply else work.plan()
        for verdict in verdicts:
            print(_line(verdict, width=len(str(whole.rows[-1].number))), flush=True)
            counts[type(verdict)] += 1
    except StorageUnavailable as error:
        print(f"\nStopped after {counts.total()} rows: the table did not answer ({error}).", file=sys.stderr)
        print("What is above it is done. Run the same command again." if apply else "", file=sys.stderr)
        return 1
    words = DONE if apply else PLANNED
    print("\n" + ", ".join(f"{counts[kind]} {word}" for kind, word in words.items()) + ".")
    if counts[Later]:
        print(f"In one run {most_questions} are asked. Run the same command again for the next of them.")
    if not apply:
        print(DRY_RUN)
    return 1 if counts[Refuse] else 0


def _line(verdict: Verdict, *, width: int) -> str:
    match verdict:
        case Confirm(subscriber=subscriber):
            proof = subscriber.confirmed
            assert proof is not None, "whoever is confirmed has proof"
            word, said = "add", f"{subscriber.email}: {proof.detail}, {proof.at:%Y-%m-%d}"
        case Ask(subscriber=subscriber):
            word, said = "ask", f"{subscriber.email}: no proof, so he is asked by mail"
        case Leave(subscriber=subscriber):
            word, said = "left", f"{subscriber.email}: has unsubscribed, and is kept so"
        case Later(email=email):
            word, said = "later", f"{email}: no proof; he is asked in a next run"
        case Same(subscriber=subscriber):
            word, said = "same", f"{subscriber.email}: {STANDS[subscriber.standing]} already"
        case Refuse(email=email, faults=faults):
            word, said = "REFUSE", f"{email or '(no address)'}: {'; '.join(map(_words, faults))}"
    return row_line(verdict.row, word, said, width=width)


def _words(fault: Fault) -> str:
    return WORDS[fault.reason].format(value=clipped(fault.value), other=fault.other)


if __name__ == "__main__":
    raise SystemExit(main())
