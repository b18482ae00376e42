"""The axes that histograms of displaced vertices must have before anything is built from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkreach.building.rounding import FloatArray
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE, DisplacedCells


def check_mass_axes(histogram: Any, config: DisplacedSearchConfig, cells: DisplacedCells, name: str) -> None:
    """Refuse a histogram ``mass_radius/<region>`` with other cells than the configuration says.

    Raises:
        WorkspaceError: names the axis.
    """
    _check_edges(histogram.axes["mass"], cells.edges, name, config.search)
    _check_edges(histogram.axes["radius"], np.array(config.radius_edges), name, config.search)


def check_lifetime_axes(histogram: Any, config: DisplacedSearchConfig, name: str) -> None:
    """Refuse a histogram ``signal_lifetime/<region>`` with other bins than the configuration says.

    Raises:
        WorkspaceError: names the axis.
    """
    lifetimes = len(histogram.axes["lifetime"])
    if lifetimes != len(config.lifetimes_cm):
        raise WorkspaceError(
            "the histogram has other lifetimes than the configuration",
            where=f"{name}: axis lifetime",
            allowed=str(len(config.lifetimes_cm)),
            given=str(lifetimes),
            next_step=f"process the events again with the configuration of {config.search}",
        )
    _check_edges(histogram.axes["radius"], np.array(config.radius_edges), name, config.search)
    _check_edges(histogram.axes["pull"], np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1), name, config.search)


def _check_edges(axis: Any, expected: FloatArray, name: str, search: str) -> None:
    edges = axis.edges
    if len(edges) != len(expected) or not np.allclose(edges, expected, rtol=1e-9, atol=1e-12):
        raise WorkspaceError(
            "the histogram has other cells than the configuration",
            where=f"{name}: axis {axis.name}",
            allowed=f"{len(expected) - 1} from {expected[0]:.6g} to {expected[-1]:.6g}",
            given=f"{len(edges) - 1} from {edges[0]:.6g} to {edges[-1]:.6g}",
            next_step=f"process the events again with the configuration of {search}",
        )
