from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from darkreach.generators.generated_events import AXION_PDG, BEAM_PDG
from darkreach.generators.radiator import radiator_density, radiator_exponent
from darkreach.generators.signals.axion_matrix_element import axion_cross_section_fb
from darkreach.generators.signals.axion_signal import generate_axion_signal
from darkreach.kinematics import Beams, boost, boosted_energy, mass_squared

BEAMS = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
EXACT = Beams(7.004, 4.002, 0.083)


@pytest.mark.parametrize("mass", [0.2, 3.0, 9.7])
def test_four_momentum_is_conserved_with_radiation(mass: float) -> None:
    events = generate_axion_signal(EXACT, mass, 1e-3, 5000, np.random.default_rng(1), maximum_isr_fraction=0.35)
    total = events.photons.sum(axis=1) + events.isr
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (5000, 1)), atol=1e-9)
    np.testing.assert_allclose(mass_squared(events.photons), 0.0, atol=1e-9)
    np.testing.assert_allclose(mass_squared(events.photons[:, 1] + events.photons[:, 2]), mass**2, atol=1e-9)
    assert (events.photons[..., 0] > 0.0).all()


@pytest.mark.parametrize("mass", [0.2, 1.0, 5.0, 8.0, 9.7])
def test_weights_without_radiation_are_the_cross_section(mass: float) -> None:
    events = generate_axion_signal(EXACT, mass, 2e-3, 1000, np.random.default_rng(1), maximum_isr_fraction=0.0)
    np.testing.assert_allclose(events.weight_fb, axion_cross_section_fb(mass, 2e-3, EXACT.s), rtol=1e-12)


def test_phase_space_law_of_the_generator() -> None:
    masses = np.array([1.0, 4.0, 7.0, 9.0])
    random = np.random.default_rng(2)
    means = [
        generate_axion_signal(BEAMS, mass, 1e-3, 20_000, random, maximum_isr_fraction=0.0).weight_fb.mean()
        for mass in masses
    ]
    np.testing.assert_allclose(means, 118.40 * (1.0 - masses**2 / EXACT.s) ** 3, rtol=1e-3)


@pytest.mark.parametrize("mass", [1.0, 9.0])
def test_weights_with_radiation_are_the_folded_cross_section(mass: float) -> None:
    n = 100_000
    events = generate_axion_signal(EXACT, mass, 1e-3, n, np.random.default_rng(3), maximum_isr_fraction=0.35)
    exponent = radiator_exponent(EXACT.s)
    # Gauss-Legendre in y = x^b, where the integrand is smooth
    nodes, weights = np.polynomial.legendre.leggauss(400)
    top = min(0.35, 1.0 - mass**2 / EXACT.s) ** exponent
    y = 0.5 * top * (nodes + 1.0)
    x = y ** (1.0 / exponent)
    jacobian = x ** (1.0 - exponent) / exponent
    folded = radiator_density(x, exponent) * jacobian * axion_cross_section_fb(mass, 1e-3, EXACT.s * (1.0 - x))
    expected = 0.5 * top * float(weights @ folded)
    error = events.weight_fb.std() / np.sqrt(n)
    assert abs(events.weight_fb.mean() - expected) < 4.0 * error
    assert error < 3e-3 * expected


def test_recoil_energy_angle_and_isotropic_decay() -> None:
    mass, n = 3.0, 20_000
    events = generate_axion_signal(EXACT, mass, 1e-3, n, np.random.default_rng(4), maximum_isr_fraction=0.0)
    recoil = (EXACT.s - mass**2) / (2.0 * EXACT.sqrt_s)
    np.testing.assert_allclose(boosted_energy(events.photons[:, 0], EXACT.boost), recoil, atol=1e-11)
    half = 0.5 * EXACT.crossing_angle
    axis = boost(np.array([1.0, np.sin(half), 0.0, np.cos(half)]), -EXACT.boost)[1:]
    cm = boost(events.photons[:, 0], -EXACT.boost)
    cosine = cm[:, 1:] @ axis / np.linalg.norm(axis) / cm[:, 0]
    assert kstest(cosine, lambda c: 0.375 * (c + c**3 / 3.0) + 0.5).pvalue > 1e-3
    # the energy of a decay photon is flat in the CM, between (E -+ p)/2, if the decay is isotropic
    axion_energy = EXACT.sqrt_s - recoil
    energy = boosted_energy(events.photons[:, 1], EXACT.boost)
    assert kstest((energy - 0.5 * (axion_energy - recoil)) / recoil, "uniform").pvalue > 1e-3


def test_labels_and_boost_of_the_decaying_particle() -> None:
    events = generate_axion_signal(EXACT, 0.5, 1e-3, 100, np.random.default_rng(4), maximum_isr_fraction=0.2)
    assert events.mother_pdg[0].tolist() == [BEAM_PDG, AXION_PDG, AXION_PDG]
    axion = events.photons[:, 1] + events.photons[:, 2]
    gamma = axion[:, 0] / 0.5
    np.testing.assert_allclose(events.decay_beta_gamma, np.sqrt(gamma**2 - 1.0), rtol=1e-9)


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "acceptance"), [(0.2, 0.424), (1.0, 0.381), (5.0, 0.319), (8.0, 0.367)])
def test_acceptance_of_the_three_photons(mass: float, acceptance: float) -> None:
    # three photons in 37.3-123.7 deg with E* > 0.65 GeV, from an independent generator (0.001 rounding)
    n = 100_000
    events = generate_axion_signal(EXACT, mass, 1e-3, n, np.random.default_rng(5), maximum_isr_fraction=0.0)
    theta = np.degrees(np.arccos(events.photons[..., 3] / events.photons[..., 0]))
    inside = (theta > 37.3) & (theta < 123.7) & (boosted_energy(events.photons, EXACT.boost) > 0.65)
    assert inside.all(axis=1).mean() == pytest.approx(acceptance, abs=0.001 + 4 * np.sqrt(0.24 / n))
