"""Show the dead letters of a desk: messages that a worker failed at too often, and what became of their work meanwhile.

Without an option nothing is changed: each letter is shown and given back. With --redrive they are offered to their
workers again; one that cannot be read only when its id is named. With --drop one is shown and deleted for good.
After a stop anywhere, run the same command again: a letter that was offered twice does its work once.
What each answer means is in docs/dead-letters.md.

The desk's settings come from the environment (docs/settings.md).

Exit code: 0 when all that was asked was done, 1 when a letter was not there or something stopped it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from chalicelib.bootstrap import Application, application
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.dead_letter import Explained, Redriven, WorkerQueue
from chalicelib.domain.error import QueueUnavailable
from chalicelib.domain.language import Language
from chalicelib.flows.drop_dead_letter import drop_dead_letter
from chalicelib.flows.explain_dead_letter import explain_dead_letter
from chalicelib.flows.look_at_dead_letters import MOST, look_at_dead_letters
from chalicelib.flows.redrive_dead_letters import redrive_dead_letters
from chalicelib.rendering.dead_letter_words import dead_letter_words
from chalicelib.settings import SettingsWrong


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    language = Language(given.language)
    try:
        app = application()
    except SettingsWrong as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Dead letters of {app.settings.base_url} (stage {app.settings.stage})\n", flush=True)
    try:
        if given.drop:
            return _drop(app, given.drop, language=language)
        if given.redrive is None:
            return _look(app, language=language)
        return _redrive(app, given.redrive, language=language)
    except QueueUnavailable as error:
        print(f"\nStopped: the queue did not answer ({error}).", file=sys.stderr)
        print("What is above is done. Letters that were looked at are back in a minute.", file=sys.stderr)
        return 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.entrypoints.dead_letters",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--redrive", nargs="*", metavar="ID", help="offer these again; without an id, all readable ones"
    )
    either.add_argument("--drop", metavar="ID", help="show this one, then delete it")
    parser.add_argument(
        "--language", choices=[each.value for each in Language], default="nl", help="of the words (default: nl)"
    )
    return parser.parse_args(arguments)


def _look(app: Application, *, language: Language) -> int:
    shown = more = 0
    for queue in WorkerQueue:
        there, here = app.dead_letters.count(queue), 0
        for explained in look_at_dead_letters(queue, dead_letters=app.dead_letters, explain=_explain(app)):
            print(_told(explained, now=app.now(), language=language), flush=True)
            here += 1
        shown, more = shown + here, more + max(0, there - here)
    print(f"{_number(shown)}.{_more(more)}")
    if shown:
        print("Nothing was changed. To offer them again, add --redrive (with make: REDRIVE=yes, or REDRIVE=<id>).")
    return 0


def _redrive(app: Application, ids: Sequence[str], *, language: Language) -> int:
    done: list[Redriven] = []
    more = 0
    for queue in WorkerQueue:
        there, before = app.dead_letters.count(queue), len(done)
        letters = redrive_dead_letters(queue, dead_letters=app.dead_letters, explain=_explain(app), only=ids)
        for each in letters:
            print(_told(each.explained, now=app.now(), language=language, did=_did(each)), flush=True)
            done.append(each)
        more += max(0, there - (len(done) - before))
    offered = sum(each.offered for each in done)
    print(f"{offered} offered again, {len(done) - offered} left.{'' if ids else _more(more)}")
    if offered:
        print("The workers have them now. Look again in a while: one that fails again is back after its last try.")
    return _missing(set(ids) - {each.explained.letter.id for each in done})


def _drop(app: Application, letter_id: str, *, language: Language) -> int:
    def show(explained: Explained) -> None:
        print(_told(explained, now=app.now(), language=language), flush=True)

    for queue in WorkerQueue:
        if drop_dead_letter(letter_id, queue=queue, dead_letters=app.dead_letters, explain=_explain(app), show=show):
            print("1 deleted.")
            return 0
    return _missing({letter_id})


def _explain(app: Application) -> partial[Explained]:
    return partial(
        explain_dead_letter, store=app.store, gateway=app.gateway, read_news=app.read_mail_event, now=app.now()
    )


def _told(explained: Explained, *, now: datetime, language: Language, did: str = "") -> str:
    letter, words = explained.letter, dead_letter_words(explained, language=language)
    return "\n".join(
        [
            f"{letter.queue.value}: {words.subject}",
            f"  now      {words.now}",
            f"  why      {words.why}",
            f"  again    {words.again}",
            f"  letter   {letter.id}, {_age(now - letter.put_at)} old, handed out {_times(letter.handed_out)}, "
            f"kept until {_moment(letter.kept_until)}",
            f"  log      message_failed worker={letter.queue.value} message_id={letter.id}",
            *([f"  done     {did}"] if did else []),
            "",
        ]
    )


def _did(redriven: Redriven) -> str:
    return "Offered again" if redriven.offered else "Left where it is"


def _number(count: int) -> str:
    return "1 dead letter" if count == 1 else f"{count or 'No'} dead letters"


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return f" There may be about {count} more: those that somebody else looks at, and any beyond {MOST} of a queue."


def _missing(ids: set[str]) -> int:
    for each in sorted(ids):
        print(f"No letter {each} is there now. Was it offered again, or does somebody look at it?", file=sys.stderr)
    return 1 if ids else 0


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _age(age: timedelta) -> str:
    for unit, length in (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))):
        if age >= 2 * length:
            return f"{age // length} {unit}"
    return f"{age // timedelta(seconds=1)} seconds"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M}"


if __name__ == "__main__":
    raise SystemExit(main())
