"""Move an event to where and when its seed says now, and tell everybody who has a seat there.

Change the place or the sessions in chalicelib/offers/<offer>.toml first. Of that file this takes over event.place,
event.sessions and closes_at; nothing else of an offer that is there is ever touched.

Without --apply it is a dry run: it shows what would change and how many people would be told. With it the offer is
changed, and a mail to each attendee of a confirmed order is put in the outbox, with a new entry for his calendar.
When nothing but closes_at is another, that is taken over and nobody is told.
After a stop anywhere, run the same command again: nobody is told twice of one move.

The desk's settings come from the environment (docs/settings.md).

Exit code: 0 when it is done, 1 when something stopped it or there is nothing to do.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from chalicelib.bootstrap import Application, application
from chalicelib.domain.error import OfferRefused, StorageUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.flows.move_event import move_event, moved_to
from chalicelib.flows.tell_moved import plan_telling, tell_moved
from chalicelib.rendering.event_view import event_view
from chalicelib.settings import SettingsWrong

DRY = "Nothing was written: this was a dry run. To do it, add --apply (with make: APPLY=yes)."


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    try:
        app = application()
        seed = next((each for each in app.seeds() if each.id == given.offer), None)
    except (SettingsWrong, OfferRefused) as error:
        print(error, file=sys.stderr)
        return 1
    settings = app.settings
    print(f"{given.offer}, for {settings.base_url} (stage {settings.stage}, table {settings.table})\n")
    try:
        return _run(app, given.offer, seed=seed, apply=given.apply)
    except StorageUnavailable as error:
        print(f"\nStopped: the table did not answer ({error}). Run the same command again.", file=sys.stderr)
        return 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.entrypoints.moved",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("offer", help="the id of the offer, such as congres-2027")
    parser.add_argument("--apply", action="store_true", help="do it; without this nothing is written")
    return parser.parse_args(arguments)


def _run(app: Application, offer_id: str, *, seed: Offer | None, apply: bool) -> int:
    offer = app.store.unit_of_work().offers.get(offer_id)
    if offer is None or offer.event is None:
        print("There is no such event at this desk.", file=sys.stderr)
        return 1
    after = moved_to(offer, seed=seed, now=app.now()) if seed else offer
    assert after.event is not None, "an event stays one"
    if seed and after is not offer and after.event is offer.event:
        return _close(app, offer, seed=seed, apply=apply)
    if not after.event.moves:
        print("It stands where and when its seed says, and was never moved: there is nothing to tell.")
        return 1
    if after is not offer:
        print(f"From  {_when_and_where(app, offer)}\nto    {_when_and_where(app, after)}\n")
    else:
        print(f"It was moved to {_when_and_where(app, after)}\n")
    if apply and seed:
        # as it is now: somebody may have been first
        after = move_event(offer_id, seed=seed, store=app.store, now=app.now()) or after
    now, before, orders = 0, 0, 0
    verdicts = (
        tell_moved(after, lists=app.lists, store=app.store, emails=app.emails, now=app.now())
        if apply
        else plan_telling(after, lists=app.lists, store=app.store, now=app.now())
    )
    for told in verdicts:
        now, before, orders = now + told.now, before + told.before, orders + 1
    print(f"{now} people {'are' if apply else 'would be'} told, of {orders} orders; {before} were told before.")
    if not apply:
        print(DRY)
    return 0


def _close(app: Application, offer: Offer, *, seed: Offer, apply: bool) -> int:
    """Take over the last moment to register: whoever has a seat has it, whenever that is."""
    print(f"From  {_until(app, offer)}\nto    {_until(app, seed)}\n")
    if apply:
        move_event(offer.id, seed=seed, store=app.store, now=app.now())
    print("Nobody is told of that.")
    if not apply:
        print(DRY)
    return 0


def _until(app: Application, offer: Offer) -> str:
    if offer.closes_at is None:
        return "no last moment to register"
    return f"registering until {app.renderer.texts(Language.EN).moment(offer.closes_at)}"


def _when_and_where(app: Application, offer: Offer) -> str:
    event = event_view(offer, texts=app.renderer.texts(Language.EN), language=Language.EN)
    return f"{'; '.join(event.when) or 'dates that follow'}, {event.place}"


if __name__ == "__main__":
    raise SystemExit(main())
