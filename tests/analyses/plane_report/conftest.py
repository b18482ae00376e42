"""Synthetic results of a plane search: limits that depend on both masses, one of them failed, and their couplings."""

from __future__ import annotations

from dataclasses import replace

import hist
import numpy as np
import pytest

from darkreach.configuration import CouplingSettings, DetectorConfig, Quantity, config_path, read_config
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import PlaneInterval
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.histograms.search_histograms import LedgerEntry, SearchHistograms
from darkreach.limits.limits_file import LimitsDocument
from darkreach.limits.results import Limit, LimitQuality
from darkreach.published import PublishedRange
from darkreach.report import NamedEffect
from darkreach.report.plane_content import PlaneReading, PlaneReportContent

SQRT_S = 10.58
LUMINOSITY = 8.34
LEVEL = 0.9
REFERENCE = 1e-7
BANDS = (0.5, 0.7, 1.0, 1.45, 2.0)
CUTS = ("all", "two_tracks", "region:muons")
REGIONS = ("muons", "electrons")


def quantity(value: float, unit: str = "") -> dict[str, object]:
    return {"value": value, "unit": unit, "source": "unverified"}


def plane_config() -> PlaneSearchConfig:
    axis = {"observable": "pair_mass", "unit": "GeV", "power": 1, "low": 0.5, "high": 10.5, "label": r"M_{\mu\mu}"}
    everywhere = {"low": 1.0, "high": 9.5}
    content = {
        "search": "plane_of_tests",
        "title": "e+e- -> A' h', A' -> mu+ mu-, h' invisible",
        "labels": {"mass": r"m_{A^\prime}", "final_state": r"A^\prime h^\prime"},
        "detector": "belle2",
        "luminosity": quantity(LUMINOSITY, "fb^-1"),
        "simulation": {
            "reference_coupling": quantity(REFERENCE),
            "kinetic_mixing": quantity(1e-3),
            "signals": [{"label": "visible", "process": "dark_higgsstrahlung"}],
            "backgrounds": [],
            "formats": ["parquet"],
            "seed": 1,
            "pseudo_data_seed": 2,
        },
        "plane": {
            "x": {**axis, "cell_widths": [[0.5, 0.1], [10.5, 0.1]]},
            "y": {**axis, "observable": "recoil_mass_squared", "unit": "GeV^2", "power": 2, "low": -4.0, "high": 36.0,
                  "cell_widths": [[-4.0, 0.4], [36.0, 0.4]], "label": r"$M^2_{recoil}$"},
            "resolution": {"knots": [[1.0, 0.1, 0.2, 0.6, 0.0], [9.5, 0.1, 0.2, 0.6, 0.0], [5.0, 5.0, 0.2, 0.6, 0.0]],
                           "source": "computed"},
            "dark_photon_mass": everywhere,
            "dark_higgs_mass": {"low": 0.2, "high": 5.3},
            "order": "lighter_higgs",
            "excluded": [{"low": 3.0, "high": 3.6}],
            "steps": [1.5, 1.5],
        },
        "regions": [
            {"name": name, "decays": [name], "signal": "visible", "dark_photon_mass": everywhere} for name in REGIONS
        ],
        "variations": {},
        "workspace": {
            "extraction": "window",
            "window_radius": 1.6,
            "luminosity_uncertainty": quantity(0.01),
            "signal_efficiency_uncertainty": quantity(0.04),
            "groups": [{"name": "lost_photon", "samples": ["background"], "rate": "constrained",
                        "uncertainty": quantity(0.1)}],
            "patch_digits": 5,
        },
        "couplings": [{"name": "epsilon_squared_alpha_dark", "unit": "", "model": "dark_higgsstrahlung"}],
        "confidence_levels": [LEVEL],
        "presets": {"demo": {"signal_events": 10, "background_factor": 1.0,
                             "anchors": [[1.0, 0.5], [9.0, 1.0], [5.0, 5.0]], "scan": "all"}},
    }  # fmt: skip
    return PlaneSearchConfig.model_validate(content)


def cross_section_fb(first: float, second: float) -> float:
    return 3.0 * (1.0 - first / 12.0) * (1.0 - second / 12.0)


def limit_at(first: float, second: float, level: float) -> Limit:
    strength = 1.2 + 0.2 * np.sin(first)
    wiggle = 1.0 + 0.4 * np.sin(40.0 * first + 30.0 * second)
    return Limit(
        name=f"mA_{1000 * first:g}_mh_{1000 * second:g}",
        values={"dark_photon_mass_gev": first, "dark_higgs_mass_gev": second},
        cl=level,
        method="exact",
        engine="compiled",
        observed=float(strength * wiggle),
        expected=tuple(float(strength * band) for band in BANDS),
        quality=LimitQuality(cls_at_observed=1.0 - level + 2e-9),
    )


def document_of(limits: list[Limit]) -> LimitsDocument:
    meanings = {}
    for limit in limits:
        first, second = limit.values.values()
        # electrons take part in half of the plane only
        used = REGIONS if float(first) < 5.0 else REGIONS[:1]
        meanings[limit.name] = {
            "cross_section_fb": cross_section_fb(float(first), float(second)),
            "data_kind": "pseudo-data",
            "regions": list(used),
            "efficiency": {name: 0.1 + 0.01 * float(first) for name in used},
            "branching": dict.fromkeys(used, 0.25),
            "background_events": {name: 1.0 + 0.1 * float(second) for name in used},
            "observed": {name: (len(limit.name) * 7 + round(1000 * float(first))) % 4 for name in used},
        }
    return LimitsDocument(
        search="plane_of_tests",
        poi="mu",
        parameters=("dark_photon_mass_gev", "dark_higgs_mass_gev"),
        luminosity_inverse_fb=LUMINOSITY,
        mu_one="cross-section at epsilon^2 alpha_D = 1e-7",
        workspace_digests={},
        meanings=meanings,
        limits=tuple(limits),
        record={"darkreach": "0.1.0", "git_hash": "abc"},
    )


def manifest(sample: str, kind: str, masses: tuple[float, float] | None = None) -> SampleManifest:
    names = ("dark_photon_mass_gev", "dark_higgs_mass_gev")
    return SampleManifest(
        sample=sample,
        process=f"process of {sample}",
        kind=kind,  # type: ignore[arg-type]
        parameters={} if masses is None else dict(zip(names, masses, strict=True)),
        cross_section_fb=5.0,
        cross_section_source="tree level",
        generated_events=1000,
        weight_column="generatorWeight",
        luminosity_inverse_fb=None,
        seed=1,
        generator="synthetic",
        files=(),
    )


def plane_histograms(config: PlaneSearchConfig) -> SearchHistograms:
    grid = PlaneGrid(config.plane, SQRT_S)
    samples = {"background": manifest("background", "background")}
    for first, second in config.presets["demo"].anchors:
        name = f"signal_visible_{1000 * first:g}_{1000 * second:g}MeV"
        samples[name] = manifest(name, "signal", (first, second))
    names = list(samples)
    everything: dict[str, hist.Hist] = {}
    for number, region in enumerate(REGIONS):
        histogram = hist.Hist(hist.axis.StrCategory(names[:1], name="dataset"), *grid.axes(),
                              storage=hist.storage.Weight())  # fmt: skip
        view = histogram.view(flow=False)
        x = np.exp(-0.3 * histogram.axes[1].centers)[:, None] * np.ones((1, histogram.axes[2].size))
        view["value"][0], view["variance"][0] = (1 + number) * x, (1 + number) * x / 20.0
        everything[f"plane/{region}"] = histogram
    weights = hist.Hist(hist.axis.StrCategory(names, name="dataset"), hist.axis.StrCategory(CUTS, name="cut"),
                        storage=hist.storage.Weight())  # fmt: skip
    entries = hist.Hist(*weights.axes, storage=hist.storage.Double())
    weights.view(flow=True)["value"][: len(names), : len(CUTS)] = [5.0, 3.0, 1.0]
    weights.view(flow=True)["variance"][: len(names), : len(CUTS)] = 0.01
    entries.view(flow=True)[: len(names), : len(CUTS)] = [1000, 600, 200]
    everything |= {"cutflow": weights, "cutflow_entries": entries}
    ledger = tuple(LedgerEntry(name, f"{name}.parquet", 1000, 1000) for name in names)
    return SearchHistograms(config.search, everything, samples, ledger, {"darkreach": "0.1.0", "git_hash": "abc"})


def published_range(**changes: object) -> PublishedRange:
    content: dict[str, object] = {
        "paper": "arXiv:2207.00509", "source": "arXiv:2207.00509, abstract", "quantity": "cross_section_fb",
        "unit": "fb", "confidence_level": LEVEL, "luminosity_inverse_fb": LUMINOSITY, "low": 1.7, "high": 5.0,
        "dark_photon_mass_gev": (4.0, 9.7),
    }  # fmt: skip
    return PublishedRange.model_validate(content | changes)


@pytest.fixture(scope="session")
def plane_content() -> PlaneReportContent:
    config = plane_config()
    masses = PlaneGrid(config.plane, SQRT_S).hypotheses
    limits = [limit_at(float(first), float(second), LEVEL) for first, second in masses]
    intervals = [
        PlaneInterval(*(float(value) for value in limit.values.values()), quantile, REFERENCE * strength, float("inf"))
        for limit in limits
        for quantile, strength in zip(
            ("observed", "-2", "-1", "0", "1", "2"), (limit.observed, *limit.expected), strict=True
        )
        if strength is not None
    ]  # fmt: skip
    failed = replace(limits[10], observed=None, expected=(), status="failed", reason="no convergence",
                     quality=LimitQuality())  # fmt: skip
    alpha = Quantity(value=0.0073, source="convention")
    mixing = CouplingSettings(name="epsilon", unit="", model="dark_higgsstrahlung_mixing",
                              parameters={"alpha_dark": alpha})  # fmt: skip
    roots = [replace(one, lower=(one.lower / 0.0073) ** 0.5) for one in intervals]
    return PlaneReportContent(
        search=config,
        detector=read_config(config_path("detectors", "belle2"), DetectorConfig),
        histograms=plane_histograms(config),
        limits=document_of([*limits[:10], failed, *limits[11:]]),
        readings=(PlaneReading(config.couplings[0], {LEVEL: intervals}), PlaneReading(mixing, {LEVEL: roots})),
        published=(
            published_range(),
            published_range(quantity="epsilon_squared_alpha_dark", unit="", low=1.7e-8, high=2e-6),
            published_range(confidence_level=0.95, paper="another paper", source="unverified"),
        ),
        effects=(NamedEffect("a cause", "not simulated"),),
        cautions=("A caution.",),
    )
