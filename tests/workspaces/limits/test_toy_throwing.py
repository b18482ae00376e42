"""Toys have the distributions of pyhf's model, and their probabilities are those of scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, poisson

from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.likelihood.model_arrays import NORMAL, POISSON
from darkreach.limits.toy_throwing import BATCH, ToyData, ToyPoint, log_probabilities, throw_batch

SEED = (5, 17, 0, 0)


@pytest.fixture
def constrained(make_workspace) -> Any:
    """Two bins with every kind of auxiliary data: normal and Poisson, gammas and ordinary parameters, one fixed."""

    def modifier(name, kind, data=None):
        return {"name": name, "type": kind, "data": data}

    norm_sys = {"hi": 1.1, "lo": 0.9}
    samples = [
        {
            "name": "s",
            "data": [1.0, 2.0],
            "modifiers": [modifier("mu", "normfactor"), modifier("eff", "normsys", norm_sys), modifier("lumi", "lumi")],
        },
        {
            "name": "b",
            "data": [3.0, 4.0],
            "modifiers": [modifier("unc", "shapesys", [0.8, 0.0]), modifier("fixed", "normsys", norm_sys)],
        },
        {"name": "c", "data": [0.5, 1.0], "modifiers": [modifier("stat", "staterror", [0.2, 0.3])]},
    ]
    lumi = {"name": "lumi", "auxdata": [1.0], "bounds": [[0.5, 1.5]], "inits": [1.0], "sigmas": [0.02]}
    fixed = {"name": "fixed", "fixed": True}
    return compile_workspace(make_workspace(samples, [3.0, 6.0], parameters=(lumi, fixed))).arrays


def point_of(model, strength: float, shift: float) -> ToyPoint:
    theta = np.where(model.held == 1, model.initial, model.initial + shift * 0.1)
    theta[model.poi[0]] = strength
    return ToyPoint(strength, theta, np.array([3.5, 5.0]) + strength, np.array([1.0 + shift * 0.2, 0.9]))


def test_means_and_widths_of_thrown_data(constrained) -> None:
    model, point = constrained, point_of(constrained, 0.5, 1.0)
    data = throw_batch(model, point, SEED, 40_000)
    allowed = 5.0 / np.sqrt(40_000)
    assert data.counts.mean(axis=0) == pytest.approx(point.rate, abs=allowed * np.sqrt(point.rate.max()))
    assert data.counts.var(axis=0) == pytest.approx(point.rate, rel=0.06)
    kinds = {int(kind) for kind in (*model.constraint, *model.gamma_constraint)}
    assert {NORMAL, POISSON} <= kinds
    for kind, held, centres, values, widths, observed in (
        (model.constraint, model.held, data.centres, point.theta, model.width, model.centre),
        (model.gamma_constraint, np.zeros(2), data.gamma_centres, point.gamma, model.gamma_width, model.gamma_centre),
    ):
        for index in range(values.size):
            thrown = centres[:, index]
            if kind[index] == NORMAL and not held[index]:
                assert thrown.mean() == pytest.approx(values[index], abs=allowed * widths[index])
                assert thrown.std() == pytest.approx(widths[index], rel=0.03)
            elif kind[index] == POISSON and not held[index]:
                mean = values[index] * widths[index]
                assert thrown.mean() == pytest.approx(mean, abs=allowed * np.sqrt(mean))
                assert np.all(thrown == np.round(thrown))
            else:
                assert np.all(thrown == observed[index])


def test_batches_are_reproducible_and_independent(constrained) -> None:
    point = point_of(constrained, 0.5, 0.0)
    first, again = (throw_batch(constrained, point, SEED) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one, other)
    seeds = [(5, 17, 0, 1), (5, 17, 1, 0), (5, 18, 0, 0), (6, 17, 0, 0)]
    for seed in seeds:
        other = throw_batch(constrained, point, seed)
        assert not np.array_equal(first.counts, other.counts)
        assert abs(np.corrcoef(first.counts[:, 0], other.counts[:, 0])[0, 1]) < 5.0 / np.sqrt(BATCH)


def test_ratios_of_probabilities_are_those_of_scipy(constrained) -> None:
    model = constrained
    points = [point_of(model, 0.0, 0.0), point_of(model, 1.5, 0.7), point_of(model, 0.3, -0.5)]
    data = throw_batch(model, points[1], SEED, 20)

    def log_probability(point: ToyPoint) -> np.ndarray:
        total = poisson.logpmf(data.counts, point.rate).sum(axis=1)
        for kind, held, centres, values, widths in (
            (model.constraint, model.held, data.centres, point.theta, model.width),
            (model.gamma_constraint, np.zeros(2), data.gamma_centres, point.gamma, model.gamma_width),
        ):
            for index in range(values.size):
                if held[index]:
                    continue
                if kind[index] == NORMAL:
                    total = total + norm.logpdf(centres[:, index], values[index], widths[index])
                elif kind[index] == POISSON:
                    total = total + poisson.logpmf(centres[:, index], values[index] * widths[index])
        return total

    expected = np.stack([log_probability(point) - log_probability(points[0]) for point in points], axis=1)
    assert log_probabilities(model, points, data) == pytest.approx(expected, abs=1e-10)


def test_bins_without_expected_events(constrained) -> None:
    empty = point_of(constrained, 0.0, 0.0)._replace(rate=np.array([0.0, 5.0]))
    other = point_of(constrained, 0.0, 0.0)._replace(rate=np.array([2.0, 5.0]))
    assert throw_batch(constrained, empty, SEED).counts[:, 0].max() == 0.0
    centres, gammas = constrained.centre[np.newaxis, :], constrained.gamma_centre[np.newaxis, :]
    for count, expected in ((0.0, 2.0), (1.0, -np.inf)):
        data = ToyData(np.array([[count, 5.0]]), centres, gammas)
        ratio = log_probabilities(constrained, [other, empty], data)[0, 1]
        assert ratio == pytest.approx(expected) if expected > 0.0 else ratio < -600.0
