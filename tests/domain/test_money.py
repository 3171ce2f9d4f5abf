"""VAT that is inside a price."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money import split_gross


def test_the_examples_of_the_association() -> None:
    # netherlands.md §5: 399 = 329,75 + 69,25 · 549 = 453,72 + 95,28 · 500 = 413,22 + 86,78
    for gross, net, vat in ((39900, 32975, 6925), (54900, 45372, 9528), (50000, 41322, 8678)):
        part = split_gross(gross_cents=gross, rate_percent=21)
        assert (part.net_cents, part.vat_cents) == (net, vat)


@given(gross=st.integers(0, 10**9), rate=st.integers(0, 30))
def test_the_parts_are_the_whole_and_the_net_is_nearest(gross: int, rate: int) -> None:
    part = split_gross(gross_cents=gross, rate_percent=rate)
    assert part.net_cents + part.vat_cents == gross
    assert abs(part.net_cents * (100 + rate) - gross * 100) * 2 <= 100 + rate
