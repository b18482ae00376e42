"""Histograms of a search made from closed formulas, so that every number that comes out is known."""

from __future__ import annotations

from collections.abc import Callable

import hist
import numpy as np
import pytest
from scipy.stats import norm

from darkreach.configuration import AxionConfig, config_path, read_config
from darkreach.events.manifest import SampleManifest
from darkreach.histograms import SearchHistograms, region_edges

SQRT_S = 10.58
LUMINOSITY = 0.445
STEMS = ("energy_scale", "resolution", "photon_efficiency")
VARIATIONS = ("nominal", *(f"{stem}_{direction}" for stem in STEMS for direction in ("up", "down")))
PULL_EDGES = np.linspace(-30.0, 30.0, 601)


def density_integral(squared_mass, scale):
    """Integral of the background density (fb / GeV^2) 3e4 exp(-M^2 / 60), with the observable scaled."""
    return -60.0 * 3.0e4 * np.exp(-squared_mass / (60.0 * scale))


def background_bins(edges, variation):
    scale = {"energy_scale_up": 1.01, "energy_scale_down": 1.0 / 1.01}.get(variation, 1.0)
    rate = {"photon_efficiency_up": 1.02, "photon_efficiency_down": 0.98}.get(variation, 1.0)
    return rate * np.diff(density_integral(edges, scale))


def pull_width(mass, variation):
    return (0.9 + 0.02 * mass) * {"resolution_up": 1.1, "resolution_down": 0.9}.get(variation, 1.0)


def efficiency(mass, variation):
    return (0.3 + 0.01 * mass) * {"photon_efficiency_up": 1.02, "photon_efficiency_down": 0.98}.get(variation, 1.0)


def pull_cumulative(pulls, mass, variation):
    shift = {"energy_scale_up": 0.1, "energy_scale_down": -0.1}.get(variation, 0.0)
    return norm.cdf(pulls, loc=shift, scale=pull_width(mass, variation))


def cross_section(mass):
    return 1500.0 * (1.0 - mass**2 / SQRT_S**2) ** 3


def manifest(sample, kind, **other):
    values = {"parameters": {}, "cross_section_fb": None, "luminosity_inverse_fb": None, "weight_column": None} | other
    return SampleManifest(sample=sample, process="made for a test", kind=kind, cross_section_source="formula",
                          generated_events=1, seed=None, generator="formula", files=(), **values)  # fmt: skip


def filled(axis, samples, variations, contents, variances):
    """Return a histogram whose bins are functions of sample and variation."""
    category = hist.axis.StrCategory
    made = hist.Hist(category(samples, name="dataset"), category(variations, name="variation"), axis,
                     storage=hist.storage.Weight())  # fmt: skip
    for i, sample in enumerate(samples):
        for j, variation in enumerate(variations):
            values = contents(sample, variation)
            made.view()["value"][i, j] = values
            made.view()["variance"][i, j] = variances(sample, values)
    return made


@pytest.fixture(scope="session")
def config() -> AxionConfig:
    return read_config(config_path("searches", "axion_to_photons"), AxionConfig)


@pytest.fixture(scope="session")
def make_histograms(config) -> Callable[..., SearchHistograms]:
    """Make histograms with signals at the masses given; the pseudo-data are the expectation, rounded to counts."""

    def make(anchors=(0.2, 0.5, 1.0, 2.0, 4.0, 6.0, 7.0, 8.0, 9.7), nuisances=None):
        """``nuisances``: relative change of the rate by name of further variations."""
        signs = {f"{name}_{way}": (name, sign) for name in nuisances or {} for way, sign in (("up", 1), ("down", -1))}
        variations = [*VARIATIONS, *signs]

        def rate(variation):
            name, sign = signs.get(variation, ("", 0))
            return 1.0 + sign * nuisances[name] if sign else 1.0

        masses = {f"signal_{1000 * mass:.0f}MeV": mass for mass in anchors}
        histograms = {}
        for region in config.regions:
            edges = region_edges(region, config, SQRT_S)

            def spectrum(sample, variation, edges=edges):
                values = rate(variation) * background_bins(edges, variation)
                return values if sample == "three_photons" else np.round(LUMINOSITY * values) * (variation == "nominal")

            histograms[f"region/{region.name}"] = filled(
                hist.axis.Variable(edges, name="observable"), ["three_photons", "pseudo_data"], variations, spectrum,
                lambda sample, values: values * (0.1 if sample == "three_photons" else 1.0))  # fmt: skip
            histograms[f"signal_shape/{region.name}"] = filled(
                hist.axis.Variable(PULL_EDGES, name="pull"), list(masses), variations,
                lambda s, v: rate(v) * cross_section(masses[s]) * efficiency(masses[s], v)
                * np.diff(pull_cumulative(PULL_EDGES, masses[s], v)),
                lambda _, values: values * 0.01)  # fmt: skip
        samples = {
            "three_photons": manifest("three_photons", "background", cross_section_fb=1.0e6, weight_column="w"),
            "pseudo_data": manifest("pseudo_data", "pseudo_data", luminosity_inverse_fb=LUMINOSITY),
        }
        for name, mass in masses.items():
            samples[name] = manifest(name, "signal", cross_section_fb=cross_section(mass), weight_column="w",
                                     parameters={"mass_gev": mass, "coupling": 1.0e-3})  # fmt: skip
        return SearchHistograms("axion_to_photons", histograms, samples, (), {})

    return make


@pytest.fixture(scope="session")
def histograms(make_histograms) -> SearchHistograms:
    return make_histograms()


@pytest.fixture(scope="session")
def with_settings(config) -> Callable[..., AxionConfig]:
    """Return the configuration with other workspace settings."""

    def changed(**settings):
        return config.model_copy(update={"workspace": config.workspace.model_copy(update=settings)})

    return changed
