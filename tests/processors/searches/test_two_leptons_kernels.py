"""Compiled pairs of leptons and their kinematics against plain code, and against numbers from elsewhere."""

from __future__ import annotations

import csv
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, Range
from darkreach.configuration.two_leptons import TauSuppression
from darkreach.errors import DarkreachError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.generators.signals.tau_pairs import tau_pairs
from darkreach.kinematics import MUON_MASS, TAU_MASS, Beams, boost
from darkreach.searches.lepton_kinematics import (
    LeptonMomenta,
    PairKinematics,
    pair_kinematics,
    plain_pair_kinematics,
)
from darkreach.searches.lepton_pairs import (
    OTHER,
    LeptonPairs,
    PairCuts,
    TrackColumns,
    lepton_pairs,
    plain_lepton_pairs,
)
from darkreach.searches.recoil_photon import beam_directions, hidden_photon_angles, hides_photon
from darkreach.searches.recoil_suppression import passes_suppression

EXACT = Beams(7.004, 4.002, 0.083)
CUTS = PairCuts(0.5, 2.0, 0.9, 0.8)
TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "mumuzp_acceptance.csv"


def random_tracks(events: int, seed: int) -> tuple[TrackColumns, np.ndarray]:
    random = np.random.default_rng(seed)
    counts = random.choice([0, 1, 2, 3, 4], p=[0.05, 0.1, 0.6, 0.15, 0.1], size=events)
    tracks = int(counts.sum())
    columns = [
        random.choice([-1.0, 1.0], tracks),
        random.exponential(0.1, tracks),
        random.normal(0.0, 1.0, tracks),
        random.choice([0.0, 0.9, 0.95, 1.0], tracks),
        random.choice([0.0, 0.8, 0.85, 1.0], tracks),
    ]
    for column in columns:
        column[random.integers(0, tracks, tracks // 300)] = np.nan
    return TrackColumns(np.concatenate([[0], np.cumsum(counts)]), *columns), random.random(events) < 0.7


def momenta_of(particles: GeneratedParticles) -> LeptonMomenta:
    """Both muons of each event, as generated."""
    muons = np.abs(particles.pdg) == 13
    momentum = particles.momentum[muons, 1:]
    size = np.linalg.norm(momentum, axis=1)
    phi = np.arctan2(momentum[:, 1], momentum[:, 0])
    return LeptonMomenta(size, np.arccos(momentum[:, 2] / size), phi, np.full(len(size), MUON_MASS))


def z_primes(mass: float, events: int) -> tuple[LeptonMomenta, np.ndarray]:
    values = find_process("muon_pair_z_prime").values({"mass_gev": mass})
    particles = find_process("muon_pair_z_prime").open(EXACT, values, 0.0).source(events, np.random.default_rng(5))
    kept = particles.select(particles.weight_fb > 0.0)
    return momenta_of(kept), kept.weight_fb


@pytest.mark.agreement
def test_compiled_and_plain_pairs_agree() -> None:
    tracks, considered = random_tracks(30_000, 1)
    fast, slow = (find(tracks, considered, CUTS) for find in (lepton_pairs, plain_lepton_pairs))
    assert len(fast.event) > 3000
    assert set(fast.electrons.tolist()) == {OTHER, 0, 1, 2}
    for field in fields(LeptonPairs):
        np.testing.assert_array_equal(getattr(fast, field.name), getattr(slow, field.name))


@pytest.mark.parametrize(
    ("charge", "dr", "electron", "muon", "expected"),
    [
        ([1.0, -1.0], 0.1, [0.0, 0.0], [1.0, 1.0], [0]),
        ([-1.0, 1.0], 0.1, [1.0, 0.0], [0.0, 1.0], [1]),
        ([-1.0, 1.0], 0.1, [1.0, 1.0], [0.0, 0.0], [2]),
        # one track of both flavours, and one of none
        ([-1.0, 1.0], 0.1, [1.0, 0.0], [1.0, 1.0], [OTHER]),
        ([-1.0, 1.0], 0.1, [0.0, 0.0], [0.0, 1.0], [OTHER]),
        # on the threshold is not above it
        ([-1.0, 1.0], 0.1, [0.9, 0.0], [1.0, 1.0], [0]),
        ([-1.0, 1.0], 0.1, [0.0, 0.0], [0.8, 1.0], [OTHER]),
        ([1.0, 1.0], 0.1, [0.0, 0.0], [1.0, 1.0], []),
        ([1.0, -1.0], 0.6, [0.0, 0.0], [1.0, 1.0], []),
        ([1.0, -1.0, 1.0], 0.1, [0.0] * 3, [1.0] * 3, []),
        ([1.0, np.nan], 0.1, [0.0, 0.0], [1.0, 1.0], []),
        ([1.0, -1.0], 0.1, [np.nan, 0.0], [1.0, 1.0], [OTHER]),
    ],
)
def test_pairs_by_hand(
    charge: list[float], dr: float, electron: list[float], muon: list[float], expected: list[int]
) -> None:
    number = len(charge)
    tracks = TrackColumns(
        np.array([0, number]),
        np.array(charge),
        np.full(number, dr),
        np.zeros(number),
        np.array(electron),
        np.array(muon),
    )
    for find in (lepton_pairs, plain_lepton_pairs):
        assert find(tracks, np.ones(1, dtype=bool), CUTS).electrons.tolist() == expected
        assert find(tracks, np.zeros(1, dtype=bool), CUTS).electrons.tolist() == []


def test_columns_of_different_lengths_are_refused() -> None:
    tracks, considered = random_tracks(10, 2)
    for find in (lepton_pairs, plain_lepton_pairs):
        with pytest.raises(DarkreachError, match="differ in length"):
            find(replace(tracks, muon=tracks.muon[:-1]), considered, CUTS)
        with pytest.raises(DarkreachError, match="differ in length"):
            find(tracks, considered[:-1], CUTS)


@pytest.mark.agreement
@pytest.mark.parametrize("scale", [1.0, 1.01])
def test_compiled_and_plain_kinematics_agree(scale: float) -> None:
    random = np.random.default_rng(3)
    leptons = LeptonMomenta(
        random.uniform(0.1, 6.0, 20_000),
        np.arccos(random.uniform(-1.0, 1.0, 20_000)),
        random.uniform(-np.pi, np.pi, 20_000),
        random.choice([0.000511, MUON_MASS], 20_000),
    )
    fast, slow = (find(leptons, EXACT.four_momentum, scale=scale) for find in (pair_kinematics, plain_pair_kinematics))
    assert len(fast.pair_transverse) == 10_000
    for field in fields(PairKinematics):
        np.testing.assert_allclose(getattr(fast, field.name), getattr(slow, field.name), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("mass", [0.5, 2.0, 8.0])
def test_recoil_of_generated_muons_has_the_mass_of_the_boson(mass: float) -> None:
    leptons, _ = z_primes(mass, 2000)
    found = pair_kinematics(leptons, EXACT.four_momentum)
    np.testing.assert_allclose(np.sqrt(found.recoil_mass_squared), mass, rtol=0.0, atol=1e-9)


def test_transverse_momenta_of_a_pair_by_hand() -> None:
    # beams at rest, momenta of 3 and 1 at right angles: each is across the other, and the recoil is minus their sum
    leptons = LeptonMomenta(
        np.array([1.0, 3.0]), np.full(2, 0.5 * np.pi), np.array([0.0, 0.5 * np.pi]), np.full(2, MUON_MASS)
    )
    for find in (pair_kinematics, plain_pair_kinematics):
        found = find(leptons, np.array([10.0, 0.0, 0.0, 0.0]))
        assert (found.against_faster[0], found.against_slower[0]) == pytest.approx((1.0, 3.0))
        assert found.pair_transverse[0] == pytest.approx(np.sqrt(10.0))
        assert (found.smallest_transverse[0], found.smallest_theta[0]) == pytest.approx((1.0, 0.5 * np.pi))


@pytest.mark.reference
def test_acceptances_are_those_of_an_independent_calculation() -> None:
    if not TABLE.exists():
        pytest.skip("the table of acceptances is not there")
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    compared = 0
    for row in csv.DictReader(lines):
        if row["m_GeV"] not in ("0.1", "1", "4", "7", "8"):
            continue
        leptons, weight = z_primes(float(row["m_GeV"]), 60_000)
        found = pair_kinematics(leptons, EXACT.four_momentum)
        both = (found.smallest_theta > np.radians(17.0)) & (found.largest_theta < np.radians(150.0))
        fast = both & (found.smallest_transverse > 0.4)
        barrel = fast & (np.abs(np.degrees(found.recoil_theta) - 80.5) < 47.5)
        for name, passing in (("f_cdc", both), ("f_pt", fast), ("f_rec", barrel)):
            # both samples have 60 000 weighted events: an error of 0.003 each
            assert weight[passing].sum() / weight.sum() == pytest.approx(float(row[name]), abs=0.012)
            compared += 1
    assert compared == 15


def test_the_recoil_of_tau_pairs_is_close_to_the_faster_lepton() -> None:
    random = np.random.default_rng(4)
    taus = tau_pairs(EXACT, 20_000, random, maximum_isr_fraction=0.0)
    # muons of any energy and direction in the rest frame of their tau
    size = 0.5 * TAU_MASS * random.random((2, 20_000))
    axis = random.normal(size=(2, 20_000, 3))
    axis /= np.linalg.norm(axis, axis=2, keepdims=True)
    at_rest = np.concatenate([np.hypot(size, MUON_MASS)[..., np.newaxis], size[..., np.newaxis] * axis], axis=2)
    velocities = [tau[:, 1:] / tau[:, :1] for tau in (taus.negative, taus.positive)]
    muons = np.stack([boost(one, velocity) for one, velocity in zip(at_rest, velocities, strict=True)], axis=1)
    momentum = muons.reshape(-1, 4)[:, 1:]
    length = np.linalg.norm(momentum, axis=1)
    phi = np.arctan2(momentum[:, 1], momentum[:, 0])
    leptons = LeptonMomenta(length, np.arccos(momentum[:, 2] / length), phi, np.full(len(length), MUON_MASS))
    found = pair_kinematics(leptons, EXACT.four_momentum)
    assert 1.3 < found.against_faster.max() < TAU_MASS
    assert found.against_slower.max() > TAU_MASS


def test_a_recoil_of_two_photons_hides_the_one_off_the_beams() -> None:
    random = np.random.default_rng(6)
    theta, phi, energy = np.radians(131.0), random.uniform(-np.pi, np.pi, 50), random.uniform(0.5, 4.0, (2, 50))
    direction = np.stack(
        [np.ones(50), np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.full(50, np.cos(theta))]
    )
    beams = beam_directions(EXACT)
    np.testing.assert_allclose(7.004 * beams[0] + 4.002 * beams[1], EXACT.four_momentum, rtol=1e-12)
    for row in (0, 1):
        recoil = energy[0] * direction + energy[1] * beams[row, :, np.newaxis]
        np.testing.assert_allclose(hidden_photon_angles(recoil, beams)[row], 131.0, rtol=1e-9)
        assert hides_photon(recoil, beams, (Range(low=130.0, high=132.0),)).all()
        assert not hides_photon(recoil, beams, (Range(low=10.0, high=11.0),)).any()
        assert not hides_photon(recoil, beams, ()).any()


def test_suppression_follows_the_recoil_mass() -> None:
    leptons = LeptonMomenta(
        np.array([1.0, 3.0]), np.full(2, 0.5 * np.pi), np.array([0.0, 0.5 * np.pi]), np.full(2, MUON_MASS)
    )
    found = pair_kinematics(leptons, np.array([10.0, 0.0, 0.0, 0.0]))
    # variables are 1, 3 and sqrt(10); the recoil has 10 - 1.0056 - 3.0019 of energy and sqrt(10) of momentum
    assert np.sqrt(found.recoil_mass_squared[0]) == pytest.approx(5.0903, abs=1e-4)
    below, above = (4.0, 1.0, 0.0, 0.0, 0.0), (6.0, 0.0, 1.0, 0.0, 3.0)
    share = (found.recoil_mass_squared[0] ** 0.5 - 4.0) / 2.0
    value, threshold = (1.0 - share) * 1.0 + share * 3.0, share * 3.0
    assert value > threshold
    assert passes_suppression(found, TauSuppression(knots=(below, above), source="test")).tolist() == [True]
    tighter = (above[0], above[1], above[2], above[3], threshold / share + (value - threshold) / share + 1e-6)
    assert passes_suppression(found, TauSuppression(knots=(below, tighter), source="test")).tolist() == [False]
    pair = TauSuppression(knots=((0.0, 0.0, 0.0, 1.0, 3.2),), source="test")
    assert passes_suppression(found, pair).tolist() == [False]
    assert passes_suppression(replace(found, recoil_mass_squared=np.array([-1.0])), None).tolist() == [True]


def test_detector_beams_are_those_of_the_tests(detector_config: DetectorConfig) -> None:
    np.testing.assert_allclose(detector_config.beams.beams().four_momentum, EXACT.four_momentum, rtol=1e-12)
