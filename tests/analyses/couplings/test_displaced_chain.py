"""Islands through generator, detector and search: one sample for all lifetimes, and samples of the right ones."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
from coffea.nanoevents.methods import base
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings import EfficiencyGrid, coupling_scan, displaced_efficiency_grids, displaced_rates
from darkreach.couplings.kaon_scalar_signal import kaon_scalar_signal
from darkreach.couplings.long_lived_region import long_lived_intervals
from darkreach.events.manifest import SampleManifest
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.histograms import SearchHistograms
from darkreach.models.higgs_mixed_scalar import scalar_ctau_cm
from darkreach.searches.displaced_pairs import DisplacedPairs

sys.path[:0] = [str(Path(__file__).parents[2] / "processors")]
from displaced_example import example_config, living, simulated_columns  # noqa: E402

Array = NDArray[np.float64]
MASS = 0.6
LIFETIMES = tuple(float(f"{ctau:.4g}") for ctau in np.geomspace(1e-3, 400.0, 60))


def one_region(lifetimes: tuple[float, ...]) -> DisplacedSearchConfig:
    """Return the search in kplus_mumu alone; the other B meson stays undecayed, its cut is left out."""
    content = example_config(b_candidate=True).model_dump(mode="json")
    content["regions"] = [one for one in content["regions"] if one["name"] == "kplus_mumu"]
    content["selection"]["b_candidate"]["fox_wolfram_ratio"] = None
    content["lifetimes_cm"] = lifetimes
    content["simulation"]["generated_ctau_cm"]["value"] = 400.0
    return DisplacedSearchConfig.model_validate(content)


def searched(parameters: Mapping[str, float], lifetimes: tuple[float, ...], number: int, seed: int) -> EfficiencyGrid:
    """Return the efficiency grid of a sample of so many trials."""
    config = one_region(lifetimes)
    detector = read_config(config_path("detectors", "belle2"), DetectorConfig)
    columns = simulated_columns("b_to_k_scalar_mumu", number, seed, parameters, detector)
    columns["generatorWeight"] = columns["generatorWeight"] / number
    name = f"signal_kplus_mumu_{1000 * MASS:g}MeV"
    lifetime = {"mass_gev": MASS, "lifetime_ctau_cm": parameters["lifetime_ctau_cm"]}
    metadata = {"dataset": name, "filename": "a.parquet", "kind": "signal", **lifetime}
    record = ak.contents.RecordArray([ak.to_layout(value) for value in columns.values()], list(columns))
    marked = record.copy(parameters={"__record__": "NanoEvents", "metadata": metadata})
    filled = DisplacedPairs(config, detector).process(ak.Array(marked, behavior=base.behavior))["histograms"]
    values = {**parameters, "branching_fraction": 1.0}
    manifest = SampleManifest(name, "", "signal", values, 1.0, "", number, "weight", None, seed, "", (), {})
    histograms = SearchHistograms("x", filled, {name: manifest}, (), {})
    (grid,) = displaced_efficiency_grids(histograms, config, displaced_rates(config, detector.beams.beams().sqrt_s))
    return grid


@cache
def for_all_lifetimes(number: int) -> EfficiencyGrid:
    return searched(living(one_region(LIFETIMES), MASS) | {"decay_other_b": 0.0}, LIFETIMES, number, 1)


def free(ctau: float, number: int, seed: int) -> tuple[float, float]:
    """Return the efficiency of decays of one lifetime that nothing forced, and its error."""
    parameters = {"mass_gev": MASS, "sin_theta": 1e-3, "lifetime_ctau_cm": ctau, "decay_other_b": 0.0}
    grid = searched(parameters, (0.5 * ctau, ctau), number, seed)
    return float(grid.efficiency[1, 1]), float(grid.error[1, 1])


@pytest.mark.parametrize(
    ("place", "seed", "number"),
    [
        (29, 6, 30_000),
        pytest.param(14, 5, 150_000, marks=pytest.mark.slow),
        pytest.param(45, 7, 150_000, marks=pytest.mark.slow),
    ],
)
def test_one_sample_has_the_efficiency_of_every_lifetime(place: int, seed: int, number: int) -> None:
    grid = for_all_lifetimes(number)
    found, error = float(grid.efficiency[1, place]), float(grid.error[1, place])
    right, other = free(LIFETIMES[place], number // 3, seed)
    assert abs(found - right) < 3.5 * math.hypot(error, other)
    assert math.hypot(error, other) < 0.05 * right
    assert grid.effective_events[1, place] > 0.04 * number


@pytest.mark.slow
def test_the_island_is_that_of_samples_of_its_lifetimes() -> None:
    grid = for_all_lifetimes(150_000)
    signal = kaon_scalar_signal(heavy_flavour_numbers(), MASS, 198.45e6, ["kplus_mumu"])
    events = signal.expected_events({"kplus_mumu": grid})
    needed = math.log(20.0)
    ((lower, upper),) = long_lived_intervals(
        events, signal.ctau_cm, lambda ctau: np.full(ctau.shape, needed), coupling_scan(1e-7, 1.0)
    )
    for edge, number, seed in ((lower, 40_000, 11), (upper, 300_000, 12)):
        ctau = scalar_ctau_cm(MASS, edge)
        right, error = free(ctau, number, seed)
        found = float(grid.at(MASS, [ctau])[0])
        # straight lines between the lifetimes add up to 5 % where the efficiency falls steeply
        assert abs(found / right - 1.0) < 3.5 * error / right + 0.05
        assert error < 0.1 * right
        # N(g) of the right sample at the edge, turned into an edge by the slope of ln N against ln g
        near = events(np.array([0.99, 1.01]) * edge)
        slope = float(np.log(near[1] / near[0]) / np.log(1.01 / 0.99))
        number_there = float(signal.decays["kplus_mumu"](np.array([edge]))[0]) * right
        moved = (needed / number_there) ** (1.0 / slope)
        assert abs(moved - 1.0) < (3.5 * error / right + 0.05) / abs(slope)
        assert abs(moved - 1.0) < 0.03
