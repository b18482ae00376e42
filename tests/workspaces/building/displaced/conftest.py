"""Histograms of displaced vertices made from closed formulas, so that every number that comes out is known."""

from __future__ import annotations

from types import SimpleNamespace

import hist
import numpy as np
import pytest
from scipy.stats import norm

from darkreach.building import build_displaced_workspace
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE, region_cells
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.method_engine import MethodEngine
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_histograms import empty_displaced_histograms, is_signal_of
from darkreach.sharing.patchsets import apply_patches
from darkreach.simulation.displaced_requests import displaced_signal_name

PULLS = np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1)
ANCHORS = (0.6, 0.9, 1.1, 1.3, 2.0)
LIFETIMES = (0.1, 1.0, 10.0)
RADIUS_SHARES = np.array([[0.7, 0.3], [0.4, 0.5], [0.1, 0.6]])
SIMULATED_FB, LUMINOSITY = 4.0, 10.0
WEIGHT = 4.0e-5
"""Of a signal event, fb."""


def number(value, unit=""):
    return {"value": value, "unit": unit, "source": "convention"}


def region(name, pair="mumu", **other):
    return {"name": name, "pair": pair, "kaon": "none", "signal": name, "mass": {"low": 0.6, "high": 2.0},
            "resolution": {"knots": [[0.6, 0.01], [2.0, 0.01]], "source": "convention"}} | other  # fmt: skip


def search(regions=None, cells=2.0, observable="pair_mass", **workspace):
    """Return a search whose cells are 5 MeV wide, from 0.3 to 2.3 GeV; the third region excludes 1.0 to 1.2 GeV."""
    third = region("third", "pipi", excluded=[{"low": 1.0, "high": 1.2}])
    regions = [region("first"), region("second"), third] if regions is None else regions
    settings = {
        "window_half_width": 2.0, "smoothing_resolutions": 20.0, "luminosity_uncertainty": number(0.0),
        "signal_efficiency_uncertainty": number(0.0), "patch_digits": 10,
        "sideband": {"inner": 3.0, "outer": 13.0, "ratio_uncertainty": number(0.0)},
    }  # fmt: skip
    selection = {name: number(0.0) for name in ("track_transverse_momentum", "identification", "pointing_cosine",
                                                "pair_transverse_momentum")}  # fmt: skip
    signals = [{"label": one["signal"], "process": "any", "mass": {"low": 0.3, "high": 4.0}} for one in regions]
    return DisplacedSearchConfig.model_validate({
        "search": "test", "title": "displaced vertices", "detector": "any", "luminosity": number(LUMINOSITY, "fb^-1"),
        "simulation": {
            "reference_coupling": number(2.0, "fb"), "coupling_parameter": "kinetic_mixing",
            "generated_coupling": number(1e-3), "combined_coupling": number(1e-4),
            "generated_ctau_cm": number(100.0, "cm"), "decay_radius": {"low": 0.01, "high": 60.0},
            "signals": signals, "backgrounds": [], "formats": ["parquet"], "seed": 1, "pseudo_data_seed": 2,
        },
        "mass": {"observable": observable, "cells_per_resolution": cells, "step_resolutions": 20.0, "label": "M"},
        "lifetimes_cm": LIFETIMES, "radius_edges": [0.2, 1.0, 60.0],
        "selection": selection | {"event_efficiency": number(1.0)}, "regions": regions,
        "workspace": settings | workspace, "confidence_levels": [0.95],
        "presets": {"demo": {"signal_events": 1, "background_factor": 1.0, "anchor_masses": [0.6, 2.0], "scan": "all"}},
    })  # fmt: skip


class Rates:
    """fb; what is produced in the third region is a choice."""

    def __init__(self, third=3.0):
        self.third = third

    def simulated_fb(self, region, parameters):
        return SIMULATED_FB * parameters["share"]

    def channel_fb(self, region, mass_gev):
        return 3.0

    def combined_fb(self, region, mass_gev):
        return self.third if region.name == "third" else 3.0


def efficiency(mass):
    """Of all pulls, shape (lifetimes, radius bins): linear in the mass, but for the third anchor."""
    return (0.1 + 0.1 * mass if mass != 1.1 else 0.9) * RADIUS_SHARES


def in_window(half_width):
    return norm.cdf(half_width) - norm.cdf(-half_width)


def manifest(sample, kind, **other):
    values = {"parameters": {}, "cross_section_fb": 1.0, "luminosity_inverse_fb": None, "weight_column": "w"} | other
    return SampleManifest(sample=sample, process="made for a test", kind=kind, cross_section_source="formula",
                          generated_events=1, seed=None, generator="formula", files=(), **values)  # fmt: skip


def empty(config, samples):
    """Return the histograms that are built from, with all samples that have a place there on their axes."""
    source = ChunkSource("nothing", "no file", "background", None, 0)
    made = empty_displaced_histograms(config, region_cells(config), source, [])
    histograms = {}
    for region in config.regions:
        others = [name for name, one in samples.items() if one.kind != "signal"]
        signals = [name for name in samples if is_signal_of(region, name)]
        for name, known in ((f"mass_radius/{region.name}", others), (f"signal_lifetime/{region.name}", signals)):
            axis = hist.axis.StrCategory(known, growth=True, name="dataset")
            histograms[name] = hist.Hist(axis, *made[name].axes[1:], storage=hist.storage.Weight())
    return histograms


def make_histograms(config, *, background=0.0, data=None, anchors=ANCHORS, weight=WEIGHT):
    """Return histograms; ``background``: fb a cell and bin of the radius; ``data``: counts by name of the region."""
    samples = {"some": manifest("some", "background"), "more": manifest("more", "background")}
    if data is not None:
        samples["data"] = manifest("data", "data", luminosity_inverse_fb=LUMINOSITY)
    for one in config.regions:
        for mass in anchors:
            name = displaced_signal_name(one.signal, mass)
            samples[name] = manifest(name, "signal", parameters={"mass_gev": mass, "share": 0.5})
    histograms = empty(config, samples)
    for one in config.regions:
        for name, content in (("some", 0.75 * background), ("more", 0.25 * background)):
            fill(histograms[f"mass_radius/{one.name}"], name, content, 0.01 * content)
        if data is not None:
            fill(histograms[f"mass_radius/{one.name}"], "data", data[one.name], data[one.name])
        for mass in anchors:
            values = 0.5 * SIMULATED_FB * efficiency(mass)[:, :, np.newaxis] * np.diff(norm.cdf(PULLS))
            name = displaced_signal_name(one.signal, mass)
            fill(histograms[f"signal_lifetime/{one.name}"], name, values, weight * values)
    return SearchHistograms("test", histograms, samples, (), {})


def fill(histogram, sample, values, variances):
    view = histogram.view(flow=False)[list(histogram.axes["dataset"]).index(sample)]
    view["value"], view["variance"] = values, variances


def build(config, histograms, rates=None, **options):
    return build_displaced_workspace(
        histograms, config, **{"luminosity_inverse_fb": LUMINOSITY, "rates": rates or Rates(), **options}
    )


def limits(made, names, method="exact"):
    """Return the limits of hypotheses at 95 %."""
    found = {one.name: one for one in apply_patches(made.background_only, made.patchset)}
    engine = MethodEngine(method=method)
    return [engine.limits(found[name], [0.95])[0] for name in names]


def patch_of(made, name):
    """Return metadata, samples by channel and name, observations by channel, and parameters of a patch."""
    (patch,) = (one for one in made.patchset["patches"] if one["metadata"]["name"] == name)
    channels, observations, parameters = (one["value"] for one in patch["patch"])
    samples = {(channel["name"], one["name"]): one for channel in channels for one in channel["samples"]}
    return SimpleNamespace(metadata=patch["metadata"], samples=samples, channels=[one["name"] for one in channels],
                           observed={one["name"]: one["data"] for one in observations},
                           parameters={one["name"]: one for one in parameters})  # fmt: skip


@pytest.fixture(scope="session")
def formulas():
    return SimpleNamespace(**{name: value for name, value in globals().items() if callable(value)},
                           LIFETIMES=LIFETIMES, WEIGHT=WEIGHT, LUMINOSITY=LUMINOSITY, PULLS=PULLS)  # fmt: skip
