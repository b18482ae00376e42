"""Made-up results of a search for displaced vertices: limits of a zone of decays, islands from them, flat spectra.

Of its two channels one leaves out masses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hist
import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.displaced_search import COMBINED, DisplacedSearchConfig
from darkreach.configuration.quantities import Range
from darkreach.couplings import EfficiencyGrid, LifetimeLimit
from darkreach.couplings.long_lived_couplings import long_lived_couplings_from_limits
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.displaced_cells import region_cells
from darkreach.histograms.search_histograms import LedgerEntry, SearchHistograms
from darkreach.limits.limits_file import LimitsDocument
from darkreach.limits.results import Limit, LimitQuality
from darkreach.models.decay_zones import radial_probability
from darkreach.report.content import CouplingReading, NamedEffect
from darkreach.report.displaced_content import DisplacedReportContent
from darkreach.report.displaced_names import left_out_masses
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_histograms import empty_displaced_histograms

QUANTILES = ("observed", "-2", "-1", "0", "1", "2")
BANDS = (0.55, 0.72, 1.0, 1.45, 2.1)
CUTS = ("all", "vertex", "pointing")
PAIRS_OF_B_MESONS = 2.0e8
REGIONS = ("kplus_mumu", "kplus_pipi")
MASSES = (0.3, 0.4, 0.45, 0.6, 0.9, 1.3, 1.7, 2.0, 3.0)
ANCHORS = (0.3, 0.45, 0.6, 1.3, 2.0)
LIFETIMES = (0.01, 0.1, 1.0, 10.0, 100.0)


def displaced_config(search: str, regions: Sequence[str] = ()) -> DisplacedSearchConfig:
    """Return a shipped search with all of its regions, or with some; pions leave out K_S and D0."""
    config = read_config(config_path("searches", search), DisplacedSearchConfig)
    gaps = tuple(Range(low=low, high=high) for low, high in ((0.46, 0.54), (1.82, 1.91)))
    chosen = tuple(
        one.model_copy(update={"excluded": gaps}) if one.pair == "pipi" else one
        for one in config.regions
        if not regions or one.name in regions
    )
    return config.model_copy(update={"regions": chosen})


def tested_masses(config: DisplacedSearchConfig, channel: str, masses: Sequence[float]) -> list[float]:
    """Return the masses that a channel serves."""
    ends = [(one.mass.low, one.mass.high) for one in config.regions if channel in (one.name, COMBINED)]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    gaps = left_out_masses(config, channel)
    return [m for m in masses if low <= m <= high and not any(gap[0] <= m <= gap[1] for gap in gaps)]


def displaced_limits(config: DisplacedSearchConfig, masses: Sequence[float]) -> list[LifetimeLimit]:
    """Return limits that need three decays between 0.05 and 60 cm, of every channel and of all together."""
    reference = config.simulation.reference_coupling.value
    limits = []
    for place, channel in enumerate([*(region.name for region in config.regions), COMBINED]):
        for mass in tested_masses(config, channel, masses):
            for ctau in config.lifetimes_cm:
                seen = 0.2 * float(radial_probability(0.05, 60.0, 2.6 / mass, ctau))
                upper = 3.0 / (PAIRS_OF_B_MESONS * max(seen, 1e-9)) * reference / 1e-7
                if channel == COMBINED:
                    upper *= 20.0
                wiggle = 1.0 + 0.4 * np.sin(40.0 * mass + place) ** 3
                strengths = (upper * wiggle, *(upper * band for band in BANDS))
                limits += [
                    LifetimeLimit(channel, mass, ctau, quantile, float(strength))
                    for quantile, strength in zip(QUANTILES, strengths, strict=True)
                ]
    return limits


def displaced_document(config: DisplacedSearchConfig, limits: Sequence[LifetimeLimit]) -> LimitsDocument:
    """Return the limits on the strength that the others come from, with the metadata of their patches."""
    level, found = config.confidence_levels[0], {}
    for one in limits:
        found.setdefault((one.channel, one.mass_gev, one.ctau_cm), {})[one.quantile] = one.upper
    entries, meanings = [], {}
    for (channel, mass, ctau), uppers in found.items():
        unit = config.simulation.reference_coupling.value
        if channel == COMBINED:
            unit = config.simulation.combined_coupling.value**2
        name = f"{channel}_m{1000 * mass:g}_ctau{ctau:g}"
        values = {"channel": channel, "mass_gev": mass, "ctau_cm": ctau}
        bands = tuple(uppers[quantile] / unit for quantile in QUANTILES[1:])
        entries.append(
            Limit(name, values, level, "asymptotic", "compiled", uppers["observed"] / unit, bands,
                  quality=LimitQuality(cls_at_observed=1.0 - level + 2e-9))
        )  # fmt: skip
        regions = [one.name for one in config.regions if channel in (one.name, COMBINED)]
        meanings[name] = {
            "quantity": config.quantity, "per_unit_strength": unit, "data_kind": "pseudo-data", "regions": regions,
            "luminosity_inverse_fb": config.luminosity.value, "expected_signal_events": 3.0,
            "efficiency": dict.fromkeys(regions, 0.1), "effective_events": dict.fromkeys(regions, 120.0),
            "background_events": dict.fromkeys(regions, 1.3), "observed": dict.fromkeys(regions, 1.0),
        }  # fmt: skip
    return LimitsDocument(
        config.search, "mu", ("channel", "mass_gev", "ctau_cm"), config.luminosity.value, config.mu_one, {}, meanings,
        tuple(entries), {"darkreach": "0.1.0", "git_hash": "abc"},
    )  # fmt: skip


def displaced_grids(config: DisplacedSearchConfig, masses: Sequence[float]) -> dict[str, EfficiencyGrid]:
    """Return efficiencies of the zone of decays, with few events at the shortest lifetimes."""
    ctaus, grids = np.array(config.lifetimes_cm), {}
    for region in config.regions:
        chosen = np.array(tested_masses(config, region.name, masses))
        efficiency = 0.2 * radial_probability(0.05, 60.0, 2.6 / chosen[:, np.newaxis], ctaus)
        worth = 3000.0 * ctaus / (ctaus + 0.3) * np.ones_like(efficiency)
        error = efficiency / np.sqrt(worth)
        gaps = left_out_masses(config, region.name)
        grids[region.name] = EfficiencyGrid(region.name, chosen, ctaus, efficiency, error, worth, gaps)
    return grids


def displaced_manifest(config: DisplacedSearchConfig, sample: str, kind: str, mass: float = 0.0) -> SampleManifest:
    """Return the manifest of one sample."""
    return SampleManifest(
        sample=sample,
        process=f"process of {sample}",
        kind=kind,  # type: ignore[arg-type]
        parameters={"mass_gev": mass} if mass else {},
        cross_section_fb=5.0,
        cross_section_source="tree level",
        generated_events=1000,
        weight_column="generatorWeight",
        luminosity_inverse_fb=None,
        seed=1,
        generator="synthetic",
        files=(),
    )


def displaced_histograms(config: DisplacedSearchConfig, masses: Sequence[float], seed: int = 1) -> SearchHistograms:
    """Return histograms of two backgrounds and of a signal a region and mass."""
    samples = {name: displaced_manifest(config, name, "background") for name in ("b_meson_pair", "charm_pair")}
    for signal in config.simulation.signals:
        for mass in masses:
            name = f"signal_{signal.label}_{1000 * mass:g}MeV"
            samples[name] = displaced_manifest(config, name, "signal", mass)
    generator, cells = np.random.default_rng(seed), region_cells(config)
    everything: dict[str, Any] = {}
    for name, manifest in samples.items():
        source = ChunkSource.__new__(ChunkSource)
        for key, value in (("dataset", name), ("kind", manifest.kind)):
            object.__setattr__(source, key, value)
        for key, one in empty_displaced_histograms(config, cells, source, CUTS).items():
            _fill(key, one, generator)
            everything[key] = everything[key] + one if key in everything else one
    ledger = tuple(LedgerEntry(name, f"{name}.parquet", 1000, 1000) for name in samples)
    return SearchHistograms(config.search, everything, samples, ledger, {"darkreach": "0.1.0", "git_hash": "abc"})


def _fill(key: str, histogram: hist.Hist, generator: np.random.Generator) -> None:
    """Fill a histogram of one sample with numbers of the right size."""
    view = histogram.view(flow=False)
    if not view.size:
        return
    if key == "cutflow_entries":
        view[0] = np.linspace(1000.0, 100.0, view.shape[1])
        return
    shape = view["value"].shape[1:]
    if key == "cutflow":
        contents = np.linspace(5.0, 0.5, shape[0])
    elif key.startswith(("decays", "selected_decays")):
        radius = histogram.axes[1].centers[:, np.newaxis]
        momentum = histogram.axes[2].centers[np.newaxis]
        contents = np.full(shape, 0.02)
        if key.startswith("selected"):
            contents = contents * 0.4 * np.exp(-radius / 25.0) * np.tanh(momentum) * (radius > 0.04)
    elif key.startswith("mass_radius"):
        centres, slope = histogram.axes[1].centers, np.array([1.0, *[0.4] * (shape[1] - 1)])
        contents = 0.02 * np.diff(histogram.axes[1].edges)[:, None] * np.exp(-centres)[:, None] * slope
        contents = generator.poisson(400.0 * contents) / 50.0
    else:
        contents = generator.poisson(20.0, size=shape) / 100.0
    view["value"][0], view["variance"][0] = contents, 0.02 * contents


def displaced_content(
    config: DisplacedSearchConfig, masses: Sequence[float], anchors: Sequence[float]
) -> DisplacedReportContent:
    """Return everything a report shows, made up."""
    level, limits = config.confidence_levels[0], displaced_limits(config, masses)
    document = displaced_document(config, limits)
    readings = [
        CouplingReading(one, {level: long_lived_couplings_from_limits(document, one, cl=level)})
        for one in config.couplings
    ]
    return DisplacedReportContent(
        search=config,
        detector=read_config(config_path("detectors", config.detector), DetectorConfig),
        histograms=displaced_histograms(config, anchors),
        limits=document,
        grids=displaced_grids(config, anchors),
        readings=tuple(readings),
        effects=(NamedEffect("a cause", "no number"),),
        cautions=("A caution.",),
    )


@pytest.fixture(scope="session")
def displaced() -> DisplacedReportContent:
    """Return the content of the report."""
    config = displaced_config("long_lived_scalar", REGIONS).model_copy(update={"lifetimes_cm": LIFETIMES})
    return displaced_content(config, MASSES, ANCHORS)
