"""Compiled fills against hist itself and against loops, bin by bin, on random events and on the edges."""

from __future__ import annotations

import math
from typing import Any

import hist
import numpy as np
import pytest
from hist import Hist

from darkreach.errors import DarkreachError, UnknownNameError
from darkreach.histograms import NOMINAL
from darkreach.histograms.bin_finder import bin_finder, bin_numbers
from darkreach.histograms.variation_fill import fill_columns, fill_table_variations
from darkreach.histograms.variation_sums import VariationSums

VARIATIONS = (
    NOMINAL,
    "energy_scale_up",
    "energy_scale_down",
    "photon_efficiency_up",
    "photon_efficiency_down",
)

STEMS = ("energy_scale", "resolution", "photon_efficiency")
VARIATIONS = (NOMINAL, *(f"{stem}_{direction}" for stem in STEMS for direction in ("up", "down")))
AXES = {
    "regular": hist.axis.Regular(1200, -30.0, 30.0),
    "odd_regular": hist.axis.Regular(7, 0.1, 0.8),
    "narrow_to_wide": hist.axis.Variable(np.linspace(0.05, 3.0, 341) ** 4),
    "one_bin": hist.axis.Variable([0.0, 1.0]),
    "very_uneven": hist.axis.Variable([-5.0, -4.999999, 0.0, 1e-9, 2e-9, 40.0]),
}


def awkward_values(axis: Any) -> np.ndarray:
    """Random values, every edge with its two neighbours, and what no histogram likes."""
    edges = np.asarray(axis.edges)
    random = np.random.default_rng(3)
    width = edges[-1] - edges[0]
    near = [edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)]
    bad = [[math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, -1e300]]
    return np.concatenate([random.uniform(edges[0] - 0.2 * width, edges[-1] + 0.2 * width, 20_000), *near, *bad])


def filled_bins(axis: Any, values: np.ndarray) -> np.ndarray:
    """The bin each value is put into by the compiled fill."""
    finder = bin_finder(axis)
    found = np.empty(len(values), np.int64)
    accepted, weight, column = np.ones(1, bool), np.ones((1, 1)), np.zeros(1, np.int64)
    for position, value in enumerate(values):
        sums = np.zeros((finder.size, 1, 2))
        fill_columns(sums, finder, np.array([[value]]), accepted, weight, column)
        (found[position],) = np.flatnonzero(sums[:, 0, 0])
    return found


@pytest.mark.agreement
@pytest.mark.parametrize("name", AXES)
def test_bins_are_those_of_hist(name: str) -> None:
    values = awkward_values(AXES[name])
    chosen = values[-4000:]
    np.testing.assert_array_equal(filled_bins(AXES[name], chosen), bin_numbers(AXES[name], chosen))


@pytest.mark.agreement
def test_bins_of_random_regular_axes_are_those_of_hist() -> None:
    random = np.random.default_rng(11)
    for _ in range(40):
        low = random.normal(0.0, 10.0)
        axis = hist.axis.Regular(int(random.integers(1, 60)), low, low + random.exponential(3.0))
        near = awkward_values(axis)[20_000:]
        np.testing.assert_array_equal(filled_bins(axis, near), bin_numbers(axis, near))


@pytest.mark.agreement
@pytest.mark.parametrize("name", AXES)
def test_sums_of_all_variations_equal_hist(name: str) -> None:
    axis, random = AXES[name], np.random.default_rng(5)
    values = awkward_values(axis)
    values = values[: len(values) // 3 * 3].reshape(-1, 3)
    weights = {variation: random.normal(1.0, 0.7, len(values)) for variation in VARIATIONS}
    accepted = random.uniform(size=len(values)) < 0.7
    sums = VariationSums(axis, VARIATIONS)
    first = {key: weights[key] for key in (NOMINAL, "photon_efficiency_up", "photon_efficiency_down")}
    sums.fill(values, first, accepted)
    for variation in set(VARIATIONS) - set(first):
        sums.fill(values, {variation: weights[variation]}, accepted)
    datasets = hist.axis.StrCategory(["one", "two"], growth=True, name="dataset")
    variations = hist.axis.StrCategory(VARIATIONS, name="variation", overflow=False)
    slow, fast = (Hist(datasets, variations, axis, storage=hist.storage.Weight()) for _ in range(2))
    for variation in VARIATIONS:
        repeated = np.repeat(weights[variation][accepted], 3)
        slow.fill("two", variation, values[accepted].ravel(), weight=repeated)
    sums.add_to(fast, 1)
    np.testing.assert_allclose(fast.view(flow=True).value, slow.view(flow=True).value, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(fast.view(flow=True).variance, slow.view(flow=True).variance, rtol=1e-12, atol=1e-12)
    assert fast.view(flow=True).value[0].sum() == 0.0
    assert np.count_nonzero(fast.view(flow=True).value[1]) >= len(VARIATIONS) * 3


@pytest.mark.agreement
def test_table_of_factors_equals_one_hist_fill_a_variation() -> None:
    axis, random = AXES["narrow_to_wide"], np.random.default_rng(6)
    values, weight = random.exponential(12.0, 30_000), random.uniform(0.0, 2.0, 30_000)
    factors = random.normal(1.0, 0.05, (40, 21))
    cells = random.integers(0, 40, 30_000)
    finder = bin_finder(axis)
    sums = np.zeros((finder.size, 21, 2))
    fill_table_variations(sums, finder, values, weight, cells, factors)
    for variation in range(21):
        slow = Hist(axis, storage=hist.storage.Weight())
        slow.fill(values, weight=weight * factors[cells, variation])
        np.testing.assert_allclose(sums[:, variation, 0], slow.view(flow=True).value, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(sums[:, variation, 1], slow.view(flow=True).variance, rtol=1e-12, atol=1e-12)


def test_events_left_out_and_no_events() -> None:
    sums = VariationSums(AXES["one_bin"], (NOMINAL,))
    sums.fill(np.zeros((2, 3)), {NOMINAL: np.ones(2)}, np.array([False, True]))
    sums.fill(np.zeros((0, 3)), {NOMINAL: np.ones(0)})
    assert sums.sums[:, 0, 0].tolist() == [0.0, 3.0, 0.0]


def test_a_variation_nobody_declared_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="nominal"):
        VariationSums(AXES["one_bin"], (NOMINAL,)).fill(np.zeros((1, 1)), {"nominl": np.ones(1)})


@pytest.mark.parametrize(
    "axis",
    [
        hist.axis.Regular(4, 1.0, 9.0, transform=hist.axis.transform.sqrt),
        hist.axis.Regular(4, 0.0, 1.0, circular=True),
        hist.axis.Regular(4, 0.0, 1.0, overflow=False),
        hist.axis.Regular(4, 0.0, 1.0, growth=True),
        hist.axis.Integer(0, 4),
    ],
)
def test_axes_without_a_compiled_fill_are_refused(axis: Any) -> None:
    with pytest.raises(DarkreachError, match="fill it with hist itself"):
        bin_finder(axis)
