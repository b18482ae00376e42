"""Rates computed again from their amplitudes: Dirac matrices, sums over polarisations, phase space as a volume.

Two-body phase space, int d3p/((2 pi)^2 4 E1 E2) delta(M - E1 - E2), is the derivative by M of a volume of momenta with
E1 + E2 < M, taken numerically. Nothing here knows the triangle function.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from darkreach.generators.signals.b_to_kaon_rates import (
    axion_b_to_s_coupling,
    axion_branching_fraction,
    form_factor_a0,
    form_factor_f0,
    scalar_b_to_s_coupling,
    scalar_branching_fraction,
)
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.generators.signals.heavy_neutral_lepton_widths import partial_widths
from darkreach.generators.signals.tau_decay_modes import tau_decay_mode

NUMBERS = heavy_flavour_numbers()
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
HBAR = 6.582119569e-25

_SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
GAMMA = np.array([np.block([[_ONE, _ZERO], [_ZERO, -_ONE]]), *(np.block([[_ZERO, s], [-s, _ZERO]]) for s in _SIGMA)])
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT = 0.5 * (np.eye(4) - GAMMA5)


def slash(vector: np.ndarray) -> np.ndarray:
    return np.einsum("m,mab->ab", METRIC @ vector, GAMMA)


def bar(matrix: np.ndarray) -> np.ndarray:
    return GAMMA[0] @ matrix.conj().T @ GAMMA[0]


def momentum(mother: float, first: float, second: float) -> float:
    """Momentum at which both energies sum to the mass."""
    return brentq(lambda p: np.hypot(p, first) + np.hypot(p, second) - mother, 0.0, mother, xtol=1e-14)


def phase_space(mother: float, first: float, second: float) -> float:
    def volume(mass: float) -> float:
        edge = momentum(mass, first, second)
        return quad(lambda p: 4.0 * np.pi * p**2 / (4.0 * np.hypot(p, first) * np.hypot(p, second)), 0.0, edge)[0]

    step = 1e-4 * (mother - first - second)
    near, far = (volume(mother + steps * step) - volume(mother - steps * step) for steps in (1, 2))
    slope = 8.0 * near - far
    return slope / (12.0 * step) / (2.0 * np.pi) ** 2


def width(mother: float, first: float, second: float, squared: float) -> float:
    """Width of a decay whose squared amplitude is a number."""
    return squared * phase_space(mother, first, second) / (2.0 * mother)


def at_rest(mother: float, first: float, second: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    p = momentum(mother, first, second)
    direction = p * np.array([0.6, 0.0, 0.8])
    return (
        np.array([mother, 0.0, 0.0, 0.0]),
        np.array([np.hypot(p, first), *direction]),
        np.array([np.hypot(p, second), *-direction]),
    )


def polarisations(vector: np.ndarray, mass: float) -> np.ndarray:
    """Three real polarisation vectors across a momentum, by orthogonalisation under the metric."""
    basis = [vector / mass]
    for axis in np.eye(4)[1:]:
        new = axis.astype(float)
        for index, old in enumerate(basis):
            new = new - (old @ METRIC @ new) * (1.0 if index == 0 else -1.0) * old
        basis.append(new / np.sqrt(-(new @ METRIC @ new)))
    return np.array(basis[1:])


def test_polarisations_sum_to_the_projector() -> None:
    _, vector, _ = at_rest(5.0, 0.9, 1.0)
    basis = polarisations(vector, 0.9)
    np.testing.assert_allclose(basis.T @ basis, -METRIC + np.outer(vector, vector) / 0.81, atol=1e-12)


def b_meson(charged: bool) -> tuple[float, float, float]:
    """Mass, lifetime (s) and mass of the kaon of the same charge."""
    mesons = NUMBERS.b_mesons
    if charged:
        return mesons.charged_mass.value, mesons.charged_lifetime.value * 1e-12, 0.493677
    return mesons.neutral_mass.value, mesons.neutral_lifetime.value * 1e-12, 0.497611


@pytest.mark.parametrize("mass", [0.02, 0.5, 2.0, 4.0])
@pytest.mark.parametrize("charged", [True, False])
def test_b_mesons_into_a_scalar(mass: float, charged: bool) -> None:
    b_mass, lifetime, kaon = b_meson(charged)
    coupling, quarks = 1e-3 * scalar_b_to_s_coupling(NUMBERS), NUMBERS.b_to_s
    bottom, strange = quarks.bottom_mass.value, quarks.strange_mass.value
    # s_L-bar b_R = s-bar (1 + gamma5) b/2; <K| s-bar b |B> = f0 (mB^2 - mK^2)/(mb - ms)
    amplitude = 0.5 * coupling * form_factor_f0(NUMBERS, mass**2) * (b_mass**2 - kaon**2) / (bottom - strange)
    expected = width(b_mass, kaon, mass, amplitude**2) * lifetime / HBAR
    given = scalar_branching_fraction(NUMBERS, mass, 1e-3, charged=charged, vector=False)
    assert given == pytest.approx(expected, rel=1e-6, abs=0.0)
    # <K*| s-bar gamma5 b |B> = 2 mK* A0 (eps q)/(mb + ms) up to a phase
    resonance = NUMBERS.kaons.resonance_mass.value
    _, vector, other = at_rest(b_mass, resonance, mass)
    along = polarisations(vector, resonance) @ METRIC @ other
    amplitude = 0.5 * coupling * 2.0 * resonance * form_factor_a0(NUMBERS, mass**2) / (bottom + strange)
    expected = width(b_mass, resonance, mass, float(np.sum((amplitude * along) ** 2))) * lifetime / HBAR
    given = scalar_branching_fraction(NUMBERS, mass, 1e-3, charged=charged, vector=True)
    assert given == pytest.approx(expected, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("mass", [0.02, 0.5, 2.0, 4.0])
@pytest.mark.parametrize("charged", [True, False])
def test_b_mesons_into_an_axion(mass: float, charged: bool) -> None:
    b_mass, lifetime, kaon = b_meson(charged)
    coupling = 1e-5 * axion_b_to_s_coupling(NUMBERS)
    # g d_mu a s-bar gamma^mu P_L b: q times the vector current is f0 (mB^2 - mK^2), times the axial 2 mK* A0 (eps q)
    amplitude = 0.5 * coupling * form_factor_f0(NUMBERS, mass**2) * (b_mass**2 - kaon**2)
    expected = width(b_mass, kaon, mass, amplitude**2) * lifetime / HBAR
    given = axion_branching_fraction(NUMBERS, mass, 1e-5, charged=charged, vector=False)
    assert given == pytest.approx(expected, rel=1e-6, abs=0.0)
    resonance = NUMBERS.kaons.resonance_mass.value
    _, vector, other = at_rest(b_mass, resonance, mass)
    along = polarisations(vector, resonance) @ METRIC @ other
    amplitude = 0.5 * coupling * 2.0 * resonance * form_factor_a0(NUMBERS, mass**2)
    expected = width(b_mass, resonance, mass, float(np.sum((amplitude * along) ** 2))) * lifetime / HBAR
    given = axion_branching_fraction(NUMBERS, mass, 1e-5, charged=charged, vector=True)
    assert given == pytest.approx(expected, rel=1e-6, abs=0.0)


def neutral_current(up: float, down: float, strange: float) -> float:
    """Coupling of [nubar gamma P_L N] to a meson of these quarks, in units of 4 G_F/sqrt2: vector part T3/2 - Q s^2."""
    weak = NUMBERS.neutral_currents.weak_mixing.value
    couplings = 0.25 - 2.0 / 3.0 * weak, -0.25 + weak / 3.0, -0.25 + weak / 3.0
    return float(np.dot((up, down, strange), couplings))


@pytest.mark.parametrize("mass", [0.9, 1.1, 1.5])
def test_neutral_leptons_into_a_neutrino_and_a_meson(mass: float) -> None:
    widths, currents = partial_widths(NUMBERS, mass), NUMBERS.neutral_currents
    fermi, half = currents.fermi_constant.value, np.sqrt(0.5)
    # the axial part of the same current, -T3/2, on (u - d)/sqrt2
    axial = half * (-0.25 - 0.25)
    neutral, meson, neutrino = at_rest(mass, 0.1349768, 0.0)
    vertex = 4.0 * half * fermi * axial * currents.pion_decay_constant.value * slash(meson) @ LEFT
    squared = 0.5 * spin_sum(neutrino, vertex, neutral, mass)
    assert widths["pi0"] == pytest.approx(width(mass, 0.1349768, 0.0, squared), rel=1e-6, abs=0.0)
    vectors = {
        "rho": (neutral_current(half, -half, 0.0), currents.rho_coupling.value, NUMBERS.tau_leptons.rho_mass.value),
        "omega": (neutral_current(half, half, 0.0), currents.omega_coupling.value, currents.omega_mass.value),
        "phi": (neutral_current(0.0, 0.0, 1.0), currents.phi_coupling.value, currents.phi_mass.value),
    }
    for name, (share, decay_constant, meson_mass) in vectors.items():
        if meson_mass >= mass:
            assert widths[name] == 0.0
            continue
        neutral, meson, neutrino = at_rest(mass, meson_mass, 0.0)
        factor = 4.0 * half * fermi * share * decay_constant
        squared = sum(
            spin_sum(neutrino, factor * slash(polarisation) @ LEFT, neutral, mass)
            for polarisation in polarisations(meson, meson_mass)
        )
        assert widths[name] == pytest.approx(width(mass, meson_mass, 0.0, 0.5 * squared), rel=1e-6, abs=0.0), name


def spin_sum(out: np.ndarray, vertex: np.ndarray, incoming: np.ndarray, mass: float, out_mass: float = 0.0) -> float:
    """Sum of |ubar(out) vertex u(in)|^2 over spins."""
    trace = np.trace((slash(out) + out_mass * np.eye(4)) @ vertex @ (slash(incoming) + mass * np.eye(4)) @ bar(vertex))
    assert abs(trace.imag) < 1e-9 * abs(trace.real)
    return float(trace.real)


@pytest.mark.parametrize("heavy", [0.1, 0.7, 1.4])
def test_tau_leptons_into_a_pion_and_a_neutral_lepton(heavy: float) -> None:
    """The rate with mass over that without: the same amplitude f p-slash P_L, the same pion."""
    tau, pion = 1.77693, 0.13957039
    rates = []
    for mass in (heavy, 0.0):
        lepton, meson, neutral = at_rest(tau, pion, mass)
        rates.append(width(tau, pion, mass, spin_sum(neutral, slash(meson) @ LEFT, lepton, tau, mass)))
    one, other = (tau_decay_mode(NUMBERS, "pi", mass).branching_fraction for mass in (heavy, 0.0))
    assert one / other == pytest.approx(rates[0] / rates[1], rel=1e-6, abs=0.0)
    # the ratio falls with the mass
    masses = np.linspace(0.0, 1.6, 9)
    fractions = [tau_decay_mode(NUMBERS, "pi", mass).branching_fraction for mass in masses[4:]]
    assert all(later < earlier for earlier, later in pairwise(fractions))
