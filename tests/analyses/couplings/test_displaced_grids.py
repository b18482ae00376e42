"""Published efficiency grids against the efficiencies that workspaces are built with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import hist
import numpy as np
import pytest
from hist import Hist

from darkreach.building.displaced_efficiencies import read_displaced_efficiencies
from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.couplings import displaced_efficiency_grids, read_efficiency_grids, write_efficiency_grids
from darkreach.events.manifest import SampleManifest
from darkreach.histograms import SearchHistograms
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE

sys.path[:0] = [str(Path(__file__).parents[2] / "processors")]
from displaced_example import example_config  # noqa: E402

ANCHORS = (0.3, 0.4, 0.6, 1.0, 2.0)


@dataclass(frozen=True)
class TwoFemtobarn:
    """Every sample has 2 fb."""

    def simulated_fb(self, region: DisplacedRegion, parameters: Mapping[str, float]) -> float:
        return 2.0

    def channel_fb(self, region: DisplacedRegion, mass_gev: float) -> float:
        return 1.0

    def combined_fb(self, region: DisplacedRegion, mass_gev: float) -> float:
        return 1.0


def selected(config: DisplacedSearchConfig, region: str, anchors: tuple[float, ...] = ANCHORS) -> SearchHistograms:
    """Return one region's signals: in each lifetime and bin of the radius another efficiency that changes with mass."""
    pull = hist.axis.Regular(PULL_BINS, -PULL_RANGE, PULL_RANGE, name="pull")
    lifetimes = hist.axis.IntCategory(range(len(config.lifetimes_cm)), name="lifetime", overflow=False)
    radius = hist.axis.Variable(config.radius_edges, name="radius")
    names = [f"signal_{region}_{1000 * mass:g}MeV" for mass in anchors]
    filled = Hist(hist.axis.StrCategory(names, name="dataset"), lifetimes, radius, pull, storage=hist.storage.Weight())
    random = np.random.default_rng(4)
    shape = (len(anchors), len(config.lifetimes_cm), len(config.radius_edges) - 1, 200)
    weight = 2.0 / 1600.0 * random.exponential(np.array(anchors)[:, None, None, None], shape)
    for sample, name in enumerate(names):
        for lifetime in range(shape[1]):
            for cell, edge in enumerate(config.radius_edges[:-1]):
                filled.fill(
                    name, lifetime, edge * 1.001, random.normal(0.0, 1.2, 200), weight=weight[sample, lifetime, cell]
                )
    samples = {
        name: SampleManifest(name, "signal", "signal", {"mass_gev": mass}, 2.0, "", 1, "weight", None, 1, "", (), {})
        for name, mass in zip(names, anchors, strict=True)
    }
    return SearchHistograms("x", {f"signal_lifetime/{region}": filled}, samples, (), {})


def one_region(config: DisplacedSearchConfig, name: str) -> DisplacedSearchConfig:
    return config.model_copy(update={"regions": tuple(one for one in config.regions if one.name == name)})


def test_the_grid_is_what_limits_are_computed_with_at_all_masses_and_lifetimes(tmp_path: Path) -> None:
    config = one_region(example_config(True), "kplus_pipi")
    histograms = selected(config, "kplus_pipi")
    (grid,) = displaced_efficiency_grids(histograms, config, TwoFemtobarn())
    write_efficiency_grids(tmp_path / "efficiency_grid.csv", [grid], {"search": "x"})
    stored = read_efficiency_grids(tmp_path / "efficiency_grid.csv")["kplus_pipi"]
    known = read_displaced_efficiencies(histograms, config, config.regions[0], TwoFemtobarn())
    (left_out,) = config.regions[0].excluded
    tested = np.linspace(config.regions[0].mass.low, config.regions[0].mass.high, 331)
    for mass in (*tested.tolist(), *ANCHORS):
        if left_out.low <= mass <= left_out.high:
            assert not stored.covers(mass)
            assert np.all(stored.at(mass, config.lifetimes_cm) == 0.0)
            continue
        window = known.window(mass, config.workspace.window_half_width)
        np.testing.assert_allclose(stored.at(mass, config.lifetimes_cm), window.efficiency.sum(axis=1), rtol=1e-5)
    assert stored.gaps_gev == ((left_out.low, left_out.high),)


def test_errors_and_worth_are_those_of_all_bins_of_the_radius_together() -> None:
    config = one_region(example_config(True), "kplus_mumu")
    histograms = selected(config, "kplus_mumu")
    (grid,) = displaced_efficiency_grids(histograms, config, TwoFemtobarn())
    row = int(np.flatnonzero(grid.masses_gev == 0.6)[0])
    content = histograms.histograms["signal_lifetime/kplus_mumu"][2, :, :, :].view()
    # +-2.5 resolutions are the bins 90 to 109 of a quarter of a resolution
    value, variance = (content[name][:, :, 90:110].sum(axis=(1, 2)) for name in ("value", "variance"))
    np.testing.assert_allclose(grid.efficiency[row], value / 2.0, rtol=1e-12)
    np.testing.assert_allclose(grid.error[row], np.sqrt(variance) / 2.0, rtol=1e-12)
    np.testing.assert_allclose(grid.effective_events[row], value**2 / variance, rtol=1e-12)
    assert np.all(grid.effective_events > 50.0)


def test_a_side_of_left_out_masses_without_simulation_is_left_out_too() -> None:
    config = one_region(example_config(True), "kplus_pipi")
    (grid,) = displaced_efficiency_grids(selected(config, "kplus_pipi", (0.6, 1.0)), config, TwoFemtobarn())
    assert grid.gaps_gev == ()
    assert grid.masses_gev.tolist() == [0.53, 0.6, 1.0, 2.5]
    assert not grid.covers(0.4)
    ranges = config.regions[0].excluded[0]
    more = (ranges, ranges.model_copy(update={"low": 0.7, "high": 0.8}))
    region = config.regions[0].model_copy(update={"excluded": more})
    config = config.model_copy(update={"regions": (region,)})
    (grid,) = displaced_efficiency_grids(selected(config, "kplus_pipi", (0.3, 1.0)), config, TwoFemtobarn())
    # nothing is known between 0.53 and 0.7 GeV
    assert grid.gaps_gev == ((0.47, 0.8),)
    assert not grid.covers(0.6)
    assert grid.covers(0.45)


@pytest.mark.parametrize("name", ["kplus_ee", "kstar0_mumu"])
def test_all_regions_have_a_grid(name: str) -> None:
    config = one_region(example_config(True), name)
    (grid,) = displaced_efficiency_grids(selected(config, name), config, TwoFemtobarn())
    assert grid.channel == name
    assert grid.ctaus_cm.tolist() == list(config.lifetimes_cm)
