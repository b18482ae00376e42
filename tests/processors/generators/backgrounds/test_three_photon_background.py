from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.three_photon_background import generate_three_photons
from darkreach.generators.backgrounds.three_photon_phase_space import sample_three_photons
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import (
    HBAR_C_SQUARED_FB,
    PAIRINGS,
    Beams,
    boost,
    boosted_energy,
    mass_squared,
    pair_mass_squared,
)

EXACT = Beams(7.004, 4.002, 0.083)
SPREAD = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
E_SQUARED = 4.0 * math.pi / 137.036


def cuts(energy: float) -> HardPhotonCuts:
    return HardPhotonCuts(energy, math.radians(37.3), math.radians(123.7))


def flat_three_body(n: int, sqrt_s: float, random: np.random.Generator) -> np.ndarray:
    """Momenta (n, 3, 4) flat in massless phase space: isotropic vectors made to balance by a boost and a scaling."""
    cosine, azimuth = 2.0 * random.random((n, 3)) - 1.0, 2.0 * math.pi * random.random((n, 3))
    energy = -np.log(random.random((n, 3)) * random.random((n, 3)))
    sine = np.sqrt(1.0 - cosine**2)
    free = energy[..., None] * np.stack(
        [np.ones_like(sine), sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], -1
    )
    total = free.sum(axis=1)
    at_rest = boost(free, -(total[:, 1:] / total[:, :1])[:, None, :])
    return at_rest * (sqrt_s / np.sqrt(mass_squared(total)))[:, None, None]


@pytest.mark.reference
@pytest.mark.parametrize(("energy", "picobarn"), [(0.25, 22.40), (0.65, 14.05), (1.0, 10.27)])
def test_cross_section_in_the_acceptance(energy: float, picobarn: float) -> None:
    # three independent integrations of the same tree amplitude: 22.40(1), 14.04(1), 10.27(1) pb
    random = np.random.default_rng(11)
    weights = [
        generate_three_photons(EXACT, cuts(energy), 50_000, random, maximum_isr_fraction=0.0).weight_fb
        for _ in range(10)
    ]
    weight = np.concatenate(weights)
    error = weight.std() / math.sqrt(len(weight))
    assert error < 0.002 * weight.mean()
    assert weight.mean() / 1e3 == pytest.approx(picobarn, rel=0.005)


@pytest.mark.agreement
def test_cross_section_by_flat_phase_space_and_boosts() -> None:
    n, s = 300_000, EXACT.s
    cut = cuts(1.0)
    photons = boost(flat_three_body(n, EXACT.sqrt_s, np.random.default_rng(12)), EXACT.boost)
    half = 0.5 * EXACT.crossing_angle
    electron = 7.004 * np.array([1.0, math.sin(half), 0.0, math.cos(half)])
    positron = 4.002 * np.array([1.0, math.sin(half), 0.0, -math.cos(half)])
    metric = np.array([1.0, -1.0, -1.0, -1.0])
    a, b = photons @ (metric * electron), photons @ (metric * positron)
    squared = E_SQUARED**3 * s * (a * b * (a**2 + b**2)).sum(axis=1) / (a * b).prod(axis=1)
    theta = np.arctan2(np.hypot(photons[..., 1], photons[..., 2]), photons[..., 3])
    inside = (theta > cut.polar_low) & (theta < cut.polar_high)
    inside &= boost(photons, -EXACT.boost)[..., 0] > cut.minimum_energy_cm
    volume = s / (256.0 * math.pi**3)
    weight = np.where(inside.all(axis=1), squared, 0.0) * HBAR_C_SQUARED_FB * volume / (12.0 * s)
    flat, flat_error = weight.mean(), weight.std() / math.sqrt(n)
    ours = generate_three_photons(EXACT, cut, 200_000, np.random.default_rng(13), maximum_isr_fraction=0.0).weight_fb
    error = math.hypot(flat_error, ours.std() / math.sqrt(len(ours)))
    assert error < 0.009 * flat
    assert abs(ours.mean() - flat) < 4.0 * error


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "density"), [(1.0, 2.646), (3.0, 5.494), (7.0, 2.919), (9.0, 5.172)])
def test_pair_mass_spectrum(mass: float, density: float) -> None:
    # pb/GeV of all three pairs for E* > 0.65 GeV, from an independent generator
    events = generate_three_photons(EXACT, cuts(0.65), 400_000, np.random.default_rng(14), maximum_isr_fraction=0.0)
    width, total = 0.2, []
    for first, second, _ in PAIRINGS:
        pair = np.sqrt(pair_mass_squared(events.photons[:, first], events.photons[:, second]))
        total.append(np.where(abs(pair - mass) < width / 2, events.weight_fb, 0.0))
    weight = sum(total) / width / 1e3
    error = weight.std() / math.sqrt(len(weight))
    # the window is wide: its curvature adds up to 0.5 %
    assert abs(weight.mean() - density) < 4.0 * error + 0.005 * density
    assert error < 0.02 * density


def test_sampled_volume_is_the_phase_space() -> None:
    n, minimum, rapidity = 400_000, 0.1, 2.0
    state = sample_three_photons(
        np.full(n, 100.0), np.full(n, minimum), np.full(n, -rapidity), np.full(n, rapidity), np.random.default_rng(15)
    )
    # the triangle of area 1/2 without three corners x_i < minimum, and |cos| < tanh(rapidity) of one photon
    expected = 100.0 / (128.0 * math.pi**3) * (0.5 - 1.5 * minimum**2) * math.tanh(rapidity)
    error = state.phase_space.std() / math.sqrt(n)
    assert abs(state.phase_space.mean() - expected) < 4.0 * error
    assert error < 2e-3 * expected
    np.testing.assert_allclose(state.energy_fraction.sum(axis=0), 2.0, atol=1e-12)
    np.testing.assert_allclose(np.einsum("pn,pin->in", state.energy_fraction, state.direction), 0.0, atol=1e-12)


def test_momentum_masses_and_cuts_with_radiation() -> None:
    cut = cuts(0.45)
    events = generate_three_photons(EXACT, cut, 20_000, np.random.default_rng(16), maximum_isr_fraction=0.35)
    total = events.photons.sum(axis=1) + events.isr
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (20_000, 1)), atol=1e-9)
    np.testing.assert_allclose(mass_squared(events.photons), 0.0, atol=1e-9)
    kept = events.select(events.weight_fb > 0.0)
    theta = np.arccos(kept.photons[..., 3] / kept.photons[..., 0])
    assert theta.min() >= cut.polar_low
    assert theta.max() <= cut.polar_high
    assert boosted_energy(kept.photons, EXACT.boost).min() >= cut.minimum_energy_cm
    # the range sampled is no wider than needed, and the weights are tame
    assert len(kept) > 0.5 * len(events)
    assert kept.weight_fb.max() < 6.0 * kept.weight_fb.mean()


@pytest.mark.parametrize("radiation", [0.0, 0.35])
def test_sampling_covers_the_cuts(radiation: float) -> None:
    # the cross-section of tight cuts is the same when they are applied to a wider sample
    tight, wide = cuts(0.65), HardPhotonCuts(0.45, math.radians(33.0), math.radians(128.0))
    random = np.random.default_rng(17)
    direct = generate_three_photons(SPREAD, tight, 200_000, random, maximum_isr_fraction=radiation).weight_fb
    events = generate_three_photons(SPREAD, wide, 300_000, random, maximum_isr_fraction=radiation)
    theta = np.arccos(events.photons[..., 3] / events.photons[..., 0])
    inside = (theta > tight.polar_low) & (theta < tight.polar_high)
    inside &= boosted_energy(events.photons, SPREAD.boost) > tight.minimum_energy_cm
    selected = np.where(inside.all(axis=1), events.weight_fb, 0.0)
    error = math.hypot(direct.std() / math.sqrt(len(direct)), selected.std() / math.sqrt(len(selected)))
    assert abs(direct.mean() - selected.mean()) < 4.0 * error
    assert error < 0.006 * direct.mean()


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (HardPhotonCuts(0.0, 0.6, 2.0), "minimum_energy"),
        (HardPhotonCuts(4.0, 0.6, 2.0), "minimum_energy"),
        (HardPhotonCuts(6.0, 0.6, 2.0), "minimum_energy"),
        (HardPhotonCuts(0.5, 0.01, 2.0), "polar_low"),
        (HardPhotonCuts(0.5, 0.6, 3.13), "polar_low"),
    ],
)
def test_divergent_or_empty_volumes_are_refused(bad: HardPhotonCuts, named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        generate_three_photons(EXACT, bad, 10, np.random.default_rng(1), maximum_isr_fraction=0.0)
    assert named in str(caught.value)
