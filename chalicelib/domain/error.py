"""What can go wrong, as one tree; only the doors turn it into answers.

LoketError
├── OfferRefused          the data of an offer, or of the topics, is wrong: file, key and reason
├── Conflict              somebody was first: read again and decide anew
│   ├── AlreadyExists     put-if-absent met an existing record
│   │   ├── OrderExists
│   │   └── CodeTaken
│   ├── Changed           the record changed since it was read
│   ├── SeatsTaken        there are not as many seats left
│   ├── SeatsAstray       a counter has fewer seats than are given back: it must be looked at
│   ├── HoldsTaken        somebody has as many unpaid orders open as he may
│   └── SlotTaken         a mail of this kind went to this address a moment ago
├── RegistrationRefused   the form is right, but this cannot be registered now (domain/refusal.py)
├── ActionRefused         the secretariat asks for what cannot be done with this order, or not any more
│   ├── OrderUnknown
│   ├── NotAllowed            not in the state that it is in
│   ├── NotRefundable         more than is left of what was paid
│   ├── ChangedMeanwhile      somebody else has changed it since it was looked at
│   ├── AttendsAlready        whoever is to come instead has a seat at this event already
│   └── NeedsPerson           a visitor asks for what only the secretariat decides
├── Unavailable           an outside service did not answer, or not in time; trying again later is harmless
│   ├── StorageUnavailable
│   ├── QueueUnavailable
│   ├── ExportUnavailable
│   ├── PaymentUnavailable
│   │   ├── PaymentRefused    surely not executed (a new attempt number is safe)
│   │   ├── PaymentUnknown    may or may not have been executed (look before trying anew)
│   │   ├── PaymentBusy       surely not executed: too much is asked of it, so ask less
│   │   └── SessionUnknown    it answers, and knows no such checkout session of this desk
│   └── MailUnavailable   the mail service does not say how much may be sent
├── WebhookRefused        a message is not the payment service's, or not fresh
├── MailNewsRefused       a message is not news of the mail service
├── IssueRefused          an issue is in a state in which this is not done
├── SessionNotOpen        a checkout session can no longer be closed: fetch it and look
└── MailNotSent           surely not sent
    ├── MailPostponed     temporary: try again after a while
    │   ├── MailBusy          too much is asked of it, so ask less
    │   └── MailStopped       nobody's mail goes now: it is not about this one
    └── MailRejected      will never be accepted as it is
    (a result that is unknown is MailUnknown: it stays claimed until SES tells)
"""


class LoketError(Exception):
    """Anything Loket itself raises."""


class OfferRefused(LoketError):
    """The data of an offer, or of the topics, is wrong; says in which file, at which key, and why."""

    def __init__(self, *, source: str, key: str, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}")
        self.source, self.key, self.reason = source, key, reason


class Conflict(LoketError):
    """Somebody else was first."""

    def __init__(self, record: str, key: str) -> None:
        super().__init__(f"{record} {key}")
        self.record, self.key = record, key


class AlreadyExists(Conflict):
    """A record to be added is there already."""


class OrderExists(AlreadyExists):
    """The order of this form key is there already."""


class CodeTaken(AlreadyExists):
    """Another order carries this code."""


class Changed(Conflict):
    """A record to be updated is no longer as it was read."""


class SeatsTaken(Conflict):
    """A counter has fewer seats left than are asked."""


class SeatsAstray(Conflict):
    """A counter says that fewer seats are held or sold than an order gives back."""


class HoldsTaken(Conflict):
    """A holder has as many unpaid orders open as he may have."""


class SlotTaken(Conflict):
    """Another email of this kind has gone to this recipient, or is about to."""


class RegistrationRefused(LoketError):
    """What was filled in is right, but it cannot be registered now; each kind says why."""


class ActionRefused(LoketError):
    """The secretariat asks for what cannot be done with an order, or not any more."""


class OrderUnknown(ActionRefused):
    """There is no such order."""


class NotAllowed(ActionRefused):
    """The order is in a state in which this is not done."""

    def __init__(self, action: str, state: str) -> None:
        super().__init__(f"{action} in {state}")
        self.action, self.state = action, state


class NotRefundable(ActionRefused):
    """More is asked back than is left; `most_cents` is what can still be refunded."""

    def __init__(self, most_cents: int) -> None:
        super().__init__(f"at most {most_cents} cents")
        self.most_cents = most_cents


class ChangedMeanwhile(ActionRefused):
    """An order is not as it was when whoever decides looked at it."""


class AttendsAlready(ActionRefused):
    """An attendee is to become somebody who has a seat at the event; `number` is the attendee's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"attendee {number}")
        self.number = number


class NeedsPerson(ActionRefused):
    """A visitor asks for what only the secretariat decides."""


class Unavailable(LoketError):
    """An outside service did not do what was asked, or did not say so."""


class StorageUnavailable(Unavailable):
    """The table did not answer, or kept refusing."""


class QueueUnavailable(Unavailable):
    """The queue did not take the message."""


class ExportUnavailable(Unavailable):
    """The file of an export was not taken, or nobody can be led to it."""


class PaymentUnavailable(Unavailable):
    """The payment service did not give a checkout session."""


class PaymentRefused(PaymentUnavailable):
    """The payment service refused the request and executed nothing."""


class PaymentUnknown(PaymentUnavailable):
    """The payment service failed in a way that leaves open whether it executed the request."""


class PaymentBusy(PaymentUnavailable):
    """The payment service is asked more than it admits, and executed nothing: asking on would only make it worse."""


class SessionUnknown(PaymentUnavailable):
    """The payment service knows no such checkout session of this desk."""


class SessionNotOpen(LoketError):
    """The checkout session is no longer open, so it cannot be closed."""


class WebhookRefused(LoketError):
    """A message is not the payment service's, not meant for this mode, or not fresh."""


class MailNewsRefused(LoketError):
    """A message cannot be read as news of the mail service."""


class MailNotSent(LoketError):
    """The mail was surely not sent."""


class MailPostponed(MailNotSent):
    """The mail was not sent now, and may be accepted later."""


class MailBusy(MailPostponed):
    """The mail service is asked more than it admits, and took nothing."""


class MailStopped(MailPostponed):
    """The mail service takes nobody's mail now, or cannot be reached: it is not about this one."""


class MailRejected(MailNotSent):
    """The mail was refused for good."""


class MailUnavailable(Unavailable):
    """The mail service does not say how much may be sent."""


class IssueRefused(LoketError):
    """An issue is in a state in which this is not done."""


class MailUnknown(LoketError):
    """Nobody can say yet whether the mail was sent."""
