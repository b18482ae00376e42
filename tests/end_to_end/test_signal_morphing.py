"""Closure of the interpolated signal on a simulated mass that was left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from darkreach.building import read_signal_morphing
from darkreach.configuration import AxionConfig, DetectorConfig, config_path, read_config
from darkreach.histograms import SearchHistograms
from darkreach.running import process_samples
from darkreach.simulation import SampleRequest, signal_name, simulate_sample

EVENTS = 60_000
PULLS = np.linspace(-4.0, 4.0, 33)


@pytest.fixture(scope="module")
def signals(tmp_path_factory: pytest.TempPathFactory) -> tuple[AxionConfig, SearchHistograms]:
    config = read_config(config_path("searches", "axion_to_photons"), AxionConfig)
    detector = read_config(config_path("detectors", config.detector), DetectorConfig)
    out = tmp_path_factory.mktemp("samples")
    masses = (0.2, 0.7, 1.0, 1.4, 2.1, 2.5, 2.9, 4.0, 5.5, 6.0, 6.5, 7.0, 8.0, 8.5, 9.0, 9.7)
    requests = [SampleRequest(signal_name(mass), "axion_signal", EVENTS, mass, None, 11) for mass in masses]
    for request in requests:
        simulate_sample(request, config, detector, out)
    folders: list[Path] = [out / request.sample for request in requests]
    return config, process_samples(config, detector, folders, config_digest="test")


def without(histograms: SearchHistograms, sample: str) -> SearchHistograms:
    """Return the histograms as if one signal had not been simulated."""
    return replace(histograms, samples={name: m for name, m in histograms.samples.items() if name != sample})


@pytest.mark.parametrize(
    ("region", "mass", "tolerance"),
    [
        ("pair_mass_low", 1.0, 0.03),
        ("pair_mass_low", 2.5, 0.03),
        ("pair_mass_high", 6.0, 0.03),
        ("recoil_mass", 8.5, 0.05),
    ],
)
def test_left_out_anchor(signals, region: str, mass: float, tolerance: float) -> None:
    """Yield within the tolerance, and shape: largest distance of the cumulative distributions below 2 %.

    The statistical error of a yield of some 10^4 entries in each of three anchors is 1-2 %.
    """
    config, histograms = signals
    settings = next(r for r in config.regions if r.name == region)
    simulated = read_signal_morphing(histograms, settings)
    interpolated = read_signal_morphing(without(histograms, signal_name(mass)), settings)
    entries = {}
    for name, morphing in (("simulated", simulated), ("interpolated", interpolated)):
        entries[name] = morphing.efficiency(mass, "nominal") * morphing.shape(mass, "nominal").fractions(PULLS)
    ratio = entries["interpolated"].sum() / entries["simulated"].sum()
    assert ratio == pytest.approx(1.0, abs=tolerance)
    distance = np.cumsum(
        entries["interpolated"] / entries["interpolated"].sum() - entries["simulated"] / entries["simulated"].sum()
    )
    assert np.max(np.abs(distance)) < 0.02


def test_an_anchor_is_reproduced_exactly(signals) -> None:
    config, histograms = signals
    region = config.regions[0]
    morphing = read_signal_morphing(histograms, region)
    axis = histograms.histograms[f"signal_shape/{region.name}"]
    values = axis[{"dataset": signal_name(1.0), "variation": "nominal"}].values()
    edges = axis.axes["pull"].edges
    cross_section = histograms.samples[signal_name(1.0)].cross_section_fb
    found = morphing.efficiency(1.0, "nominal") * morphing.shape(1.0, "nominal").fractions(edges) * cross_section
    np.testing.assert_allclose(found, values, atol=1e-9 * values.max())
