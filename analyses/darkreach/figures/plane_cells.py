"""Cells about scattered points of a plane: every point fills what is nearer to it than to its neighbours in its row."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.tri import Triangulation
from numpy.typing import NDArray
from scipy.sparse import coo_array

Floats = NDArray[np.float64]

_GAP: Final = 1.7
"""Distance of neighbours, in usual ones about there, from which on there is a gap between them."""

_NEIGHBOURS: Final = 4
_FEWEST_A_ROW: Final = 3.0
_THIRD: Final = 2
_LONGEST: Final = 3.0


def point_cells(points: Floats) -> Floats | None:
    """Return the corners (n, 4, 2) of a rectangle about every point, or None if the points form no rows.

    Points of one first coordinate are a row. Cells end half way to the next row and to the next point of the row.
    At the ends they are as long on the outer side as on the inner one; so they are at gaps between rows, which stay
    empty.

    Args:
        points: (n, 2), in any order.

    Example:
        >>> grid = np.array([(x, y) for x in (1.0, 2.0) for y in (0.0, 2.0, 4.0)])
        >>> point_cells(grid)[0].tolist()
        [[0.5, -1.0], [1.5, -1.0], [1.5, 1.0], [0.5, 1.0]]
    """
    rows, row = np.unique(points[:, 0], return_inverse=True)
    if rows.size < 2 or points.shape[0] < _FEWEST_A_ROW * rows.size:
        return None
    left, right = _borders(rows, _with_gaps(np.diff(rows)))
    low, high = np.empty(len(points)), np.empty(len(points))
    usual = 0.5 * float(np.ptp(points[:, 1])) / (points.shape[0] / rows.size)
    for number in range(rows.size):
        members = np.flatnonzero(row == number)
        members = members[np.argsort(points[members, 1])]
        values = points[members, 1]
        low[members], high[members] = (
            _borders(values, np.diff(values)) if values.size > 1 else (values - usual, values + usual)
        )
    corners = [(left[row], low), (right[row], low), (right[row], high), (left[row], high)]
    return np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)


def _borders(values: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """Return both ends of the cells of rising values; the cells share each step between neighbours."""
    half = 0.5 * steps
    return values - np.append(half[0], half), values + np.append(half, half[-1])


def _blocks(values: Floats) -> NDArray[np.int64]:
    """Return how many gaps there are below the row of each point."""
    rows, row = np.unique(values, return_inverse=True)
    steps = np.diff(rows)
    return np.asarray(np.concatenate([[0], np.cumsum(_with_gaps(steps) < steps)])[row])


def _with_gaps(steps: Floats) -> Floats:
    """Return steps between rows, with the usual one about there instead of a long one."""
    usual = np.array([np.median(steps[max(0, i - _NEIGHBOURS) : i + _NEIGHBOURS + 1]) for i in range(steps.size)])
    return np.where(steps > _GAP * usual, usual, steps)


def linked_points(points: Floats, scales: tuple[float, float]) -> Triangulation:
    """Return triangles between the points, none of them across a gap or a corner that sticks inwards.

    Args:
        points: (n, 2).
        scales: what counts as the same distance along both coordinates.
    """
    links = Triangulation(points[:, 0], points[:, 1])
    scaled = points / np.asarray(scales)
    lengths = np.linalg.norm(scaled[links.edges[:, 0]] - scaled[links.edges[:, 1]], axis=1)
    ends = links.edges.ravel(order="F")
    order = np.lexsort((np.tile(lengths, 2), ends))
    starts = np.searchsorted(ends[order], np.arange(len(points)))
    # the third shortest link of a point: its neighbours, not what is across a gap
    usual = np.tile(lengths, 2)[order][np.minimum(starts + _THIRD, order.size - 1)]
    corners = scaled[links.triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    block = _blocks(points[:, 0])[links.triangles]
    links.set_mask((longest > _LONGEST * usual[links.triangles].max(axis=1)) | (np.ptp(block, axis=1) > 0))
    return links


def smoothed(links: Triangulation, values: Floats, times: int) -> Floats:
    """Return values (n,) averaged so many times with their neighbours; for lines, whose points need no noise."""
    edges = links.edges
    count, pairs = values.size, np.concatenate([edges, edges[:, ::-1]])
    neighbours = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count)).tocsr()
    number = np.asarray(neighbours.sum(axis=1)).ravel()
    for _ in range(times):
        values = np.where(number > 0, 0.5 * values + 0.5 * (neighbours @ values) / np.maximum(number, 1.0), values)
    return values
