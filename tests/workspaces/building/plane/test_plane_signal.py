from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from darkreach.building.plane_cells import PlaneCells
from darkreach.building.plane_points import plane_points
from darkreach.building.plane_signal import read_plane_signal
from darkreach.histograms.plane_grid import PlaneGrid

POINT = (3.0, 1.5)


@pytest.fixture(scope="module")
def made(formulas):
    """Signal, cells and point for a correlation."""

    def make(correlation):
        config = formulas.invisible()
        resolution = config.plane.resolution.model_copy(
            update={"knots": tuple((*knot[:4], correlation) for knot in config.plane.resolution.knots)}
        )
        config = config.model_copy(update={"plane": config.plane.model_copy(update={"resolution": resolution})})
        histograms = formulas.make_histograms(config)
        grid = PlaneGrid(config.plane, formulas.SQRT_S)
        signal = read_plane_signal(histograms, config, config.regions[0], formulas.cross_section, ("scale", "tagging"))
        return signal, PlaneCells(grid), plane_points(grid, [POINT])[0]

    return make


def exact(cells, point, window):
    """Return what a Gaussian of the resolutions at a point has in the cells of a window, one by one."""
    rho = point.correlation
    cdf = multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]]).cdf
    x, y = cells.pull_edges(point, window)
    corners = cdf(np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1))
    return np.diff(np.diff(corners, axis=0), axis=1)


def test_all_cells_together_hold_the_efficiency(made, formulas):
    signal, cells, point = made(-0.6)
    assert signal.box(cells, point, cells.whole()).sum() == pytest.approx(formulas.efficiency(*POINT), rel=1e-6)
    whole = signal.overlap(cells, point, cells.whole())
    found = signal.window(whole, signal.anchors.weights(POINT))
    factors = [1.0, 1.0, 1.0, 1.1, 0.92]
    assert found == pytest.approx([formulas.efficiency(*POINT) * one for one in factors], rel=1e-6)


@pytest.mark.parametrize("correlation", [0.0, -0.6, -0.97])
def test_window_of_a_gaussian(made, formulas, correlation):
    signal, cells, point = made(correlation)
    weights = signal.anchors.weights(POINT)
    for radius in (1.0, 2.0, 3.0):
        window = cells.ellipse(point, radius)
        found = signal.window(signal.overlap(cells, point, window), weights)[0] / formulas.efficiency(*POINT)
        # bins of pulls are a quarter of a resolution: what is inside of them is taken as even
        assert found == pytest.approx((exact(cells, point, window) * window.inside).sum(), rel=0.007)
        steps = 0.15 if correlation < -0.9 else {1.0: 0.08, 2.0: 0.03, 3.0: 0.01}[radius]
        assert found == pytest.approx(1.0 - np.exp(-0.5 * radius**2), rel=steps)


def test_cells_of_the_window_add_up(made):
    signal, cells, point = made(-0.6)
    window = cells.ellipse(point, 2.0)
    parts = signal.box(cells, point, window)
    assert parts.shape == window.inside.shape
    total = signal.window(signal.overlap(cells, point, window), signal.anchors.weights(POINT))[0]
    assert (parts * window.inside).sum() == pytest.approx(total, rel=2e-3)
    rectangles = signal.rectangles(point, *(edges[[0, 3, -1]] for edges in cells.pull_edges(point, window)))
    assert rectangles[0, 0, 1] == pytest.approx(parts[:3, 3:].sum(), rel=1e-3)


def test_window_is_within_its_radius(made):
    _, cells, point = made(-0.6)
    window = cells.ellipse(point, 2.0)
    chosen = set(window.numbers(cells.shape[1]).tolist())
    for i, x in enumerate(0.5 * (cells.x_edges[1:] + cells.x_edges[:-1])):
        for j, y in enumerate(0.5 * (cells.y_edges[1:] + cells.y_edges[:-1])):
            pull = np.array([(x - 3.0) / 0.05, (y - 2.25) / 0.4])
            distance = pull @ np.linalg.solve([[1.0, -0.6], [-0.6, 1.0]], pull)
            assert (i * cells.shape[1] + j in chosen) == (distance <= 4.0)


def test_large_cells_leave_the_one_that_contains_the_point(made):
    _, cells, point = made(-0.6)
    window = cells.ellipse(point, 0.01)
    assert window.inside.tolist() == [[1.0]]
    assert cells.x_edges[window.x.start] <= 3.0 < cells.x_edges[window.x.stop]
    assert cells.y_edges[window.y.start] <= 2.25 < cells.y_edges[window.y.stop]
