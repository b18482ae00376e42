"""Contents of the histograms of a plane, taken out by sample and checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.building.rounding import FloatArray
from darkreach.building.templates import require_held
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.plane_grid import PULL_BINS, PULL_RANGE, PlaneGrid
from darkreach.histograms.search_histograms import SearchHistograms


def check_plane_axes(histograms: SearchHistograms, config: PlaneSearchConfig, grid: PlaneGrid) -> None:
    """Refuse histograms that are missing or have other cells than the configuration says.

    Raises:
        WorkspaceError: names the histogram and the axis.
    """
    pulls = np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1)
    plane = (grid.x_edges, grid.y_edges)
    coarse = tuple(np.array(axis.edges) for axis in grid.axes(coarse=True))
    for region in config.regions:
        expected = {
            f"plane/{region.name}": plane,
            f"plane_variation/{region.name}": coarse,
            f"signal_plane/{region.name}": (pulls, pulls),
        }
        if region.sideband:
            expected |= {f"sideband/{region.name}": plane, f"signal_sideband/{region.name}": (pulls, pulls)}
        for name, edges in expected.items():
            _require_histogram(histograms, name)
            for axis, wanted in zip(histograms.histograms[name].axes[-2:], edges, strict=True):
                _check_edges(name, axis, wanted, config.search)


def plane_contents(
    histograms: SearchHistograms, name: str, sample: str, variation: str | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return sums of weights and of squared weights of a sample in all cells, shapes (nx, ny).

    Raises:
        WorkspaceError: histogram, sample or variation is missing.
    """
    _require_histogram(histograms, name)
    histogram = histograms.histograms[name]
    place = [_number(histogram, "dataset", "sample", sample, name)]
    if variation is not None:
        place.append(_number(histogram, "variation", "variation", variation, name))
    view: NDArray[Any] = histogram.view(flow=False)[tuple(place)]
    return view["value"].astype(np.float64), view["variance"].astype(np.float64)


def summed_contents(
    histograms: SearchHistograms, name: str, samples: tuple[str, ...], variation: str | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the same of several samples together.

    Raises:
        WorkspaceError: one is missing, or a cell of the sum is negative or not finite.
    """
    parts = [plane_contents(histograms, name, sample, variation) for sample in samples]
    values, variances = (np.sum([part[i] for part in parts], axis=0) for i in (0, 1))
    what = ", ".join(samples) if variation is None else f"{', '.join(samples)}, variation {variation}"
    check_cells(values, histograms, name, what)
    check_cells(variances, histograms, name, f"{what}, sum of squared weights")
    return values, variances


def observed_counts(histograms: SearchHistograms, name: str, sample: str) -> FloatArray:
    """Return the events of data in all cells, shape (nx, ny).

    Raises:
        WorkspaceError: they are no counts, whose sum of squared weights is their number.
    """
    values, variances = summed_contents(histograms, name, (sample,))
    weighted = np.argwhere(~np.isclose(variances, values, rtol=1e-9, atol=1e-9) | (values % 1.0 != 0.0))
    if len(weighted):
        first, second = (int(i) for i in weighted[0])
        raise WorkspaceError(
            "the data are weighted: a likelihood needs counts",
            where=f"histogram {name}, sample {sample}, {_place(histograms, name, first, second)}",
            allowed="events of weight 1, whose sum of squared weights is their number",
            given=f"{values[first, second]:g} events of variance {variances[first, second]:g}; {len(weighted)} cells",
            next_step="use data that were not sampled (__weight__ of 1) and no weight correction of data",
        )
    return values


def check_cells(values: FloatArray, histograms: SearchHistograms, name: str, what: str) -> None:
    """Refuse cells, shape (nx, ny), that no likelihood can use.

    Raises:
        WorkspaceError: names the first cell that is not finite or is negative.
    """
    for problem, bad in (("not finite", ~np.isfinite(values)), ("negative", values < 0.0)):
        if bad.any():
            first, second = (int(i) for i in np.argwhere(bad)[0])
            raise WorkspaceError(
                f"a cell is {problem}",
                where=f"histogram {name}, sample {what}, {_place(histograms, name, first, second)}",
                given=str(values[first, second]),
                next_step="find the event weights that caused it; larger cells help against negative weights",
            )


def _place(histograms: SearchHistograms, name: str, first: int, second: int) -> str:
    x, y = histograms.histograms[name].axes[-2:]
    ranges = (
        f"{name} from {axis.edges[place]:.5g} to {axis.edges[place + 1]:.5g}"
        for name, axis, place in (("x", x, first), ("y", y, second))
    )
    return ", ".join(ranges)


def _number(histogram: Hist[Any], axis: str, kind: str, wanted: str, name: str) -> int:
    known = list(histogram.axes[axis])
    require_held(kind, wanted, known, f"histogram {name}")
    return known.index(wanted)


def _require_histogram(histograms: SearchHistograms, name: str) -> None:
    require_held("histogram", name, list(histograms.histograms), "histograms of the search")


def _check_edges(name: str, axis: Any, expected: FloatArray, search: str) -> None:
    edges = axis.edges
    if len(edges) != len(expected) or not np.allclose(edges, expected, rtol=1e-9, atol=1e-12):
        raise WorkspaceError(
            "the histogram has other cells than the configuration",
            where=f"{name}: axis {axis.name}",
            allowed=f"{len(expected) - 1} from {expected[0]:.6g} to {expected[-1]:.6g}",
            given=f"{len(edges) - 1} from {edges[0]:.6g} to {edges[-1]:.6g}",
            next_step=f"process the events again with the configuration of {search}",
        )
