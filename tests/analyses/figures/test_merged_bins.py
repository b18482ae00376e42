from __future__ import annotations

import numpy as np
import pytest

from darkreach.figures import ShownSignal, Spectrum, merge_bins


def spectrum(background: list[float]) -> Spectrum:
    size = len(background)
    signal = ShownSignal("s", 1.0, 1e-3, np.arange(size, dtype=float))
    return Spectrum(
        "r", "pair_mass_squared", np.arange(size + 1.0), np.arange(size) + 5.0, np.array(background),
        np.full(size, 3.0), signal, 7.0,
    )  # fmt: skip


def test_bins_are_merged_until_enough_is_expected_and_the_rest_joins_the_last() -> None:
    merged = merge_bins(spectrum([4.0, 4.0, 4.0, 12.0, 5.0, 6.0, 1.0]), 10.0)
    assert merged.edges.tolist() == [0.0, 3.0, 4.0, 7.0]
    assert merged.background.tolist() == [12.0, 12.0, 12.0]
    assert merged.background_error == pytest.approx([3.0 * 3**0.5, 3.0, 3.0 * 3**0.5])
    assert merge_bins(spectrum([12.0, 12.0, 1.0]), 10.0).edges.tolist() == [0.0, 1.0, 3.0]


@pytest.mark.parametrize("minimum", [0.0, 1.0, 7.0, 1e6])
def test_totals_and_range_are_kept(minimum: float) -> None:
    given = spectrum([1.0, 9.0, 3.0, 0.0, 2.0])
    merged = merge_bins(given, minimum)
    assert merged.observed.sum() == given.observed.sum()
    assert merged.background.sum() == given.background.sum()
    assert merged.signal is not None
    assert given.signal is not None
    assert merged.signal.events.sum() == given.signal.events.sum()
    assert (merged.edges[0], merged.edges[-1], merged.observed_outside) == (0.0, 5.0, 7.0)
    assert len(merged.edges) == len(merged.observed) + 1
