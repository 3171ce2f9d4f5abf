"""The judge: sends an attack, and says what is wrong with the answer and with what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

from chalicelib.domain.email import Letter
from tests.hostile import page
from tests.hostile.attack import Answer, Attack, send
from tests.hostile.canary import GUEST, OFFER, SECRET, VICTIM, owned, seen
from tests.hostile.log import Log
from tests.hostile.scene import Scene
from tests.hostile.state import State, state_of
from tests.hostile.till import Call

FORM, ORDER, BUILDER, WEBHOOK = "/{lang}/{slug}", "/{lang}/order/{token}", "/{lang}/insluiten", "/webhooks/stripe"
NEWS = "/{lang}/nieuwsbrief"
CONFIRM, PREFER, LEAVE = (
    f"{NEWS}/{name}" for name in ("bevestigen/{token}", "voorkeuren/{token}", "afmelden/{token}/{issue}")
)
STATUSES = frozenset({200, 303, 304, 400, 404, 405, 409, 413, 415, 422, 429})
TRACES = ("Traceback (most recent call last)", 'File "', "chalicelib/", "InternalServerError")
# What a template language makes of the sums among the hostile texts.
CALCULATED = "6049261729"
METADATA = frozenset({"app", "stage", "order", "attempt"})
PERSONAL = VICTIM + GUEST


class Judge:
    """Looks at one scene; `count` hears of every request that was answered."""

    def __init__(self, scene: Scene, log: Log) -> None:
        self.scene, self.log = scene, log

    def look(self, attack: Attack) -> Answer:
        """The answer. Fails with all that is wrong."""
        before, lines, calls = state_of(self.scene), len(self.log.lines), len(self.scene.till.drawer.calls)
        answer = send(self.scene.desk, attack)
        after = state_of(self.scene)
        faults = [
            *page.faults(attack, answer, allowed_origins=self.scene.desk.application.settings.allowed_origins),
            *self._status(answer, before=before, after=after),
            *self._changes(attack, answer, before=before, after=after),
            *self._shown(attack, answer),
            *self._lines(self.log.lines[lines:]),
            *self._messages(
                attack, [*self.scene.emails.ever[before.emails :], *self.scene.payments.ever[before.payments :]]
            ),
            *(fault for call in self.scene.till.drawer.calls[calls:] for fault in asked(call)),
        ]
        told = answer.text.rpartition("</style>")[2][:1500]
        assert not faults, f"{faults}\n{str(attack)[:3000]}\n{answer.status} {answer.headers}\n{told}"
        return answer

    def work(self) -> None:
        """Let the workers do what is queued, and look at what they leave."""
        lines, calls, mails = len(self.log.lines), len(self.scene.till.drawer.calls), len(self.scene.desk.sender.sent)
        self.scene.work()
        faults = [
            *self._lines(self.log.lines[lines:]),
            *(fault for call in self.scene.till.drawer.calls[calls:] for fault in asked(call)),
            *(
                fault
                for email_id, letter in self.scene.desk.sender.sent[mails:]
                for fault in self._mailed(email_id, letter)
            ),
        ]
        assert not faults, faults

    def _status(self, answer: Answer, *, before: State, after: State) -> Iterator[str]:
        if answer.status == 503 and after.refusals < before.refusals:
            return  # Stripe refused, which is said as it is
        if answer.status not in STATUSES:
            yield f"status {answer.status}"
        if any(trace in answer.text for trace in TRACES):
            yield "tells of its inside"
        if CALCULATED in answer.text:
            yield "a text was taken for a template"

    def _changes(self, attack: Attack, answer: Answer, *, before: State, after: State) -> Iterator[str]:
        """Only what leads on changes anything; only what is counted counts."""
        changed = [
            name
            for name in ("table", "emails", "payments", "mails", "sessions")
            if getattr(before, name) != getattr(after, name)
        ]
        may = () if answer.status >= 400 else MAY_CHANGE.get((attack.method, attack.resource), ())
        if attack.resource == FORM and not answer.location:
            may = ()  # a form that is only shown again
        if after.unheard < before.unheard:
            may = (*may, "table", "emails")  # on its way it heard what happened at Stripe, and wrote that down
        if set(changed) - set(may):
            yield f"changed {changed} with status {answer.status}"
        calls = self.scene.till.drawer.calls[before.calls :]
        if any(call.creates for call in calls) and (answer.status >= 400 and not after.refusals < before.refusals):
            yield "asked Stripe for a session and refused"
        if any(after.tallies.get(name, 0) < count for name, count in before.tallies.items()):
            yield "a tally went back"
        if "Retry-After" in answer.headers and sum(after.tallies.values()) <= sum(before.tallies.values()):
            yield "refused for being too many, and not counted"
        if after.secrets:
            yield f"in the table: {sorted(after.secrets)}"

    def _shown(self, attack: Attack, answer: Answer) -> Iterator[str]:
        """What an answer may show is what came with the request, or lies behind what it opens."""
        headers = [*answer.headers.values(), *(each for values in answer.several.values() for each in values)]
        if found := seen(*headers, answer.location):
            yield f"in a header or an address: {sorted(found)}"
        given, allowed = seen(attack.text), {f"{OFFER}text"}
        if (attack.method, attack.resource) in ECHOES:
            allowed |= owned(given, PERSONAL)
        if attack.resource != WEBHOOK:
            allowed |= {each for owner in self._opened(attack) for each in _of(owner)}
            # whoever types a member's domain is told which member that is
            allowed |= {f"{owner}organisation" for owner in PERSONAL if f"{owner}domain" in given}
        found = seen(answer.text) - allowed
        if found:
            yield f"in the answer: {sorted(found)}"

    def _opened(self, attack: Attack) -> set[str]:
        """Whose orders or drafts a request opens by what it carries."""
        text = unquote(attack.text)
        by_key = {owner for owner in PERSONAL if f"{owner}key" in seen(text)}
        return by_key | {owner for right, owner in self.scene.rights.items() if right in text}

    def _lines(self, lines: list[str]) -> Iterator[str]:
        for line in lines:
            if found := seen(line):
                yield f"in the log {sorted(found)}: {line}"
            if any(right in line for right in self.scene.rights):
                yield f"in the log, what opens an order: {line}"
            if "\n" in line and not line.startswith(("ERROR", "WARNING")):
                yield f"two lines in the log: {line!r}"

    def _messages(self, attack: Attack, messages: list[str]) -> Iterator[str]:
        for message in messages:
            if found := seen(message):
                yield f"in a queue {sorted(found)}: {message}"
            if any(right in message for right in self.scene.rights):
                yield f"in a queue, what opens an order: {message}"
            # what Stripe signed is Stripe's word
            if attack.resource != WEBHOOK and not re.fullmatch(r"[A-Za-z0-9_-]{1,120}", message):
                yield f"in a queue, no id: {message}"

    def _mailed(self, email_id: str, letter: Letter) -> Iterator[str]:
        """A letter tells only of the order that it is about."""
        yield from page.written(letter.html)
        order_id = email_id.split("-")[1]
        known = seen(*(text for item in self.scene.desk.items() if order_id in (text := json.dumps(item))))
        if strangers := seen(repr(letter)) - known - {f"{OFFER}text"}:
            yield f"in the mail {email_id}: {sorted(strangers)}"


# Where an answer shows what was sent with the request.
ECHOES = frozenset({("POST", FORM), ("POST", ORDER), ("GET", BUILDER), ("POST", NEWS)})
# What may change by a request that is not refused.
MAY_CHANGE = {
    ("POST", FORM): ("table", "emails", "sessions"),
    ("GET", ORDER): ("table", "emails"),
    ("POST", ORDER): ("table", "emails", "sessions"),
    ("POST", WEBHOOK): ("payments",),
    ("POST", NEWS): ("table", "emails"),
    ("POST", CONFIRM): ("table",),
    ("POST", PREFER): ("table",),
    ("POST", LEAVE): ("table",),
}


def asked(call: Call) -> Iterator[str]:
    """What is wrong with a request to Stripe: each thing only in its own place."""
    headers = {name: value for name, value in call.headers.items() if name != "Authorization"}
    if found := seen(call.url, *headers, *headers.values()):
        yield f"in an address or a header of Stripe's: {sorted(found)}"
    if seen(call.headers.get("Authorization", "")) != {f"{SECRET}stripe"}:
        yield "not signed with Stripe's key alone"
    for name, value in call.parameters:
        found = seen(name, value)
        allowed = {f"{owner}{part}" for owner in PERSONAL for part in ("mail", "domain", "typo")}
        if name == "customer_email" and found <= allowed:
            continue
        if found:
            yield f"in Stripe's parameter {name}: {sorted(found)}"
        _, _, key = name.rpartition("metadata[")
        if "metadata[" in name and key.rstrip("]") not in METADATA:
            yield f"in Stripe's metadata: {name}"


def _of(owner: str) -> set[str]:
    parts = ("organisation", "name", "reference", "street", "city", "mail", "domain", "other", "remarks", "key")
    return {f"{owner}{part}" for part in parts}
