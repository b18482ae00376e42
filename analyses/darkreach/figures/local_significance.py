"""The scan of a search for excesses: local p-values against mass, and what the largest is worth globally."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtr

from darkreach.errors import ConfigError
from darkreach.figures.style import COLOURS, FigureLabel, house_style, new_figure, scale_masses, write_label
from darkreach.fits import GlobalSignificance

_MOST_MARKERS = 60


def draw_local_significance(
    found: GlobalSignificance, masses_gev: Mapping[str, float], label: FigureLabel, mass: str = "m"
) -> Figure:
    """Draw the local p-value of the background against mass, with lines at whole standard deviations.

    Args:
        found: the scan.
        masses_gev: by name of the hypothesis.
        label: data kind, luminosity, energy.
        mass: mathtext of the mass.

    Raises:
        ConfigError: a hypothesis has no mass.
    """
    missing = [name for name in found.names if name not in masses_gev]
    if missing:
        raise ConfigError("a hypothesis of the scan has no mass", given=missing[0])
    points = sorted(zip((masses_gev[name] for name in found.names), found.local_significance, strict=True))
    masses, local = np.array(points).T
    p_values = ndtr(-local)
    with house_style():
        figure, axes = new_figure()
        marker = "o" if masses.size <= _MOST_MARKERS else ""
        axes.plot(masses, p_values, "-", marker=marker, markersize=4.0, color=COLOURS["expected"], linewidth=1.4)
        axes.plot([masses_gev[found.best]], [found.local_p_value], "D", color=COLOURS["signal"], markersize=7.0,
                  markerfacecolor="white", markeredgewidth=1.8)  # fmt: skip
        axes.set_yscale("log")
        lowest = min(float(np.nanmin(p_values)), float(ndtr(-3.0)))
        axes.set_ylim(lowest**1.4 * 0.2, 1.5)
        _draw_levels(axes, lowest)
        scale_masses(axes, float(masses.min()), float(masses.max()))
        axes.set_xlabel(rf"${mass}$ [GeV]")
        axes.set_ylabel("local p-value of the background")
        axes.text(0.03, 0.04, "\n".join(significance_lines(found, masses_gev[found.best])), transform=axes.transAxes,
                  fontsize=11.5, va="bottom", linespacing=1.5)  # fmt: skip
        write_label(axes, label)
    return figure


def significance_lines(found: GlobalSignificance, mass_gev: float) -> list[str]:
    """Return what is largest and what it is worth, for a figure.

    Args:
        found: the scan.
        mass_gev: of the largest excess.
    """
    lines = [
        f"largest excess at {mass_gev:.4g} GeV: local p = {found.local_p_value:.2g} ({found.significance:.1f}σ)",
        f"global p = {found.by_upcrossings.p_value:.2g} ± {found.by_upcrossings.error:.1g} "
        f"({found.by_upcrossings.significance:.1f}σ) by upcrossings",
    ]
    if found.toy_p_value is not None and found.toy_p_value_error is not None:
        lines.append(
            f"global p = {found.toy_p_value:.2g} ± {found.toy_p_value_error:.1g} by {found.toys} background-only scans"
        )
    return lines


def significance_rows(found: GlobalSignificance, masses_gev: Mapping[str, float]) -> list[tuple[str, str]]:
    """Return the same as rows of a table: what, and its value."""
    rows = [
        ("hypotheses", str(len(found.names))),
        ("largest excess at", f"{masses_gev[found.best]:.4g} GeV"),
        ("local significance", f"{found.significance:.2f}"),
        ("local p-value", f"{found.local_p_value:.3g}"),
        ("expected upcrossings of q0 = 0", f"{found.upcrossings.at_zero:.3g} ± {found.upcrossings.error:.2g}"),
        ("global p-value by upcrossings", f"{found.by_upcrossings.p_value:.3g} ± {found.by_upcrossings.error:.1g}"),
        ("global significance by upcrossings", f"{found.by_upcrossings.significance:.2f}"),
    ]
    if found.toy_p_value is not None and found.toy_p_value_error is not None:
        rows.append(
            (f"global p-value by {found.toys} scans", f"{found.toy_p_value:.3g} ± {found.toy_p_value_error:.1g}")
        )
    return rows


def _draw_levels(axes: Axes, lowest: float) -> None:
    for level in range(1, 9):
        p_value = float(ndtr(-level))
        if p_value < 0.2 * lowest and level > 3:
            break
        axes.axhline(p_value, color="#999999", linewidth=0.9, linestyle=":")
        axes.text(0.985, p_value, rf"${level}\sigma$", transform=axes.get_yaxis_transform(), ha="right", va="bottom",
                  fontsize=10.5)  # fmt: skip
