"""A recoil search made from closed formulas: two regions of angle in each of two mass ranges, and a control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import hist
import numpy as np
import pyhf
import pytest
from scipy.stats import norm

from darkreach.building import SearchWorkspace, build_workspace
from darkreach.configuration import Quantity, RecoilSearchConfig, VariationSettings
from darkreach.events.manifest import SampleManifest
from darkreach.histograms import SearchHistograms, region_edges
from darkreach.sharing import Hypothesis, apply_patches

SQRT_S = 10.58
LUMINOSITY = 10.0
ANCHORS = (0.01, 1.0, 2.0, 3.0, 4.0)
WIDTH = 0.5
PULL_EDGES = np.linspace(-30.0, 30.0, 601)
VARIATIONS = {"nominal": 0, "momentum_scale_up": 1, "momentum_scale_down": -1}


class OneVariation(VariationSettings):
    momentum_scale: Quantity | None = None


class OneVariationConfig(RecoilSearchConfig):
    variations: OneVariation


def number(value: float) -> dict[str, object]:
    return {"value": value, "source": "convention"}


CONFIG = {
    "search": "recoil",
    "title": "made for a test",
    "detector": "belle2",
    "luminosity": {**number(LUMINOSITY), "unit": "fb^-1"},
    "simulation": {
        "reference_coupling": number(0.01),
        "formats": ["parquet"],
        "seed": 1,
        "pseudo_data_seed": 2,
        "signal": {"process": "muon_pair_z_prime", "coupling_parameter": "g_prime"},
        "backgrounds": [{"process": "muon_pair", "events": 1}],
    },
    "regions": [
        {"name": "low_forward", "mass_range": [0.01, 2.0], "smallest_squared_mass": number(-3.0)},
        {"name": "low_backward", "mass_range": [0.01, 2.0], "smallest_squared_mass": number(-3.0)},
        {"name": "high_forward", "mass_range": [2.0, 4.0]},
        {"name": "high_backward", "mass_range": [2.0, 4.0]},
    ],
    "controls": [{"name": "electron_muon", "observable": "recoil_mass", "edges": [0.0, 2.0, 4.0, 8.0]}],
    "binning": {
        "bins_per_resolution": 1.0,
        "bins_per_channel": 8,
        "margin_resolutions": 10.0,
        "recoil_mass_squared": [[0.1, WIDTH], [8.0, WIDTH]],
    },
    "variations": {"momentum_scale": number(0.001)},
    "workspace": {
        "background": "templates",
        "luminosity_uncertainty": number(0.01),
        "signal_efficiency_uncertainty": number(0.04),
        "signal_uncertainties": {"trigger": number(0.03)},
        "groups": [
            {"name": "muons", "samples": ["muon_pair"], "rate": "constrained", "uncertainty": number(0.2)},
            {"name": "taus", "samples": ["tau_pair"], "rate": "floating", "transfer": number(0.05)},
            {"name": "four_leptons", "samples": ["four_leptons_imported"], "rate": "fixed"},
        ],
        "flat_backgrounds": [
            {"name": "cosmics", "region": "low_backward", "events": number(0.2), "uncertainty": number(0.5)}
        ],
        "spurious_signal_fraction": number(0.0),
        "mass_step_resolutions": 0.5,
        "largest_mass_ratio": 1.5,
        "patch_digits": 6,
    },
    "confidence_levels": [0.9],
    "presets": {"demo": {"signal_events": 1, "anchor_masses": ANCHORS, "scan_masses": "all", "background_factor": 1.0}},
}

PROCESSES = {
    "muon_pair": "muon_pair",
    "tau_pair_a": "tau_pair",
    "tau_pair_b": "tau_pair",
    "four_leptons_imported": None,
}
SHARES = {"low_forward": 0.3, "low_backward": 0.7, "high_forward": 0.4, "high_backward": 0.6}
CONTROL = {
    "muon_pair": [2.0, 1.0, 0.5],
    "tau_pair_a": [30.0, 60.0, 20.0],
    "tau_pair_b": [3.0, 6.0, 2.0],
    "four_leptons_imported": [1.0, 1.0, 1.0],
}


def background(sample: str, region: str, edges: np.ndarray, sign: int = 0) -> np.ndarray:
    """Cross-sections (fb) in the bins; a variation moves the rate of muons by 10 %, that of one kind of taus by 4 %."""
    if sample == "muon_pair":
        integral = -60.0 * np.exp(-edges / 4.0)
    elif sample == "four_leptons_imported":
        integral = 0.3 * edges
    else:
        integral = {"tau_pair_a": 4.0, "tau_pair_b": 0.5}[sample] * edges
    return SHARES[region] * np.diff(integral) * (1.0 + sign * {"muon_pair": 0.1, "tau_pair_b": 0.04}.get(sample, 0.0))


def cross_section(mass: float) -> float:
    return 20.0 * (1.0 - mass**2 / SQRT_S**2) ** 2


def efficiency(mass: float, region: str, sign: int = 0) -> float:
    return SHARES[region] * (0.1 + 0.02 * mass) * (1.0 + 0.05 * sign)


def pull_cumulative(pulls: np.ndarray, mass: float) -> np.ndarray:
    return norm.cdf(pulls, scale=0.9 + 0.05 * mass)


def control_efficiency(mass: float, sign: int = 0) -> np.ndarray:
    return 1.0e-3 * np.array([1.0, mass, 0.0]) * (1.0 + 0.05 * sign)


def manifest(sample: str, kind: str, **other: object) -> SampleManifest:
    values = {"parameters": {}, "cross_section_fb": 1.0, "luminosity_inverse_fb": None, "weight_column": "w"} | other
    return SampleManifest(sample=sample, process="made for a test", kind=kind, cross_section_source="formula",
                          generated_events=1, seed=None, generator="formula", files=(), **values)  # fmt: skip


def filled(axis, samples, contents, relative_variance):
    category = hist.axis.StrCategory
    made = hist.Hist(category(samples, name="dataset"), category(list(VARIATIONS), name="variation"), axis,
                     storage=hist.storage.Weight())  # fmt: skip
    for i, sample in enumerate(samples):
        for j, sign in enumerate(VARIATIONS.values()):
            made.view()["value"][i, j] = contents(sample, sign)
            made.view()["variance"][i, j] = relative_variance * made.view()["value"][i, j]
    return made


def make_histograms(config: RecoilSearchConfig, relative_variance: float) -> SearchHistograms:
    signals = {f"signal_{1000 * mass:.0f}MeV": mass for mass in ANCHORS}
    made = {}
    for region in config.regions:
        edges = region_edges(region, config, SQRT_S)
        made[f"region/{region.name}"] = filled(
            hist.axis.Variable(edges, name="observable"), list(PROCESSES),
            lambda sample, sign, name=region.name, edges=edges: background(sample, name, edges, sign),
            relative_variance)  # fmt: skip
        made[f"signal_shape/{region.name}"] = filled(
            hist.axis.Variable(PULL_EDGES, name="pull"), list(signals),
            lambda sample, sign, name=region.name: cross_section(signals[sample])
            * efficiency(signals[sample], name, sign) * np.diff(pull_cumulative(PULL_EDGES, signals[sample])),
            relative_variance)  # fmt: skip

    def control(sample, sign):
        mass = signals.get(sample)
        if mass is None:
            return np.array(CONTROL[sample])
        return cross_section(mass) * control_efficiency(mass, sign)

    for settings in config.controls:
        axis = hist.axis.Variable(settings.edges, name="observable")
        made[f"control/{settings.name}"] = filled(axis, [*PROCESSES, *signals], control, relative_variance)
    samples = {
        name: manifest(name, "background", record={} if process is None else {"settings": {"process": process}})
        for name, process in PROCESSES.items()
    }
    for name, mass in signals.items():
        parameters = {"mass_gev": mass, "g_prime": 0.01}
        samples[name] = manifest(name, "signal", cross_section_fb=cross_section(mass), parameters=parameters)
    return SearchHistograms("recoil", made, samples, (), {})


@pytest.fixture(scope="session")
def config() -> RecoilSearchConfig:
    return OneVariationConfig.model_validate(CONFIG)


@pytest.fixture(scope="session")
def histograms(config) -> SearchHistograms:
    """A hundred simulated events for each fb."""
    return make_histograms(config, 0.01)


@pytest.fixture(scope="session")
def with_settings(config) -> Callable[..., RecoilSearchConfig]:
    """Return the configuration with other workspace settings, given as in YAML."""

    def changed(**settings: object) -> RecoilSearchConfig:
        content = config.model_dump()
        content["workspace"] |= settings
        return OneVariationConfig.model_validate(content)

    return changed


@pytest.fixture(scope="session")
def build(config, histograms) -> Callable[..., SearchWorkspace]:
    def built(masses=(1.5,), *, config=config, histograms=histograms, **options):
        settings = {"luminosity_inverse_fb": LUMINOSITY, "sqrt_s": SQRT_S, "data_sample": None} | options
        return build_workspace(histograms, config, masses=masses, **settings)

    return built


@pytest.fixture(scope="session")
def hypothesis(build) -> Callable[..., Hypothesis]:
    """Build the hypothesis of one mass."""

    def of(mass: float, **options: object) -> Hypothesis:
        made = build((mass,), **options)
        return apply_patches(made.background_only, made.patchset)[0]

    return of


@pytest.fixture(scope="session")
def templates() -> Callable[..., dict[str, np.ndarray]]:
    """Return the bins of each channel of a hypothesis as pyhf expects them for values of parameters."""

    settings = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    models: dict[int, tuple[Hypothesis, pyhf.Model]] = {}

    def expected(hypothesis: Hypothesis, **values: float) -> dict[str, np.ndarray]:
        if id(hypothesis) not in models:
            model = pyhf.Workspace(hypothesis.workspace).model(modifier_settings=settings)
            models[id(hypothesis)] = hypothesis, model
        model = models[id(hypothesis)][1]
        parameters = model.config.suggested_init()
        parameters[model.config.poi_index] = 0.0
        for name, value in values.items():
            parameters[model.config.par_slice(name)] = [value]
        data = model.expected_data(parameters, include_auxdata=False)
        return {name: data[part] for name, part in model.config.channel_slices.items()}

    return expected


@pytest.fixture(scope="session")
def formulas() -> Callable[..., np.ndarray]:
    """Return the formulas by name, which tests compare with."""
    return {
        "background": background,
        "cross_section": cross_section,
        "efficiency": efficiency,
        "pull_cumulative": pull_cumulative,
        "control_efficiency": control_efficiency,
        "control": CONTROL,
        "with_rare_simulation": lambda config, relative: make_histograms(config, relative),
        "without_sample": lambda histograms, name: replace(
            histograms, samples={key: value for key, value in histograms.samples.items() if key != name}
        ),
    }
