from __future__ import annotations

import math

import pytest

from darkreach.generators.signals.higgs_mixed_scalar_widths import lepton_width, leptonic_ctau_cm, pion_width

FERMI = 1.1663788e-5
ELECTRON, MUON, PION = 0.51099895e-3, 0.1056583755, 0.13957039


@pytest.mark.reference
def test_widths_and_lifetimes_of_the_specification() -> None:
    # Gamma = m_l^2 m_S/(8 pi v^2) beta^3 at sin(theta) = 1
    assert lepton_width(0.1, ELECTRON, FERMI) == pytest.approx(1.71351e-14, rel=2e-5, abs=0.0)
    assert lepton_width(0.25, MUON, FERMI) == pytest.approx(2.79464e-10, rel=2e-5, abs=0.0)
    assert leptonic_ctau_cm(0.10, 1.0, FERMI) == pytest.approx(1.152, rel=1e-3)
    assert leptonic_ctau_cm(0.25, 1.0, FERMI) == pytest.approx(7.06e-5, rel=1e-3)
    muons, electrons = (lepton_width(0.25, mass, FERMI) for mass in (MUON, ELECTRON))
    assert electrons / (muons + electrons) == pytest.approx(1.53e-4, rel=5e-3)


def test_muon_to_electron_ratio_and_scaling() -> None:
    mass = 0.24
    speeds = [math.sqrt(1.0 - 4.0 * lepton**2 / mass**2) for lepton in (MUON, ELECTRON)]
    ratio = lepton_width(mass, MUON, FERMI) / lepton_width(mass, ELECTRON, FERMI)
    assert ratio == pytest.approx((MUON / ELECTRON) ** 2 * (speeds[0] / speeds[1]) ** 3, rel=1e-12)
    assert leptonic_ctau_cm(mass, 1e-3, FERMI) == pytest.approx(1e6 * leptonic_ctau_cm(mass, 1.0, FERMI))
    assert lepton_width(0.2, MUON, FERMI) == 0.0


def test_leading_order_pions_over_muons() -> None:
    # (1/27)(m_S/m_mu)^2 (1 + 11 m_pi^2/(2 m_S^2))^2 beta_pi/beta_mu^3 for charged pions with the isospin factor 3/2
    mass = 2.0
    beta_pi, beta_mu = (math.sqrt(1.0 - 4.0 * one**2 / mass**2) for one in (PION, MUON))
    expected = (mass / MUON) ** 2 / 27.0 * (1.0 + 5.5 * PION**2 / mass**2) ** 2 * beta_pi / beta_mu**3
    # neutral pions are a little lighter: beta differs by 1e-3
    assert pion_width(mass, FERMI) / lepton_width(mass, MUON, FERMI) == pytest.approx(expected, rel=1e-3)
    assert pion_width(0.2, FERMI) == 0.0
