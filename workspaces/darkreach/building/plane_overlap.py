"""How cells of the plane overlap with bins of pulls, also where these are taken along the axes of a tilted ellipse.

Pulls are u = (x - x0)/sigma_x and either (y - y0)/sigma_y, or what is left of that once u is known,
v = ((y - y0)/sigma_y - rho u)/sqrt(1 - rho^2). A cell is a parallelogram in u and v: it is cut into narrow slices of u.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.building.plane_cells import CellWindow
from darkreach.building.rounding import FloatArray
from darkreach.histograms.plane_grid import PULL_BINS, PULL_RANGE

PULL_EDGES: Final = np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1)
_WIDTH: Final = 2.0 * PULL_RANGE / PULL_BINS
_LARGEST_SHIFT: Final = 0.15
"""Of a slice, along v, from one side to the other."""


Overlap = tuple[slice, FloatArray]
"""Bins of u that a window reaches, and the part of each bin that it covers, (these bins of u, all bins of v)."""


@dataclass(frozen=True, eq=False)
class PullSlices:
    """Narrow slices of u, each in one bin of pulls and between two neighbouring edges.

    Attributes:
        middle: shape (s,).
        part: of the bin of pulls that it fills, shape (s,).
        pull_bin: its number, shape (s,), rising.
        place: between which of the edges, shape (s,), rising.
    """

    middle: FloatArray
    part: FloatArray
    pull_bin: NDArray[np.int64]
    place: NDArray[np.int64]


def pull_slices(edges: FloatArray, slope: float) -> PullSlices:
    """Cut a range of u, within that of the histograms, into slices.

    Args:
        edges: rising, of cells or rectangles in u, shape (n + 1,).
        slope: change of v with u; the slices are the narrower the larger it is.
    """
    low, high = (float(np.clip(edge, -PULL_RANGE, PULL_RANGE)) for edge in (edges[0], edges[-1]))
    number = int(np.ceil(abs(slope) * (high - low) / _LARGEST_SHIFT))
    every = np.concatenate([edges, PULL_EDGES, np.linspace(low, high, number + 1)])
    cuts = np.unique(every[(every >= low) & (every <= high)])
    middle = 0.5 * (cuts[1:] + cuts[:-1])
    return PullSlices(
        middle,
        np.diff(cuts) / _WIDTH,
        np.clip(np.floor((middle + PULL_RANGE) / _WIDTH), 0, PULL_BINS - 1).astype(np.int64),
        np.searchsorted(edges, middle, "right") - 1,
    )


def window_overlap(window: CellWindow, x_pulls: FloatArray, y_pulls: FloatArray, correlation: float) -> Overlap:
    """Return which part of each bin of pulls the cells of a window cover.

    Args:
        window: whose cells stand together in every column of x.
        x_pulls: edges of its box in u.
        y_pulls: edges of its box, (y - y0)/sigma_y.
        correlation: rho of v; 0 if the pulls are (y - y0)/sigma_y.

    Example:
        >>> whole = CellWindow(slice(0, 1), slice(0, 1), np.ones((1, 1)))
        >>> reached, parts = window_overlap(whole, np.array([0.0, 0.5]), np.array([0.125, 0.25]), 0.0)
        >>> reached, parts.shape, float(parts.sum())
        (slice(40, 42, None), (2, 80), 1.0)
    """
    slope, scale = _slope(correlation)
    filled = np.asarray(window.inside.any(axis=1))
    low = y_pulls[window.inside.argmax(axis=1)]
    high = y_pulls[window.inside.shape[1] - window.inside[:, ::-1].argmax(axis=1)]
    slices = pull_slices(x_pulls, slope)
    if not len(slices.middle):
        return slice(0, 0), np.zeros((0, PULL_BINS))
    shift = slope * slices.middle
    ends = [(end[slices.place] / scale - shift)[:, np.newaxis] for end in (low, high)]
    below, above = (np.clip((end - PULL_EDGES[:-1]) / _WIDTH, 0.0, 1.0) for end in ends)
    covered = (above - below) * (slices.part * filled[slices.place])[:, np.newaxis]
    bins, first = np.unique(slices.pull_bin, return_index=True)
    return slice(int(bins[0]), int(bins[-1]) + 1), np.add.reduceat(covered, first, axis=0)


def rectangle_contents(pulls: FloatArray, x_pulls: FloatArray, y_pulls: FloatArray, correlation: float) -> FloatArray:
    """Return what histograms of pulls have in each rectangle between edges.

    Args:
        pulls: contents, shape (..., bins of u, bins of v).
        x_pulls: rising, shape (n + 1,).
        y_pulls: rising, in (y - y0)/sigma_y, shape (m + 1,).
        correlation: rho of v; 0 if the pulls are (y - y0)/sigma_y.

    Returns:
        Shape (..., n, m).
    """
    slope, scale = _slope(correlation)
    slices = pull_slices(x_pulls, slope)
    found = np.zeros((*pulls.shape[:-2], len(x_pulls) - 1, len(y_pulls) - 1))
    if not len(slices.middle):
        return found
    cumulative = np.concatenate([np.zeros((*pulls.shape[:-1], 1)), np.cumsum(pulls, axis=-1)], axis=-1)
    for place in np.unique(slices.place):
        here = np.flatnonzero(slices.place == place)
        position = (y_pulls / scale - slope * slices.middle[here, np.newaxis] + PULL_RANGE) / _WIDTH
        position = np.clip(position, 0.0, PULL_BINS)
        below = np.minimum(position.astype(np.int64), PULL_BINS - 1)
        rows = slices.pull_bin[here, np.newaxis]
        at_low = cumulative[..., rows, below]
        reached = at_low + (position - below) * (cumulative[..., rows, below + 1] - at_low)
        found[..., place, :] = np.einsum("...sm,s->...m", np.diff(reached, axis=-1), slices.part[here])
    return found


def _slope(correlation: float) -> tuple[float, float]:
    """Return the change of v with u, and what of sigma_y is left once u is known."""
    scale = float(np.sqrt(1.0 - correlation**2))
    return correlation / scale, scale
