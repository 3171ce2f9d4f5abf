"""An event as pages and mails tell of it: when, where, and in which group."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer, Session
from chalicelib.rendering.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """When (in short, and one text for each session; none: the dates follow) and where."""

    title: str
    days: str
    when: tuple[str, ...]
    place: str


def event_view(offer: Offer, *, texts: Texts, language: Language) -> EventView:
    assert offer.event is not None, "only an event has a time and a place"
    return EventView(
        title=offer.title.within(language),
        days=_days(offer.event.sessions, texts=texts),
        when=tuple(session_text(session, texts=texts) for session in offer.event.sessions),
        place=offer.event.place.within(language),
    )


def _days(sessions: tuple[Session, ...], *, texts: Texts) -> str:
    """Such as: 9 november 2027 tot en met 11 november 2027; one session is told whole."""
    if len(sessions) < 2:
        return "".join(session_text(session, texts=texts) for session in sessions)
    return texts("date.days", first=texts.date(sessions[0].starts_at), last=texts.date(sessions[-1].ends_at))


def session_text(session: Session, *, texts: Texts) -> str:
    """Such as: dinsdag 9 november 2027, 09.30–17.00 uur; over midnight both days are named."""
    first, last = texts.weekday(session.starts_at), texts.weekday(session.ends_at)
    times = {"start": texts.time(session.starts_at), "end": texts.time(session.ends_at)}
    if first == last:
        return texts("date.session", day=first, **times)
    return texts("date.session_over_days", first=first, last=last, **times)


def group_title(offer: Offer, group: str, *, language: Language) -> str:
    """What a group is called; its id when the offer does not know it any more, empty when there is none."""
    groups = offer.event.groups if offer.event else ()
    return next((each.title.within(language) for each in groups if each.id == group), group)
