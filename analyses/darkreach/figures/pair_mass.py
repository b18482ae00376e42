"""The spectrum figure: squared pair or recoil mass, with the ratio of (pseudo-)data to background below."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from darkreach.figures.axis_text import OBSERVABLES, coupling_text, number_text, plain, unit_text
from darkreach.figures.spectrum import Spectrum
from darkreach.figures.style import COLOURS, FigureLabel, house_style, new_figure, write_label

_LEAST_RATIO_RANGE = 0.1
# highest over lowest density, above which a linear axis would hide the tail
_STEEP = 30.0


def draw_pair_mass(spectrum: Spectrum, coupling: str, unit: str, label: FigureLabel) -> Figure:
    """Draw one region as a density in the squared mass; bins follow the resolution, so they differ in width.

    Args:
        spectrum: of the region.
        coupling: name of the coupling of the signal shown.
        unit: of the coupling.
        label: data kind, luminosity, energy.
    """
    with house_style():
        figure, (upper, lower) = new_figure(
            nrows=2, sharex=True, gridspec_kw={"height_ratios": (3.2, 1.0), "hspace": 0.0}
        )
        _draw_density(upper, spectrum, _signal_text(spectrum, coupling, unit), label)
        _draw_ratio(lower, spectrum, label)
        lower.set_xlabel(f"{OBSERVABLES[spectrum.observable]} [GeV$^2$]")
        figure.align_ylabels((upper, lower))
    return figure


def _signal_text(spectrum: Spectrum, coupling: str, unit: str) -> str:
    if spectrum.signal is None:
        return ""
    strength = f"{coupling_text(coupling)} = {number_text(spectrum.signal.coupling)} {unit_text(unit)}"
    return f"signal, $m_a$ = {spectrum.signal.mass_gev:g} GeV,\n{strength}"


def _draw_density(axes: Axes, spectrum: Spectrum, signal_text: str, label: FigureLabel) -> None:
    width = np.diff(spectrum.edges)
    density, error = spectrum.background / width, spectrum.background_error / width
    axes.stairs(density, spectrum.edges, fill=True, color=COLOURS["background"], label="background expectation")
    axes.stairs(density, spectrum.edges, color=COLOURS["background_edge"], linewidth=1.0)
    _band(axes, spectrum, density - error, density + error, label="stat. error of the simulation")
    if spectrum.signal is not None:
        density = spectrum.signal.events / width
        axes.stairs(density, spectrum.edges, color=COLOURS["signal"], linewidth=2.0, label=signal_text)
    _points(axes, spectrum, 1.0 / width, label=label.data_kind)
    _scale_density(axes, spectrum, width)
    _scale_mass(axes, spectrum)
    axes.set_ylabel("candidates / GeV$^2$")
    axes.legend(title=f"region {plain(spectrum.region)}", loc="upper right", alignment="left", ncols=2)
    write_label(axes, label)


def _draw_ratio(axes: Axes, spectrum: Spectrum, label: FigureLabel) -> None:
    known = spectrum.background > 0.0
    inverse = np.divide(1.0, spectrum.background, out=np.full(known.shape, np.nan), where=known)
    relative = spectrum.background_error * inverse
    _band(axes, spectrum, 1.0 - relative, 1.0 + relative)
    if spectrum.signal is not None:
        with_signal = 1.0 + spectrum.signal.events * inverse
        axes.stairs(with_signal, spectrum.edges, baseline=None, color=COLOURS["signal"], linewidth=1.4)
    axes.axhline(1.0, color=COLOURS["background_edge"], linewidth=1.0)
    _points(axes, spectrum, inverse)
    low, high = _ratio_range(spectrum, inverse)
    axes.set_ylim(low, high)
    _mark_outside(axes, spectrum, inverse, low, high)
    axes.set_ylabel(f"{label.data_kind} /\nbackground", fontsize=12.0, loc="center")


def _points(axes: Axes, spectrum: Spectrum, factor: Any, **options: Any) -> None:
    """Draw N with sqrt(N) bars, times a factor per bin; empty bins have no point, sqrt(0) would be a false bar."""
    filled = spectrum.observed > 0.0
    centre = 0.5 * (spectrum.edges[1:] + spectrum.edges[:-1])
    y, error = spectrum.observed * factor, np.sqrt(spectrum.observed) * factor
    axes.errorbar(
        centre[filled], y[filled], yerr=error[filled], fmt="o", markersize=3.2, color=COLOURS["data"],
        elinewidth=1.0, **options,
    )  # fmt: skip


def _mark_outside(axes: Axes, spectrum: Spectrum, inverse: Any, low: float, high: float) -> None:
    """Draw a triangle at the edge of the ratio panel for every point beyond it."""
    centre = 0.5 * (spectrum.edges[1:] + spectrum.edges[:-1])
    ratio = np.where(spectrum.observed > 0.0, spectrum.observed * inverse, np.nan)
    margin = 0.06 * (high - low)
    for beyond, marker, height in ((ratio > high, "^", high - margin), (ratio < low, "v", low + margin)):
        axes.plot(centre[beyond], np.full(beyond.sum(), height), marker, color=COLOURS["signal"], markersize=5.0)


def _band(axes: Axes, spectrum: Spectrum, low: Any, high: Any, **options: Any) -> None:
    axes.stairs(
        high,
        spectrum.edges,
        baseline=low,
        fill=True,
        color=COLOURS["uncertainty"],
        alpha=0.45,
        linewidth=0.0,
        **options,
    )


def _scale_mass(axes: Axes, spectrum: Spectrum) -> None:
    """Space squared masses that begin near zero evenly in mass, because their resolution is finest there."""
    low, high = float(spectrum.edges[0]), float(spectrum.edges[-1])
    if 0.0 <= low < 0.05 * high:
        axes.set_xscale("function", functions=(np.sqrt, np.square))
        axes.xaxis.set_major_locator(
            FixedLocator([m**2 for m in (0.0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, 10)])
        )
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlim(low, high)


def _scale_density(axes: Axes, spectrum: Spectrum, width: Any) -> None:
    """Choose a logarithmic axis for steep spectra and a linear one for flat ones, with room for the legend."""
    drawn = np.concatenate([spectrum.background / width, (spectrum.observed + np.sqrt(spectrum.observed)) / width])
    drawn = drawn[drawn > 0.0]
    low, high = (float(drawn.min()), float(drawn.max())) if drawn.size else (1.0, 10.0)
    if high > _STEEP * low:
        axes.set_yscale("log")
        axes.set_ylim(low * 0.5, high * (high / low) ** 0.5)
    else:
        axes.set_ylim(0.0, 1.5 * high)


def _ratio_range(spectrum: Spectrum, inverse: Any) -> tuple[float, float]:
    """Return a symmetric range that holds nine tenths of the points with their bars, between 0.1 and 1 either side."""
    filled = (spectrum.observed > 0.0) & np.isfinite(inverse)
    if not filled.any():
        return 0.0, 2.0
    distance = np.abs(spectrum.observed * inverse - 1.0) + np.sqrt(spectrum.observed) * inverse
    half = float(np.clip(np.quantile(distance[filled], 0.9) * 1.3, _LEAST_RATIO_RANGE, 1.0))
    return 1.0 - half, 1.0 + half
