"""Who is subscribed, who was asked, and who is not mailed any more, as they lie in the table."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.copy import new_copy
from chalicelib.domain.email import Delivery, new_question
from chalicelib.domain.issue import IssueCount, IssueText, new_issue
from chalicelib.domain.language import Language
from chalicelib.domain.segment import Segment, SegmentKind
from chalicelib.domain.subscriber import Evidence, Means, new_subscriber
from chalicelib.domain.suppression import Suppression, suppression_id
from tests.adapters.samples import DOMAIN, IDENTITY, NOW

ADDRESS = f"zoe@{DOMAIN}"
ASKED = new_subscriber(
    ADDRESS,
    subscriber_id=IDENTITY.subscriber_id(ADDRESS),
    name="Zoë van ’t Hof",
    language=Language.NL,
    topics=("nieuwsbrief", "congres"),
    asked=Evidence(
        means=Means.FORM,
        text="Ja, stuur mij de nieuwsbrief.",
        language=Language.NL,
        source="https://aanmelden.example.nl/nl/nieuwsbrief",
        detail="",
        at=NOW,
    ),
)
SUBSCRIBER = replace(
    ASKED.confirms(
        Evidence(
            means=Means.LINK,
            text="Ja, ik wil de nieuwsbrief ontvangen",
            language=Language.NL,
            source="https://aanmelden.example.nl/nl/nieuwsbrief/bevestigen",
            detail=f"subscriber-{ASKED.id}-20261125",
            at=NOW + timedelta(minutes=5),
        )
    ),
    version=2,
)
# Asked again in his name after he had left.
LEFT = replace(
    SUBSCRIBER.unsubscribes(now=NOW).asks(
        topics=("congres",), name="", language=Language.NL, asked=replace(ASKED.asked, at=NOW + timedelta(days=1))
    ),
    version=4,
)
QUESTION = new_question(subscriber_id=ASKED.id, language=Language.NL, now=NOW)
SUPPRESSION = Suppression(
    id=suppression_id(ADDRESS, identity=IDENTITY),
    cause=Delivery.BOUNCED,
    reason="Permanent General",
    email_id="confirmation-q7mmnf2nqzv4k3bqxgq5dn4s6y5m2t7a",
    at=NOW,
)
ISSUE = new_issue(
    issue_id="q7mmnf2nqzv4k3bq",
    subject="Nieuws uit de buurt",
    language=Language.NL,
    topic="nieuwsbrief",
    segment=Segment(),
    by="bea@lpb.example.nl",
    now=NOW,
)
ISSUE_UNDER_WAY = replace(
    replace(ISSUE, segment=Segment(kind=SegmentKind.ATTENDEES, offer_id="congres-2027", language=Language.EN))
    .scheduled(at=NOW, expected=412, by="bea@lpb.example.nl")
    .started(now=NOW)
    .copied(cursor=ASKED.id, copies=50, passed_over={"unconfirmed": 3, "suppressed": 1}, done=False),
    version=4,
)
ISSUE_TEXT = IssueText(
    issue_id=ISSUE.id,
    source="""---
onderwerp: Nieuws uit de buurt
preheader: Wat er deze maand gebeurt
taal: nl
---

Beste {naam|lezer},

Er is nieuws uit de buurt.
""",
    version=1,
)
ISSUE_COUNT = IssueCount(issue_id=ISSUE.id, counts={"sent": 12, "delivered": 400}, per_hour=40_320, counted_at=NOW)
COPY = new_copy(ISSUE, subscriber_id=ASKED.id, now=NOW)
COPY_SENT = replace(COPY.claimed(now=NOW).sent(message_id="0102019f-1-000000"), left=True, version=3)
