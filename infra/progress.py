"""How a long command tells how far it is, and asks before it changes something."""

import time


def tell(progress: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {progress}", flush=True)


def agrees(question: str, *, word: str = "yes") -> bool:
    """Whether the person at the keyboard types this word; nobody there is no."""
    try:
        return input(f"{question} Type {word} to go on: ").strip() == word
    except EOFError:
        return False
