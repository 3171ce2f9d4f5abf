"""The addresses of the desk's own pages, all absolute: a relative one would leave the stage of API Gateway."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order


@dataclass(frozen=True, slots=True)
class Links:
    """Makes absolute links."""

    base_url: str
    identity: Identity

    @property
    def script(self) -> str:
        """The script for somebody else's website."""
        return f"{self.base_url}/embed.js"

    def home(self, language: Language) -> str:
        return f"{self.base_url}/{language.value}"

    def beheer(self, path: str = "") -> str:
        """A page behind the desk."""
        return f"{self.base_url}/beheer/{path}" if path else f"{self.base_url}/beheer"

    def form(self, offer_id: str, language: Language) -> str:
        return f"{self.base_url}/{language.value}/{offer_id}"

    def filled_form(self, offer_id: str, draft_id: str, language: Language) -> str:
        """A form with a draft in it: the one it was made of, or another to fill in first."""
        return f"{self.form(offer_id, language)}?draft={draft_id}"

    def draft(self, draft_id: str, language: Language) -> str:
        """The way back to a form that was kept."""
        return f"{self.base_url}/{language.value}/draft/{draft_id}"

    def order(self, order_id: str, language: Language) -> str:
        return f"{self.base_url}/{language.value}/order/{self.identity.link_token(order_id)}"

    def newsletter(self, language: Language) -> str:
        """The form to subscribe with; below it lie the links of subscribers, and the issues that were sent."""
        return f"{self.base_url}/{language.value}/nieuwsbrief"

    def confirm_subscription(self, subscriber_id: str, language: Language, *, email_id: str = "") -> str:
        """`email_id` is the mail that the link stands in, which then belongs to the proof."""
        link = f"{self.newsletter(language)}/bevestigen/{self.identity.subscriber_token(subscriber_id)}"
        return f"{link}?mail={email_id}" if email_id else link

    def preferences(self, subscriber_id: str, language: Language) -> str:
        return f"{self.newsletter(language)}/voorkeuren/{self.identity.subscriber_token(subscriber_id)}"

    def unsubscribe(self, subscriber_id: str, language: Language, *, issue_id: str) -> str:
        """For a person a page, for a mail program one click; it says of which issue, so that its results can."""
        token = self.identity.subscriber_token(subscriber_id)
        return f"{self.newsletter(language)}/afmelden/{token}/{issue_id}"

    def list_id(self, topic: str) -> str:
        """How mail programs tell the mails about a topic from all others (RFC 2919): a name, no address."""
        host = urlsplit(self.base_url).hostname or ""
        return f"{topic}.{host}"

    def archive(self, language: Language) -> str:
        """The issues that were sent."""
        return f"{self.newsletter(language)}/archief"

    def issue_link(self, issue_id: str, number: int, language: Language) -> str:
        """The way to where a link of an issue leads, when it is counted: the same for every reader."""
        return f"{self.newsletter(language)}/naar/{issue_id}/{number}"

    def issue(self, issue_id: str, language: Language) -> str:
        """An issue in the archive."""
        return f"{self.archive(language)}/{issue_id}"

    def paid(self, order: Order) -> str:
        """Where the payment page sends a buyer who has paid."""
        return f"{self.order(order.id, order.language)}?from=payment"

    def cancelled(self, order: Order) -> str:
        """Where the payment page sends a buyer who goes back without paying."""
        return f"{self.order(order.id, order.language)}?from=cancel"
