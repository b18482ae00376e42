from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.bhabha_photon_phase_space import flat_grid, sample_bhabha_and_photon
from darkreach.generators.backgrounds.radiative_bhabha_background import (
    generate_radiative_bhabha,
    learn_bhabha_grid,
)
from darkreach.generators.backgrounds.radiative_pair_matrix_element import (
    RadiativePair,
    radiative_bhabha_matrix_element,
)
from darkreach.generators.backgrounds.sampling_grid import SamplingGrid
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, HBAR_C_SQUARED_FB, Beams, boost, mass_squared

EXACT = Beams(7.004, 4.002, 0.083)
HEAD_ON = Beams(5.29, 5.29, 0.0)


def degrees(*angles: float) -> tuple[float, ...]:
    return tuple(math.radians(angle) for angle in angles)


@pytest.mark.slow
@pytest.mark.parametrize("angle", [0.003, 0.03])
def test_virtual_compton_by_equivalent_photons(angle: float) -> None:
    # one electron within a small angle of its beam: a flux of nearly real photons on the positron, with the massless
    # Compton formula dsigma/dt = 2 pi alpha^2/s^2 (-u/s - s/u); V. M. Budnev et al., Phys. Rept. 15 (1975) 181
    energy, smallest, n = 5.29, 0.8, 1_000_000
    low, high = degrees(40.0, 140.0)
    events = generate_radiative_bhabha(
        HEAD_ON,
        HardPhotonCuts(smallest, low, high),
        n,
        np.random.default_rng(51),
        electron_low=low,
        electron_high=high,
        maximum_isr_fraction=0.0,
    )
    electron = events.momenta[:, 0]
    tilt = np.arctan2(np.hypot(electron[:, 1], electron[:, 2]), electron[:, 3])
    weight = np.where(tilt < angle, events.weight_fb, 0.0)

    def density(cosine: float, y: float) -> float:
        omega, s = y * energy, 4.0 * y * energy**2
        k = s / (2.0 * omega * (1.0 - cosine) + 2.0 * energy * (1.0 + cosine))
        positron_z = omega - energy - k * cosine
        lost = abs(positron_z) / (omega + energy - k) > math.cos(low)
        if k < smallest or not lost:
            return 0.0
        u = -2.0 * energy * k * (1.0 + cosine)
        # t = -s (1 - c)/((1 - c) + (1 + c)/y): its derivative in c
        turned = omega * (1.0 - cosine) + energy * (1.0 + cosine)
        slope = s * omega * 2.0 * energy / turned**2
        compton = 2.0 * math.pi * FINE_STRUCTURE**2 / s**2 * (-u / s - s / u) * slope
        q_low = ELECTRON_MASS**2 * y**2 / (1.0 - y)
        q_high = q_low + 4.0 * energy**2 * (1.0 - y) * math.sin(angle / 2.0) ** 2
        flux = (1.0 + (1.0 - y) ** 2) / y * math.log(q_high / q_low) - 2.0 * (1.0 - y) / y * (1.0 - q_low / q_high)
        return HBAR_C_SQUARED_FB * FINE_STRUCTURE / (2.0 * math.pi) * flux * compton

    # the cuts make edges: midpoints on a fine grid
    cosines = math.cos(low) * (np.arange(300) + 0.5) / 150.0 - math.cos(low)
    fractions = np.exp(np.log(0.01) * (np.arange(600) + 0.5) / 600.0)
    values = [[density(c, y) * y for c in cosines] for y in fractions]
    expected = float(np.sum(values)) * (2.0 * math.cos(low) / 300.0) * (-math.log(0.01) / 600.0)
    error = weight.std() / math.sqrt(n)
    print(f"\nangle {angle}: {weight.mean() / expected:.4f} +- {error / expected:.4f} of equivalent photons")
    assert error < 0.005 * expected
    assert abs(weight.mean() - expected) < 3.0 * error + 0.005 * expected


def test_sampled_volume_is_the_phase_space() -> None:
    n, s, energy, rapidity = 400_000, 100.0, 1.0, 1.0
    full = np.full(n, s)
    edges = np.full(n, -rapidity), np.full(n, rapidity)
    states = sample_bhabha_and_photon(full, np.full(n, energy), edges, flat_grid(), np.random.default_rng(52)).states
    # any electron direction: angles where no channel peaks have weights of some hundreds, the error tells
    expected = s * math.tanh(rapidity) / (128.0 * math.pi**3) * 0.5 * (1.0 - (0.2 * energy) ** 2)
    error = states.phase_space.std() / math.sqrt(n)
    assert error < 0.015 * expected
    assert abs(states.phase_space.mean() - expected) < 4.0 * error


@pytest.mark.parametrize("channel", range(5))
def test_each_channel_alone_fills_phase_space(channel: int) -> None:
    # every channel reaches all directions: with its own density as the only one it has the whole volume
    n, s, energy, rapidity = 500_000, 100.0, 1.0, 1.0
    edges = np.full(n, -rapidity), np.full(n, rapidity)
    grid = SamplingGrid.flat(np.eye(5)[channel], 4)
    random = np.random.default_rng(58 + channel)
    states = sample_bhabha_and_photon(np.full(n, s), np.full(n, energy), edges, grid, random).states
    expected = s * math.tanh(rapidity) / (128.0 * math.pi**3) * 0.5 * (1.0 - (0.2 * energy) ** 2)
    error = states.phase_space.std() / math.sqrt(n)
    assert error < 0.01 * expected
    assert abs(states.phase_space.mean() - expected) < 4.0 * error


@pytest.mark.agreement
def test_cross_section_by_uniform_sampling() -> None:
    # electrons between 15 and 30 deg, photon central: nothing collinear, so that uniform sampling converges
    low, high, smallest = *degrees(40.0, 140.0), 1.0
    inner, outer = math.cos(math.radians(15.0)), math.cos(math.radians(30.0))
    n, s = 400_000, HEAD_ON.s
    events = generate_radiative_bhabha(
        HEAD_ON,
        HardPhotonCuts(smallest, low, high),
        n,
        np.random.default_rng(53),
        electron_low=low,
        electron_high=high,
        maximum_isr_fraction=0.0,
    )

    def wide(leptons: np.ndarray) -> np.ndarray:
        cosine = np.abs(leptons[..., 3]) / np.linalg.norm(leptons[..., 1:], axis=-1)
        return ((cosine < inner) & (cosine > outer)).all(axis=-1)

    ours = np.where(wide(events.momenta[:, :2]), events.weight_fb, 0.0)
    random, trials, half = np.random.default_rng(54), 1_500_000, 0.5 * HEAD_ON.sqrt_s
    span = 0.999 - 2.0 * smallest / HEAD_ON.sqrt_s
    x = 2.0 * smallest / HEAD_ON.sqrt_s + span * random.random(trials)
    cosine = math.cos(low) * (2.0 * random.random(trials) - 1.0)
    sine = np.sqrt(1.0 - cosine**2)
    photon = half * x[:, None] * np.stack([np.ones(trials), sine, np.zeros(trials), cosine], -1)
    way = random.normal(size=(trials, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    energy = half * np.sqrt(1.0 - x)
    momentum = np.sqrt(energy**2 - ELECTRON_MASS**2)[:, None] * way
    velocity = -photon[:, 1:] / (2.0 * half - photon[:, :1])
    pair = [boost(np.concatenate([energy[:, None], sign * momentum], axis=1), velocity) for sign in (1.0, -1.0)]
    leptons = np.stack(pair, axis=1)
    lost = np.abs(leptons[..., 3]) > math.cos(low) * np.linalg.norm(leptons[..., 1:], axis=-1)
    rows = lost.all(axis=1) & wide(leptons)
    flight = np.sqrt(half**2 - ELECTRON_MASS**2)
    beams = (np.tile([half, 0.0, 0.0, sign * flight], (int(rows.sum()), 1)) for sign in (1.0, -1.0))
    squared = radiative_bhabha_matrix_element(RadiativePair(*beams, pair[0][rows], pair[1][rows], photon[rows]))
    measure = s * x[rows] / (256.0 * math.pi**3) * span * 2.0 * math.cos(low)
    uniform = np.zeros(trials)
    uniform[rows] = HBAR_C_SQUARED_FB * squared * measure / (2.0 * s)
    error = math.hypot(uniform.std() / math.sqrt(trials), ours.std() / math.sqrt(n))
    assert error < 0.02 * ours.mean()
    assert abs(ours.mean() - uniform.mean()) < 4.0 * error


@pytest.mark.parametrize("radiation", [0.0, 0.2])
def test_cuts_and_momentum(radiation: float) -> None:
    n = 100_000
    (low, high), (lost_low, lost_high) = degrees(22.0, 145.0), degrees(17.0, 150.0)
    events = generate_radiative_bhabha(
        EXACT,
        HardPhotonCuts(0.5, low, high),
        n,
        np.random.default_rng(55),
        electron_low=lost_low,
        electron_high=lost_high,
        maximum_isr_fraction=radiation,
    )
    total = events.momenta.sum(axis=1) + events.isr
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (n, 1)), atol=1e-9)
    np.testing.assert_allclose(mass_squared(events.momenta[:, :2]), ELECTRON_MASS**2, atol=1e-9)
    kept = events.select(events.weight_fb > 0.0)
    direction = kept.momenta[..., 3] / np.linalg.norm(kept.momenta[..., 1:], axis=-1)
    theta = np.arccos(np.clip(direction, -1.0, 1.0))
    assert ((theta[:, :2] < lost_low) | (theta[:, :2] > lost_high)).all()
    assert ((theta[:, 2] > low) & (theta[:, 2] < high)).all()
    assert len(kept) > 0.3 * n
    assert kept.weight_fb.max() < 200.0 * kept.weight_fb.mean()


def test_smallest_transfer_of_an_electron_along_its_beam() -> None:
    # most of these events have an electron within a degree of its beam, where only the mass bounds the amplitude
    n = 100_000
    low, high = degrees(22.0, 145.0)
    events = generate_radiative_bhabha(
        HEAD_ON,
        HardPhotonCuts(0.8, low, high),
        n,
        np.random.default_rng(56),
        electron_low=low,
        electron_high=high,
        maximum_isr_fraction=0.0,
    )
    kept = events.select(events.weight_fb > 0.0)
    sine = np.hypot(kept.momenta[:, :2, 1], kept.momenta[:, :2, 2]) / kept.momenta[:, :2, 0]
    near = kept.weight_fb[sine.min(axis=1) < math.radians(1.0)].sum() / kept.weight_fb.sum()
    nearest = kept.weight_fb[sine.min(axis=1) < 1e-6].sum() / kept.weight_fb.sum()
    assert 0.3 < near < 0.95
    # below y m_e/E, 1e-5 here, the density in ln(theta) dies out with the square of the angle
    assert nearest < 0.003


@pytest.mark.slow
@pytest.mark.parametrize("smallest", [0.5, 1.0])
def test_learnt_density_is_even_and_unbiased(smallest: float) -> None:
    (low, high), (lost_low, lost_high) = degrees(22.0, 145.0), degrees(17.0, 150.0)
    cuts, n = HardPhotonCuts(smallest, low, high), 200_000
    lost = {"electron_low": lost_low, "electron_high": lost_high}
    grid = learn_bhabha_grid(EXACT, cuts, **lost)
    samples = [
        generate_radiative_bhabha(
            EXACT, cuts, n, np.random.default_rng(57), **lost, maximum_isr_fraction=0.0, grid=chosen
        )
        for chosen in (None, grid)
    ]
    plain, even = (sample.weight_fb for sample in samples)
    error = math.hypot(plain.std(), even.std()) / math.sqrt(n)
    assert abs(plain.mean() - even.mean()) < 4.0 * error
    # where electrons are lost at both ends and the photon is hard the density was lowest: the same rate there
    (hard_plain, hard_even) = (
        np.where(sample.momenta[:, 2, 0] > 2.5 * smallest, sample.weight_fb, 0.0) for sample in samples
    )
    error = math.hypot(hard_plain.std(), hard_even.std()) / math.sqrt(n)
    assert abs(hard_plain.mean() - hard_even.mean()) < 4.0 * error
    fractions = [weight.sum() ** 2 / (n * np.square(weight).sum()) for weight in (plain, even)]
    print(f"\nE > {smallest}: effective fraction {fractions[0]:.3f} flat, {fractions[1]:.3f} learnt")
    # measured 0.18 to 0.57 and 0.14 to 0.50
    assert fractions[1] > 0.4
    assert fractions[1] > 2.5 * fractions[0]
    again = learn_bhabha_grid(EXACT, cuts, **lost)
    assert again.probability.tobytes() == grid.probability.tobytes()


def test_photons_among_lost_electrons_are_refused() -> None:
    low, high = degrees(10.0, 145.0)
    with pytest.raises(ConfigError, match="where electrons would be seen"):
        generate_radiative_bhabha(
            EXACT,
            HardPhotonCuts(0.5, low, high),
            5,
            np.random.default_rng(1),
            electron_low=math.radians(17.0),
            electron_high=high,
            maximum_isr_fraction=0.0,
        )
