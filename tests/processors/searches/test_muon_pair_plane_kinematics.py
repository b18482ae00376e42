"""Muon pairs of exact signals lie exactly at their masses; the helicity angle against boosts into the pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from darkreach.generators.process_registry import find_process
from darkreach.kinematics import MUON_MASS, Beams, boost
from darkreach.searches.lepton_kinematics import LeptonMomenta, pair_kinematics
from darkreach.searches.muon_pair_plane_kinematics import PlanePoints, plane_points

Floats = NDArray[np.float64]
BELLE2 = Beams(7.004, 4.002, 0.083)
KLOE = Beams(0.50976, 0.50976, 0.025)
POINTS = (
    (BELLE2, 4.0, 0.5),
    (BELLE2, 9.0, 1.0),
    (BELLE2, 5.28, 5.27),
    (BELLE2, 9.7, 0.1),
    (KLOE, 0.5, 0.2),
    (KLOE, 0.24, 0.1),
)


def true_muons(beams: Beams, masses: tuple[float, float], number: int = 200) -> Floats:
    """Momenta (2 n, 4) of the muons of signals without radiation and spread."""
    process = find_process("dark_higgsstrahlung_invisible")
    values = process.values({"dark_photon_mass_gev": masses[0], "dark_higgs_mass_gev": masses[1]})
    particles = process.open(beams, values, 0.0).source(number, np.random.default_rng(3))
    muons = particles.momentum[np.abs(particles.pdg) == 13]
    assert len(muons) == 2 * number
    return muons


def as_leptons(momenta: Floats) -> LeptonMomenta:
    size = np.linalg.norm(momenta[:, 1:], axis=1)
    theta, phi = np.arccos(momenta[:, 3] / size), np.arctan2(momenta[:, 2], momenta[:, 1])
    return LeptonMomenta(size, theta, phi, np.full(len(size), MUON_MASS))


def points_of(beams: Beams, momenta: Floats, *, scale: float = 1.0) -> PlanePoints:
    leptons, total = as_leptons(momenta), beams.four_momentum
    return plane_points(leptons, pair_kinematics(leptons, total, scale=scale), total, scale=scale)


@pytest.mark.parametrize(("beams", "dark_photon", "dark_higgs"), POINTS)
def test_exact_signals_have_their_masses(beams: Beams, dark_photon: float, dark_higgs: float) -> None:
    found = points_of(beams, true_muons(beams, (dark_photon, dark_higgs)))
    np.testing.assert_allclose(found.values[:, 0], dark_photon, rtol=1e-9)
    # M^2 of the recoil is a difference of numbers of the size of s
    np.testing.assert_allclose(found.values[:, 1], dark_higgs**2, rtol=0.0, atol=1e-11 * beams.s)


@pytest.mark.parametrize("beams", [BELLE2, KLOE])
def test_recoil_mass_follows_from_energy_and_mass_of_the_pair(beams: Beams) -> None:
    # smeared, so that no mass is that of the signal
    random, muons = np.random.default_rng(5), true_muons(beams, (0.5 * beams.sqrt_s, 0.1 * beams.sqrt_s))
    muons[:, 1:] *= 1.0 + 0.02 * random.standard_normal((len(muons), 1))
    muons[:, 0] = np.sqrt(MUON_MASS**2 + np.square(muons[:, 1:]).sum(axis=1))
    found = points_of(beams, muons)
    pair = boost(muons[::2] + muons[1::2], -beams.boost)
    mass_squared = found.values[:, 0] ** 2
    np.testing.assert_allclose(mass_squared, pair[:, 0] ** 2 - np.square(pair[:, 1:]).sum(axis=1), rtol=1e-9)
    expected = beams.s + mass_squared - 2.0 * beams.sqrt_s * pair[:, 0]
    np.testing.assert_allclose(found.values[:, 1], expected, rtol=0.0, atol=1e-11 * beams.s)


@pytest.mark.parametrize(("beams", "dark_photon", "dark_higgs"), POINTS)
def test_helicity_is_that_of_boosts(beams: Beams, dark_photon: float, dark_higgs: float) -> None:
    muons = true_muons(beams, (dark_photon, dark_higgs))
    in_cm = boost(muons, -beams.boost)
    expected = []
    for one, other in zip(in_cm[::2], in_cm[1::2], strict=True):
        pair = one + other
        velocity = pair[1:] / pair[0]
        at_rest = boost(one, -velocity)[1:]
        expected.append(abs(at_rest @ velocity) / (np.linalg.norm(at_rest) * np.linalg.norm(velocity)))
    np.testing.assert_allclose(points_of(beams, muons).helicity, expected, rtol=0.0, atol=1e-6)


@pytest.mark.parametrize(("masses", "longitudinal"), [((9.0, 1.0), 0.337), ((4.0, 1.0), 0.529)])
def test_helicity_follows_the_spin_of_the_dark_photon(masses: tuple[float, float], longitudinal: float) -> None:
    helicity = points_of(BELLE2, true_muons(BELLE2, masses, 20_000)).helicity
    # mean |cos| of sin^2 is 3/8, of 1 + cos^2 it is 9/16
    assert helicity.mean() == pytest.approx(longitudinal * 0.375 + (1.0 - longitudinal) * 0.5625, abs=0.006)


def test_scaled_momenta_are_those_of_scaled_muons() -> None:
    muons = true_muons(BELLE2, (6.0, 2.0))
    scaled = muons.copy()
    scaled[:, 1:] *= 1.01
    scaled[:, 0] = np.sqrt(MUON_MASS**2 + np.square(scaled[:, 1:]).sum(axis=1))
    one, other = points_of(BELLE2, muons, scale=1.01), points_of(BELLE2, scaled)
    np.testing.assert_allclose(one.values, other.values, rtol=1e-11)
    np.testing.assert_allclose(one.helicity, other.helicity, rtol=1e-8)
    assert not np.allclose(one.values, points_of(BELLE2, muons).values, rtol=1e-4)


def test_a_pair_at_rest_has_no_helicity() -> None:
    total = np.array([10.0, 0.0, 0.0, 0.0])
    leptons = LeptonMomenta(
        np.full(2, 3.0), np.array([0.5 * math.pi] * 2), np.array([0.0, math.pi]), np.full(2, MUON_MASS)
    )
    found = plane_points(leptons, pair_kinematics(leptons, total), total)
    assert found.helicity[0] < 1.0
    assert found.values[0] == pytest.approx(
        [2.0 * math.hypot(3.0, MUON_MASS), (10.0 - 2.0 * math.hypot(3.0, MUON_MASS)) ** 2]
    )


def test_the_cross_section_at_one_gev_is_that_of_the_formula() -> None:
    process = find_process("dark_higgsstrahlung_invisible")
    values = {"dark_photon_mass_gev": 0.5, "dark_higgs_mass_gev": 0.2, "kinetic_mixing": 1e-3, "dark_coupling": 0.1}
    head_on = Beams(0.50975, 0.50975, 0.0)
    weights = process.open(head_on, process.values(values), 0.0).source(10, np.random.default_rng(1)).weight_fb
    assert weights.mean() / (1e-3**2 * 0.1) == pytest.approx(1.162e10, rel=5e-4)
