"""R of hadrons against what is known of it otherwise: dispersion relations, peaks of mesons, and the muon's moment."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from darkreach.kinematics import FINE_STRUCTURE, MUON_MASS
from darkreach.kinematics.constants import CHARGED_PION_MASS
from darkreach.models.broad_resonance_amplitudes import gounaris_sakurai, narrow_meson, rho_pion_phase_space
from darkreach.models.hadron_ratio import corrected_quark_ratio, hadron_ratio, strong_coupling
from darkreach.models.hadron_settings import hadron_settings
from darkreach.models.hadronic_channels import (
    kaon_pair_ratio,
    photon_meson_ratio,
    pion_form_factor,
    pion_pair_ratio,
    three_pion_ratio,
)

Array = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def test_a_broad_meson_fulfils_the_dispersion_relation_of_its_value_at_zero_energy() -> None:
    # F(0) = (1/pi) integral of Im F/s, which the mass shift that belongs to the width makes one
    mass = np.geomspace(2.0 * CHARGED_PION_MASS, 1e4, 400001)
    imaginary = gounaris_sakurai(mass, 0.775, 0.149).imag
    assert np.trapezoid(2.0 / math.pi * imaginary, np.log(mass)) == pytest.approx(1.0, abs=2e-3)


def test_the_form_factor_has_the_charge_radius_of_the_pion() -> None:
    # <r^2> = 6 F'(0) = (6/pi) integral of Im F/s^2; the particle data group has 0.434 fm^2
    mass = np.geomspace(2.0 * CHARGED_PION_MASS, 1e3, 200001)
    slope = np.trapezoid(2.0 / math.pi * pion_form_factor(mass).imag / mass**2, np.log(mass))
    assert 6.0 * slope * 0.1973269804**2 == pytest.approx(0.434, rel=0.02)


def test_narrow_mesons_peak_where_their_decays_say() -> None:
    # R = 9 BR_ee BR_f/alpha^2 at the pole of a Breit-Wigner
    omega, phi = hadron_settings().omega, hadron_settings().phi
    unit = 9.0 / FINE_STRUCTURE**2
    assert float(photon_meson_ratio(omega.mass)) == pytest.approx(unit * omega.electrons * omega.photon, rel=5e-3)
    assert float(three_pion_ratio(omega.mass)) == pytest.approx(unit * omega.electrons * omega.three_pions, rel=0.02)
    # shares of K+ K- and K_S K_L: another route than the form factors by flavour symmetry
    assert float(kaon_pair_ratio(phi.mass)) == pytest.approx(unit * phi.electrons * (0.491 + 0.339), rel=0.03)
    assert abs(narrow_meson(0.0, 1.0, 0.1)) == 1.0


def test_a_photon_and_a_pion_begin_with_the_cube_of_their_momentum() -> None:
    pion = hadron_settings().omega.photon_partner_mass
    near, nearer = (float(photon_meson_ratio(pion + room)) for room in (2e-5, 1e-5))
    assert near / nearer == pytest.approx(8.0, rel=1e-3)
    assert float(photon_meson_ratio(0.9 * pion)) == 0.0


def test_three_pions_have_a_threshold() -> None:
    assert float(rho_pion_phase_space(0.41, 0.775, 0.149)) == 0.0
    # a narrow rho meson leaves the pion the momentum of two bodies
    two_bodies = (1.0 - (0.775 + 0.135) ** 2) * (1.0 - (0.775 - 0.135) ** 2)
    narrow = float(rho_pion_phase_space(1.0, 0.775, 0.02))
    assert narrow == pytest.approx((math.sqrt(two_bodies) / 2.0) ** 3, rel=0.1)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "known", "tolerance"),
    [
        (pion_pair_ratio, 2.0 * CHARGED_PION_MASS, 1.8, 508.0, 0.03),
        (three_pion_ratio, 0.45, 1.8, 46.2, 0.10),
        (kaon_pair_ratio, 0.9, 1.8, 23.1 + 12.8, 0.05),
        (hadron_ratio, 0.15, 1.8, 636.0, 0.03),
        (hadron_ratio, 1.8, 3.7, 33.5, 0.03),
    ],
)
def test_the_magnetic_moment_of_the_muon_is_the_known_one(
    ratio: Callable[[Array], Array], low: float, high: float, known: float, tolerance: float
) -> None:
    # a = alpha^2/(3 pi^2) integral of K(s) R(s)/s, in 1e-10; evaluations of e+e- data agree on these to 1-2 %
    edges = np.linspace(low, high, 4001)
    mass = 0.5 * (edges[1:] + edges[:-1])
    x = 0.5 * (NODES + 1.0)
    squared = (mass / MUON_MASS)[:, np.newaxis] ** 2
    kernel = (0.5 * WEIGHTS * x**2 * (1.0 - x) / (x**2 + (1.0 - x) * squared)).sum(axis=1)
    integral = float((2.0 / mass * kernel * ratio(mass)).sum() * (edges[1] - edges[0]))
    assert FINE_STRUCTURE**2 / (3.0 * math.pi**2) * integral * 1e10 == pytest.approx(known, rel=tolerance)


def test_quarks() -> None:
    assert float(strong_coupling(91.19)) == pytest.approx(0.118, rel=0.05)
    assert float(corrected_quark_ratio(3.0)) == pytest.approx(2.0 * (1.0 + float(strong_coupling(3.0)) / math.pi))
    # all of the charm quark far above its threshold
    assert float(corrected_quark_ratio(10.0)) == pytest.approx(10.0 / 3.0 * 1.057, rel=0.005)
    # the channels below and the quarks above meet
    assert float(hadron_ratio(1.7999)) == pytest.approx(float(hadron_ratio(1.8001)), rel=0.03)
    assert hadron_ratio([0.1, 0.2]).max() < 1e-4
