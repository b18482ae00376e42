from __future__ import annotations

import numpy as np
import pytest

from darkreach.generators.backgrounds.sampling_grid import FLOOR, SamplingGrid


def test_points_follow_the_density() -> None:
    n = 200_000
    probability = np.array([[[0.1, 0.2], [0.0, 0.1]], [[0.3, 0.05], [0.2, 0.05]]])
    grid = SamplingGrid(probability)
    channel, point = grid.draw(n, np.random.default_rng(1))
    counts = np.zeros((2, 2, 2))
    np.add.at(counts, (channel, (2 * point[0]).astype(int), (2 * point[1]).astype(int)), 1.0 / n)
    np.testing.assert_allclose(counts, probability, atol=4.0 * 0.5 / np.sqrt(n))
    assert grid.density(np.array([[0.1, 0.9], [0.9, 0.1]])).tolist() == pytest.approx(
        np.array([[0.8, 0.0], [0.2, 0.8]])
    )


def test_learning_makes_the_weights_even_and_keeps_the_integral() -> None:
    # two channels that are the same: only the density in the square counts; 6 x^2 y integrates to one
    def learn(grid: SamplingGrid, seed: int) -> tuple[np.ndarray, SamplingGrid]:
        _, point = grid.draw(100_000, np.random.default_rng(seed))
        densities = grid.density(point)
        weight = 6.0 * point[0] ** 2 * point[1] / densities.sum(axis=0)
        return weight, grid.adapted(point, weight**2 * densities / densities.sum(axis=0))

    first, grid = learn(SamplingGrid.flat([0.5, 0.5], 12), 2)
    second, again = learn(grid, 3)
    for weight in (first, second):
        assert abs(weight.mean() - 1.0) < 4.0 * weight.std() / np.sqrt(len(weight))
    # the mean of (6 x^2 y)^2 is 36/15: the effective fraction of the flat density is its inverse
    fractions = [weight.sum() ** 2 / (len(weight) * np.square(weight).sum()) for weight in (first, second)]
    assert fractions[0] == pytest.approx(15.0 / 36.0, rel=0.02)
    assert fractions[1] > 0.9
    assert again.probability.sum() == pytest.approx(1.0, abs=1e-12)
    assert again.probability.min() > 0.4 * FLOOR / 288


def test_a_channel_without_events_keeps_its_floor() -> None:
    grid = SamplingGrid.flat([0.5, 0.5], 4)
    _, point = grid.draw(1000, np.random.default_rng(4))
    adapted = grid.adapted(point, np.stack([np.ones(1000), np.zeros(1000)]))
    assert adapted.probability[1].sum() == pytest.approx(0.5 * FLOOR)
