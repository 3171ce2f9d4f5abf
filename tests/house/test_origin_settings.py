"""The settings of origins: written as a browser sends them, or named at the start, before they match nobody."""

import pytest

from chalicelib.settings import SettingsWrong, read_settings
from tests.house.test_limit_settings import variables

SITE = "https://www.lpb.example.nl"
RIGHT = [
    "http://localhost:8003",
    "http://127.0.0.1",
    "http://[::1]:8003",
    "https://xn--caf-dma.example.nl",
    "https://lpb.example.nl:8443",
    "https://lpb.example.nl:4430",
    "https://lpb.example.nl:80",
    "http://lpb.example.nl:443",
]
WRONG = [
    "https://*.lpb.example.nl",
    "https://*",
    "https://LPB.example.nl",
    "HTTPS://lpb.example.nl",
    "https://lpb.example.nl:443",
    "http://lpb.example.nl:80",
    "https://lpb.example.nl:",
    "https://lpb.example.nl:0443",
    "https://lpb.example.nl;script-src",
    "https://lpb.example.nl,https://elders.nl",
    "https://ada@lpb.example.nl",
    "https://lpb.example.nl?x",
    "https://lpb.example.nl#x",
    "https://café.example.nl",
    "https://",
    "ftp://lpb.example.nl",
    "lpb.example.nl",
    "null",
]


@pytest.mark.parametrize("origin", RIGHT)
def test_as_a_browser_sends_it(origin: str) -> None:
    settings = variables() | {
        "LOKET_ALLOWED_ORIGINS": f"{SITE} {origin}",
        "LOKET_BASE_URL": f"{origin}/prod/",
        "LOKET_CHECKOUT_ORIGIN": origin,
    }
    found = read_settings(settings)
    assert found.allowed_origins == {SITE, origin}
    assert (found.base_url, found.checkout_origin) == (f"{origin}/prod", origin)
    assert read_settings(variables() | {"LOKET_BASE_URL": origin}).base_url == origin


@pytest.mark.parametrize("name", ["LOKET_ALLOWED_ORIGINS", "LOKET_BASE_URL", "LOKET_CHECKOUT_ORIGIN"])
@pytest.mark.parametrize("origin", WRONG)
def test_what_no_browser_sends_is_named_in_words(name: str, origin: str) -> None:
    with pytest.raises(SettingsWrong, match=f"{name} does not look right .*a host in lower case") as wrong:
        read_settings(variables() | {name: origin})
    assert "lpb" not in str(wrong.value), "no value is told"


@pytest.mark.parametrize("name", ["LOKET_ALLOWED_ORIGINS", "LOKET_CHECKOUT_ORIGIN"])
def test_an_origin_has_no_path(name: str) -> None:
    for path in ("/", "/lid"):
        with pytest.raises(SettingsWrong, match=name):
            read_settings(variables() | {name: f"{SITE}{path}"})


@pytest.mark.parametrize("end", ["?x=1", "/?x=1", "/prod?x", "#x", "/prod#x", "/a b"])
def test_the_desks_own_address_ends_with_its_path(end: str) -> None:
    with pytest.raises(SettingsWrong, match="LOKET_BASE_URL"):
        read_settings(variables() | {"LOKET_BASE_URL": f"{SITE}{end}"})


@pytest.mark.parametrize("path", ["/" + "x" * 480, "/café", "/<b>", "/a\u200bb"])
def test_the_desks_own_address_must_fit_in_the_head_of_a_mail(path: str) -> None:
    """Or each mail with a link in its head would fail later."""
    with pytest.raises(SettingsWrong, match=r"LOKET_BASE_URL does not look right .*at most 500 signs") as wrong:
        read_settings(variables() | {"LOKET_BASE_URL": f"{SITE}{path}"})
    assert path not in str(wrong.value)
