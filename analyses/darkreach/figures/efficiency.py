"""The figure of selection efficiency against mass, one line a cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.figures.axis_text import plain
from darkreach.figures.cutflow import CONTROL_PREFIX, REGION_PREFIX, sample_cutflow
from darkreach.figures.style import CYCLE, FigureLabel, house_style, new_figure, scale_masses, write_label
from darkreach.histograms.search_histograms import SearchHistograms

_WIDEST = 1.4


@dataclass(frozen=True)
class EfficiencyCurves:
    """Cumulative efficiency of the simulated signals.

    Attributes:
        cuts: (k,) names, in order.
        mass_gev: (n,), rising.
        efficiency: (k, n), after each cut, of everything generated.
        error: (k, n), binomial.
    """

    cuts: tuple[str, ...]
    mass_gev: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    error: NDArray[np.float64]


def efficiency_curves(histograms: SearchHistograms) -> EfficiencyCurves:
    """Collect the cutflows of all signals, by mass; those of controls are left out, few signals are in them."""
    signals = [manifest for manifest in histograms.samples.values() if manifest.kind == "signal"]
    signals.sort(key=lambda manifest: manifest.parameters["mass_gev"])
    flows = [
        [row for row in sample_cutflow(histograms, manifest.sample).rows if not row.cut.startswith(CONTROL_PREFIX)]
        for manifest in signals
    ]
    cuts = tuple(cut for cut in histograms.histograms["cutflow"].axes[1] if not cut.startswith(CONTROL_PREFIX))
    shape = (len(signals), len(cuts))
    efficiency = np.array([[row.total for row in rows] for rows in flows], dtype=np.float64).reshape(shape)
    error = np.array([[row.total_error for row in rows] for rows in flows], dtype=np.float64).reshape(shape)
    mass = np.array([manifest.parameters["mass_gev"] for manifest in signals], dtype=np.float64)
    return EfficiencyCurves(cuts, mass, efficiency.T, error.T)


def draw_efficiency(curves: EfficiencyCurves, label: FigureLabel, mass: str = "m_a") -> Figure:
    """Draw cumulative efficiencies; common cuts dashed, the regions that limits are made of full.

    Args:
        curves: of all signals.
        label: data kind, luminosity, energy.
        mass: mathtext of the mass.
    """
    with house_style():
        figure, axes = new_figure()
        for index, cut in enumerate(curves.cuts):
            is_region = cut.startswith(REGION_PREFIX)
            # earlier lines are wider, so that one that coincides with a later one can still be seen
            later = len(curves.cuts) - 1 - index
            axes.errorbar(
                curves.mass_gev, curves.efficiency[index], yerr=curves.error[index], markersize=4.0,
                color=CYCLE[index % len(CYCLE)], fmt="o-" if is_region else "s--",
                linewidth=1.4 + min(0.35 * later, _WIDEST) + (0.8 if is_region else 0.0),
                label=plain(cut.replace("_", " ").replace(":", ": ")),
            )  # fmt: skip
        # room for the legend
        axes.set_ylim(0.0, 1.5 * float(np.max(curves.efficiency, initial=0.01)))
        if curves.mass_gev.size:
            scale_masses(axes, float(curves.mass_gev.min()), float(curves.mass_gev.max()))
        axes.set_xlabel(rf"${mass}$ [GeV]")
        axes.set_ylabel("cumulative signal efficiency")
        axes.legend(title="simulated signal, after", loc="upper left", alignment="left", ncols=2)
        write_label(axes, label)
    return figure
