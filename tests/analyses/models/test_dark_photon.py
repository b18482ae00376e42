"""Widths of the dark photon against the muon pair cross-section, limits and thresholds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_CM, MUON_MASS
from darkreach.models.dark_photon import charged_lepton_width_gev, dark_fermion_width_gev, dark_scalar_width_gev


def test_width_is_that_of_an_explicit_sum_over_polarisations() -> None:
    # mean over polarisations of |ubar gamma.e v|^2 = (1/3) (-g + kk/m^2) Tr[(q+m)g(q'-m)g] = (4/3)(m^2 + 2 m_l^2) g^2
    mass, mixing = 0.7, 2e-3
    velocity = math.sqrt(1.0 - 4.0 * MUON_MASS**2 / mass**2)
    squared = 4.0 * math.pi * FINE_STRUCTURE * mixing**2 * 4.0 / 3.0 * (mass**2 + 2.0 * MUON_MASS**2)
    expected = squared * velocity / (16.0 * math.pi * mass)
    assert float(charged_lepton_width_gev(mass, mixing, MUON_MASS)) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_lifetime_of_a_light_dark_photon() -> None:
    # electrons only at 50 MeV and epsilon = 1e-3
    width = charged_lepton_width_gev(0.05, 1e-3, 0.51099895e-3)
    assert HBAR_C_CM / float(width) == pytest.approx(1.62e-4, rel=0.005)


def test_dark_widths() -> None:
    assert float(dark_fermion_width_gev(3.0, 0.5, 1.5)) == 0.0
    assert float(dark_scalar_width_gev(3.0, 0.5, 1.6)) == 0.0
    # four states of spin against one: a quarter without masses
    light = dark_scalar_width_gev(3.0, 0.1, 0.0) / dark_fermion_width_gev(3.0, 0.1, 0.0)
    assert float(light) == pytest.approx(0.25, rel=1e-12)
    # the P wave of scalars vanishes faster at threshold than the S wave of fermions
    near = np.array([2.001, 2.0001])
    fermion, scalar = dark_fermion_width_gev(near, 0.1, 1.0), dark_scalar_width_gev(near, 0.1, 1.0)
    assert math.log10(fermion[0] / fermion[1]) == pytest.approx(0.5, abs=0.01)
    assert math.log10(scalar[0] / scalar[1]) == pytest.approx(1.5, abs=0.01)
