"""A queue in memory."""

from chalicelib.domain.error import QueueUnavailable


class FakeQueue:
    """Keeps messages until they are taken; `down` refuses them."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.down = False

    def put(self, message: str) -> None:
        if self.down:
            raise QueueUnavailable("down")
        self.messages.append(message)

    def take(self) -> list[str]:
        taken, self.messages = self.messages, []
        return taken
