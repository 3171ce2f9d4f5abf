"""The page and the picture of the states are as the table is."""

from chalicelib.domain.state import State
from devstack.states import PICTURE, drawn, main


def test_the_docs_show_the_table_as_it_is() -> None:
    stale = [path.name for path, text in drawn().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make states`"
    assert main(["--check"]) == 0


def test_every_state_is_in_the_picture() -> None:
    picture = PICTURE.read_text(encoding="utf-8")
    assert [state for state in State if f">{state.name}<" not in picture] == []
