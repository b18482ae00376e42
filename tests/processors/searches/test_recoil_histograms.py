"""The histograms of recoil searches: the right names, the right bins, sums over blocks, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import ControlSettings, config_path, read_config
from darkreach.configuration.single_photon import SinglePhotonConfig
from darkreach.errors import DarkreachError, UnknownNameError
from darkreach.histograms import region_edges, squared_mass_resolution
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.recoil_histograms import BOOST_EDGES, RecoilSums, empty_recoil_histograms

SQRT_S = 10.58
VARIATIONS = ("nominal", "energy_scale_up", "energy_scale_down")
SIGNAL = ChunkSource("signal_3000MeV", "a.parquet", "signal", 3.0, 0)
BACKGROUND = ChunkSource("two_photon", "a.parquet", "background", None, 0)


@pytest.fixture(scope="module")
def config() -> SinglePhotonConfig:
    shipped = read_config(config_path("searches", "single_photon"), SinglePhotonConfig)
    control = ControlSettings(name="muons", observable="pair_mass", edges=(0.0, 1.0, 5.0, 10.0))
    # this search has none of its own
    return shipped.model_copy(update={"controls": (control,)})


def filled(config: SinglePhotonConfig, source: ChunkSource, blocks: int) -> dict:
    histograms = empty_recoil_histograms(config, SQRT_S, source, VARIATIONS, ("all", "photon"), with_boosts=True)
    sums, random = RecoilSums(histograms, config, source), np.random.default_rng(5)
    observable, weight = random.uniform(-5.0, 36.0, 3000), random.uniform(0.5, 2.0, 3000)
    accepted = random.random(3000) < 0.7
    for block in np.array_split(np.arange(3000), blocks):
        mass, good, own = observable[block], accepted[block], weight[block]
        sums.cutflow.count("all", own)
        sums.fill("low", mass, good, {"nominal": own, "energy_scale_up": 1.1 * own})
        sums.fill("low", mass + 0.5, good, {"energy_scale_down": own})
        sums.fill("muons", np.abs(mass), good, {"nominal": own})
        if source.mass is not None:
            sums.fill_boosts("low", np.abs(mass), good, own)
    sums.finish()
    return {"histograms": histograms, "values": (observable, weight, accepted)}


def test_contents_are_those_of_numpy(config: SinglePhotonConfig) -> None:
    result = filled(config, SIGNAL, 1)
    histograms, (observable, weight, accepted) = result["histograms"], result["values"]
    region = next(region for region in config.regions if region.name == "low")
    edges = region_edges(region, config, SQRT_S)
    pulls = np.linspace(-30.0, 30.0, 1201)
    resolution = float(squared_mass_resolution("recoil_mass_squared", 3.0, config))
    for variation, shift, factor in (
        ("nominal", 0.0, 1.0),
        ("energy_scale_up", 0.0, 1.1),
        ("energy_scale_down", 0.5, 1.0),
    ):
        values, own = observable[accepted] + shift, factor * weight[accepted]
        got = histograms["region/low"][{"dataset": 0, "variation": variation}]
        np.testing.assert_allclose(got.values(), np.histogram(values, edges, weights=own)[0], rtol=1e-12)
        np.testing.assert_allclose(got.variances(), np.histogram(values, edges, weights=own**2)[0], rtol=1e-12)
        shape = histograms["signal_shape/low"][{"dataset": 0, "variation": variation}]
        expected = np.histogram((values - 9.0) / resolution, pulls, weights=own)[0]
        np.testing.assert_allclose(shape.values(), expected, rtol=1e-12)
    control = histograms["control/muons"][{"dataset": 0, "variation": "nominal"}]
    expected = np.histogram(np.abs(observable[accepted]), [0.0, 1.0, 5.0, 10.0], weights=weight[accepted])[0]
    np.testing.assert_allclose(control.values(), expected, rtol=1e-12)
    boosts = histograms["decay_boost/low"][{"dataset": 0}]
    expected = np.histogram(np.abs(observable[accepted]), BOOST_EDGES, weights=weight[accepted])[0]
    np.testing.assert_allclose(boosts.values(), expected, rtol=1e-12)
    cutflow = dict(zip(histograms["cutflow"].axes["cut"], histograms["cutflow"].values()[0], strict=True))
    assert list(cutflow) == ["all", "photon", "region:low", "region:high", "control:muons"]
    assert cutflow["all"] == pytest.approx(weight.sum())
    assert cutflow["region:low"] == cutflow["control:muons"] == pytest.approx(weight[accepted].sum())
    assert cutflow["region:high"] == 0.0


def test_blocks_do_not_matter(config: SinglePhotonConfig) -> None:
    once, often = filled(config, BACKGROUND, 1)["histograms"], filled(config, BACKGROUND, 7)["histograms"]
    assert once.keys() == often.keys()
    for name, histogram in once.items():
        np.testing.assert_allclose(histogram.values(flow=True), often[name].values(flow=True), rtol=1e-12)


def test_backgrounds_have_the_same_histograms_without_shapes(config: SinglePhotonConfig) -> None:
    signal, background = filled(config, SIGNAL, 1)["histograms"], filled(config, BACKGROUND, 1)["histograms"]
    assert signal.keys() == background.keys()
    # two chunks of any kinds can be added
    total = signal["signal_shape/low"] + background["signal_shape/low"]
    assert list(total.axes["dataset"]) == ["signal_3000MeV"]
    assert list((signal["region/low"] + background["region/low"]).axes["dataset"]) == ["signal_3000MeV", "two_photon"]


def test_boosts_are_made_on_demand(config: SinglePhotonConfig) -> None:
    histograms = empty_recoil_histograms(config, SQRT_S, SIGNAL, VARIATIONS, ("all",))
    assert not any(name.startswith("decay_boost/") for name in histograms)
    with pytest.raises(UnknownNameError, match="decay_boost/low"):
        RecoilSums(histograms, config, SIGNAL).fill_boosts("low", np.ones(1), np.ones(1, dtype=bool), np.ones(1))


def test_mistakes_are_refused(config: SinglePhotonConfig) -> None:
    histograms = empty_recoil_histograms(config, SQRT_S, SIGNAL, VARIATIONS, ("all",))
    sums = RecoilSums(histograms, config, SIGNAL)
    one, good = np.ones(1), np.ones(1, dtype=bool)
    with pytest.raises(UnknownNameError, match="region or control"):
        sums.fill("lov", one, good, {"nominal": one})
    with pytest.raises(UnknownNameError, match="variation"):
        sums.fill("low", one, good, {"resolution_up": one})
    with pytest.raises(DarkreachError, match="length"):
        sums.fill("low", one, good, {"nominal": np.ones(2)})
