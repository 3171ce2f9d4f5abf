"""Who is subscribed, who was asked, and who is not mailed any more, as they lie in the table."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.email import Delivery, new_question
from chalicelib.domain.language import Language
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
QUESTION = new_question(subscriber_id=ASKED.id, language=Language.NL, now=NOW)
SUPPRESSION = Suppression(
    id=suppression_id(ADDRESS, identity=IDENTITY),
    email=ADDRESS,
    cause=Delivery.BOUNCED,
    reason="Permanent General",
    email_id="confirmation-q7mmnf2nqzv4k3bqxgq5dn4s6y5m2t7a",
    at=NOW,
)
