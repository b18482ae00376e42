"""Efficiency of displaced decays against where they truly are and how fast the decaying particle was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.figures.panels import new_panels, outside_legend, title_panels
from darkreach.figures.style import CYCLE, FigureLabel, house_style
from darkreach.histograms.effective_events import effective_events
from darkreach.histograms.search_histograms import SearchHistograms

Floats = NDArray[np.float64]

RADIUS_TITLE: Final = "true radius of the decay [cm]"
MOMENTUM_TITLE: Final = r"true $p_T$ [GeV]"
_RESOLUTION: Final = 220.0
_FIRST_EDGE: Final = 0.4
_LINES: Final = ("-", (0, (4, 2)), (0, (1, 1.5)))


@dataclass(frozen=True, eq=False)
class TrueEfficiency:
    """Weights of decays and of those that were selected, in cells of true radius and momentum.

    Attributes:
        region: name.
        radius_edges: (r + 1,), cm.
        momentum_edges: (p + 1,), GeV.
        decays: (r, p) sums of weights.
        variance: (r, p) their variance.
        selected: (r, p) sums of weights.
    """

    region: str
    radius_edges: Floats
    momentum_edges: Floats
    decays: Floats
    variance: Floats
    selected: Floats

    def along(self, axis: int) -> tuple[Floats, Floats]:
        """Return efficiency and binomial error (n,) against the radius (axis 0) or the momentum (1), NaN if unknown.

        The error is that of as many events as the weights of the decays are worth.
        """
        other = 1 - axis
        decays, selected = self.decays.sum(axis=other), self.selected.sum(axis=other)
        worth = effective_events(decays, self.variance.sum(axis=other))
        efficiency = np.divide(selected, decays, out=np.full(decays.shape, np.nan), where=decays > 0.0)
        spread = np.clip(efficiency * (1.0 - efficiency), 0.0, None)
        return efficiency, np.sqrt(spread / np.maximum(worth, 1.0))

    @property
    def cells(self) -> Floats:
        """Efficiency (r, p), NaN where nothing decayed."""
        nothing = np.full(self.decays.shape, np.nan)
        return np.asarray(np.divide(self.selected, self.decays, out=nothing, where=self.decays > 0.0))


def true_efficiency(histograms: SearchHistograms, region: str) -> TrueEfficiency:
    """Sum the decays of all signal samples of a region.

    Raises:
        KeyError: the histograms have no such region.
    """
    everything, selected = (histograms.histograms[f"{name}/{region}"] for name in ("decays", "selected_decays"))
    view: Any = everything.view(flow=False)
    chosen: Any = selected.view(flow=False)
    return TrueEfficiency(
        region,
        np.asarray(everything.axes[1].edges, dtype=np.float64),
        np.asarray(everything.axes[2].edges, dtype=np.float64),
        view["value"].sum(axis=0),
        view["variance"].sum(axis=0),
        chosen["value"].sum(axis=0),
    )


def draw_true_efficiencies(
    efficiencies: Sequence[TrueEfficiency], names: Mapping[str, str], label: FigureLabel
) -> Figure:
    """Draw the efficiency of all regions against the true radius and against the true momentum, side by side.

    Args:
        efficiencies: of the regions.
        names: of the regions, mathtext.
        label: data kind, luminosity, energy.
    """
    half = -(-len(efficiencies) // 2) if len(efficiencies) > len(CYCLE) // 2 else len(efficiencies)
    with house_style():
        figure, panels = new_panels(2, label, share_x=False)
        for number, one in enumerate(efficiencies):
            colour, line = CYCLE[number % half % len(CYCLE)], _LINES[number // half]
            for axes, axis, edges in zip(panels, (0, 1), (_visible(one.radius_edges), one.momentum_edges), strict=True):
                values, error = one.along(axis)
                axes.stairs(values, edges, baseline=None, color=colour, linestyle=line, linewidth=1.8,
                            label=names[one.region])  # fmt: skip
                middles = np.sqrt(edges[1:] * edges[:-1]) if axis == 0 else 0.5 * (edges[1:] + edges[:-1])
                axes.errorbar(middles, values, yerr=error, fmt="none", ecolor=colour, elinewidth=1.0)
        panels[0].set_xscale("log")
        panels[0].set_ylim(bottom=0.0)
        panels[0].set_xlabel(RADIUS_TITLE)
        panels[1].set_xlabel(MOMENTUM_TITLE)
        panels[0].set_ylabel("efficiency")
        for axes in panels:
            axes.margins(x=0.0)
        panels[1].set_xlim(0.0, max(_highest_momentum(one) for one in efficiencies))
        outside_legend(figure, panels, "", columns=4)
    return figure


def draw_true_maps(efficiencies: Sequence[TrueEfficiency], names: Mapping[str, str], label: FigureLabel) -> Figure:
    """Draw the efficiency over true radius and momentum in colours, a panel a region.

    Args:
        efficiencies: of the regions.
        names: of the regions, mathtext.
        label: data kind, luminosity, energy.
    """
    highest = max((float(np.nanmax(one.cells)) for one in efficiencies if np.isfinite(one.cells).any()), default=1.0)
    norm = Normalize(0.0, highest or 1.0)
    with house_style():
        figure, panels = new_panels(len(efficiencies), label)
        figure.set_dpi(_RESOLUTION)
        for axes, one in zip(panels, efficiencies, strict=True):
            mesh = axes.pcolormesh(
                _visible(one.radius_edges), one.momentum_edges, one.cells.T, norm=norm, cmap="viridis", rasterized=True
            )
            axes.set_title(names[one.region], loc="left", fontsize=13.0)
        panels[0].set_xscale("log")
        panels[0].set_ylim(0.0, max(_highest_momentum(one) for one in efficiencies))
        title_panels(figure, panels, RADIUS_TITLE, MOMENTUM_TITLE)
        bar = figure.colorbar(mesh, ax=panels, pad=0.01, aspect=28.0)
        if bar.solids is not None:
            bar.solids.set_rasterized(True)
        bar.ax.set_ylabel("efficiency", loc="top", fontsize=14.0)
    return figure


def _highest_momentum(efficiency: TrueEfficiency) -> float:
    """Return the upper edge of the last bin of the momentum in which anything decayed, GeV."""
    filled = np.flatnonzero(efficiency.decays.sum(axis=0) > 0.0)
    return float(efficiency.momentum_edges[filled[-1] + 1 if filled.size else -1])


def _visible(edges: Floats) -> Floats:
    """Return edges of which the first, if it is zero, is where a logarithmic axis can show it."""
    if edges[0] > 0.0:
        return edges
    return np.concatenate([[_FIRST_EDGE * edges[1]], edges[1:]])
