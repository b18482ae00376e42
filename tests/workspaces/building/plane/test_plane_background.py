from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from darkreach.building.plane_background import window_background
from darkreach.building.plane_hypothesis import hypothesis_cells
from darkreach.building.plane_points import plane_points

POINT = (3.0, 1.5)
LUMINOSITY = 10.0


@pytest.fixture(scope="module")
def inputs(formulas, unseen):
    return formulas.inputs_of(unseen.config, unseen.histograms, LUMINOSITY)


@pytest.fixture(scope="module")
def hypothesis(inputs):
    return hypothesis_cells(inputs, plane_points(inputs.cells.grid, [POINT])[0])


def without(background, group, inside):
    """Return the background with a group taken out of some cells."""
    values = background.values.copy()
    values[group] = np.where(inside, 0.0, values[group])
    return replace(background, values=values, variances=0.02 * LUMINOSITY * values)


def found_in(inputs, hypothesis, background):
    region = inputs.regions[0]
    return window_background(background, region.areas, inputs.cells, hypothesis.point, 2.0, hypothesis.window)


def test_sums_by_hand(inputs, hypothesis, unseen):
    values, variances = np.zeros(2), np.zeros(2)
    histogram = unseen.histograms.histograms["plane/barrel"]
    first, second = np.nonzero(hypothesis.window.inside)
    for i, j in zip(first + hypothesis.window.x.start, second + hypothesis.window.y.start, strict=True):
        for group, samples in enumerate((("muons", "more_muons"), ("taus",))):
            for sample in samples:
                cell = histogram[{"dataset": sample, "x": int(i), "y": int(j)}]
                values[group] += 10.0 * cell.value
                variances[group] += 100.0 * cell.variance
    found = found_in(inputs, hypothesis, inputs.regions[0].background)
    assert found.values == pytest.approx(values, rel=1e-9)
    assert found.variances == pytest.approx(variances, rel=1e-9)
    assert found.radii.tolist() == [1.0, 1.0]


def test_variations_follow_the_coarse_cells(inputs, hypothesis):
    background = inputs.regions[0].background
    assert background.changes(hypothesis.window) == pytest.approx(np.array([[1.0, 1.0, 1.1, 0.92]] * 2), rel=1e-9)
    # a change in one coarse cell counts as far as the window covers it
    x = np.flatnonzero(background.x_parts[hypothesis.window.x].any(axis=0))
    y = np.flatnonzero(background.y_parts[hypothesis.window.y].any(axis=0))
    assert len(x) * len(y) > 1
    covered = background.x_parts[hypothesis.window.x].T @ hypothesis.window.inside
    covered = (covered @ background.y_parts[hypothesis.window.y])[np.ix_(x, y)]
    events = covered * background.coarse[0, 0][np.ix_(x, y)]
    i, j = np.unravel_index(events.argmax(), events.shape)
    coarse = background.coarse.copy()
    coarse[0, 1, x[i], y[j]] *= 1.5
    wanted = 1.0 + 0.5 * events[i, j] / events.sum()
    assert 1.01 < wanted < 1.49
    changed = replace(background, coarse=coarse)
    assert changed.changes(hypothesis.window)[0, 0] == pytest.approx(wanted, rel=1e-9)


def test_group_without_events_takes_its_density_from_around(inputs, hypothesis):
    cells, background = inputs.cells, inputs.regions[0].background
    inside = np.zeros(cells.shape)
    hole = cells.ellipse(hypothesis.point, 4.0)
    hole.box(inside)[...] = hole.inside
    found = found_in(inputs, hypothesis, without(background, 1, inside > 0.0))
    assert found.radii.tolist() == [1.0, 3.0]
    larger = cells.ellipse(hypothesis.point, 6.0)
    scale = hypothesis.window.inside.sum() / larger.inside.sum()
    ring = larger.sums(background.values[1]) - hole.sums(background.values[1])
    # all cells have the same size
    assert found.values[1] == pytest.approx(scale * ring, rel=1e-6)
    assert found.variances[1] == pytest.approx(0.02 * LUMINOSITY * scale**2 * ring, rel=1e-6)
    whole = found_in(inputs, hypothesis, background)
    assert found.values[0] == whole.values[0]


def test_group_that_is_nowhere_is_said_to_be_absent(inputs, hypothesis):
    background = without(inputs.regions[0].background, 1, inside=True)
    found = found_in(inputs, hypothesis, background)
    assert found.values[1] == 0.0
    assert found.radii.tolist() == [1.0, 0.0]
