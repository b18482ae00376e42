"""Decays of given particles: whole events stay whole, momentum is conserved, lifetimes are those of the particles."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from darkreach.errors import ConfigError, DarkreachError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.generators.pythia import PythiaDecays
from darkreach.kinematics import Beams

pytest.importorskip("pythia8mc")

BEAMS = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
EVENTS = 3000


@pytest.fixture(scope="module")
def pairs() -> GeneratedParticles:
    return find_process("b_meson_pair").open(BEAMS, {}, 0.0).source(EVENTS, np.random.default_rng(2))


def mixed_events() -> GeneratedParticles:
    """Three events: (muon, B+ displaced, photon), (photon), (tau-, B0)."""
    mass = {13: 0.10566, 521: 5.27941, 22: 0.0, 15: 1.77693, 511: 5.27972}
    pdg = np.array([13, 521, 22, 22, 15, 511], dtype=np.int32)
    momentum = np.array([[0.0, 0.3, 0.1 * i, 1.0] for i in range(6)])
    momentum[:, 0] = np.sqrt((momentum[:, 1:] ** 2).sum(axis=1) + np.array([mass[code] for code in pdg.tolist()]) ** 2)
    vertex = np.zeros((6, 3))
    vertex[1] = 1.0, 2.0, 3.0
    return GeneratedParticles(
        np.array([0, 3, 4, 6]), np.array([1.0, 2.0, 3.0]), pdg, momentum, vertex,
        np.full(6, -1, dtype=np.int32), np.ones(6, dtype=np.bool_),
    )  # fmt: skip


def rows_of_mothers(events: GeneratedParticles) -> np.ndarray:
    return np.where(events.mother >= 0, events.offsets[events.event] + events.mother, -1)


def test_events_keep_their_particles_in_place() -> None:
    before = mixed_events()
    after = PythiaDecays()(before, np.random.default_rng(1))
    assert after.weight_fb.tolist() == [1.0, 2.0, 3.0]
    assert after.counts[1] == 1
    for row, size in enumerate(before.counts):
        old, new = before.offsets[row], after.offsets[row]
        assert np.array_equal(before.pdg[old : old + size], after.pdg[new : new + size])
        assert np.array_equal(before.momentum[old : old + size], after.momentum[new : new + size])
    decayed = np.isin(np.abs(after.pdg), [15, 511, 521])
    assert not np.any(after.final & decayed)
    assert np.all(after.final[np.isin(after.pdg, [13, 22])])


def test_products_belong_to_what_decayed() -> None:
    before = mixed_events()
    after = PythiaDecays()(before, np.random.default_rng(1))
    rows = rows_of_mothers(after)
    assert np.all(rows < np.arange(len(rows)))
    summed = np.zeros_like(after.momentum)
    daughters = np.flatnonzero(rows >= 0)
    np.add.at(summed, rows[daughters], after.momentum[daughters])
    assert np.abs(summed - after.momentum)[~after.final].max() < 1e-8
    # daughters of the displaced meson start near where it was made
    of_displaced = daughters[rows[daughters] == 1]
    assert np.linalg.norm(after.vertex[of_displaced] - before.vertex[1], axis=1).max() < 0.5


def test_others_stay_as_they_are() -> None:
    before = mixed_events()
    after = PythiaDecays(frozenset({15}))(before, np.random.default_rng(1))
    assert after.final[after.pdg == 521].all()
    assert not after.final[after.pdg == 15].any()
    photons = before.select(np.array([1]))
    assert PythiaDecays()(photons, np.random.default_rng(1)) is photons


def test_pairs_conserve_momentum(pairs: GeneratedParticles) -> None:
    total, mesons = np.zeros((EVENTS, 4)), np.zeros((EVENTS, 4))
    np.add.at(total, pairs.event[pairs.final], pairs.momentum[pairs.final])
    np.add.at(mesons, pairs.event[pairs.mother < 0], pairs.momentum[pairs.mother < 0])
    assert np.abs(total - mesons).max() < 1e-9
    assert mesons.mean(axis=0) == pytest.approx(BEAMS.four_momentum, abs=1e-3)
    assert not np.any(pairs.final & np.isin(np.abs(pairs.pdg), [511, 521]))
    charges = {11: -1, 13: -1, 211: 1, 321: 1, 2212: 1}
    charge = np.array([np.sign(code) * charges.get(abs(code), 0) for code in pairs.pdg.tolist()])
    assert np.all(np.bincount(pairs.event, charge * pairs.final) == 0)


@pytest.mark.reference
def test_pairs_have_their_numbers(pairs: GeneratedParticles) -> None:
    """f(+-) = 0.514; 10.6 charged particles an event; the cross-section is the mean weight."""
    firsts = pairs.pdg[pairs.mother < 0]
    charged = np.mean(np.abs(firsts) == 521)
    assert charged == pytest.approx(0.514, abs=4.0 * 0.5 / EVENTS**0.5)
    tracks = np.isin(np.abs(pairs.pdg), [11, 13, 211, 321, 2212]) & pairs.final
    assert tracks.sum() / EVENTS == pytest.approx(10.6, abs=0.4)
    assert pairs.weight_fb.mean() == pytest.approx(1.05e6, rel=2e-3)


@pytest.mark.parametrize(("code", "ctau_cm"), [(521, 0.0491), (511, 0.0455), (15, 0.0087), (411, 0.0312), (310, 2.684)])
def test_lifetimes(pairs: GeneratedParticles, code: int, ctau_cm: float) -> None:
    rows = rows_of_mothers(pairs)
    chosen = np.flatnonzero((rows >= 0) & (np.abs(pairs.pdg[np.maximum(rows, 0)]) == code))
    _, first = np.unique(rows[chosen], return_index=True)
    daughter = chosen[first]
    momentum = pairs.momentum[rows[daughter]]
    flight = np.linalg.norm(pairs.vertex[daughter] - pairs.vertex[rows[daughter]], axis=1)
    length = np.linalg.norm(momentum[:, 1:], axis=1)
    proper = flight * np.sqrt(momentum[:, 0] ** 2 - length**2) / length
    assert proper.mean() == pytest.approx(ctau_cm, abs=4.0 * ctau_cm / len(proper) ** 0.5 + 0.005 * ctau_cm)


@pytest.mark.parametrize(("code", "mass", "ctau_cm"), [(15, 1.77693, 0.0087), (521, 5.27941, 0.0491)])
def test_given_particles_fly(code: int, mass: float, ctau_cm: float) -> None:
    n = 2000
    momentum = np.tile([np.hypot(mass, 4.0), 0.0, 4.0, 0.0], (n, 1))
    events = PythiaDecays().decay(np.full(n, code), momentum, np.random.default_rng(8))
    flight = events.vertex[events.offsets[:-1] + 1]
    # Pythia lets a K0 fly for a few nanometres before it is a K_S
    assert np.abs(flight[:, [0, 2]]).max() < 1e-5
    expected = ctau_cm * 4.0 / mass
    assert flight[:, 1].mean() == pytest.approx(expected, abs=expected * (4.0 / n**0.5 + 0.005))


def test_neutral_mesons_mix() -> None:
    """x = 0.77: chi = x^2/(2 (1 + x^2)) = 0.186 of B0 decay as B0bar, as the charge of primary leptons shows."""
    n = 6000
    momentum = np.tile([np.hypot(5.27972, 0.3), 0.0, 0.0, 0.3], (n, 1))
    events = PythiaDecays().decay(np.full(n, 511), momentum, np.random.default_rng(4))
    primary = events.mother == 0
    right = np.sum(primary & np.isin(events.pdg, [-11, -13]))
    wrong = np.sum(primary & np.isin(events.pdg, [11, 13]))
    fraction = wrong / (right + wrong)
    assert fraction == pytest.approx(0.186, abs=4.0 * (0.186 * 0.814 / (right + wrong)) ** 0.5)


def test_the_same_generator_state_gives_the_same_bytes() -> None:
    decays, before = PythiaDecays(), mixed_events()
    first = decays(before, np.random.default_rng(3)).momentum.tobytes()
    decays(before, np.random.default_rng(8))
    assert decays(before, np.random.default_rng(3)).momentum.tobytes() == first
    assert pickle.loads(pickle.dumps(decays))(before, np.random.default_rng(3)).momentum.tobytes() == first


def test_many_particles_share_records_without_mixing() -> None:
    n = 2500
    momentum = np.tile([5.27941, 0.0, 0.0, 0.0], (n, 1))
    momentum[:, 3] = np.linspace(0.1, 1.0, n)
    momentum[:, 0] = np.hypot(momentum[:, 3], 5.27941)
    events = PythiaDecays().decay(np.full(n, 521), momentum, np.random.default_rng(6))
    assert len(events) == n
    assert np.array_equal(events.momentum[events.offsets[:-1]], momentum)
    total = np.zeros((n, 4))
    np.add.at(total, events.event[events.final], events.momentum[events.final])
    assert np.abs(total - momentum).max() < 1e-9


def test_particles_that_are_no_mothers_are_refused() -> None:
    with pytest.raises(DarkreachError, match="not kept as mothers"):
        PythiaDecays(frozenset({211}))


def test_beams_off_the_resonance_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"Y\(4S\)"):
        find_process("b_meson_pair").open(Beams(5.4, 5.4, 0.0), {}, 0.0)
