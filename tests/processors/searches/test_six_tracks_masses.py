"""Masses of generated events, which the measured values must be without a detector."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams, boost
from darkreach.searches.six_tracks_masses import (
    boson_values,
    cm_energy,
    cm_momentum,
    invariant_mass,
    largest_electron_cosine,
    paired_tracks,
    with_recoil,
)
from darkreach.searches.six_tracks_pairing import ELECTRON, MUON, PION, best_pairings, opposite_pairings

DARK_PHOTON, DARK_HIGGS, NUMBER = 1.0, 4.0, 500
BEAMS = Beams(9.027, 3.1, 0.0)
CODES = {11: ELECTRON, 13: MUON, 211: PION}


@pytest.fixture(scope="module")
def generated() -> tuple[np.ndarray, np.ndarray]:
    """Momenta (n, 6, 4) of true tracks, positive first, and flavours (n, 6); no radiation, no spread."""
    process = find_process("dark_higgsstrahlung")
    values = process.values(
        {
            "dark_photon_mass_gev": DARK_PHOTON,
            "dark_higgs_mass_gev": DARK_HIGGS,
            "branching_electrons": 0.3,
            "branching_muons": 0.3,
            "branching_pions": 0.4,
        }
    )
    events = process.open(BEAMS, values, 0.0).source(NUMBER, np.random.default_rng(1))
    rows = np.flatnonzero(np.isin(np.abs(events.pdg), list(CODES))).reshape(NUMBER, 6)
    pdg = events.pdg[rows]
    negative = np.where(np.abs(pdg) == 211, pdg < 0, pdg > 0)
    rows = np.take_along_axis(rows, np.argsort(negative, axis=1, kind="stable"), axis=1)
    flavour = np.vectorize(CODES.get)(np.abs(events.pdg[rows]))
    return events.momentum[rows], flavour


def test_exact_events_have_exact_masses(generated: tuple[np.ndarray, np.ndarray]) -> None:
    momenta, flavour = generated
    table = opposite_pairings(3)
    chosen = best_pairings(momenta, flavour, table)
    np.testing.assert_allclose(chosen.masses, DARK_PHOTON, rtol=1e-7)
    paired = paired_tracks(momenta, flavour, table, chosen)
    assert paired.exists.all()
    np.testing.assert_allclose(invariant_mass(momenta.sum(axis=1)), BEAMS.sqrt_s, rtol=1e-7)
    values = boson_values(paired.pairs, paired.mean_mass)
    np.testing.assert_allclose(values[..., 0], DARK_PHOTON, rtol=1e-7)
    # one of the three is the dark Higgs boson, and all three together conserve energy and momentum
    np.testing.assert_allclose(np.abs(values[..., 1] - DARK_HIGGS).min(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(
        np.sum(values[..., 1] ** 2, axis=1), BEAMS.s + 3.0 * DARK_PHOTON**2, rtol=1e-7, err_msg="Dalitz sum"
    )


def test_recoil_of_exact_events_is_the_third_boson(generated: tuple[np.ndarray, np.ndarray]) -> None:
    momenta, flavour = generated
    table = opposite_pairings(3)
    pairs = paired_tracks(momenta, flavour, table, best_pairings(momenta, flavour, table)).pairs
    expected = boson_values(pairs, np.full(NUMBER, DARK_PHOTON))
    for unseen in range(3):
        seen = np.delete(pairs, unseen, axis=1)
        bosons = with_recoil(seen, BEAMS.four_momentum)
        np.testing.assert_allclose(bosons[:, 2], pairs[:, unseen], atol=1e-6)
        values = boson_values(bosons, np.full(NUMBER, DARK_PHOTON))
        order = [*(i for i in range(3) if i != unseen), unseen]
        np.testing.assert_allclose(values[..., 1], expected[:, order, 1], atol=1e-6)


def test_masses_of_two_bosons_are_replaced_by_the_mean() -> None:
    # two bosons of 1.1 and 0.9 GeV back to back with the same momentum, the third one at rest
    momentum = 2.0
    bosons = np.array(
        [[[np.hypot(1.1, momentum), 0, 0, momentum], [np.hypot(0.9, momentum), 0, 0, -momentum], [1.0, 0, 0, 0]]]
    )
    mass_squared = (bosons[0, 0, 0] + bosons[0, 1, 0]) ** 2
    x, y = boson_values(bosons, np.ones(1))[0].T
    assert x.tolist() == [1.0, 1.0, 1.0]
    assert y[2] == pytest.approx(np.sqrt(mass_squared - 1.1**2 - 0.9**2 + 2.0), rel=1e-12)
    assert abs(y[2] - 2.0 * np.hypot(1.0, momentum)) < abs(np.sqrt(mass_squared) - 2.0 * np.hypot(1.0, momentum))


def test_electron_angle_is_that_in_the_rest_frame(generated: tuple[np.ndarray, np.ndarray]) -> None:
    momenta, flavour = generated
    table = opposite_pairings(3)
    paired = paired_tracks(momenta, flavour, table, best_pairings(momenta, flavour, table))
    total = BEAMS.four_momentum
    cosine = np.zeros((NUMBER, 3))
    in_cm = boost(paired.tracks, -total[1:] / total[0])
    for event, pair in zip(*np.nonzero(paired.flavour == ELECTRON), strict=True):
        tracks = in_cm[event, pair]
        flight = tracks.sum(axis=0)
        electron = boost(tracks[0], -flight[1:] / flight[0])[1:]
        cosine[event, pair] = abs(electron @ flight[1:]) / np.linalg.norm(electron) / np.linalg.norm(flight[1:])
    found = largest_electron_cosine(paired, total)
    np.testing.assert_allclose(found, cosine.max(axis=1), atol=1e-5)
    assert (found[(flavour != ELECTRON).all(axis=1)] == 0.0).all()
    assert (found > 0.9).any()


def test_energy_and_momentum_in_the_centre_of_mass(generated: tuple[np.ndarray, np.ndarray]) -> None:
    momenta, _ = generated
    total = BEAMS.four_momentum
    in_cm = boost(momenta, -total[1:] / total[0])
    np.testing.assert_allclose(cm_energy(momenta, total), in_cm[..., 0], rtol=1e-10)
    np.testing.assert_allclose(cm_momentum(momenta, total), np.linalg.norm(in_cm[..., 1:], axis=-1), rtol=1e-6)


def test_a_missing_pairing_leaves_numbers() -> None:
    table = opposite_pairings(2)
    momenta = np.tile([1.0, 0.0, 0.0, 0.5], (1, 4, 1))
    chosen = best_pairings(momenta, np.array([[0, 0, 1, 1]]), table)
    paired = paired_tracks(momenta, np.array([[0, 0, 1, 1]]), table, chosen)
    assert paired.exists.tolist() == [False]
    assert np.isfinite(paired.masses).all()
