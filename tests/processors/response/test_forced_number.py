from __future__ import annotations

from itertools import product

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


@pytest.mark.parametrize("wanted", [0, 1])
def test_weight_is_the_probability(wanted: int) -> None:
    event = np.array([1, 1, 1])
    chosen, weight = force_outcome(event, np.array(CHANCES), 3, np.random.default_rng(1), wanted=wanted)
    assert int(chosen.sum()) == wanted
    # events without objects have certainly none
    assert weight == pytest.approx([1.0 - wanted, by_enumeration(wanted), 1.0 - wanted])


def test_choice_follows_the_conditional_probability() -> None:
    n = 60_000
    event = np.repeat(np.arange(n), 3)
    chosen, _ = force_outcome(event, np.tile(CHANCES, n), n, np.random.default_rng(2), wanted=1)
    odds = np.array(CHANCES) / (1.0 - np.array(CHANCES))
    share = chosen.reshape(n, 3).mean(axis=0)
    assert (chosen.reshape(n, 3).sum(axis=1) == 1).all()
    np.testing.assert_allclose(share, odds / odds.sum(), atol=4.0 * 0.5 / np.sqrt(n))


def test_impossible_outcomes_are_never_chosen() -> None:
    chosen, weight = force_outcome(np.array([0, 0]), np.array([0.0, 0.2]), 1, np.random.default_rng(3), wanted=1)
    assert chosen.tolist() == [False, True]
    assert weight.tolist() == pytest.approx([0.2])
    chosen, weight = force_outcome(np.array([0]), np.array([0.0]), 1, np.random.default_rng(3), wanted=1)
    assert not chosen.any()
    assert weight.tolist() == [0.0]


def test_certain_outcomes_stay_finite() -> None:
    chosen, weight = force_outcome(np.array([0, 0]), np.array([1.0, 0.5]), 1, np.random.default_rng(4), wanted=1)
    assert chosen.tolist() == [True, False]
    assert weight.tolist() == pytest.approx([0.5])


def test_only_none_or_one_can_be_forced() -> None:
    with pytest.raises(ConfigError, match="no such outcome"):
        ForcedOutcomes(lost_photons=2)
    with pytest.raises(UnknownNameError) as caught:
        ForcedOutcomes(hypothesis="mouon")
    assert caught.value.next_step == "did you mean 'muon'?"
