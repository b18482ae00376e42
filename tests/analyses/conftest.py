"""Synthetic histograms, made of arrays alone: three regions, a falling background, narrow signals."""

from __future__ import annotations

import hist
import numpy as np
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig, config_path, read_config
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import NOMINAL, LedgerEntry, SearchHistograms

LUMINOSITY = 0.445
REFERENCE = 1.0e-3
CUTS = ("all", "no_tracks", "three_photons", "three_photon_mass", "region:pair_mass_low", "region:recoil_mass")


def manifest(sample: str, kind: str, *, mass: float | None = None, fb: float | None = None) -> SampleManifest:
    return SampleManifest(
        sample=sample,
        process=f"process of {sample}",
        kind=kind,  # type: ignore[arg-type]
        parameters={} if mass is None else {"mass_gev": mass, "coupling": REFERENCE},
        cross_section_fb=fb,
        cross_section_source="" if fb is None else "tree level",
        generated_events=10_000,
        weight_column=None if fb is None else "generatorWeight",
        luminosity_inverse_fb=LUMINOSITY if kind == "pseudo_data" else None,
        seed=1,
        generator="synthetic",
        files=(),
    )


def signal_cross_section_fb(mass: float) -> float:
    return 118.4 * (1.0 - mass**2 / 111.93) ** 3


def region_histogram(edges: np.ndarray, samples: list[str], generator: np.random.Generator) -> hist.Hist:
    histogram = hist.Hist(
        hist.axis.StrCategory(samples, name="dataset"),
        hist.axis.StrCategory([NOMINAL, "resolution_up"], name="variation"),
        hist.axis.Variable(edges, name="observable"),
        storage=hist.storage.Weight(),
    )
    centre, width = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    density = 400.0 / np.sqrt(centre + 0.3)
    view = histogram.view(flow=True)
    for index, sample in enumerate(samples):
        if sample == "background":
            value, variance = density * width, density * width / 40.0
        elif sample == "pseudo_data":
            value = generator.poisson(density * width * LUMINOSITY).astype(float)
            variance = value
        else:
            mass = float(sample.removeprefix("signal_").removesuffix("MeV")) / 1000.0
            sigma = 0.05 * mass**2 + 0.01
            peak = np.exp(-0.5 * ((centre - mass**2) / sigma) ** 2) * width / sigma / np.sqrt(2 * np.pi)
            value, variance = 0.3 * signal_cross_section_fb(mass) * peak, peak * 1e-4
        view["value"][index, 0, 1:-1], view["variance"][index, 0, 1:-1] = value, variance
    return histogram


@pytest.fixture(scope="session")
def search() -> AxionConfig:
    return read_config(config_path("searches", "axion_to_photons"), AxionConfig)


@pytest.fixture(scope="session")
def detector() -> DetectorConfig:
    return read_config(config_path("detectors", "belle2"), DetectorConfig)


@pytest.fixture(scope="session")
def histograms(search: AxionConfig) -> SearchHistograms:
    generator = np.random.default_rng(445)
    samples = {"background": manifest("background", "background", fb=22000.0)}
    samples["pseudo_data"] = manifest("pseudo_data", "pseudo_data")
    for mass in (0.5, 2.0, 5.0, 8.0):
        name = f"signal_{mass * 1000:.0f}MeV"
        samples[name] = manifest(name, "signal", mass=mass, fb=signal_cross_section_fb(mass))
    names = list(samples)
    ranges = {"pair_mass_low": (0.0, 18.0, 90), "pair_mass_high": (12.0, 55.0, 40), "recoil_mass": (35.0, 97.0, 60)}
    regions = {
        f"region/{region.name}": region_histogram(
            np.linspace(ranges[region.name][0] ** 0.5, ranges[region.name][1] ** 0.5, ranges[region.name][2]) ** 2,
            names,
            generator,
        )
        for region in search.regions
    }
    weights = hist.Hist(hist.axis.StrCategory(names, name="dataset"), hist.axis.StrCategory(CUTS, name="cut"),
                        storage=hist.storage.Weight())  # fmt: skip
    entries = hist.Hist(*weights.axes, storage=hist.storage.Double())
    fractions = np.array([1.0, 0.9, 0.5, 0.4, 0.3, 0.35])
    for index, sample in enumerate(samples.values()):
        total = sample.cross_section_fb or 10_000.0
        weights.view(flow=True)["value"][index, : len(CUTS)] = total * fractions
        weights.view(flow=True)["variance"][index, : len(CUTS)] = total**2 * fractions / 10_000.0
        entries.view(flow=True)[index, : len(CUTS)] = 10_000 * fractions
    ledger = tuple(LedgerEntry(name, f"{name}.parquet", 10_000, 10_000) for name in names)
    everything = {**regions, "cutflow": weights, "cutflow_entries": entries}
    record = {"darkreach": "0.1.0", "git_hash": "abc", "libraries": {"numpy": "2.3"}, "inputs": {"a": "d1"}}
    return SearchHistograms("axion_to_photons", everything, samples, ledger, record)
