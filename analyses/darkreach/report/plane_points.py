"""Which points of a plane stand for all of it in tables and slices."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.figures.plane_limits import Floats

_MOST: Final = 27
_ROWS: Final = 7
_IN_A_ROW: Final = 3


def shown_points(masses: Floats, rows: int = _ROWS) -> list[int]:
    """Return the places of a few points spread over the plane: all if they are few, else some rows and their ends.

    Args:
        masses: (n, 2), GeV.
        rows: dark photon masses to choose.

    Example:
        >>> grid = np.array([(x, y) for x in range(1, 11) for y in range(1, 12)], dtype=float)
        >>> shown_points(grid, rows=2)
        [0, 5, 10, 99, 104, 109]
    """
    if len(masses) <= _MOST:
        return list(range(len(masses)))
    chosen: set[int] = set()
    for mass in _spread(np.unique(masses[:, 0]), rows):
        members = np.flatnonzero(masses[:, 0] == mass)
        members = members[np.argsort(masses[members, 1])]
        chosen |= {int(index) for index in _spread(members, _IN_A_ROW)}
    return sorted(chosen)


def slice_values(masses: Floats, fixed: int) -> list[float]:
    """Return two values of a mass to cut the plane at, a third and two thirds of the way through its hypotheses.

    Args:
        masses: (n, 2), GeV.
        fixed: 0 for the mass of the dark photon, 1 for that of the dark Higgs boson.
    """
    values = np.quantile(masses[:, fixed], [1.0 / 3.0, 2.0 / 3.0])
    return sorted({float(f"{value:.2g}") for value in values})


def _spread(values: NDArray[np.generic], count: int) -> NDArray[np.generic]:
    places = np.unique(np.linspace(0, len(values) - 1, min(count, len(values))).round().astype(np.int64))
    return values[places]
