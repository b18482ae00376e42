"""The axion-like particle against the neutral pion, an independent table, and scaling laws."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from darkreach.errors import DarkreachError
from darkreach.kinematics import FINE_STRUCTURE
from darkreach.models.axion_like_particle import (
    center_of_mass_beta_gamma,
    cross_section_fb,
    decay_length_cm,
    minimal_opening_angle,
    photon_width_gev,
    proper_decay_length_cm,
)

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "alp_gamma_a.csv"
SQRT_S = 10.58


@pytest.mark.reference
def test_the_neutral_pion_has_the_width_of_the_anomaly() -> None:
    coupling = FINE_STRUCTURE / (math.pi * 0.0924)
    assert coupling == pytest.approx(0.0251, abs=5e-5)
    # the anomaly prediction, 7.7 eV
    assert float(photon_width_gev(0.1349768, coupling)) * 1e9 == pytest.approx(7.7, abs=0.05)


def test_decay_length_has_the_hidden_invariant() -> None:
    mass, coupling = np.geomspace(0.01, 9.0, 7)[:, None], np.geomspace(1e-6, 1e-1, 5)
    invariant = proper_decay_length_cm(mass, coupling) * mass**3 * coupling**2
    # hbar c x 64 pi, with hbar c from the CODATA values of hbar and c
    hbar_c = 6.582119569e-25 * 2.99792458e10
    np.testing.assert_allclose(invariant, 64.0 * math.pi * hbar_c, rtol=1e-8)


def test_cross_section_of_a_light_axion_and_its_threshold() -> None:
    assert cross_section_fb(1e-4, 1e-3, SQRT_S**2) == pytest.approx(118.4, rel=1e-3)
    ratio = cross_section_fb(5.0, 1e-3, SQRT_S**2) / cross_section_fb(1e-6, 1e-3, SQRT_S**2)
    assert ratio == pytest.approx((1.0 - 25.0 / SQRT_S**2) ** 3, rel=1e-9)
    assert cross_section_fb(SQRT_S, 1e-3, SQRT_S**2) == 0.0


def test_total_cross_section_is_the_integral_of_the_angular_formula() -> None:
    # dsigma/dcos = (alpha g^2/64)(1-x)^3 (1+c^2), integrated numerically, in fb by (hbar c)^2 = 3.8937937e11 fb GeV^2
    cosine, weight = np.polynomial.legendre.leggauss(8)
    x = 9.0 / SQRT_S**2
    density = FINE_STRUCTURE * 1e-6 / 64.0 * (1.0 - x) ** 3 * (1.0 + cosine**2)
    assert cross_section_fb(3.0, 1e-3, SQRT_S**2) == pytest.approx(3.8937937e11 * float(weight @ density), rel=1e-12)


def test_smallest_opening_angle_is_that_of_the_symmetric_decay() -> None:
    energy = (SQRT_S**2 + 4.0) / (2.0 * SQRT_S)
    momentum = math.sqrt(energy**2 - 4.0)
    # photons at 90 degrees to the flight in the rest frame: cos(half angle) = beta
    assert minimal_opening_angle(2.0, SQRT_S) == pytest.approx(2.0 * math.acos(momentum / energy), rel=1e-12)


@pytest.mark.parametrize("mass", [0.0, -1.0, SQRT_S, 20.0])
def test_masses_out_of_reach_are_refused(mass) -> None:
    for function in (minimal_opening_angle, center_of_mass_beta_gamma):
        with pytest.raises(DarkreachError, match="reach"):
            function(mass, SQRT_S)


@pytest.mark.reference
@pytest.mark.skipif(not TABLE.is_file(), reason="the table of an independent computation is not here")
def test_the_table_of_an_independent_computation() -> None:
    with TABLE.open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert len(rows) == 18
    for row in rows:
        mass = float(row["m_GeV"])
        boost = center_of_mass_beta_gamma(mass, SQRT_S)
        found = {
            "sigma_pb": cross_section_fb(mass, 1e-3, SQRT_S**2) / 1000.0,
            "Gamma_GeV": float(photon_width_gev(mass, 1e-3)),
            "ctau_cm": float(proper_decay_length_cm(mass, 1e-3)),
            "decaylength_cm_cm": float(decay_length_cm(mass, 1e-3, boost)),
            "min_opening_deg": math.degrees(minimal_opening_angle(mass, SQRT_S)),
        }
        for column, value in found.items():
            # six printed digits
            assert value == pytest.approx(float(row[column]), rel=6e-6, abs=0.0), (mass, column)
