from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from darkreach.errors import ConfigError, UnknownNameError
from darkreach.response.forced_number import force_outcome
from darkreach.response.forced_outcomes import ForcedOutcomes

CHANCES = (0.3, 0.05, 0.6)


def by_enumeration(wanted: int) -> float:
    """Probability of a number of outcomes by summing over all 2^3 cases."""
    total = 0.0
    for outcome in product((0, 1), repeat=len(CHANCES)):
        if sum(outcome) == wanted:
            total += float(np.prod([p if hit else 1.0 - p for p, hit in zip(CHANCES, outcome, strict=True)]))
    return total


@pytest.mark.parametrize("wanted", [0, 1, 2, 3])
def test_weight_is_the_probability(wanted: int) -> None:
    event = np.array([1, 1, 1])
    chosen, weight = force_outcome(event, np.array(CHANCES), 3, np.random.default_rng(1), wanted=wanted)
    assert int(chosen.sum()) == wanted
    # events without objects have certainly none
    empty = float(wanted == 0)
    assert weight == pytest.approx([empty, by_enumeration(wanted), empty], rel=1e-12, abs=0.0)


def test_choice_follows_the_conditional_probability() -> None:
    n = 60_000
    event = np.repeat(np.arange(n), 3)
    chosen, _ = force_outcome(event, np.tile(CHANCES, n), n, np.random.default_rng(2), wanted=1)
    odds = np.array(CHANCES) / (1.0 - np.array(CHANCES))
    share = chosen.reshape(n, 3).mean(axis=0)
    assert (chosen.reshape(n, 3).sum(axis=1) == 1).all()
    np.testing.assert_allclose(share, odds / odds.sum(), atol=4.0 * 0.5 / np.sqrt(n))


def test_sets_follow_the_products_of_their_odds() -> None:
    """Four objects, in events between others with one and with none: all six pairs, by enumeration."""
    n = 60_000
    chances = np.array([0.3, 0.05, 0.6, 0.02])
    event = np.concatenate([[3 * row] * 4 + [3 * row + 1] for row in range(n)])
    probability = np.tile([*chances, 0.9], n)
    chosen, weight = force_outcome(event, probability, 3 * n, np.random.default_rng(5), wanted=2)
    chosen = chosen.reshape(n, 5)
    assert not chosen[:, 4].any()
    assert (chosen.sum(axis=1) == 2).all()
    odds = chances / (1.0 - chances)
    pairs = list(combinations(range(4), 2))
    products = np.array([odds[first] * odds[second] for first, second in pairs])
    weights = weight.reshape(n, 3)
    np.testing.assert_allclose(weights[:, 0], np.prod(1.0 - chances) * products.sum(), rtol=1e-12)
    assert not weights[:, 1:].any()
    share = [(chosen[:, first] & chosen[:, second]).mean() for first, second in pairs]
    expected = products / products.sum()
    np.testing.assert_allclose(share, expected, atol=0.0, rtol=4.0 / np.sqrt(n * expected.min()))


def test_all_numbers_add_up_to_certainty() -> None:
    random = np.random.default_rng(6)
    event = np.repeat(np.arange(200), random.integers(0, 7, 200))
    probability = random.random(len(event)) ** 3
    parts = [force_outcome(event, probability, 200, random, wanted=number) for number in range(7)]
    np.testing.assert_allclose(sum(weight for _, weight in parts), 1.0, rtol=1e-9)
    for number, (chosen, weight) in enumerate(parts):
        assert (np.bincount(event[chosen], minlength=200) == np.where(weight > 0.0, number, 0)).all()


def test_impossible_outcomes_are_never_chosen() -> None:
    chosen, weight = force_outcome(np.array([0, 0]), np.array([0.0, 0.2]), 1, np.random.default_rng(3), wanted=1)
    assert chosen.tolist() == [False, True]
    assert weight.tolist() == pytest.approx([0.2])
    chosen, weight = force_outcome(np.array([0]), np.array([0.0]), 1, np.random.default_rng(3), wanted=1)
    assert not chosen.any()
    assert weight.tolist() == [0.0]
    chosen, weight = force_outcome(np.array([0, 0]), np.array([0.0, 0.2]), 1, np.random.default_rng(3), wanted=2)
    assert not chosen.any()
    assert weight.tolist() == [0.0]


def test_certain_outcomes_stay_finite() -> None:
    chosen, weight = force_outcome(np.array([0, 0]), np.array([1.0, 0.5]), 1, np.random.default_rng(4), wanted=1)
    assert chosen.tolist() == [True, False]
    assert weight.tolist() == pytest.approx([0.5])
    chosen, weight = force_outcome(np.zeros(3, int), np.array([1.0, 0.5, 1.0]), 1, np.random.default_rng(4), wanted=2)
    assert chosen.tolist() == [True, False, True]
    assert weight.tolist() == pytest.approx([0.5])


def test_numbers_that_cannot_be_forced_are_refused() -> None:
    for refused in ({"lost_photons": 2}, {"wrong_identifications": 7}, {"wrong_identifications": {"muon": -1}}):
        with pytest.raises(ConfigError, match="no such outcome"):
            ForcedOutcomes(**refused)
    with pytest.raises(UnknownNameError):
        ForcedOutcomes(wrong_identifications={"mouon": 2})
    with pytest.raises(UnknownNameError) as caught:
        ForcedOutcomes(hypothesis="mouon")
    assert caught.value.next_step == "did you mean 'muon'?"
