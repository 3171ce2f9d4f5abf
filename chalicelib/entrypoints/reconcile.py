"""Reconcile the desk that the environment names with Stripe: money rows, orders, seats and mails.

Whatever Stripe knows and the desk does not is applied, as a webhook would have done it. What then still differs is
named, one sentence each, and stays on the list until it is found no more. Nothing is guessed, and nothing is changed
in any other way. It may be stopped at any moment: with --go-on it goes on where it was. It does no harm to run it while
the desk is at work. Above the differences stand the sums of each day and of each payout, as the books have them.

The desk's settings come from the environment (docs/settings.md). What each difference means is in docs/money.md.

Exit code: 0 when everything agrees, 1 when there are differences or something stopped it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, time

from chalicelib.bootstrap import Application, application
from chalicelib.domain.calendar import AMSTERDAM, local_date
from chalicelib.domain.day import DaySum, sum_days
from chalicelib.domain.difference import Difference
from chalicelib.domain.error import Unavailable
from chalicelib.domain.language import Language
from chalicelib.domain.payout import Payout
from chalicelib.domain.reconciliation import PHASES, Round, Window
from chalicelib.flows.read_money import read_entries, read_payouts
from chalicelib.rendering.difference_words import difference_words
from chalicelib.rendering.texts import Texts
from chalicelib.settings import SettingsWrong


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    try:
        app = application()
    except SettingsWrong as error:
        print(error, file=sys.stderr)
        return 1
    settings, window, language = app.settings, Window(given.window), Language(given.language)
    print(f"Reconciling {settings.base_url} (stage {settings.stage}, table {settings.table}) with Stripe.\n")
    try:
        current = app.reconciliation().reconcile(window, goes_on=_tell, anew=not given.go_on)
        if current is None:
            print("There is nothing to go on with. This is what was found before.")
        else:
            _tell(current)
            looked = sum(current.looked_at.values())
            print(f"\nLooked at {looked} things; {current.repaired} orders were brought up to date.")
            _show_money(app, current, language=language)
        differences = app.store.differences()
    except Unavailable as error:
        print(
            f"\nStopped: {type(error).__name__} ({error}). Run it again with --go-on (make: GO_ON=yes).",
            file=sys.stderr,
        )
        return 1
    _show_differences(differences, texts=app.renderer.texts(language), language=language)
    return 1 if differences else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.entrypoints.reconcile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--window",
        choices=[each.value for each in Window],
        default=Window.ALL.value,
        help="how far back: three hours, two days, or everything (default: all)",
    )
    parser.add_argument("--go-on", action="store_true", help="go on with a round that was stopped")
    parser.add_argument(
        "--language", choices=[each.value for each in Language], default="nl", help="of the differences (default: nl)"
    )
    return parser.parse_args(arguments)


def _tell(current: Round) -> bool:
    """Show how far it is; go on."""
    phases = PHASES[current.window]
    at = phases.index(current.phase) if current.phase else len(phases)
    done = ", ".join(f"{name} {count}" for name, count in current.looked_at.items())
    print(f"\r[{at}/{len(phases)}] {done}".ljust(100), end="", flush=True)
    return True


def _show_money(app: Application, current: Round, *, language: Language) -> None:
    texts = app.renderer.texts(language)
    # from the first day's beginning: what is cut in two is no day's sum
    midnight = datetime.combine(local_date(current.since), time(), tzinfo=AMSTERDAM)
    days = sum_days(read_entries(since=midnight, until=current.until, store=app.store))
    if days:
        print("\nDay          Payments      Refunds     Disputes         Fees          Net")
        print("\n".join(_day(day, texts=texts) for day in days))
    payouts = list(read_payouts(since=current.since, until=current.until, store=app.store))
    if payouts:
        print("\nPayout       Payments      Refunds     Disputes         Fees       Others       Amount")
        print("\n".join(_payout(payout, texts=texts) for payout in payouts))


def _day(day: DaySum, *, texts: Texts) -> str:
    amounts = (day.payments_cents, day.refunds_cents, day.disputes_cents, -day.fees_cents, day.net_cents)
    note = f"  (fees of {day.unknown_fees} not known yet)" if day.unknown_fees else ""
    return f"{day.day}{_columns(amounts, texts=texts)}{note}"


def _payout(payout: Payout, *, texts: Texts) -> str:
    amounts = (payout.payments_cents, payout.refunds_cents, payout.disputes_cents, -payout.fees_cents)
    sums = (*amounts, payout.others_cents, payout.amount_cents)
    return f"{payout.arrives_on}{_columns(sums, texts=texts)}  {payout.id} ({payout.status})"


def _columns(amounts: Sequence[int], *, texts: Texts) -> str:
    return "".join(texts.euro(amount).rjust(13) for amount in amounts)


def _show_differences(differences: Sequence[Difference], *, texts: Texts, language: Language) -> None:
    if not differences:
        print("\nEverything agrees.")
        return
    print(f"\n{len(differences)} {'difference' if len(differences) == 1 else 'differences'}:\n")
    for difference in differences:
        found = _date(difference.found_at)
        print(f"  {difference.code or difference.subject} ({difference.kind.value}, since {found})")
        print(f"    {difference_words(difference, texts=texts, language=language)}")


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


if __name__ == "__main__":
    raise SystemExit(main())
