"""Histograms of planes made from closed formulas, so that every number that comes out is known."""

from __future__ import annotations

from types import SimpleNamespace

import hist
import numpy as np
import pytest
from scipy.stats import norm

from darkreach.building import build_plane_workspace
from darkreach.building.plane_cells import coverage
from darkreach.building.plane_inputs import read_plane_inputs
from darkreach.configuration import Quantity, VariationSettings
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.events.manifest import SampleManifest
from darkreach.histograms import SearchHistograms
from darkreach.histograms.plane_grid import PULL_BINS, PULL_RANGE, PlaneGrid

SQRT_S = 10.0
STEMS = ("scale", "tagging")
VARIATIONS = ("nominal", *(f"{stem}_{way}" for stem in STEMS for way in ("up", "down")))
PULLS = np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1)
SHARES = {"branching_electrons": 0.3, "branching_muons": 0.3, "branching_pions": 0.2}
WIDTHS = (0.05, 0.4)
LEAKING = 0.015
"""Signal in a sideband, for one in the region."""


class Variations(VariationSettings):
    scale: Quantity
    tagging: Quantity


class Config(PlaneSearchConfig):
    variations: Variations


def convention(value, unit=""):
    return {"value": value, "unit": unit, "source": "convention"}


def axis(observable, power, low, high, width):
    return {"observable": observable, "unit": "GeV" if power == 1 else "GeV^2", "power": power, "low": low,
            "high": high, "cell_widths": [[low, width], [high, width]], "label": observable}  # fmt: skip


def search(plane, regions, workspace, anchors):
    """Return the configuration of a search, all of whose signals have one label."""
    signal = {"label": "all", "process": "any", "parameters": SHARES}
    shared = {
        "luminosity_uncertainty": convention(0.01), "signal_efficiency_uncertainty": convention(0.05),
        "patch_digits": 8, "window_radius": 2.0,
    }  # fmt: skip
    return Config.model_validate({
        "search": "test", "title": "a plane", "detector": "any", "luminosity": convention(1.0, "fb^-1"),
        "simulation": {"reference_coupling": convention(1e-7), "kinetic_mixing": convention(1e-3), "signals": [signal],
                       "backgrounds": [], "formats": ["parquet"], "seed": 1, "pseudo_data_seed": 2},
        "variations": {stem: convention(0.1) for stem in STEMS}, "plane": plane, "regions": regions,
        "workspace": shared | workspace, "confidence_levels": [0.9],
        "presets": {"demo": {"signal_events": 1, "background_factor": 1.0, "anchors": anchors, "scan": "all"}},
    })  # fmt: skip


def region(name, decays, sideband, low=0.5, **other):
    return {"name": name, "decays": decays, "signal": "all", "sideband": sideband,
            "dark_photon_mass": {"low": low, "high": 5.0}, **other}  # fmt: skip


def with_correlation(correlation):
    knots = [[0.5, 0.5, *WIDTHS, correlation], [5.0, 0.5, *WIDTHS, correlation], [5.0, 9.0, *WIDTHS, correlation]]
    return {"knots": knots, "source": "computed"}


def invisible(**workspace):
    """Return a search without sidebands: x is a mass, y a squared mass."""
    groups = [{"name": "pairs", "samples": ["muons", "more_muons"], "rate": "constrained",
               "uncertainty": convention(0.1)}, {"name": "taus", "samples": ["taus"], "rate": "fixed"}]  # fmt: skip
    plane = {"x": axis("pair_mass", 1, 2.0, 4.0, 0.025), "y": axis("recoil_mass_squared", 2, -3.0, 8.0, 0.2),
             "resolution": with_correlation(-0.6), "dark_photon_mass": {"low": 2.5, "high": 3.5},
             "dark_higgs_mass": {"low": 0.5, "high": 2.5}, "order": "lighter_higgs", "steps": [4.0, 3.0]}  # fmt: skip
    anchors = [[1.0, 0.5], [5.0, 0.5], [5.0, 4.9]]
    settings = {"extraction": "window", "groups": groups} | workspace
    return search(plane, [region("barrel", ["muons"], False), region("forward", ["muons"], False)], settings, anchors)


def visible(**workspace):
    """Return a search with sidebands: both are masses, the second above twice the first."""
    plane = {"x": axis("mean_mass", 1, 0.2, 4.0, 0.025), "y": axis("pair_mass", 1, 0.5, 10.0, 0.1),
             "resolution": with_correlation(0.0), "dark_photon_mass": {"low": 0.5, "high": 3.0},
             "dark_higgs_mass": {"low": 1.0, "high": 9.0}, "order": "pair", "steps": [10.0, 3.0]}  # fmt: skip
    sideband = {"ratio": convention(4.0), "ratio_uncertainty": convention(0.2), "radius": 5.0}
    regions = [region("electrons", ["electrons"] * 3, True),
               region("mixed", ["electrons", "muons", "pions"], True, 1.0),
               region("muons", ["muons", "muons", "anything"], True, sideband_ratio=2.0,
                      vetoed_mass=[{"low": 2.0, "high": 2.2}])]  # fmt: skip
    settings = {"extraction": "window", "sideband": sideband} | workspace
    return search(plane, regions, settings, [[0.5, 1.0], [0.5, 9.0], [3.0, 6.5]])


def cross_section(dark_photon, dark_higgs):
    """fb; zero at the threshold."""
    return max(0.0, 50.0 * (1.0 - ((dark_photon + dark_higgs) / SQRT_S) ** 2))


def efficiency(dark_photon, dark_higgs):
    """Of all regions; linear in the masses."""
    return 0.5 - 0.02 * dark_photon - 0.01 * dark_higgs


def branching(of_region, dark_photon):
    return {"electrons": 0.02, "mixed": 0.1, "muons": 0.05, "barrel": 0.2, "forward": 0.1}[of_region.name]


def rate(variation):
    return {"tagging_up": 1.1, "tagging_down": 0.92}.get(variation, 1.0)


def pull_contents(shift):
    """Gaussian pulls of width one."""
    return np.outer(np.diff(norm.cdf(PULLS, loc=shift)), np.diff(norm.cdf(PULLS)))


def background_density(sample, x, y):
    """fb per unit area."""
    flat = {"muons": 3.0, "more_muons": 1.0, "taus": 2.0}[sample]
    return flat * np.exp(-0.1 * x[:, np.newaxis] - 0.02 * y)


def manifest(sample, kind, **other):
    values = {"parameters": {}, "cross_section_fb": 1.0, "luminosity_inverse_fb": None, "weight_column": "w"} | other
    return SampleManifest(sample=sample, process="made for a test", kind=kind, cross_section_source="formula",
                          generated_events=1, seed=None, generator="formula", files=(), **values)  # fmt: skip


def filled(axes, categories, contents, variance=0.02):
    names = ("dataset", "variation")[: len(categories)]
    labels = [hist.axis.StrCategory(list(known), name=name) for name, known in zip(names, categories, strict=True)]
    made = hist.Hist(*labels, *axes, storage=hist.storage.Weight())
    view = made.view(flow=False)
    for place in np.ndindex(*(len(known) for known in categories)):
        values = contents(*(known[i] for known, i in zip(categories, place, strict=True)))
        view["value"][place] = values
        view["variance"][place] = variance * values
    return made


def make_histograms(config, anchors=None, *, data=None, variance=0.02):
    """Return histograms of a search.

    ``data``: function of the name of a histogram that gives counts of cells, and luminosity of the sample ``data``.
    ``variance``: of all contents of one fb.
    """
    grid = PlaneGrid(config.plane, SQRT_S)
    points = {f"signal_all_{1000 * a:g}_{1000 * h:g}MeV": (a, h) for a, h in anchors or config.presets["demo"].anchors}
    edges = {"pull_x": PULLS, "pull_across": PULLS}
    pulls = [hist.axis.Variable(values, name=name) for name, values in edges.items()]
    shapes = {shift: pull_contents(shift) for shift in (0.0, 0.2)}
    decay = {
        "electrons": 0.3**3,
        "mixed": 6 * 0.3 * 0.3 * 0.2,
        "muons": 3 * 0.3**2 * 0.2,
        "barrel": 0.3,
        "forward": 0.3,
    }
    x, y = (0.5 * (axis[1:] + axis[:-1]) for axis in (grid.x_edges, grid.y_edges))
    areas = np.outer(np.diff(grid.x_edges), np.diff(grid.y_edges))
    coarse = grid.axes(coarse=True)
    merge = [coverage(axis.edges, fine) for axis, fine in zip(coarse, (grid.x_edges, grid.y_edges), strict=True)]
    others = ("muons", "more_muons", "taus") + (("data",) if data else ())

    def signal(name, factor):
        def contents(sample, variation):
            shape = shapes[0.2 if variation == "scale_up" else 0.0]
            produced = cross_section(*points[sample]) * decay[name]
            return factor * rate(variation) * produced * efficiency(*points[sample]) * shape

        return contents

    histograms = {}
    for one in config.regions:
        for kind, factor in (
            (("plane", 1.0), ("sideband", one.sideband_ratio or 4.0)) if one.sideband else (("plane", 1.0),)
        ):
            name = f"{kind}/{one.name}"

            def contents(sample, name=name, factor=factor):
                if sample == "data":
                    return data[0](name, areas.shape)
                return factor * background_density(sample, x, y) * areas

            made = filled(grid.axes(), [others], contents, variance)
            if data:
                made.view()["variance"][-1] = made.view()["value"][-1]
            histograms[name] = made
            own = "signal_plane" if kind == "plane" else "signal_sideband"
            part = signal(one.name, LEAKING if kind == "sideband" else 1.0)
            histograms[f"{own}/{one.name}"] = filled(pulls, [list(points), VARIATIONS], part)
        histograms[f"plane_variation/{one.name}"] = filled(
            coarse, [others[:3], VARIATIONS],
            lambda s, v: rate(v) * merge[0] @ (background_density(s, x, y) * areas) @ merge[1].T,
        )  # fmt: skip
    samples = {name: manifest(name, "background") for name in others[:3]}
    if data:
        samples["data"] = manifest("data", "data", luminosity_inverse_fb=data[1])
    for name, (first, second) in points.items():
        numbers = {"dark_photon_mass_gev": first, "dark_higgs_mass_gev": second, "kinetic_mixing": 1e-3,
                   "dark_coupling": 0.1}  # fmt: skip
        numbers |= SHARES if config.plane.order == "pair" else {"branching_muons": 0.3}
        samples[name] = manifest(name, "signal", parameters=numbers)
    return SearchHistograms("test", histograms, samples, (), {})


def build(config, histograms, luminosity=10.0, **options):
    return build_plane_workspace(histograms, config, **{
        "luminosity_inverse_fb": luminosity, "sqrt_s": SQRT_S, "cross_section_fb": cross_section,
        "branching": branching, **options})  # fmt: skip


def inputs_of(config, histograms, luminosity=10.0, data_sample=None, seed=3, injected=None):
    return read_plane_inputs(histograms, config, PlaneGrid(config.plane, SQRT_S), cross_section, branching, luminosity,
                             data_sample, (seed, injected))  # fmt: skip


@pytest.fixture(scope="session")
def formulas():
    return SimpleNamespace(**{name: value for name, value in globals().items() if callable(value)},
                           SQRT_S=SQRT_S, WIDTHS=WIDTHS, LEAKING=LEAKING, PULLS=PULLS)  # fmt: skip


@pytest.fixture(scope="session")
def unseen(formulas):
    """Configuration and histograms of the search without sidebands."""
    config = formulas.invisible()
    return SimpleNamespace(config=config, histograms=formulas.make_histograms(config))


@pytest.fixture(scope="session")
def seen(formulas):
    """The same of the search with sidebands."""
    config = formulas.visible()
    return SimpleNamespace(config=config, histograms=formulas.make_histograms(config))
