"""The choice of pairs against plain loops over tracks, events and permutations."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from darkreach.errors import DarkreachError
from darkreach.searches.six_tracks_events import FLAVOUR_MASSES
from darkreach.searches.six_tracks_pairing import (
    MUON,
    NO_FLAVOUR,
    NO_PAIRING,
    best_pairings,
    opposite_pairings,
    plain_best_pairings,
    wrong_sign_pairings,
)

POSITIVE, NEGATIVE = (0, 1, 2), (3, 4, 5)


def random_events(number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Momenta (n, 6, 4) and flavours (n, 6): all combinations of flavours, and many events with pairings."""
    random = np.random.default_rng(seed)
    flavour = random.choice(4, (number, 6), p=[0.4, 0.3, 0.25, 0.05])
    flavour[: number // 3] = random.integers(0, 3, (number // 3, 1))
    flavour[number // 3 : number // 2, 3:] = flavour[number // 3 : number // 2, :3][:, random.permutation(3)]
    momentum = random.normal(0.0, 1.5, (number, 6, 3))
    energy = np.sqrt(np.sum(momentum**2, axis=2) + FLAVOUR_MASSES[flavour] ** 2)
    return np.concatenate([energy[..., np.newaxis], momentum], axis=2), flavour


def pairs_of(permutation: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(POSITIVE, permutation, strict=True))


def wrong_sign(positive: int, negative: int) -> list[tuple[int, int]]:
    same = [track for track in POSITIVE if track != positive]
    other = [track for track in NEGATIVE if track != negative]
    return [(same[0], same[1]), (other[0], other[1]), (positive, negative)]


OPPOSITE_SIGNS = [pairs_of(order) for order in itertools.permutations(NEGATIVE)]
WRONG_SIGNS = [wrong_sign(*chosen) for chosen in itertools.product(POSITIVE, NEGATIVE)]


def brute_force(
    momenta: list[list[list[float]]], flavour: list[list[int]], pairings: list[list[tuple[int, int]]]
) -> list[tuple[int, list[float], float]]:
    """Number, masses and spread of every event by loops alone."""
    result = []
    for tracks, kinds in zip(momenta, flavour, strict=True):
        chosen, best, smallest = NO_PAIRING, [math.nan] * 3, math.inf
        for number, pairing in enumerate(pairings):
            if any(kinds[one] != kinds[two] or kinds[one] == NO_FLAVOUR for one, two in pairing):
                continue
            masses = []
            for one, two in pairing:
                e, x, y, z = (tracks[one][i] + tracks[two][i] for i in range(4))
                masses.append(math.sqrt(max(e * e - x * x - y * y - z * z, 0.0)))
            if max(masses) - min(masses) < smallest:
                chosen, best, smallest = number, masses, max(masses) - min(masses)
        result.append((chosen, best, smallest))
    return result


def compare(number: int, seed: int) -> None:
    momenta, flavour = random_events(number, seed)
    for table, loops in ((opposite_pairings(3), OPPOSITE_SIGNS), (wrong_sign_pairings(), WRONG_SIGNS)):
        found = best_pairings(momenta, flavour, table)
        chosen, masses, spread = zip(*brute_force(momenta.tolist(), flavour.tolist(), loops), strict=True)
        np.testing.assert_array_equal(found.number, chosen)
        np.testing.assert_array_equal(found.masses, masses)
        np.testing.assert_array_equal(found.spread, spread)
        assert 0.3 < np.mean(found.number >= 0) < 0.7
        # all of them are chosen now and then
        assert set(found.number) == {NO_PAIRING, *range(len(loops))}


@pytest.mark.agreement
def test_kernel_is_the_brute_force() -> None:
    compare(2_000, 3)


@pytest.mark.agreement
@pytest.mark.slow
def test_kernel_is_the_brute_force_for_many_events() -> None:
    compare(100_000, 4)


@pytest.mark.agreement
@pytest.mark.parametrize("table", [opposite_pairings(3), wrong_sign_pairings()], ids=["opposite", "wrong"])
def test_plain_twin_agrees(table: np.ndarray) -> None:
    momenta, flavour = random_events(5_000, 5)
    one, other = best_pairings(momenta, flavour, table), plain_best_pairings(momenta, flavour, table)
    np.testing.assert_array_equal(one.number, other.number)
    np.testing.assert_allclose(one.masses, other.masses, rtol=1e-12)
    np.testing.assert_allclose(one.spread, other.spread, rtol=1e-9, atol=1e-12)


def test_two_pairs_of_four_tracks() -> None:
    momenta, flavour = random_events(1_000, 6)
    momenta, flavour = momenta[:, [0, 1, 3, 4]], flavour[:, [0, 1, 3, 4]]
    found = best_pairings(momenta, flavour, opposite_pairings(2))
    loops = [[(0, 2), (1, 3)], [(0, 3), (1, 2)]]
    for event in range(1_000):
        allowed = []
        for number, pairing in enumerate(loops):
            if all(flavour[event, one] == flavour[event, two] != NO_FLAVOUR for one, two in pairing):
                total = [momenta[event, one] + momenta[event, two] for one, two in pairing]
                masses = [math.sqrt(t[0] ** 2 - t[1] ** 2 - t[2] ** 2 - t[3] ** 2) for t in total]
                allowed.append((abs(masses[0] - masses[1]), number))
        assert found.number[event] == (min(allowed)[1] if allowed else NO_PAIRING)


def test_of_equal_spreads_the_lowest_number_is_taken() -> None:
    momenta, _ = random_events(200, 7)
    flavour = np.full((200, 6), MUON)
    # three equal negative tracks: all six pairings are the same
    equal = momenta.copy()
    equal[:, 4] = equal[:, 5] = equal[:, 3]
    assert best_pairings(equal, flavour, opposite_pairings(3)).number.tolist() == [0] * 200
    # two equal ones: each pairing has a twin of a higher number, which is never taken
    equal = momenta.copy()
    equal[:, 5] = equal[:, 4]
    assert set(best_pairings(equal, flavour, opposite_pairings(3)).number) == {0, 2, 3}


def test_pairs_need_one_flavour() -> None:
    momenta, _ = random_events(3, 8)
    flavour = np.array([[0, 1, 2, 1, 2, 0], [0, 1, 2, 0, 1, 1], [3, 1, 1, 3, 1, 1]])
    found = best_pairings(momenta, flavour, opposite_pairings(3))
    # electron with the third, muon with the first, pion with the second negative track
    assert opposite_pairings(3)[found.number[0]].tolist() == [[0, 5], [1, 3], [2, 4]]
    assert found.number[1:].tolist() == [NO_PAIRING, NO_PAIRING]
    assert np.isnan(found.masses[1:]).all()
    assert np.isinf(found.spread[1:]).all()


def test_every_pairing_has_every_track_once() -> None:
    for table, number in ((opposite_pairings(3), 6), (wrong_sign_pairings(), 9), (opposite_pairings(2), 2)):
        assert len({tuple(map(tuple, np.sort(one.tolist()))) for one in table}) == number == len(table)
        for one in table:
            assert sorted(one.ravel().tolist()) == list(range(one.size))
    signs = np.where(wrong_sign_pairings() < 3, 1, -1).sum(axis=2)
    assert (signs == [2, -2, 0]).all()
    assert (np.where(opposite_pairings(3) < 3, 1, -1).sum(axis=2) == 0).all()


def test_arrays_that_do_not_fit_are_refused() -> None:
    momenta, flavour = random_events(4, 9)
    for wrong in ((momenta[:, :4], flavour), (momenta, flavour[:3]), (momenta[..., :3], flavour)):
        with pytest.raises(DarkreachError, match="do not fit"):
            best_pairings(*wrong, opposite_pairings(3))
