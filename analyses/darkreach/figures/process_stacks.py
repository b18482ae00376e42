"""Backgrounds stacked by process beside (pseudo-)data, of several regions in panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.figures.axis_text import plain
from darkreach.figures.panels import new_panels, outside_legend, title_panels
from darkreach.figures.stacked_figure import stack_colours
from darkreach.figures.style import COLOURS, FigureLabel, house_style

Floats = NDArray[np.float64]

_STEEP: Final = 30.0
_LEGEND_WIDTH: Final = 3.7
_SHADE: Final = "#eeeeee"


@dataclass(frozen=True, eq=False)
class ProcessStack:
    """One region, in events per bin.

    Attributes:
        title: of the panel, mathtext.
        edges: (n + 1,).
        processes: (n,) expected events by process.
        error: (n,) of their sum, from the size of the simulated samples.
        observed: (n,) events of the (pseudo-)data; None without any.
        excluded: ranges of the axis that no hypothesis is in.
        drawn_from: (n,) events that pseudo-data are drawn from, if not from the stack itself.
    """

    title: str
    edges: Floats
    processes: Mapping[str, Floats]
    error: Floats
    observed: Floats | None = None
    excluded: tuple[tuple[float, float], ...] = ()
    drawn_from: Floats | None = None

    @property
    def background(self) -> Floats:
        """Sum of the processes (n,)."""
        return np.asarray(sum(self.processes.values(), np.zeros(len(self.edges) - 1)), dtype=np.float64)

    @property
    def filled_end(self) -> float:
        """Where a drawing may end: a sixth of the filled range beyond the last filled bin, or at the last edge."""
        others = [one for one in (self.observed, self.drawn_from) if one is not None]
        filled = np.flatnonzero(sum(others, self.background) > 0.0)
        if not filled.size:
            return float(self.edges[-1])
        last = float(self.edges[filled[-1] + 1])
        return min(float(self.edges[-1]), last + (last - float(self.edges[0])) / 6.0)

    def rebinned(self, most: int) -> ProcessStack:
        """Return the same in at most so many bins of nearly equal width, whose edges are some of the present ones.

        Empty bins at the end are left out.
        """
        wanted = np.linspace(self.edges[0], self.filled_end, most + 1)
        kept = np.unique([int(np.argmin(np.abs(self.edges - one))) for one in wanted])
        starts = kept[:-1]

        def summed(values: Floats) -> Floats:
            return np.asarray(np.add.reduceat(values[: kept[-1]], starts))

        return replace(
            self,
            edges=self.edges[kept],
            processes={name: summed(one) for name, one in self.processes.items()},
            error=np.sqrt(summed(self.error**2)),
            observed=None if self.observed is None else summed(self.observed),
            drawn_from=None if self.drawn_from is None else summed(self.drawn_from),
        )


def draw_process_stacks(
    stacks: Sequence[ProcessStack], axis: str, unit: str, label: FigureLabel, titles: Mapping[str, str]
) -> Figure:
    """Draw stacks, a panel each with a vertical scale of its own; events in bins of unequal width are per mean width.

    Args:
        stacks: of the regions.
        axis: title of the horizontal axis with its unit, mathtext.
        unit: of the horizontal axis.
        label: data kind, luminosity, energy.
        titles: of the processes, for the legend; their names if they are not there.
    """
    names = sorted({name for one in stacks for name in one.processes})
    totals = {name: sum(float(one.processes[name].sum()) for one in stacks if name in one.processes) for name in names}
    order = sorted(names, key=lambda name: totals[name])
    colours = stack_colours(names)
    with house_style():
        figure, panels = new_panels(len(stacks), label, share_x=False, share_y=False)
        for axes, stack in zip(panels, stacks, strict=True):
            width = float(np.mean(np.diff(stack.edges)))
            scale = width / np.diff(stack.edges)
            for low, high in stack.excluded:
                axes.axvspan(low, high, color=_SHADE, linewidth=0.0, zorder=0.0, label="no hypothesis here")
            _draw_layers(axes, stack, [name for name in order if name in stack.processes], colours, titles, scale)
            if stack.drawn_from is not None:
                axes.stairs(
                    stack.drawn_from * scale, stack.edges, baseline=None, color="#333333", linewidth=1.3,
                    linestyle=(0, (4, 2)), label=f"smoothed, what {label.data_kind} are drawn from",
                )  # fmt: skip
            _draw_points(axes, stack, scale, label.data_kind)
            _scale(axes, stack, scale)
            axes.set_title(f"{stack.title}", loc="left", fontsize=13.0)
            axes.set_title(f"bins of {width:.2g} {unit}", loc="right", fontsize=10.0)
        title_panels(figure, panels, axis, "events")
        columns = max(2, round(figure.get_size_inches()[0] / _LEGEND_WIDTH))
        outside_legend(figure, panels, "before any fit", columns=columns)
    return figure


def _draw_layers(
    axes: Axes, stack: ProcessStack, order: Sequence[str], colours: Mapping[str, tuple[str, str]],
    titles: Mapping[str, str], scale: Floats,
) -> None:  # fmt: skip
    floor = np.zeros(len(stack.edges) - 1)
    for name in order:
        fill, edge = colours[name]
        top = floor + stack.processes[name]
        text = plain(titles.get(name, name))
        axes.stairs(top * scale, stack.edges, baseline=floor * scale, fill=True, color=fill, label=text)
        axes.stairs(top * scale, stack.edges, color=edge, linewidth=0.8)
        floor = top
    if order:
        axes.stairs(
            (floor + stack.error) * scale, stack.edges, baseline=np.maximum(floor - stack.error, 0.0) * scale,
            fill=True, facecolor="none", edgecolor=COLOURS["uncertainty"], hatch="//////", linewidth=0.0,
            label="statistics of the simulation",
        )  # fmt: skip


def _draw_points(axes: Axes, stack: ProcessStack, scale: Floats, kind: str) -> None:
    if stack.observed is None:
        return
    filled = stack.observed > 0.0
    middles = 0.5 * (stack.edges[1:] + stack.edges[:-1])
    axes.errorbar(
        middles[filled], (stack.observed * scale)[filled], yerr=(np.sqrt(stack.observed) * scale)[filled], fmt="o",
        markersize=3.2, color=COLOURS["data"], elinewidth=1.0, zorder=5.0, label=kind,
    )  # fmt: skip


def _scale(axes: Axes, stack: ProcessStack, scale: Floats) -> None:
    others = [one * scale for one in (stack.observed, stack.drawn_from) if one is not None]
    parts = [stack.background * scale, *others]
    values = np.concatenate(parts)
    values = values[values > 0.0]
    axes.set_xlim(float(stack.edges[0]), float(stack.edges[-1]))
    if not values.size:
        axes.set_ylim(0.0, 1.0)
        axes.text(0.5, 0.5, "nothing selected", transform=axes.transAxes, ha="center", color="#666666")
    elif float(values.max()) > _STEEP * float(np.median(values)):
        axes.set_yscale("log")
        axes.set_ylim(max(float(values.min()), 1e-4 * float(values.max())) * 0.5, 3.0 * float(values.max()))
    else:
        axes.set_ylim(0.0, 1.3 * float(values.max()))
