from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.generators.backgrounds.hard_photon_stratum import has_hard_photon
from darkreach.generators.backgrounds.muon_pair_photon_background import generate_muon_pair_photon
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles, particles_of
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams, boosted_energy

SPREAD = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
EVERYWHERE = (0.0, math.pi)


def sample(cuts: HardPhotonCuts, n: int, seed: int) -> GeneratedParticles:
    random = np.random.default_rng(seed)
    return particles_of(generate_muon_pair_photon(SPREAD, cuts, n, random, maximum_isr_fraction=0.35))


def photon_energy(particles: GeneratedParticles) -> np.ndarray:
    """Return the largest CM energy of a photon off the beams, of each event."""
    momentum = particles.momentum
    across = np.hypot(momentum[:, 1], momentum[:, 2])
    theta = np.arctan2(across, momentum[:, 3])
    seen = (particles.pdg == 22) & (theta > 0.2) & (theta < 2.8)
    energy = np.where(seen, boosted_energy(momentum, SPREAD.boost), 0.0)
    result = np.zeros(len(particles))
    np.maximum.at(result, particles.event, energy)
    return result


@pytest.mark.agreement
def test_strata_add_up_to_the_whole() -> None:
    # the inclusive sample stands for a generator with photons of all energies; its hard part is replaced by a sample of
    # its own with other statistics: no overlap and no hole in the spectrum
    n, cuts = 200_000, HardPhotonCuts(2.0, math.radians(20.0), math.radians(150.0))
    inclusive = sample(HardPhotonCuts(0.3, *EVERYWHERE), 2 * n, 71)
    hard = has_hard_photon(inclusive, cuts, SPREAD)
    rest = inclusive.select(~hard)
    own = sample(cuts, n, 72)
    assert has_hard_photon(own.select(own.weight_fb > 0.0), cuts, SPREAD).all()
    edges = np.linspace(0.3, 5.3, 11)
    sums = []
    for particles, trials in ((inclusive, 2 * n), (rest, 2 * n), (own, n)):
        energy = photon_energy(particles)
        weight = particles.weight_fb / trials
        total, _ = np.histogram(energy, edges, weights=weight)
        squared, _ = np.histogram(energy, edges, weights=weight**2)
        sums.append((total, squared))
    (whole, whole_squared), (soft, soft_squared), (extra, extra_squared) = sums
    assert (np.abs(soft + extra - whole) < 4.0 * np.sqrt(whole_squared + soft_squared + extra_squared)).all()
    assert extra[:3].sum() == 0.0
    assert extra[6:].min() > 0.0
    # half the trials, and still more precise where the photon is hard
    relative, relative_whole = extra_squared[5:] / extra[5:] ** 2, whole_squared[5:] / whole[5:] ** 2
    print(f"\nerror squared of the stratum over that of the whole: {(relative / relative_whole).round(2)}")
    assert relative.sum() < 0.8 * relative_whole.sum()


@pytest.mark.agreement
def test_strata_of_a_parton_shower_and_the_tree() -> None:
    # Pythia, scaled to 1.148 nb, and the tree agree on hard photons within what alpha(s)^2 and higher orders do
    # (simple radiators differ by 5 to 10 %), so that exchanging the stratum changes the whole by little
    pytest.importorskip("pythia8mc")
    shower, tree = find_process("muon_pair"), find_process("muon_pair_photon")
    n, random = 20_000, np.random.default_rng(73)
    inclusive = shower.open(SPREAD, shower.values({}), 0.999).source(n, random)
    values = tree.values({"minimum_energy_gev": 2.0, "polar_low_deg": 17.0, "polar_high_deg": 150.0})
    own = tree.open(SPREAD, values, 0.35).source(100_000, random).weight_fb.mean()
    cuts = HardPhotonCuts(2.0, math.radians(17.0), math.radians(150.0))
    hard = np.where(has_hard_photon(inclusive, cuts, SPREAD), inclusive.weight_fb, 0.0)
    error = hard.std() / math.sqrt(n)
    total = inclusive.weight_fb.mean()
    print(f"\ntree {own / 1e3:.2f} pb, shower {hard.mean() / 1e3:.2f} +- {error / 1e3:.2f} pb of {total / 1e3:.0f} pb")
    assert 0.75 * hard.mean() - 3.0 * error < own < 1.0 * hard.mean() + 3.0 * error
    assert total - hard.mean() + own == pytest.approx(1.148e6, rel=0.03)


def test_what_counts_as_a_hard_photon() -> None:
    # a photon of a pi0, an undetectable one, one outside, one along the electron beam, one that counts
    beam = np.array([math.sin(0.0415), 0.0, math.cos(0.0415)])
    side = np.array([1.0, 0.0, 0.0])
    directions = [side, side, np.array([0.0, 0.0, 1.0]), beam, side]
    momentum = np.array([np.concatenate([[3.0], 3.0 * way]) for way in directions])
    mother = np.array([0, -1, -1, -1, -1], dtype=np.int32)
    final = np.array([True, False, True, True, True])
    code = np.full(5, 22, dtype=np.int32)
    particles = GeneratedParticles(np.arange(6), np.ones(5), code, momentum, np.zeros((5, 3)), mother, final)
    off_beams = HardPhotonCuts(1.0, 0.3, 2.6)
    assert has_hard_photon(particles, off_beams, SPREAD).tolist() == [False, False, False, False, True]
    whole = HardPhotonCuts(1.0, *EVERYWHERE)
    assert has_hard_photon(particles, whole, SPREAD).tolist() == [False, False, True, True, True]


def test_several_photons_and_none() -> None:
    # two events: a soft and a hard photon; muons only
    momentum = np.array([[0.1, 0.1, 0.0, 0.0], [2.0, 2.0, 0.0, 0.0], [3.0, 0.0, 3.0, 0.0], [3.0, 0.0, -3.0, 0.0]])
    code = np.array([22, 22, 13, -13], dtype=np.int32)
    first, final = np.full(4, -1, dtype=np.int32), np.ones(4, dtype=np.bool_)
    particles = GeneratedParticles(np.array([0, 2, 4]), np.ones(2), code, momentum, np.zeros((4, 3)), first, final)
    both = concatenate_particles([particles, particles.select(np.array([1, 0]))])
    assert has_hard_photon(both, HardPhotonCuts(1.0, 0.3, 2.6), SPREAD).tolist() == [True, False, False, True]
