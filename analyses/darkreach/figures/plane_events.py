"""Events of a plane search in the cells of its two observables: expected background, and data if there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.configuration.plane_search import PlaneAxis
from darkreach.figures.axis_text import unit_text
from darkreach.figures.plane_map import set_round_ticks
from darkreach.figures.style import FigureLabel, house_style, new_figure, write_label
from darkreach.histograms.search_histograms import SearchHistograms

Floats = NDArray[np.float64]

_SHOWN_CELLS: Final = 110
_RESOLUTION: Final = 220.0
_DECADES: Final = 5.0


@dataclass(frozen=True, eq=False)
class PlaneEvents:
    """Events in cells, regions together; cells are merged for display.

    Attributes:
        x_edges: (nx + 1,), in the unit of the axis.
        y_edges: (ny + 1,).
        background: (nx, ny), expected.
        data: (nx, ny), counted; None without data.
    """

    x_edges: Floats
    y_edges: Floats
    background: Floats
    data: Floats | None


def plane_events(
    histograms: SearchHistograms, regions: Sequence[str], luminosity_inverse_fb: float, kind: str = "plane"
) -> PlaneEvents:
    """Sum the entries of regions.

    Args:
        histograms: of the search.
        regions: names.
        luminosity_inverse_fb: that simulated entries are scaled to.
        kind: ``plane``, or ``sideband`` for those of sidebands.
    """
    # a region per axis set: all have the same cells
    first = histograms.histograms[f"{kind}/{regions[0]}"]
    x_edges, y_edges = (np.asarray(axis.edges, dtype=np.float64) for axis in first.axes[-2:])
    sums = {"background": np.zeros((len(x_edges) - 1, len(y_edges) - 1))}
    for region in regions:
        histogram = histograms.histograms[f"{kind}/{region}"]
        view: Any = histogram.view(flow=False)
        contents: Floats = view["value"]
        for sample, cells in zip(histogram.axes[0], contents, strict=True):
            simulated = histograms.samples[sample].kind == "background"
            name = "background" if simulated else "data"
            scale = luminosity_inverse_fb if simulated else 1.0
            sums[name] = sums.get(name, np.zeros_like(cells)) + scale * cells
    return PlaneEvents(
        _merged_edges(x_edges), _merged_edges(y_edges), *(
            None if name not in sums else _merged(sums[name]) for name in ("background", "data")
        ),  # type: ignore[arg-type]  # there is always a background
    )  # fmt: skip


def draw_plane_events(events: PlaneEvents, axes_of: tuple[PlaneAxis, PlaneAxis], label: FigureLabel) -> Figure:
    """Draw the expected background, and data beside it in the same colours if there are any.

    Args:
        events: in cells.
        axes_of: x and y of the configuration.
        label: data kind, luminosity, energy.
    """
    panels = [("expected background", events.background)]
    if events.data is not None:
        panels.append((label.data_kind, events.data))
    # pseudo-data are simulated, and so is the background: both labels are those of the report
    highest = max(max(float(cells.max()) for _, cells in panels), 1e-3)
    lowest = min((float(cells[cells > 0.0].min()) for _, cells in panels if (cells > 0.0).any()), default=highest)
    norm = LogNorm(max(lowest, highest * 10.0**-_DECADES, highest * 1e-9) * 0.999, highest)
    with house_style():
        figure, grid = new_figure(ncols=len(panels), squeeze=False, sharey=True)
        figure.set_size_inches(7.6 if len(panels) == 1 else 12.5, 5.6)
        figure.set_dpi(_RESOLUTION)
        for axes, (name, cells) in zip(grid[0], panels, strict=True):
            shown = np.where(cells > 0.0, cells, np.nan)
            mesh = axes.pcolormesh(events.x_edges, events.y_edges, shown.T, norm=norm, cmap="viridis", rasterized=True)
            axes.set_xlabel(_title(axes_of[0]))
            axes.text(0.03, 0.97, name, transform=axes.transAxes, va="top", fontsize=13.0,
                      bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none"})  # fmt: skip
        grid[0][0].set_ylabel(_title(axes_of[1]))
        write_label(grid[0][0], label)
        if len(panels) > 1:
            text = grid[0][0].get_title(loc="right")
            grid[0][0].set_title("", loc="right")
            grid[0][-1].set_title(text, loc="right", fontsize=12.0)
        bar = figure.colorbar(mesh, ax=grid[0].tolist(), pad=0.01, aspect=28.0)
        if bar.solids is not None:
            bar.solids.set_rasterized(True)
        set_round_ticks(bar, norm)
        bar.ax.set_ylabel("events a cell", loc="top", fontsize=14.0)
    return figure


def _title(axis: PlaneAxis) -> str:
    return f"${axis.label.strip('$')}$ [{unit_text(axis.unit)}]"


def _starts(cells: int) -> NDArray[np.int64]:
    """Return where merged cells begin."""
    return np.unique(np.linspace(0, cells, min(cells, _SHOWN_CELLS) + 1).round().astype(np.int64))[:-1]


def _merged_edges(edges: Floats) -> Floats:
    return np.append(edges[_starts(len(edges) - 1)], edges[-1])


def _merged(cells: Floats) -> Floats:
    summed = np.add.reduceat(cells, _starts(cells.shape[0]), axis=0)
    return np.asarray(np.add.reduceat(summed, _starts(cells.shape[1]), axis=1))
