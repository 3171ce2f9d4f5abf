"""The sheet of subscribers: what it says of somebody, an import at another desk reads as it was meant."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.domain.language import Language, Text
from chalicelib.domain.subscriber import Evidence, Means, new_subscriber
from chalicelib.domain.topic import Topic
from chalicelib.rendering.subscriber_sheet import subscriber_sheet
from chalicelib.web.subscriber_file import read_subscriber_file

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TOPICS = tuple(
    Topic(id=topic_id, title=Text(nl=title, en=title), description=Text(nl=title, en=title))
    for topic_id, title in (("nieuws", "Nieuws"), ("wonen", "Wonen, zorg en wijk"), ("zorg", "Zorg; werk"))
)


def test_topics_come_back_whatever_they_are_called() -> None:
    asked = Evidence(means=Means.FORM, text="Ja", language=Language.NL, source="/", detail="", at=NOW)
    reader = new_subscriber(
        "zoe@voorbeeld.nl",
        subscriber_id="z",
        name="",
        language=Language.NL,
        topics=("wonen", "nieuws", "zorg"),
        asked=asked,
    )
    sheet = subscriber_sheet([reader], topics=TOPICS)
    cells = dict(zip(sheet.headers, *sheet.rows, strict=True))
    assert cells["Rubrieken"] == "wonen, Nieuws, zorg"
    content = f"E-mail;Rubrieken\r\n{cells['E-mail']};{cells['Rubrieken']}"
    (row,) = read_subscriber_file(content.encode(), topics=TOPICS)
    assert (row.topics, row.faults) == (reader.wanted, ())
