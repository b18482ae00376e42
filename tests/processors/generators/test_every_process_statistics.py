"""Weights, random numbers and symmetries of every process."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import chi2

from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.process import OpenedProcess
from darkreach.generators.process_registry import known_processes
from darkreach.kinematics import Beams, boost

Sample = Callable[..., GeneratedParticles]
Open = Callable[..., OpenedProcess]

NAMES = list(known_processes())
B_DECAYS = [name for name in NAMES if name.startswith("b_to_")]
CUT_IN_ANGLE = {
    name for name, process in known_processes().items() if any("_deg" in one.name for one in process.parameters)
}
BEAMS = Beams(7.004, 4.002, 0.083)
BINS = 12

ASYMMETRIC = {
    "bhabha": "exchange of a photon sends electrons forward",
    "radiative_bhabha": "as bhabha",
    "electron_pair_electron_pair": "electrons of the beams stay along their beams",
    "electron_pair_muon_pair": "as electron_pair_electron_pair",
    "electron_pair_muon_pair_transverse": "as electron_pair_electron_pair",
    "electron_pair_pion_pair": "as electron_pair_electron_pair",
    "muon_pair_photon": "photons of the beams and of the muons interfere",
}
"""Processes that one photon does not make alone, whose particles may prefer the direction of the electron."""


def content(particles: GeneratedParticles) -> str:
    columns = ("offsets", "weight_fb", "pdg", "momentum", "vertex", "mother", "final")
    return hashlib.sha256(b"".join(getattr(particles, name).tobytes() for name in columns)).hexdigest()


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def in_the_cm(momentum: np.ndarray) -> np.ndarray:
    """Momenta (m, 3) in the CM of the nominal beams, the third axis along the electron, the second vertical."""
    moved = boost(momentum, -np.asarray(BEAMS.boost))[:, 1:]
    beam = boost(np.array([[1.0, np.sin(0.0415), 0.0, np.cos(0.0415)]]), -np.asarray(BEAMS.boost))[0, 1:]
    along = beam / np.linalg.norm(beam)
    up = np.array([0.0, 1.0, 0.0])
    return moved @ np.stack([np.cross(up, along), up, along]).T


def check_azimuth(particles: GeneratedParticles, direction: np.ndarray, rows: np.ndarray) -> None:
    """Chi-square of azimuths of one particle an event (rows) being uniform, with weights."""
    weight = particles.weight_fb[particles.event[rows]]
    rows, weight = rows[weight > 0.0], weight[weight > 0.0]
    azimuth = np.arctan2(direction[rows, 1], direction[rows, 0])
    inside = np.minimum(((azimuth + np.pi) / (2.0 * np.pi) * BINS).astype(int), BINS - 1)
    expected, variance = weight.sum() / BINS, np.sum(weight**2) / BINS
    filled = np.bincount(inside, weights=weight, minlength=BINS)
    # the bins share the total: the variance of each is smaller by (1 - 1/BINS), the chi-square has BINS - 1 degrees
    assert chi2.sf(np.sum((filled - expected) ** 2) / variance, BINS - 1) > 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_a_cross_section(name: str, sample: Sample) -> None:
    ratio = []
    for radiation in (0.0, 0.35):
        particles = sample(name, "exact", radiation)
        weight = particles.weight_fb
        assert weight.dtype == np.float64
        assert np.all(np.isfinite(weight) & (weight >= 0.0))
        mean, error = mean_and_error(weight)
        assert mean > 0.0
        assert error < 0.05 * mean
        # no event is worth more than thirty of the mean
        assert weight.max() < 30.0 * mean
        ratio.append(mean)
        for column in (particles.momentum, particles.vertex):
            assert np.all(np.isfinite(column))
    assert 0.65 < ratio[1] / ratio[0] < 1.25


@pytest.mark.parametrize("name", NAMES)
def test_same_state_same_bytes(name: str, sample: Sample, open_process: Open) -> None:
    first = sample(name, "spread", 0.35)
    opened = open_process(name, "spread", 0.35)
    assert content(opened.source(len(first), np.random.default_rng(20261))) == content(first)
    assert content(opened.source(len(first), np.random.default_rng(20262))) != content(first)
    # what other processes are given instead, and what a process made before, makes no difference
    elsewhere = pickle.loads(pickle.dumps(opened.source)) if picklable(opened) else opened.source
    assert content(elsewhere(len(first), np.random.default_rng(20261))) == content(first)


def picklable(opened: OpenedProcess) -> bool:
    try:
        pickle.dumps(opened.source)
    except (AttributeError, pickle.PicklingError, TypeError):
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_the_size_of_chunks_does_not_matter(name: str, sample: Sample, open_process: Open) -> None:
    whole = sample(name, "exact", 0.35)
    source, random = open_process(name, "exact", 0.35).source, np.random.default_rng(4)
    sizes = [1, 0, 2, 7, 40, len(whole) // 4, len(whole) // 4]
    parts = [source(size, random) for size in sizes]
    assert [len(part) for part in parts] == sizes
    chunks = concatenate_particles(parts)
    assert chunks.pdg.dtype == whole.pdg.dtype
    for values in ("weight_fb", "multiplicity", "energy"):
        means = []
        for particles in (whole, chunks):
            numbers = {
                "weight_fb": particles.weight_fb,
                "multiplicity": particles.weight_fb * particles.counts,
                "energy": particles.weight_fb * hardest(particles),
            }[values]
            means.append(mean_and_error(numbers))
        (one, first), (other, second) = means
        assert abs(one - other) <= 5.0 * np.hypot(first, second) + 1e-12 * one, values


def hardest(particles: GeneratedParticles) -> np.ndarray:
    """Largest energy among the final particles of each event."""
    result = np.zeros(len(particles))
    rows = particles.final
    np.maximum.at(result, particles.event[rows], particles.momentum[rows, 0])
    return result


@pytest.mark.parametrize("name", NAMES)
def test_azimuths_about_the_beam_are_uniform(name: str, sample: Sample) -> None:
    # cuts in laboratory angles have no such symmetry where the beams cross at an angle
    beams = "symmetric" if name in CUT_IN_ANGLE or name == "particle_gun" else "exact"
    particles = sample(name, beams, 0.35)
    direction = particles.momentum[:, 1:] if beams == "symmetric" else in_the_cm(particles.momentum)
    # along the beams there is no azimuth
    across = np.hypot(direction[:, 0], direction[:, 1]) > 1e-3
    for code in sorted(set(np.abs(particles.pdg).tolist())):
        rows = np.flatnonzero(across & (np.abs(particles.pdg) == code))
        rows = rows[np.unique(particles.event[rows], return_index=True)[1]]
        if len(rows) > 20 * BINS:
            check_azimuth(particles, direction, rows)


@pytest.mark.parametrize("name", NAMES)
def test_particles_go_as_antiparticles_go_back(name: str, sample: Sample) -> None:
    """CP turns a particle at the angle theta into its antiparticle at pi - theta, with the same probability."""
    particles = sample(name, "symmetric", 0.35)
    size = np.linalg.norm(particles.momentum[:, 1:], axis=1)
    cosine = particles.momentum[:, 3] / np.maximum(size, 1e-300)
    for code in sorted(set(np.abs(particles.pdg).tolist())):
        rows = np.flatnonzero(np.abs(particles.pdg) == code)
        if len(rows) < 50:
            continue
        sign = np.sign(particles.pdg[rows])
        laws = {"odd": cosine[rows], "odd cube": cosine[rows] ** 3}
        if len(set(sign.tolist())) == 2:
            laws |= {"even": sign * cosine[rows] ** 2, "energy": sign * particles.momentum[rows, 0]}
            if name not in ASYMMETRIC:
                laws["one photon makes charges without direction"] = sign * cosine[rows]
        for law, values in laws.items():
            sums = np.bincount(particles.event[rows], weights=values, minlength=len(particles))
            mean, error = mean_and_error(sums * particles.weight_fb)
            # equal contents of every event make a difference of nothing but rounding
            scale = 1e-12 * float(np.mean(particles.weight_fb)) * (1.0 + np.abs(sums).max())
            assert abs(mean) < 4.5 * error + scale, (code, law)


@pytest.mark.parametrize("name", B_DECAYS)
def test_the_other_b_meson_decays_by_pythia(name: str, sample: Sample) -> None:
    alone, decayed = sample(name, "exact"), sample(name, "exact", decay_other_b=1.0)
    np.testing.assert_allclose(decayed.weight_fb.mean(), alone.weight_fb.mean(), rtol=0.02)
    assert not np.isin(np.abs(decayed.pdg[decayed.final]), (511, 521)).any()
    rows = np.flatnonzero(decayed.final)
    total = np.zeros((len(decayed), 4))
    np.add.at(total, decayed.event[rows], decayed.momentum[rows])
    np.testing.assert_allclose(total, np.tile(BEAMS.four_momentum, (len(decayed), 1)), atol=3e-5)
    # products of the other meson begin where it decays, and some millimetres at most from there
    other = np.flatnonzero(np.isin(np.abs(decayed.pdg), (511, 521)))
    daughters = np.flatnonzero(np.isin(decayed.offsets[decayed.event] + decayed.mother, other) & (decayed.mother >= 0))
    mother = decayed.offsets[decayed.event[daughters]] + decayed.mother[daughters]
    assert set(mother.tolist()) == set(other.tolist())
    flight = np.linalg.norm(decayed.vertex[daughters], axis=1)
    assert 0.0 < np.median(flight) < 0.05
