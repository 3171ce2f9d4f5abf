"""Draw a circle: who belongs to a segment now."""

from datetime import datetime

from chalicelib.domain.calendar import local_date
from chalicelib.domain.segment import Circle, Segment, SegmentKind
from chalicelib.domain.state import State
from chalicelib.ports import Lists

# Whoever has a seat.
_COMES = frozenset({State.PAID, State.CONFIRMED, State.INVOICED})


def draw_circle(segment: Segment, *, lists: Lists, now: datetime) -> Circle:
    """Members are known by the domains of their organisation and by their contact. Raises StorageUnavailable."""
    match segment.kind:
        case SegmentKind.ALL:
            return Circle()
        case SegmentKind.MEMBERS:
            today = local_date(now)
            running = [each for each in lists.memberships() if each.starts_on <= today <= each.ends_on]
            return Circle(
                addresses=frozenset(each.contact_email.lower() for each in running if each.contact_email),
                domains=frozenset(domain for each in running for domain in each.domains),
            )
        case SegmentKind.ATTENDEES:
            coming = [each for each in lists.edition(segment.offer_id) if each.state in _COMES]
            return Circle(addresses=frozenset(email.lower() for each in coming for _, email in each.people if email))
