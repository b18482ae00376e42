from __future__ import annotations

import numpy as np
import pytest

from darkreach.generators.signals.axion_signal import generate_axion_signal
from darkreach.kinematics import Beams, photon_momenta
from darkreach.response.cluster_merging import merge_photons, merging_probability, opening_angle

NONE_ABOVE, ALL_BELOW = np.radians(5.0), np.radians(4.0)
MOTHERS = np.array([[11, 9000005, 9000005]], dtype=np.int32)


def event(angle_degrees: float) -> np.ndarray:
    """A recoil photon and two photons at an opening angle, (1, 3, 4)."""
    theta = np.radians([[150.0, 60.0, 60.0 + angle_degrees]])
    return photon_momenta(np.array([[4.0, 1.0, 3.0]]), theta, np.array([[0.0, 1.0, 1.0]]))


@pytest.mark.parametrize("angle", [1e-3, 0.01, 4.5, 90.0, 179.9])
def test_opening_angle_is_exact(angle: float) -> None:
    photons = photon_momenta(np.array([2.0, 5.0]), np.radians([0.05, angle - 0.05]), np.array([np.pi, 0.0]))
    assert np.degrees(opening_angle(photons[:1], photons[1:]))[0] == pytest.approx(angle, rel=1e-5)


def test_probability_is_linear_between_the_limits() -> None:
    angles = np.radians([0.0, 3.999, 4.25, 4.75, 5.001, 180.0])
    expected = [1.0, 1.0, 0.75, 0.25, 0.0, 0.0]
    np.testing.assert_allclose(merging_probability(angles, NONE_ABOVE, ALL_BELOW), expected, atol=1e-12)


def test_equal_limits_are_a_step() -> None:
    assert merging_probability(np.array([0.05, 0.06, 0.07]), 0.06, 0.06).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("uniform", [0.0, 0.999999])
def test_always_one_below_and_always_two_above(uniform: float) -> None:
    one, _ = merge_photons(event(3.9), MOTHERS, np.array([uniform]), NONE_ABOVE, ALL_BELOW)
    two, _ = merge_photons(event(5.1), MOTHERS, np.array([uniform]), NONE_ABOVE, ALL_BELOW)
    assert (one[0, :, 0] > 0).sum() == 2
    np.testing.assert_array_equal(two, event(5.1))


def test_merged_cluster_carries_the_sum_in_the_place_of_the_harder() -> None:
    photons = event(3.0)
    mothers = np.array([[11, 22, 9000005]], dtype=np.int32)
    merged, after = merge_photons(photons, mothers, np.array([0.5]), NONE_ABOVE, ALL_BELOW)
    np.testing.assert_allclose(merged[0, 2], photons[0, 1] + photons[0, 2])
    assert (merged[0, 1] == 0.0).all()
    np.testing.assert_array_equal(merged[0, 0], photons[0, 0])
    assert after[0, 2] == 9000005
    # the input stays as it was
    np.testing.assert_array_equal(photons, event(3.0))


def test_only_one_pair_can_be_close() -> None:
    beams = Beams(7.004, 4.002, 0.083)
    photons = generate_axion_signal(
        beams, 0.2, 1e-3, 50_000, np.random.default_rng(1), maximum_isr_fraction=0.35
    ).photons
    pairs = [opening_angle(photons[:, i], photons[:, j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    angles = np.sort(np.stack(pairs), axis=0)
    assert (angles[0] < NONE_ABOVE).any()
    assert angles[1].min() > 4 * NONE_ABOVE
