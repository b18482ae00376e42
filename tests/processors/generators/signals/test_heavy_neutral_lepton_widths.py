"""Widths and amplitudes of heavy neutral leptons against tables, integrals and explicit Dirac matrices."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from darkreach.generators.decays import three_body_decay
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.generators.signals.heavy_neutral_lepton_amplitudes import tau_to_lepton, to_neutrino_lepton_pair
from darkreach.generators.signals.heavy_neutral_lepton_widths import (
    heavy_neutral_lepton_ctau_cm,
    lepton_couplings,
    lepton_pair_width,
    partial_widths,
)
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS, TAU_MASS, mass_squared

NUMBERS = heavy_flavour_numbers()
FERMI = 1.1663788e-5
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def dirac_matrices() -> tuple[np.ndarray, np.ndarray]:
    """Return gamma^mu (4, 4, 4) and gamma^5 in the Dirac representation."""
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    gamma = np.zeros((4, 4, 4), dtype=complex)
    gamma[0] = np.diag([1, 1, -1, -1])
    for axis in range(3):
        gamma[axis + 1, :2, 2:] = pauli[axis]
        gamma[axis + 1, 2:, :2] = -pauli[axis]
    return gamma, 1j * gamma[0] @ gamma[1] @ gamma[2] @ gamma[3]


GAMMA, FIFTH = dirac_matrices()
ONE = np.eye(4)


def slash(momentum: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("m,mn,nab->ab", momentum, METRIC, GAMMA))


def currents(out: np.ndarray, into: np.ndarray, vector: float, axial: float) -> np.ndarray:
    """Return Tr[out gamma^mu (v - a gamma5) in (v + a gamma5) gamma^nu] with propagator numerators out and in."""
    tensor = np.zeros((4, 4), dtype=complex)
    for mu, nu in itertools.product(range(4), range(4)):
        left = GAMMA[mu] @ (vector * ONE - axial * FIFTH)
        right = (vector * ONE + axial * FIFTH) @ GAMMA[nu]
        tensor[mu, nu] = np.trace(out @ left @ into @ right)
    return tensor


def contracted(first: np.ndarray, second: np.ndarray) -> float:
    value = np.einsum("mn,mr,ns,rs->", first, METRIC, METRIC, second)
    assert abs(value.imag) < 1e-9 * abs(value.real)
    return float(value.real)


def invariants(products: np.ndarray) -> list[np.ndarray]:
    return [mass_squared(products[:, i] + products[:, j]) for i, j in ((0, 1), (0, 2), (1, 2))]


# m_N, c tau |U|^2 (cm, Dirac), BR(nu mu mu), BR(nu e e), BR(nu pi0) of the specification
TABLE = [
    (0.3, 43.1857, 0.0009, 0.0153, 0.862),
    (0.5, 5.96869, 0.0113, 0.0272, 0.746),
    (0.8, 0.914062, 0.0311, 0.0436, 0.513),
    (1.0, 0.323226, 0.0379, 0.0471, 0.362),
    (1.2, 0.134618, 0.0419, 0.0488, 0.264),
    (1.5, 0.047954, 0.0481, 0.0530, 0.185),
]


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "ctau", "muons", "electrons", "pions"), TABLE)
def test_lifetime_and_branching_fractions_of_the_specification(
    mass: float, ctau: float, muons: float, electrons: float, pions: float
) -> None:
    widths = partial_widths(NUMBERS, mass)
    total = sum(widths.values())
    assert heavy_neutral_lepton_ctau_cm(NUMBERS, mass, 1.0) == pytest.approx(ctau, rel=1e-5)
    for mode, expected in (("mumu", muons), ("ee", electrons), ("pi0", pions)):
        assert widths[mode] / total == pytest.approx(expected, abs=6e-5 if expected < 0.1 else 6e-4)


@pytest.mark.reference
def test_light_leptons_have_the_lifetimes_and_the_ratio_of_the_specification() -> None:
    assert heavy_neutral_lepton_ctau_cm(NUMBERS, 0.1, 1.0) == pytest.approx(7.671e4, rel=1e-3)
    assert heavy_neutral_lepton_ctau_cm(NUMBERS, 0.05, 1.0) == pytest.approx(2.455e6, rel=1e-3)
    assert heavy_neutral_lepton_ctau_cm(NUMBERS, 0.1, 1e-3) == pytest.approx(7.671e7, rel=1e-3)
    # BR(nu e e)/BR(3 nu) -> gL^2 + gR^2 for a massless electron; 0.1254 at 0.05 GeV, 0.1256 at 0.1 GeV
    left, right = lepton_couplings(NUMBERS)
    assert left**2 + right**2 == pytest.approx(0.1257, abs=1e-4)
    for mass, expected in ((0.05, 0.1254), (0.1, 0.1256)):
        widths = partial_widths(NUMBERS, mass)
        assert widths["ee"] / widths["invisible"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("mass", [0.25, 0.3, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("lepton", [ELECTRON_MASS, MUON_MASS])
def test_closed_width_is_the_integral_of_the_squared_amplitude(mass: float, lepton: float) -> None:
    decay = to_neutrino_lepton_pair(NUMBERS, mass, lepton)
    assert decay.width == pytest.approx(lepton_pair_width(NUMBERS, mass, lepton), rel=1e-8, abs=0.0)


def test_amplitude_of_the_neutral_current_agrees_with_dirac_traces() -> None:
    mass, lepton = 0.6, MUON_MASS
    decay = to_neutrino_lepton_pair(NUMBERS, mass, lepton)
    assert decay.squared_amplitude is not None
    products, _ = decay.generate(np.tile([mass, 0, 0, 0], (20, 1)), np.random.default_rng(1))
    values = decay.squared_amplitude(*invariants(products))
    left, right = lepton_couplings(NUMBERS)
    for event, value in zip(products, values, strict=True):
        minus, plus, neutrino = (slash(momentum) for momentum in event)
        heavy = slash(event.sum(axis=0)) + mass * ONE
        # (G_F/sqrt2) [nu gamma (1 - gamma5) N] [l gamma (gV - gA gamma5) l]
        of_neutrino = currents(neutrino, heavy, 1.0, 1.0)
        of_leptons = currents(minus + lepton * ONE, plus - lepton * ONE, left + right, left - right)
        expected = 0.5 * 0.5 * FERMI**2 * contracted(of_neutrino, of_leptons)
        assert value == pytest.approx(expected, rel=1e-8, abs=0.0)


def test_amplitude_of_the_charged_current_agrees_with_dirac_traces() -> None:
    mass, lepton = 0.6, MUON_MASS
    decay = tau_to_lepton(NUMBERS, mass, lepton)
    assert decay.squared_amplitude is not None
    products, _ = decay.generate(np.tile([TAU_MASS, 0, 0, 0], (20, 1)), np.random.default_rng(2))
    values = decay.squared_amplitude(*invariants(products))
    for event, value in zip(products, values, strict=True):
        muon, neutrino, heavy = (slash(momentum) for momentum in event)
        tau = slash(event.sum(axis=0)) + TAU_MASS * ONE
        of_tau = currents(heavy + mass * ONE, tau, 1.0, 1.0)
        of_leptons = currents(muon + lepton * ONE, neutrino, 1.0, 1.0)
        expected = 0.5 * 0.5 * FERMI**2 * contracted(of_tau, of_leptons)
        assert value == pytest.approx(expected, rel=1e-8, abs=0.0)


@pytest.mark.reference
def test_leptonic_tau_decays_of_the_specification() -> None:
    # R = Gamma(tau -> l nu N)/Gamma(tau -> l nu nu): f(x) = 1 - 8x + 8x^3 - x^4 - 12 x^2 ln x for a massless lepton
    widths = {mass: tau_to_lepton(NUMBERS, mass, 0.0).width for mass in (0.0, 1.0)}
    x = 1.0 / TAU_MASS**2
    expected = 1.0 - 8.0 * x + 8.0 * x**3 - x**4 - 12.0 * x**2 * math.log(x)
    assert widths[1.0] / widths[0.0] == pytest.approx(expected, rel=1e-7)
    assert expected == pytest.approx(0.0943, abs=1e-4)
    for lepton, ratio in ((MUON_MASS, 0.555264), (ELECTRON_MASS, 0.561299)):
        massive, massless = (tau_to_lepton(NUMBERS, mass, lepton).width for mass in (0.5, 0.0))
        assert massive / massless == pytest.approx(ratio, rel=1e-5)
    # branching fractions from the same code: 0.1786 and 0.1737
    total = 6.582119569e-25 / 0.2903e-12
    for lepton, fraction in ((ELECTRON_MASS, 0.1786), (MUON_MASS, 0.1737)):
        assert tau_to_lepton(NUMBERS, 0.0, lepton).width / total == pytest.approx(fraction, rel=1e-3)


def test_no_decay_into_leptons_below_their_threshold() -> None:
    assert lepton_pair_width(NUMBERS, 0.2, MUON_MASS) == 0.0
    assert partial_widths(NUMBERS, 0.12)["pi0"] == 0.0
    # the phase space of a constant amplitude is larger: a check that the amplitude is in use
    flat = three_body_decay(0.6, (MUON_MASS, MUON_MASS, 0.0))
    assert to_neutrino_lepton_pair(NUMBERS, 0.6, MUON_MASS).integral != pytest.approx(flat.integral, abs=0.0)
