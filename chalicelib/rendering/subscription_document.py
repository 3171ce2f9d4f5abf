"""A subscription's document: all that is kept of it, in words, to be handed to whoever it is about."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.copy import Copy
from chalicelib.domain.issue import Issue
from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Evidence
from chalicelib.domain.subscription import Subscription
from chalicelib.domain.topic import Topic
from chalicelib.rendering.texts import Texts

type Value = str | list[Value] | dict[str, Value]


def subscription_document(
    subscription: Subscription, *, topics: Iterable[Topic], texts: Texts, language: Language
) -> dict[str, Value]:
    """The document, whose keys are words of its language; what is empty is left out."""
    titles = {topic.id: topic.title.within(language) for topic in topics}
    said: dict[str, Value] = {}
    if subscriber := subscription.subscriber:
        paused, left = subscriber.paused_until, subscriber.unsubscribed_at
        said |= {
            "email": subscriber.email,
            "name": subscriber.name,
            "language": texts(f"newsletter.document.{subscriber.language.value}"),
            "standing": texts(f"newsletter.document.{subscriber.standing.value}"),
            "topics": [titles.get(each, each) for each in subscriber.topics],
            "wanted": [titles.get(each, each) for each in subscriber.wanted],
            "asked": _evidence(subscriber.asked, texts=texts),
            "confirmed_by": _evidence(subscriber.confirmed, texts=texts) if subscriber.confirmed else "",
            "paused_until": texts.date(paused) if paused else "",
            "unsubscribed_at": texts.moment(left) if left else "",
        }
    if suppression := subscription.suppression:
        cause = texts(f"newsletter.document.{'complained' if suppression.complained else 'bounced'}")
        said["suppressed"] = f"{cause}, {texts.moment(suppression.at)}"
    said["questions"] = [texts.moment(each.created_at) for each in subscription.questions]
    said["received"] = [_received(issue, copy, texts=texts) for issue, copy in subscription.received]
    return _in_words(said, texts=texts)


def _received(issue: Issue, copy: Copy, *, texts: Texts) -> str:
    became = texts(f"newsletter.document.{copy.delivery.value}")
    left = f", {texts('newsletter.document.left')}" if copy.left else ""
    return f"{issue.subject}, {texts.moment(copy.created_at)}, {became}{left}"


def _evidence(evidence: Evidence, *, texts: Texts) -> dict[str, Value]:
    said: dict[str, Value] = {
        "at": texts.moment(evidence.at),
        "means": texts(f"newsletter.document.{evidence.means.value}"),
        "text": evidence.text,
        "source": evidence.source,
        "detail": evidence.detail,
    }
    return _in_words(said, texts=texts)


def _in_words(said: dict[str, Value], *, texts: Texts) -> dict[str, Value]:
    return {texts(f"newsletter.document.{key}"): value for key, value in said.items() if value}
