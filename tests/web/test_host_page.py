"""The page that a form stands in: kept when its website is known, and never more of it than names the page."""

import pytest

from chalicelib.web.host_page import LONGEST, host_page, way_back

SITE = "https://www.lpb.example.nl"
ALLOWED = frozenset({SITE, "http://localhost:8003"})

KEPT = {
    f"{SITE}/lid-worden": f"{SITE}/lid-worden",
    f"{SITE}/lid-worden/": f"{SITE}/lid-worden/",
    SITE: f"{SITE}/",
    f"{SITE}?p=12": f"{SITE}/?p=12",
    f"{SITE}/?page_id=7&preview=true": f"{SITE}/?page_id=7",
    f"{SITE}/?utm_source=brief&p=12&loket-email=ada%40voorbeeld.nl": f"{SITE}/?p=12",
    f"{SITE}/lid?email=ada%40voorbeeld.nl": f"{SITE}/lid",
    f"{SITE}/lid?p=12x&p=": f"{SITE}/lid",
    f"{SITE}/?p=1&p=2": f"{SITE}/?p=1",
    f"{SITE}/lid#aanmelden?p=3": f"{SITE}/lid",
    f"{SITE}/caf%C3%A9": f"{SITE}/caf%C3%A9",
    f"{SITE}/'s-gravenhage/": f"{SITE}/'s-gravenhage/",
    f"{SITE}/lid?fbclid={'x' * 9999}&p=12": f"{SITE}/lid?p=12",
    f"{SITE}/lid?utm=a|b": f"{SITE}/lid",
    f"{SITE}/lid#a{{b}}\n": f"{SITE}/lid",
    f"{SITE}/lid#{'x' * LONGEST}": f"{SITE}/lid",
    f"{SITE}/{'x' * (LONGEST - len(SITE) - 1)}": f"{SITE}/{'x' * (LONGEST - len(SITE) - 1)}",
    f"{SITE}//elders.nl/x": f"{SITE}//elders.nl/x",
    "http://localhost:8003/lid": "http://localhost:8003/lid",
}
REFUSED = [
    "",
    "/lid",
    "www.lpb.example.nl",
    "//www.lpb.example.nl/lid",
    "http://www.lpb.example.nl/lid",
    "https://lpb.example.nl/",
    "https://WWW.lpb.example.nl/",
    f"{SITE}:443/",
    f"{SITE}.kwaad.nl/",
    f"{SITE}@kwaad.nl/",
    "https://ada:geheim@www.lpb.example.nl/",
    "https://kwaad.nl/?https://www.lpb.example.nl/",
    f"https://kwaad.nl#{SITE}/",
    f"https://kwaad.nl\\{SITE}",
    f"{SITE}\\@kwaad.nl/",
    f"{SITE}/lid worden",
    f" {SITE}/lid",
    f"{SITE}/lid\n",
    f"{SITE}/a\tb",
    f"{SITE}/\x00",
    f"{SITE}/\u202e",
    f"{SITE}/café",
    f'{SITE}/"onmouseover="x',
    f"{SITE}/<script>",
    "javascript:alert(1)",
    "data:text/html,x",
    f"ftp{SITE.removeprefix('https')}/",
    "https://[::1/",
    "https://",
    f"{SITE}/a|b",
    f"{SITE}/a^b",
    f"{SITE}/a`{{b}}",
    f"{SITE}/a\\b",
    f"{SITE}\n/lid",
    f"{SITE}/{'x' * (LONGEST - len(SITE))}",
]


@pytest.mark.parametrize("address", KEPT)
def test_of_a_page_that_is_known_origin_path_and_number_are_kept(address: str) -> None:
    assert host_page(address, allowed_origins=ALLOWED) == KEPT[address]
    assert host_page(KEPT[address], allowed_origins=ALLOWED) == KEPT[address]


@pytest.mark.parametrize("address", REFUSED)
def test_of_any_other_nothing_is_kept(address: str) -> None:
    assert host_page(address, allowed_origins=ALLOWED) == ""
    assert way_back(address, allowed_origins=ALLOWED) is None


def test_the_way_back_is_there_as_long_as_the_website_is_known() -> None:
    back = way_back(f"{SITE}/lid", allowed_origins=ALLOWED)
    assert back is not None
    assert (back.url, back.site) == (f"{SITE}/lid", "www.lpb.example.nl")
    assert way_back(f"{SITE}/lid", allowed_origins=frozenset()) is None
