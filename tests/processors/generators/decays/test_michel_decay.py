from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from darkreach.errors import ConfigError
from darkreach.generators.decays import isotropic_directions, michel_decay
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS, TAU_MASS

N = 400_000


def spectrum(x: float, rest: float) -> float:
    """Michel's density of x = E/E_max with rho = 3/4, rest = m_l/E_max (Particle Data Group, Muon decay parameters)."""
    return math.sqrt(x * x - rest * rest) * (x * (1.0 - x) + (4.0 * x * x - 3.0 * x - rest * rest) / 6.0)


def asymmetry(x: float, rest: float) -> float:
    """What -cos(theta) of the spin of a negative lepton is multiplied by: xi = 1, delta = 3/4."""
    bracket = 1.0 - x + 0.5 * (4.0 * x - 3.0 + math.sqrt(1.0 - rest * rest) - 1.0)
    return (x * x - rest * rest) / 3.0 * bracket


@pytest.mark.parametrize(
    ("mass", "lepton_mass"), [(TAU_MASS, MUON_MASS), (TAU_MASS, ELECTRON_MASS), (MUON_MASS, ELECTRON_MASS), (1.0, 0.5)]
)
def test_energies_of_the_lepton_are_those_of_michel(mass: float, lepton_mass: float) -> None:
    random = np.random.default_rng(11)
    lepton, _ = michel_decay(mass, lepton_mass).generate(isotropic_directions(N, random).T, random)
    largest = 0.5 * (mass**2 + lepton_mass**2) / mass
    rest, x = lepton_mass / largest, lepton[0] / largest
    assert rest * (1.0 - 1e-12) < x.min() < x.max() < 1.0 + 1e-12
    edges = np.linspace(rest, 1.0, 31)
    steps = zip(edges[:-1], edges[1:], strict=True)
    parts = np.array([quad(spectrum, low, high, (rest,), epsabs=0.0)[0] for low, high in steps])
    expected = N * parts / parts.sum()
    filled = np.histogram(x, np.concatenate([[0.0], edges[1:-1], [2.0]]))[0]
    kept = expected > 20.0
    assert chi2.sf(np.sum((filled - expected)[kept] ** 2 / expected[kept]), int(kept.sum()) - 1) > 1e-4
    # with a massless lepton the mean is 7/10
    mean = quad(lambda x: x * spectrum(x, rest), rest, 1.0, epsabs=0.0)[0] / parts.sum()
    assert float(x.mean()) == pytest.approx(mean, abs=4.5 * float(x.std()) / math.sqrt(N))


@pytest.mark.parametrize("lepton_mass", [MUON_MASS, ELECTRON_MASS, 0.9])
def test_a_spin_sends_the_lepton_as_the_polarised_spectrum_says(lepton_mass: float) -> None:
    # spin up along z: directions of the antineutrino by 1 + cos
    random = np.random.default_rng(12)
    cosine = 2.0 * np.sqrt(random.random(N)) - 1.0
    turn, sine = 2.0 * math.pi * random.random(N), np.sqrt(1.0 - cosine**2)
    direction = np.stack([sine * np.cos(turn), sine * np.sin(turn), cosine])
    lepton, _ = michel_decay(TAU_MASS, lepton_mass).generate(direction, random)
    size = np.linalg.norm(lepton[1:], axis=0)
    largest = 0.5 * (TAU_MASS**2 + lepton_mass**2) / TAU_MASS
    rest, x, along = lepton_mass / largest, lepton[0] / largest, lepton[3] / size
    for power in (0, 1, 4):
        whole = quad(lambda x: spectrum(x, rest), rest, 1.0, epsabs=0.0)[0]
        turned = quad(lambda x, k=power: x**k * asymmetry(x, rest), rest, 1.0, epsabs=0.0)[0]
        values = x**power * along
        # the density spectrum - cos asymmetry has the mean cosine -asymmetry/(3 spectrum)
        assert abs(values.mean() + turned / (3.0 * whole)) < 4.5 * values.std() / math.sqrt(N), power


def test_momenta_are_exact() -> None:
    random = np.random.default_rng(13)
    direction = isotropic_directions(2000, random).T
    lepton, antineutrino = michel_decay(TAU_MASS, MUON_MASS).generate(direction, random)
    neutrino = np.array([[TAU_MASS], [0.0], [0.0], [0.0]]) - lepton - antineutrino
    for momentum, mass in ((lepton, MUON_MASS), (antineutrino, 0.0), (neutrino, 0.0)):
        np.testing.assert_allclose(momentum[0] ** 2 - (momentum[1:] ** 2).sum(axis=0), mass**2, atol=1e-14)
    np.testing.assert_allclose(antineutrino[1:], antineutrino[0] * direction, atol=1e-15)
    assert neutrino[0].min() > 0.0


@pytest.mark.parametrize("lepton_mass", [0.0, -0.1, 2.0])
def test_impossible_leptons_are_refused(lepton_mass: float) -> None:
    with pytest.raises(ConfigError, match="cannot decay"):
        michel_decay(TAU_MASS, lepton_mass)
