"""Luminosities as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkreach.errors import ConfigError
from darkreach.pipeline import format_luminosity, parse_luminosity


@pytest.mark.parametrize(
    ("text", "inverse_fb"),
    [("445/pb", 0.445), ("0.445/fb", 0.445), ("50 ab^-1", 5e4), ("50/ab", 5e4), ("1e3 fb-1", 1e3), (" 20 / fb ", 20.0)],
)
def test_spellings(text: str, inverse_fb: float) -> None:
    assert parse_luminosity(text) == inverse_fb


@pytest.mark.parametrize("text", ["", "445", "445 kg", "-1/fb", "0/fb", "nan/fb", "inf/fb", "1e/fb", "1/fb/fb"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not a luminosity"):
        parse_luminosity(text)


@given(st.floats(1e-3, 1e5))
def test_what_is_shown_can_be_read_again(inverse_fb: float) -> None:
    assert parse_luminosity(format_luminosity(inverse_fb)) == pytest.approx(inverse_fb, rel=1e-5)
