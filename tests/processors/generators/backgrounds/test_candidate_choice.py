from __future__ import annotations

import math

import numpy as np

from darkreach.generators.backgrounds.candidate_choice import resampled
from darkreach.generators.final_state_events import FinalStateEvents


def trials(n: int, random: np.random.Generator) -> FinalStateEvents:
    """Exponential energies drawn evenly, their weights uneven, a third of them zero."""
    energy = 8.0 * random.random(n)
    weight = np.where(random.random(n) < 2.0 / 3.0, 1.5 * 8.0 * np.exp(-energy), 0.0)
    momenta = np.repeat(energy[:, np.newaxis, np.newaxis], 4, axis=2)
    return FinalStateEvents(weight, (22,), momenta, momenta[:, 0])


def test_means_stay_and_weights_become_even() -> None:
    n, candidates = 50_000, 10
    random = np.random.default_rng(1)
    before = trials(n * candidates, random)
    after = resampled(before, candidates, random)
    assert len(after) == n
    for power in (0, 1, 3):
        values = after.weight_fb * after.momenta[:, 0, 0] ** power
        # integral of E^k exp(-E), all of it but exp(-8)
        expected = math.factorial(power)
        assert abs(values.mean() - expected) < 4.0 * values.std() / math.sqrt(n) + 0.05 * expected * (power == 3), power
    fractions = [one.weight_fb.sum() ** 2 / (len(one) * np.square(one.weight_fb).sum()) for one in (before, after)]
    np.testing.assert_allclose(fractions[1], 1.0 / (1.0 + (1.0 / fractions[0] - 1.0) / candidates), rtol=0.02)


def test_what_has_no_weight_is_not_taken() -> None:
    random = np.random.default_rng(2)
    events = trials(4000, random)
    zero = events.weight_fb == 0.0
    marked = FinalStateEvents(events.weight_fb, (22,), np.where(zero[:, None, None], -1.0, 1.0), events.isr)
    after = resampled(marked, 4, random)
    assert (after.momenta[after.weight_fb > 0.0] > 0.0).all()
    assert (after.weight_fb > 0.0).sum() > 900
    assert len(resampled(marked.select(np.arange(0)), 4, random)) == 0
