"""From signal strengths to the photon coupling: prompt and long-lived, scaling laws, event-by-event weights."""

from __future__ import annotations

import math
from dataclasses import replace

import hist
import numpy as np
import pytest

from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import BoostSpectrum, DecayBoosts, axion_signal_strength, couplings_from_limits, decay_boosts
from darkreach.errors import LimitError, UnknownNameError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits import Limit, LimitsDocument
from darkreach.models.axion_like_particle import center_of_mass_beta_gamma, proper_decay_length_cm

REFERENCE = 1e-3
REACH = 30.0
SQRT_S = 10.58
AXION = CouplingSettings(
    name="g_agg",
    unit="GeV^-1",
    model="axion_to_photons",
    parameters={"displacement_reach": Quantity(value=REACH, unit="cm", source="convention")},
)


def document(*masses: float, scale: float = 1.0, cl: float = 0.95, slowed: float = 1.0) -> LimitsDocument:
    """Limits whose signals have the boost of two bodies in the centre of mass, divided by ``slowed``."""
    strengths = tuple(scale * value for value in (0.5, 0.7, 1.0, 1.4, 2.0))
    limits = tuple(
        Limit(f"m{mass}", {"mass_gev": mass, "ctau_cm": 0.0}, cl, "asymptotic", "pyhf", 1.21 * scale, strengths)
        for mass in masses
    )
    meanings = {
        f"m{mass}": {
            "coupling": REFERENCE,
            "decay_beta_gamma": [center_of_mass_beta_gamma(mass, SQRT_S) / slowed],
        }
        for mass in masses
    }
    return LimitsDocument("axion_to_photons", "mu", ("mass_gev", "ctau_cm"), 0.445, "", {}, meanings, limits)


def test_a_prompt_limit_is_the_square_root_of_the_strength() -> None:
    found = couplings_from_limits(document(5.0), AXION, cl=0.95)
    assert [interval.quantile for interval in found] == ["observed", "-2", "-1", "0", "1", "2"]
    for interval, strength in zip(found, (1.21, 0.5, 0.7, 1.0, 1.4, 2.0), strict=True):
        assert interval.lower == pytest.approx(REFERENCE * math.sqrt(strength), rel=1e-6)
        assert interval.upper == math.inf
        assert interval.ctau_cm == pytest.approx(float(proper_decay_length_cm(5.0, interval.lower)), rel=1e-12)


@pytest.mark.parametrize("mass", [1.0, 3.0, 8.0])
def test_survival_of_a_heavy_axion_is_complete(mass) -> None:
    boost = BoostSpectrum(np.array([center_of_mass_beta_gamma(mass, SQRT_S)]), np.ones(1))
    coupling = np.array([REFERENCE])
    assert float(axion_signal_strength(coupling, mass, REFERENCE, boost, REACH)[0]) == pytest.approx(1.0, abs=1e-6)


def test_coupling_goes_as_the_inverse_root_of_the_efficiency() -> None:
    """A third of the efficiency is three times the limit on the strength."""
    full = couplings_from_limits(document(5.0), AXION, cl=0.95)
    third = couplings_from_limits(document(5.0, scale=3.0), AXION, cl=0.95)
    for one, other in zip(full, third, strict=True):
        assert other.lower / one.lower == pytest.approx(math.sqrt(3.0), rel=1e-6)


def test_a_long_lived_axion_goes_as_the_fourth_root() -> None:
    # lambda >> reach at the limit: F = reach/(2 lambda) ~ g^2, so mu ~ g^4 and a closed form
    mass = 1e-3
    found = couplings_from_limits(document(mass), AXION, cl=0.95)
    length = center_of_mass_beta_gamma(mass, SQRT_S) * float(proper_decay_length_cm(mass, 1.0))
    for interval, strength in zip(found, (1.21, 0.5, 0.7, 1.0, 1.4, 2.0), strict=True):
        exact = (strength * REFERENCE**2 * 2.0 * length / REACH) ** 0.25
        decay_length = length / exact**2
        assert decay_length > 30.0 * REACH
        # next term of F: 1 - reach/(3 lambda)
        assert interval.lower == pytest.approx(exact, rel=REACH / decay_length)
        assert interval.upper == math.inf


def test_weights_are_those_of_single_events() -> None:
    """F from thrown decay lengths of single events with single boosts, at another coupling than the reference."""
    rng = np.random.default_rng(7)
    mass, coupling = 0.05, 4e-4
    boosts = rng.uniform(80.0, 130.0, 400_000)
    decays = rng.exponential(boosts * float(proper_decay_length_cm(mass, coupling)))
    thrown = np.clip(1.0 - decays / REACH, 0.0, None)
    spectrum = BoostSpectrum(boosts, np.full(len(boosts), 1.0 / len(boosts)))
    strength = axion_signal_strength(np.array([coupling]), mass, REFERENCE, spectrum, REACH)[0]
    expected = (coupling / REFERENCE) ** 2 * thrown.mean()
    error = (coupling / REFERENCE) ** 2 * thrown.std() / math.sqrt(len(thrown))
    assert 0.2 < thrown.mean() < 0.9
    assert abs(strength - expected) < 4.0 * error


def search_histograms(**masses: float) -> SearchHistograms:
    boost = hist.Hist(
        hist.axis.StrCategory(list(masses), name="dataset", growth=True),
        hist.axis.Regular(400, 0.0, 40.0, name="beta_gamma"),
        storage=hist.storage.Weight(),
    )
    for sample, mass in masses.items():
        centre = center_of_mass_beta_gamma(mass, SQRT_S)
        boost.fill(dataset=sample, beta_gamma=centre * np.linspace(0.8, 1.2, 101), weight=2.0)
    samples = {
        sample: SampleManifest(
            sample, "", "signal", {"mass_gev": mass, "coupling": 1e-3}, 1.0, "", 1, "w", None, 1, "", ()
        )
        for sample, mass in masses.items()
    }
    return SearchHistograms("axion_to_photons", {"decay_boost/pair": boost}, samples, (), {})


def test_boosts_are_read_and_scaled_with_the_momentum() -> None:
    boosts = decay_boosts(search_histograms(light=0.5, heavy=2.0), SQRT_S)
    at_anchor = boosts.at("pair", 0.5)
    mean = float(at_anchor.beta_gamma @ at_anchor.weight)
    assert at_anchor.weight.sum() == pytest.approx(1.0)
    assert mean == pytest.approx(center_of_mass_beta_gamma(0.5, SQRT_S), rel=5e-3)
    between = boosts.at("pair", 0.6)
    ratio = float(between.beta_gamma @ between.weight) / mean
    assert ratio == pytest.approx((0.5 / 0.6) * (SQRT_S**2 - 0.36) / (SQRT_S**2 - 0.25), rel=1e-12)
    assert boosts.at("pair", 1.9).beta_gamma.max() < between.beta_gamma.max()


def test_boosts_above_the_last_edge_are_counted_there() -> None:
    boosts = decay_boosts(search_histograms(light=0.1), SQRT_S)
    spectrum = boosts.at("pair", 0.1)
    assert spectrum.weight[-1] == pytest.approx(1.0)
    assert spectrum.beta_gamma[-1] == 40.0


def test_slower_decays_lengthen_the_reach_of_a_long_lived_limit_and_not_of_a_prompt_one() -> None:
    fast = couplings_from_limits(document(0.02, 5.0), AXION, cl=0.95)
    slow = couplings_from_limits(document(0.02, 5.0, slowed=100.0), AXION, cl=0.95)
    assert slow[0].lower < 0.9 * fast[0].lower
    assert slow[6].lower == pytest.approx(fast[6].lower, rel=1e-6)


def test_equally_likely_boosts_keep_the_mean_and_the_limit() -> None:
    random = np.random.default_rng(5)
    spectrum = BoostSpectrum(random.uniform(80.0, 130.0, 5000), random.uniform(0.5, 1.5, 5000))
    spectrum = replace(spectrum, weight=spectrum.weight / spectrum.weight.sum())
    slices = spectrum.equally_likely(8)
    assert np.mean(slices) == pytest.approx(float(spectrum.beta_gamma @ spectrum.weight), rel=1e-12)
    short = BoostSpectrum(np.array(slices), np.full(8, 0.125))
    coupling = np.array([1e-4, 1e-3, 1e-2])
    full, few = (axion_signal_strength(coupling, 0.05, REFERENCE, boost, REACH) for boost in (spectrum, short))
    np.testing.assert_allclose(few, full, rtol=1e-3)


def test_failed_limits_exclude_nothing() -> None:
    good = document(1.0, 2.0)
    failed = replace(good.limits[0], status="failed", observed=None, expected=())
    found = couplings_from_limits(replace(good, limits=(failed, good.limits[1])), AXION, cl=0.95)
    assert {interval.mass_gev for interval in found} == {2.0}


def test_questions_without_an_answer_are_refused() -> None:
    good = document(1.0)
    with pytest.raises(LimitError, match="confidence level"):
        couplings_from_limits(good, AXION, cl=0.90)
    with pytest.raises(LimitError, match="coupling"):
        couplings_from_limits(replace(good, meanings={}), AXION, cl=0.95)
    with pytest.raises(LimitError, match="mass"):
        couplings_from_limits(replace(good, limits=(replace(good.limits[0], values={}),)), AXION, cl=0.95)
    with pytest.raises(UnknownNameError):
        DecayBoosts({"other": {}}, SQRT_S).at("pair", 1.0)
    with pytest.raises(LimitError, match="no signal"):
        DecayBoosts({"pair": {}}, SQRT_S).at("pair", 1.0)
