from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.lost_photon_background import generate_lost_photons
from darkreach.generators.backgrounds.lost_photon_phase_space import sample_lost_photons
from darkreach.generators.backgrounds.massive_three_photon_matrix_element import massive_three_photon_matrix_element
from darkreach.generators.backgrounds.pair_backgrounds import generate_two_photons
from darkreach.generators.backgrounds.three_photon_background import generate_three_photons
from darkreach.generators.decays import isotropic_directions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import ELECTRON_MASS, HBAR_C_SQUARED_FB, Beams, mass_squared

EXACT = Beams(7.004, 4.002, 0.083)
HEAD_ON = Beams(5.29, 5.29, 0.0)


def cuts(smallest: float, low: float, high: float) -> HardPhotonCuts:
    return HardPhotonCuts(smallest, math.radians(low), math.radians(high))


def draw(
    beams: Beams, volume: HardPhotonCuts, low: float, high: float, n: int, radiation: float = 0.0
) -> FinalStateEvents:
    lost = {"photon_low": math.radians(low), "photon_high": math.radians(high)}
    return generate_lost_photons(beams, volume, n, np.random.default_rng(71), maximum_isr_fraction=radiation, **lost)


def polar(momenta: np.ndarray) -> np.ndarray:
    return np.asarray(np.degrees(np.arctan2(np.hypot(momenta[..., 1], momenta[..., 2]), momenta[..., 3])))


@pytest.mark.parametrize("radiation", [0.0, 0.3])
def test_one_photon_is_inside_and_two_are_lost(radiation: float) -> None:
    n = 8000
    events = draw(EXACT, cuts(1.0, 22.0, 145.0), 12.4, 155.1, n, radiation)
    total = events.momenta.sum(axis=1) + events.isr
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (n, 1)), atol=1e-10)
    np.testing.assert_allclose(mass_squared(events.momenta), 0.0, atol=1e-11)
    kept = events.select(events.weight_fb > 0.0)
    theta = polar(kept.momenta)
    assert ((theta[:, 0] > 22.0) & (theta[:, 0] < 145.0)).all()
    assert ((theta[:, 1:] < 12.4) | (theta[:, 1:] > 155.1)).all()
    # the weights are even, so that many events survive
    weight = events.weight_fb
    assert weight.sum() ** 2 / (n * np.square(weight).sum()) > 0.35


def test_the_volume_of_wide_cones_is_the_massless_cross_section() -> None:
    # photons off the beams by 5 degrees: the same rate from three_photon, whose phase space and amplitude are others
    n, inner = 30_000, 5.0
    volume = cuts(1.0, 60.0, 120.0)
    events = draw(HEAD_ON, volume, 30.0, 150.0, n)
    theta = polar(events.momenta[:, 1:])
    off = ((theta > inner) & (theta < 180.0 - inner)).all(axis=1)
    hard = (events.momenta[:, :, 0] > 0.5).all(axis=1)
    ours = np.where(off & hard, events.weight_fb, 0.0)
    other = generate_three_photons(
        HEAD_ON, cuts(0.5, inner, 180.0 - inner), 5 * n, np.random.default_rng(72), maximum_isr_fraction=0.0
    )
    angle, energy = polar(other.photons), other.photons[..., 0]
    seen = (angle > 60.0) & (angle < 120.0) & (energy > 1.0)
    lost = (angle < 30.0) | (angle > 150.0)
    theirs = np.where((seen.sum(axis=1) == 1) & (lost.sum(axis=1) == 2), other.weight_fb, 0.0)
    energetic = np.where(seen, energy, 0.0).max(axis=1)
    for smallest, accuracy in ((1.0, 0.03), (2.0, 0.06)):
        one = np.where(events.momenta[:, 0, 0] > smallest, ours, 0.0)
        two = np.where(energetic > smallest, theirs, 0.0)
        error = math.hypot(one.std() / math.sqrt(n), two.std() / math.sqrt(5 * n))
        print(f"\nabove {smallest} GeV: {one.mean():.1f} fb, three photons {two.mean():.1f} fb, error {error:.1f}")
        assert error < accuracy * two.mean()
        assert abs(one.mean() - two.mean()) < 4.0 * error


@pytest.mark.slow
@pytest.mark.agreement
def test_cross_section_by_another_phase_space() -> None:
    # photon energy and angle, then the direction of the second in the rest frame of both, by one pole or evenly
    n, trials, volume = 100_000, 1_000_000, cuts(1.0, 40.0, 140.0)
    ours = draw(HEAD_ON, volume, 20.0, 160.0, n).weight_fb
    random, half = np.random.default_rng(73), 5.29
    x = 2.0 * (1.0 / HEAD_ON.sqrt_s) + (0.75 - 2.0 / HEAD_ON.sqrt_s) * random.random(trials)
    span = 0.75 - 2.0 / HEAD_ON.sqrt_s
    cosine = math.cos(math.radians(40.0)) * (2.0 * random.random(trials) - 1.0)
    sine = np.sqrt(1.0 - cosine**2)
    seen = half * x[:, None] * np.stack([np.ones(trials), sine, np.zeros(trials), cosine], -1)
    rest = np.array([2.0 * half, 0.0, 0.0, 0.0]) - seen
    mass = 2.0 * half * np.sqrt(1.0 - x)
    flight = math.sqrt(half**2 - ELECTRON_MASS**2)
    beams = [np.tile([half, 0.0, 0.0, sign * flight], (trials, 1)) for sign in (1.0, -1.0)]
    # in the rest frame of both, the second photon about the electron (a quarter of the answer, by symmetry)
    moved = np.stack([into_rest_frame(beam, rest, mass) for beam in beams])
    size = np.linalg.norm(moved[:, :, 1:], axis=2)
    axes, offset = moved[:, :, 1:] / size[..., None], ELECTRON_MASS**2 / (size * (moved[:, :, 0] + size))
    kind = random.integers(0, 5, trials)
    axis = np.where((kind % 2 == 0)[:, None], axes[0], axes[1]) * np.where(kind < 2, 1.0, -1.0)[:, None]
    own = np.where(kind % 2 == 0, offset[0], offset[1])
    apart = own * ((2.0 + own) / own) ** random.random(trials) - own
    turned = isotropic_directions(trials, random)
    turned -= np.einsum("ni,ni->n", turned, axis)[:, None] * axis
    turned /= np.linalg.norm(turned, axis=1)[:, None]
    across = np.sqrt(np.maximum(apart * (2.0 - apart), 0.0))
    direction = np.where(
        (kind == 4)[:, None],
        isotropic_directions(trials, random),
        (1.0 - apart)[:, None] * axis + across[:, None] * turned,
    )
    density = np.full(trials, 0.2)
    for sign in (1.0, -1.0):
        for i in (0, 1):
            far = 0.5 * np.square(sign * direction - axes[i]).sum(axis=1)
            density += 0.2 * 2.0 / ((offset[i] + far) * np.log((2.0 + offset[i]) / offset[i]))
    inside = 0.5 * mass[:, None] * np.concatenate([np.ones((trials, 1)), direction], axis=1)
    second = into_rest_frame(inside, rest * [1.0, -1.0, -1.0, -1.0], mass)
    photons = np.stack([seen, second, rest - second], axis=1)
    theta = polar(photons[:, 1:])
    kept = ((theta < 20.0) | (theta > 160.0)).all(axis=1)
    squared = massive_three_photon_matrix_element(beams[0][kept], beams[1][kept], photons[kept])
    measure = HEAD_ON.s * x[kept] / (256.0 * math.pi**3) * span * 2.0 * math.cos(math.radians(40.0)) / density[kept]
    theirs = np.zeros(trials)
    theirs[kept] = 0.5 * HBAR_C_SQUARED_FB * squared * measure / (2.0 * HEAD_ON.s)
    error = math.hypot(ours.std() / math.sqrt(n), theirs.std() / math.sqrt(trials))
    print(f"\nby cones {ours.mean():.1f} fb, by frames {theirs.mean():.1f} fb, error {error:.1f}")
    assert error < 0.02 * ours.mean()
    assert abs(ours.mean() - theirs.mean()) < 4.0 * error


def into_rest_frame(momentum: np.ndarray, moving: np.ndarray, mass: np.ndarray) -> np.ndarray:
    along = np.einsum("ni,ni->n", momentum[:, 1:], moving[:, 1:])
    energy = (momentum[:, 0] * moving[:, 0] - along) / mass
    factor = (along / (moving[:, 0] + mass) - momentum[:, 0]) / mass
    return np.concatenate([energy[:, None], momentum[:, 1:] + factor[:, None] * moving[:, 1:]], axis=1)


@pytest.mark.slow
def test_one_photon_along_a_beam_is_the_radiator_of_two_photons() -> None:
    # a lost photon within 0.01 rad of its beam against the collinear limit: the two-photon cross-section at the lower
    # energy times alpha/(2 pi) [(1 + z^2)/(1 - z) ln(1 + E^2 t^2/m^2) - ...], here by the radiator of the same process
    n, angle = 100_000, 0.02
    volume = cuts(1.0, 50.0, 130.0)
    events = draw(HEAD_ON, volume, 25.0, 155.0, n)
    near = np.arctan2(np.hypot(events.momenta[:, 1:, 1], events.momenta[:, 1:, 2]), np.abs(events.momenta[:, 1:, 3]))
    ours = np.where((near < angle).any(axis=1), events.weight_fb, 0.0)
    random, trials = np.random.default_rng(74), 400_000
    # hard collinear photon of fraction x from the electron (twice: or from the positron)
    x = 0.02 + 0.97 * random.random(trials)
    z, energy = 1.0 - x, 5.29
    logarithm = np.log1p((energy * angle / ELECTRON_MASS) ** 2)
    saturated = (energy * angle) ** 2 / ((energy * angle) ** 2 + ELECTRON_MASS**2)
    flux = ((1.0 + z**2) * logarithm / x - 2.0 * z * saturated / x) / (2.0 * math.pi * 137.036)
    s = z * HEAD_ON.s
    cosine = np.tanh(4.0 * (2.0 * random.random(trials) - 1.0))
    weight = 8.0 * (1.0 - cosine**2) * HBAR_C_SQUARED_FB * 2.0 * math.pi / 137.036**2 / s * (1.0 + cosine**2)
    weight /= 1.0 - cosine**2
    weight *= 0.5 * 2.0 * 0.97 * flux
    gamma, recoil = (1.0 + z) / (2.0 * np.sqrt(z)), -(1.0 - z) / (2.0 * np.sqrt(z))
    photons = []
    for sign in (1.0, -1.0):
        half = 0.5 * np.sqrt(s)
        photons.append((half * (gamma + recoil * sign * cosine), half * (recoil + gamma * sign * cosine)))
    kept = np.zeros(trials, dtype=bool)
    for one, two in (photons, photons[::-1]):
        seen = (np.abs(one[1] / one[0]) < math.cos(math.radians(50.0))) & (one[0] > 1.0)
        kept |= seen & (np.abs(two[1] / two[0]) > math.cos(math.radians(25.0)))
    theirs = np.where(kept, weight, 0.0)
    error = math.hypot(ours.std() / math.sqrt(n), theirs.std() / math.sqrt(trials))
    print(f"\ntree {ours.mean():.1f} fb, collinear {theirs.mean():.1f} fb, error {error:.1f}")
    assert error < 0.025 * theirs.mean()
    # the collinear limit neglects the transverse momentum of the photon
    assert abs(ours.mean() - theirs.mean()) < 4.0 * error + 0.02 * theirs.mean()


def test_states_are_in_their_cones() -> None:
    n = 50_000
    s, openings = np.full(n, 100.0), np.stack([np.full(n, 0.03), np.full(n, 0.06)])
    states = sample_lost_photons(s, openings, np.full(n, 1.0), np.random.default_rng(75))
    total = states.photons.sum(axis=0)
    np.testing.assert_allclose(total[0], 10.0, rtol=1e-12)
    np.testing.assert_allclose(total[1:], 0.0, atol=1e-12)
    for photon in states.photons[1:]:
        cosine = photon[3] / photon[0]
        assert ((cosine > 1.0 - 0.0301) | (cosine < -1.0 + 0.0601)).all()
    assert (states.phase_space >= 0.0).all()


@pytest.mark.parametrize(("low", "high"), [(25.0, 160.0), (10.0, 140.0), (1.0, 160.0), (10.0, 179.0)])
def test_impossible_angles_are_refused(low: float, high: float) -> None:
    with pytest.raises(ConfigError, match="where it is seen"):
        draw(EXACT, cuts(1.0, 22.0, 145.0), low, high, 5)


def test_no_event_of_two_photons_has_what_this_stratum_has() -> None:
    # with the same angles: of two photons and radiation along the beams both are inside
    volume = cuts(0.5, 10.0, 160.0)
    events = generate_two_photons(EXACT, volume, 5000, np.random.default_rng(76), maximum_isr_fraction=0.5)
    kept = events.select(events.weight_fb > 0.0)
    assert ((polar(kept.momenta) >= 10.0) & (polar(kept.momenta) <= 160.0)).all()
    ours = draw(EXACT, cuts(1.0, 22.0, 145.0), 10.0, 160.0, 2000)
    lost = polar(ours.select(ours.weight_fb > 0.0).momenta[:, 1:])
    assert ((lost < 10.0) | (lost > 160.0)).all()
