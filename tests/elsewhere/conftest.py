"""One stack for all tests of this room, and each browser once."""

from collections.abc import Callable, Iterator

import pytest

from tests.browser.buyer import new_email
from tests.browser.stack import Stack, running_stack
from tests.elsewhere.engine import Engine
from tests.elsewhere.firefox import firefox
from tests.elsewhere.visitor import Visitor, at_desk, at_website
from tests.elsewhere.webkit import webkit

type Visit = Callable[[str], Visitor]

ENGINES = ("Firefox", "WebKitGTK")
# They keep whole pages for the back button (bfcache), as people's browsers mostly do; these make them anew.
FORGETFUL = ("Firefox-new-page", "WebKitGTK-new-page")
PLACES = ("hosted", "embedded")


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(log=tmp_path_factory.mktemp("stack") / "log.txt") as stack:
        yield stack


@pytest.fixture(scope="package", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    keeps = not request.param.endswith("-new-page")
    if request.param.startswith("Firefox"):
        with firefox(profile=tmp_path_factory.mktemp("firefox"), keeps_pages=keeps) as engine:
            yield engine
    else:
        with webkit(keeps_pages=keeps) as engine:
            yield engine


@pytest.fixture(params=PLACES)
def visit(request: pytest.FixtureRequest, engine: Engine, stack: Stack) -> Visit:
    """Opens a form: on the desk's own page, and in the association's website."""

    def opened(offer: str) -> Visitor:
        if request.param == "hosted":
            visitor = at_desk(engine, f"{stack.desk}/nl/{offer}")
        else:
            visitor = at_website(engine, f"{stack.website}/", path=f"/nl/{offer}")
        visitor.come()
        return visitor

    return opened


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    """Somebody with the membership form before him."""
    return visit("lidmaatschap")


@pytest.fixture
def email() -> str:
    """An address that no other test has."""
    return new_email()
