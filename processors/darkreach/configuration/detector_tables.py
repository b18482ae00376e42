"""Curves and tables of a detector configuration, each with the source of its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from darkreach.configuration.quantities import Section

Array = NDArray[np.float64]


def _rises(edges: Sequence[float]) -> bool:
    return len(edges) >= 2 and all(low < high for low, high in zip(edges, edges[1:], strict=False))


class Curve(Section):
    """A curve of straight lines between its points; constant beyond the first and the last one.

    Attributes:
        points: where the values hold, rising, in ``unit``.
        values: at the points.
        source: paper and place, or ``unverified``.
        unit: of the points.
        note: what it stands for.
    """

    points: tuple[float, ...]
    values: tuple[float, ...]
    source: str
    unit: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Curve:
        if not _rises(self.points):
            raise ValueError(f"points must rise, got {self.points}")
        if len(self.values) != len(self.points):
            raise ValueError(f"{len(self.points)} points need as many values, got {len(self.values)}")
        return self

    def at(self, where: Array) -> Array:
        """Return the values at any points, same shape.

        Example:
            >>> curve = Curve(points=(0.0, 16.0, 60.0), values=(1.0, 1.0, 0.0), source="test")
            >>> curve.at(np.array([5.0, 38.0, 99.0])).tolist()
            [1.0, 0.5, 0.0]
        """
        return np.asarray(np.interp(where, self.points, self.values))


class ProbabilityTable(Section):
    """Probabilities in bins of energy or momentum (GeV) and laboratory polar angle (degrees).

    Values outside of the edges are those of the nearest bin: the acceptance is cut elsewhere.

    Attributes:
        energy_edges: of energy or momentum, rising, GeV.
        polar_edges: rising, degrees.
        values: one row a bin of energy, one column a bin of angle; in [0, 1].
        source: paper and place, or ``unverified``.
        note: what it stands for.
    """

    energy_edges: tuple[float, ...]
    polar_edges: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    source: str
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> ProbabilityTable:
        if not (_rises(self.energy_edges) and _rises(self.polar_edges)):
            raise ValueError("energy_edges and polar_edges must rise")
        rows, columns = len(self.energy_edges) - 1, len(self.polar_edges) - 1
        if len(self.values) != rows or any(len(row) != columns for row in self.values):
            raise ValueError(f"values must be {rows} rows (energy) of {columns} numbers (angle)")
        if any(not 0.0 <= value <= 1.0 for row in self.values for value in row):
            raise ValueError("probabilities must be in [0, 1]")
        return self

    def at(self, energy: Array, theta: Array) -> Array:
        """Return the probabilities (n,) at energies (n,) in GeV and polar angles (n,) in rad.

        Example:
            >>> table = ProbabilityTable(
            ...     energy_edges=(0, 1, 9), polar_edges=(17, 150), values=((0.1,), (0.9,)), source="test"
            ... )
            >>> table.at(np.array([0.5, 3.0]), np.array([1.0, 1.0])).tolist()
            [0.1, 0.9]
        """
        row = np.searchsorted(self.energy_edges[1:-1], energy, side="right")
        column = np.searchsorted(np.radians(self.polar_edges[1:-1]), theta, side="right")
        return np.asarray(np.array(self.values)[row, column])
