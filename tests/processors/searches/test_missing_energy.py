"""Recoils of pairs and photon vetoes: compiled against plain code, conservation laws, and events made by hand."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.errors import DarkreachError
from darkreach.searches.pair_recoil import PairRecoils, pair_recoils, plain_pair_recoils
from darkreach.searches.photon_veto import PhotonLists, VetoEnergies, plain_veto_energies, veto_energies
from darkreach.searches.track_pairs import TrackLists, TrackPairs, track_pairs


def random_pairs(total: np.ndarray, dtype: type = np.float64) -> tuple[TrackLists, TrackPairs]:
    random = np.random.default_rng(1)
    counts = random.poisson(2.5, 20_000)
    tracks = int(counts.sum())
    momentum = random.normal(0.0, 1.5, (3, tracks))
    columns = [random.choice([-1.0, 1.0], tracks), random.uniform(size=tracks)]
    columns += [np.sqrt((momentum**2).sum(axis=0) + 0.10566**2), *momentum]
    lists = TrackLists(np.concatenate([[0], np.cumsum(counts)]), *(column.astype(dtype) for column in columns))
    return lists, track_pairs(lists, np.arange(20_000), minimum_identification=0.5, total=total)


@pytest.mark.agreement
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_and_plain_recoils_agree(dtype: type, detector_config: DetectorConfig) -> None:
    total = detector_config.beams.beams().four_momentum
    tracks, pairs = random_pairs(total, dtype)
    fast, slow = pair_recoils(tracks, pairs, total=total), plain_pair_recoils(tracks, pairs, total=total)
    assert len(fast.theta) > 2000
    for field in fields(PairRecoils):
        np.testing.assert_allclose(getattr(fast, field.name), getattr(slow, field.name), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(fast.mass_squared, pairs.recoil_mass_squared, rtol=1e-12, atol=1e-12)


def test_the_recoil_balances_the_pair_in_the_centre_of_mass(detector_config: DetectorConfig) -> None:
    beams = detector_config.beams.beams()
    total = beams.four_momentum
    tracks, pairs = random_pairs(total)
    recoil = pair_recoils(tracks, pairs, total=total)
    # E* = (s + m_recoil^2 - M_pair^2) / (2 sqrt(s)), from two-body kinematics
    expected = (beams.s + recoil.mass_squared - pairs.mass_squared) / (2.0 * beams.sqrt_s)
    np.testing.assert_allclose(recoil.energy_cm, expected, rtol=1e-9)
    momentum_cm = np.sqrt(np.maximum(recoil.energy_cm**2 - recoil.mass_squared, 0.0))
    np.testing.assert_allclose(recoil.pair_transverse_cm, momentum_cm * np.sin(recoil.theta_cm), rtol=1e-6, atol=1e-7)
    for track, component in enumerate((tracks.energy, tracks.px, tracks.py, tracks.pz)):
        sums = recoil.momentum[track] + component[pairs.first] + component[pairs.second]
        np.testing.assert_allclose(sums, total[track], rtol=1e-12, atol=1e-12)


def test_beams_of_equal_energy_and_a_pair_along_x() -> None:
    total = np.array([10.0, 0.0, 0.0, 0.0])
    lists = (np.array([1.0, -1.0]), np.ones(2), np.array([3.0, 1.0]), np.array([3.0, -1.0]), *np.zeros((2, 2)))
    tracks = TrackLists(np.array([0, 2]), *lists)
    pairs = track_pairs(tracks, np.array([0]), minimum_identification=0.5, total=total)
    recoil = pair_recoils(tracks, pairs, total=total)
    assert recoil.momentum[:, 0].tolist() == [6.0, -2.0, 0.0, 0.0]
    assert recoil.mass_squared[0] == pytest.approx(32.0)
    assert (recoil.theta[0], abs(recoil.phi[0])) == pytest.approx((math.pi / 2, math.pi))
    assert (recoil.energy_cm[0], recoil.theta_cm[0], recoil.pair_transverse_cm[0]) == pytest.approx((6, math.pi / 2, 2))


@pytest.mark.parametrize("total", [[1.0, 0.0, 0.0, 1.0], [0.0] * 4, [1.0, 0.0, 0.0, math.nan], [5.0, 0.0, 0.0]])
def test_beams_without_a_rest_frame_are_refused(total: list[float]) -> None:
    tracks, pairs = random_pairs(np.array([10.0, 0.0, 0.0, 0.0]))
    for find in (pair_recoils, plain_pair_recoils):
        with pytest.raises(DarkreachError, match="rest frame"):
            find(tracks, pairs, total=np.array(total))


@pytest.mark.agreement
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_and_plain_vetoes_agree(dtype: type) -> None:
    random = np.random.default_rng(3)
    counts = random.poisson(3.0, 10_000)
    number = int(counts.sum())
    energy = random.exponential(0.3, number)
    energy[::97] = math.nan
    theta, phi = np.arccos(random.uniform(-1.0, 1.0, number)), random.uniform(-np.pi, np.pi, number)
    photons = PhotonLists(np.concatenate([[0], np.cumsum(counts)]), *(x.astype(dtype) for x in (energy, theta, phi)))
    events = np.flatnonzero(random.uniform(size=10_000) < 0.4)
    direction = (np.arccos(random.uniform(-1.0, 1.0, len(events))), random.uniform(-np.pi, np.pi, len(events)))
    fast, slow = (
        find(photons, events, *direction, minimum_energy=0.1, cone=0.5) for find in (veto_energies, plain_veto_energies)
    )
    for field in fields(VetoEnergies):
        np.testing.assert_allclose(getattr(fast, field.name), getattr(slow, field.name), rtol=1e-12, atol=0.0)
    assert 0 < np.count_nonzero(fast.largest_in_cone) < np.count_nonzero(fast.largest) < len(events)


def test_vetoes_of_two_events_by_hand() -> None:
    photons = PhotonLists(
        np.array([0, 0, 3]), np.array([0.5, 0.2, 0.05]), np.array([1.0, 2.0, 2.0]), np.array([0.1, 3.1, 3.1])
    )
    # the second photon is 0.08 rad away across the seam of the azimuth, sin(2) * (2 pi - 6.2)
    arguments = (photons, np.array([0, 1]), np.full(2, 2.0), np.full(2, -3.1))
    for cone, expected in ((0.08, 0.2), (0.07, 0.0), (math.pi, 0.5)):
        for find in (veto_energies, plain_veto_energies):
            found = find(*arguments, minimum_energy=0.1, cone=cone)
            assert found.count.tolist() == [0, 2]
            assert found.total.tolist() == [0.0, 0.7]
            assert found.largest.tolist() == [0.0, 0.5]
            assert found.largest_in_cone.tolist() == [0.0, expected]


def test_vetoes_that_make_no_sense_are_refused() -> None:
    photons = PhotonLists(np.array([0, 1]), *np.ones((3, 1)))
    one = np.zeros(1)
    for events, theta, cone in (([1], one, 0.1), ([-1], one, 0.1), ([0, 0], one, 0.1), ([0], one, 4.0)):
        for find in (veto_energies, plain_veto_energies):
            with pytest.raises(DarkreachError):
                find(photons, np.array(events), theta, one, minimum_energy=0.1, cone=cone)
