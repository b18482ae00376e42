"""A dark photon as broad as strong dark couplings make it: its mass distribution, rate and narrow limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from darkreach.errors import ConfigError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import DARK_PHOTON
from darkreach.generators.process_registry import find_process
from darkreach.generators.signals.broad_resonance import BroadResonance
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_cross_section_fb
from darkreach.kinematics import Beams, mass_squared

BEAMS = Beams(7.004, 4.002, 0.083)
LARGEST = BEAMS.s - 2.0 * BEAMS.sqrt_s * 0.2


def sample(n: int, radiation: float = 0.0, **values: float) -> GeneratedParticles:
    process = find_process("dark_photon_photon")
    return process.open(BEAMS, process.values(values), radiation).source(n, np.random.default_rng(3))


@pytest.mark.parametrize("coupling", [0.01, 0.5])
def test_probability_is_the_integral_of_the_density(coupling: float) -> None:
    resonance = BroadResonance(4.0, coupling / 3.0)
    for largest in (3.0, 16.0, 40.0, 107.0):
        expected, _ = quad(resonance.density, 0.0, largest, points=[min(16.0, largest)], epsabs=0.0, epsrel=1e-10)
        assert float(resonance.probability(largest)) == pytest.approx(expected, rel=1e-8, abs=0.0)


def test_draws_follow_the_density() -> None:
    resonance, random = BroadResonance(3.0, 0.2), np.random.default_rng(1)
    drawn = resonance.draw(np.full(20_000, 80.0), random.random(20_000))
    assert kstest(drawn, lambda u: resonance.probability(u) / resonance.probability(80.0)).pvalue > 1e-3
    # and not that of a width which does not grow with the mass
    fixed = np.arctan((np.array([0.0, 80.0]) - 9.0) / 1.8)
    wrong = kstest(drawn, lambda u: (np.arctan((u - 9.0) / 1.8) - fixed[0]) / (fixed[1] - fixed[0]))
    assert wrong.pvalue < 1e-10


@pytest.mark.parametrize("mass", [2.0, 7.0])
def test_masses_and_rate_are_the_folded_cross_section(mass: float) -> None:
    coupling, n = 0.5, 100_000
    events = sample(n, mass_gev=mass, dark_coupling=coupling)
    g = coupling / 3.0

    def folded(u: float) -> float:
        # written out again: the Breit-Wigner with sqrt(u) Gamma(sqrt(u)) = g u, times the cross-section at mass sqrt(u)
        peak = g * u / math.pi / ((u - mass**2) ** 2 + (g * u) ** 2)
        return peak * float(dark_photon_cross_section_fb(math.sqrt(u), 1e-3, BEAMS.s))

    expected, _ = quad(folded, 1e-9, LARGEST, points=[mass**2], epsabs=0.0, epsrel=1e-8, limit=200)
    error = events.weight_fb.std() / math.sqrt(n)
    assert error < 0.01 * expected
    assert abs(events.weight_fb.mean() - expected) < 4.0 * error
    squared = mass_squared(events.momentum[events.pdg == DARK_PHOTON])
    cut = mass**2 * (1.0 - g)
    below, _ = quad(folded, 1e-9, cut, epsabs=0.0, epsrel=1e-8, limit=200)
    share = events.weight_fb[squared < cut].sum() / events.weight_fb.sum()
    assert share == pytest.approx(below / expected, abs=0.01)


@pytest.mark.parametrize("radiation", [0.0, 0.35])
def test_the_narrow_limit(radiation: float) -> None:
    narrow, broad = (sample(50_000, radiation, mass_gev=5.0, dark_coupling=value) for value in (0.0, 1e-7))
    error = math.hypot(narrow.weight_fb.std(), broad.weight_fb.std()) / math.sqrt(50_000)
    assert abs(narrow.weight_fb.mean() - broad.weight_fb.mean()) < 4.0 * error
    assert error < 0.01 * narrow.weight_fb.mean()
    unseen = mass_squared(broad.momentum[broad.pdg == DARK_PHOTON])
    assert np.quantile(np.abs(unseen - 25.0), 0.99) < 1e-4


def test_momentum_is_conserved() -> None:
    events = sample(5000, 0.35, mass_gev=6.0, dark_coupling=0.5)
    total = np.zeros((5000, 4))
    np.add.at(total, events.event[events.final], events.momentum[events.final])
    np.testing.assert_allclose(total, np.tile(BEAMS.four_momentum, (5000, 1)), atol=1e-9)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"dark_coupling": -0.1}, "dark_coupling"),
        ({"dark_coupling": 1.5}, "dark_coupling"),
        ({"dark_coupling": 0.5, "branching_electrons": 0.5}, "decays unseen"),
        ({"dark_coupling": 0.5, "lifetime_ctau_cm": 1.0}, "decays unseen"),
    ],
)
def test_what_makes_no_sense_is_refused(values: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        sample(10, mass_gev=3.0, **values)
