"""The figure of stacked background groups: one region, or several side by side, each with its ratio below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.errors import ConfigError
from darkreach.figures.axis_text import coupling_text, number_text, plain, unit_text
from darkreach.figures.stacked_spectrum import OverlaidSignal, StackedSpectrum
from darkreach.figures.style import COLOURS, CYCLE, FigureLabel, house_style, new_figure, write_label

_STEEP: Final = 30.0
_LEAST_RATIO_RANGE: Final = 0.005
_UNEVEN: Final = 5.0
_LIGHT: Final = ("#9dc3e6", "#f6c98a", "#a8d5ba", "#d3b1d2", "#c9c9c9", "#e9aaa3", "#a3d8e0", "#cfb59b")
"""Fills of the groups, lighter than ``CYCLE`` so that points and lines stand out."""


def draw_stacked(
    spectra: Sequence[StackedSpectrum],
    label: FigureLabel,
    *,
    mass: str = "m",
    coupling: str = "",
    unit: str = "",
    group_titles: Mapping[str, str] | None = None,
) -> Figure:
    """Draw (pseudo-)data on the stack of background groups, with the ratio to their sum below.

    Args:
        spectra: one region or control, or several that are drawn side by side with one vertical scale.
        label: data kind, luminosity, energy.
        mass: mathtext of the mass of the hypothesis.
        coupling: name of the coupling of the hypothesis; empty for cross-sections.
        unit: of the coupling.
        group_titles: texts of groups in the legend, mathtext allowed; their names if left out.

    Raises:
        ConfigError: nothing to draw.
    """
    if not spectra:
        raise ConfigError("no spectrum to draw", allowed="one or more")
    colours = group_colours(spectra)
    with house_style():
        figure, panels = new_figure(
            nrows=2, ncols=len(spectra), sharex="col", sharey="row", squeeze=False,
            gridspec_kw={"height_ratios": (3.2, 1.0), "hspace": 0.0, "wspace": 0.0},
        )  # fmt: skip
        figure.set_size_inches(7.6 if len(spectra) == 1 else 1.6 + 5.6 * len(spectra), 5.9)
        for column, spectrum in enumerate(spectra):
            upper, lower = panels[0, column], panels[1, column]
            text = signal_text(spectrum.signal, mass, coupling, unit)
            _draw_stack(upper, spectrum, colours, group_titles or {}, text, label.data_kind)
            _draw_ratio(lower, spectrum)
            _scale_observable(lower, spectrum)
            lower.set_xlabel(spectrum.axis)
            _write_name(upper, spectrum)
        _scale_events(panels[0, 0], spectra)
        _scale_ratio(panels[1, 0], spectra)
        panels[0, 0].set_ylabel(f"events / {unit_text(spectra[0].unit)}" if spectra[0].unit else "events / bin")
        panels[1, 0].set_ylabel(f"{label.data_kind} /\nbackground", fontsize=12.0, loc="center")
        _write_legend(panels[0], label.data_kind)
        _write_label(panels[0], label)
        figure.align_ylabels(panels[:, 0])
    return figure


def group_colours(spectra: Sequence[StackedSpectrum]) -> dict[str, tuple[str, str]]:
    """Return fill and edge colour by group: by name, so that figures of one search agree."""
    return stack_colours({group for spectrum in spectra for group in (*spectrum.groups, *spectrum.all_groups)})


def stack_colours(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return fill and edge colour of the parts of a stack by name.

    Example:
        >>> stack_colours(["taus", "charm"])["charm"]
        ('#9dc3e6', '#1b4f8a')
    """
    ordered = sorted(set(names))
    return {name: (_LIGHT[index % len(_LIGHT)], CYCLE[index % len(CYCLE)]) for index, name in enumerate(ordered)}


def signal_text(signal: OverlaidSignal | None, mass: str, coupling: str, unit: str) -> str:
    r"""Return the legend of a hypothesis.

    Example:
        >>> signal = OverlaidSignal(2.0, 1e-3, 0.5, np.zeros(1))
        >>> signal_text(signal, "m_{A^\\prime}", "epsilon", "")
        '$m_{A^\\prime}$ = 2 GeV,\n$\\varepsilon$ = $10^{-3}$'
    """
    if signal is None:
        return ""
    strength = rf"$\sigma$ = {number_text(signal.cross_section_fb)} fb"
    if coupling and signal.coupling is not None:
        strength = f"{coupling_text(coupling)} = {number_text(signal.coupling)} {unit_text(unit)}".rstrip()
    return f"${mass}$ = {signal.mass_gev:g} GeV,\n{strength}"


def _draw_stack(
    axes: Axes,
    spectrum: StackedSpectrum,
    colours: Mapping[str, tuple[str, str]],
    titles: Mapping[str, str],
    text: str,
    data_kind: str,
) -> None:
    scale = _per_unit(spectrum)
    floor, total = np.zeros(spectrum.observed.size), spectrum.background
    layers = []
    for name, rates in spectrum.groups.items():
        layers.append((name, floor, floor + rates))
        floor = floor + rates
    # from the top of the stack, as the legend lists them
    for name, low, high in reversed(layers):
        fill, edge = colours[name]
        shown = titles.get(name, plain(name.replace("_", " ")))
        axes.stairs(high * scale, spectrum.edges, baseline=low * scale, fill=True, color=fill, label=shown)
        axes.stairs(high * scale, spectrum.edges, color=edge, linewidth=0.9)
    axes.stairs(
        (total + spectrum.error) * scale, spectrum.edges, baseline=np.maximum(total - spectrum.error, 0.0) * scale,
        fill=True, facecolor="none", edgecolor=COLOURS["uncertainty"], hatch="//////", linewidth=0.0,
        label=f"uncertainty {spectrum.expectation}",
    )  # fmt: skip
    if spectrum.before is not None:
        axes.stairs(
            spectrum.before * scale, spectrum.edges, baseline=None, color="#333333", linewidth=1.3,
            linestyle=(0, (4, 2)), label="sum before the fit",
        )  # fmt: skip
    if spectrum.signal is not None:
        axes.stairs(
            spectrum.signal.events * scale, spectrum.edges, baseline=None, color=COLOURS["signal"], linewidth=2.2,
            label=text,
        )  # fmt: skip
    _points(axes, spectrum, scale, label=data_kind)


def _draw_ratio(axes: Axes, spectrum: StackedSpectrum) -> None:
    total = spectrum.background
    inverse = np.divide(1.0, total, out=np.full(total.shape, np.nan), where=total > 0.0)
    relative = np.nan_to_num(spectrum.error * inverse)
    axes.stairs(
        1.0 + relative, spectrum.edges, baseline=1.0 - relative, fill=True, color=COLOURS["uncertainty"], alpha=0.3,
        linewidth=0.0,
    )  # fmt: skip
    axes.axhline(1.0, color="#333333", linewidth=1.0)
    if spectrum.before is not None:
        axes.stairs(
            spectrum.before * inverse, spectrum.edges, baseline=None, color="#333333", linewidth=1.2,
            linestyle=(0, (4, 2)),
        )  # fmt: skip
    if spectrum.signal is not None:
        axes.stairs(
            1.0 + spectrum.signal.events * inverse,
            spectrum.edges,
            baseline=None,
            color=COLOURS["signal"],
            linewidth=1.6,
        )
    _points(axes, spectrum, inverse)


def _points(axes: Axes, spectrum: StackedSpectrum, factor: np.ndarray, label: str = "") -> None:
    """Draw N with sqrt(N) bars, times a factor per bin; empty bins have no point, sqrt(0) would be a false bar."""
    filled = (spectrum.observed > 0.0) & np.isfinite(factor)
    centre = 0.5 * (spectrum.edges[1:] + spectrum.edges[:-1])
    y, error = spectrum.observed * factor, np.sqrt(spectrum.observed) * factor
    axes.errorbar(
        centre[filled], y[filled], yerr=error[filled], fmt="o", markersize=3.8, color=COLOURS["data"],
        elinewidth=1.1, zorder=5.0, label=label or None,
    )  # fmt: skip


def _per_unit(spectrum: StackedSpectrum) -> np.ndarray:
    return 1.0 / np.diff(spectrum.edges) if spectrum.unit else np.ones(spectrum.observed.size)


def _scale_observable(axes: Axes, spectrum: StackedSpectrum) -> None:
    """Space squared masses whose bins grow with them evenly in mass, on both sides of zero."""
    low, high = float(spectrum.edges[0]), float(spectrum.edges[-1])
    width = np.diff(spectrum.edges)
    if low < 0.05 * high and float(width.max()) > _UNEVEN * float(width.min()) and spectrum.unit == "GeV^2":
        axes.set_xscale(
            "function", functions=(lambda x: np.sign(x) * np.sqrt(np.abs(x)), lambda x: np.sign(x) * np.square(x))
        )
        masses = [m for m in (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0) if m * abs(m) >= low]
        axes.set_xticks([m * abs(m) for m in masses if m * abs(m) <= high])
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlim(low, high)


def _scale_events(axes: Axes, spectra: Sequence[StackedSpectrum]) -> None:
    """Choose a logarithmic axis for steep spectra and a linear one for flat ones, with room for the legend."""
    parts = [part * _per_unit(one) for one in spectra for part in (one.background, one.observed)]
    drawn = np.concatenate(parts)
    drawn = drawn[drawn > 0.0]
    low, high = (float(drawn.min()), float(drawn.max())) if drawn.size else (1.0, 10.0)
    if high > _STEEP * low:
        axes.set_yscale("log")
        axes.set_ylim(low * 0.5, high * (high / low) ** 0.75)
    else:
        axes.set_ylim(0.0, 1.7 * high)


def _scale_ratio(axes: Axes, spectra: Sequence[StackedSpectrum]) -> None:
    """Set a symmetric range that holds nine tenths of the points with their bars, between 0.005 and 1 either side."""
    distances = []
    for one in spectra:
        used = (one.observed > 0.0) & (one.background > 0.0)
        ratio, error = one.observed[used] / one.background[used], np.sqrt(one.observed[used]) / one.background[used]
        distances.append(np.abs(ratio - 1.0) + error)
    joined = np.concatenate(distances)
    half = 1.0 if not joined.size else float(np.clip(1.3 * np.quantile(joined, 0.9), _LEAST_RATIO_RANGE, 1.0))
    axes.set_ylim(1.0 - half, 1.0 + half)


def _write_name(axes: Axes, spectrum: StackedSpectrum) -> None:
    axes.text(
        0.03, 0.97, plain(spectrum.name.replace("_", " ")), transform=axes.transAxes, ha="left", va="top",
        fontsize=13.0, fontweight="bold",
    )  # fmt: skip


def _write_legend(panels: Sequence[Axes], first: str) -> None:
    """List the (pseudo-)data first, then what is drawn in any of the panels from the top of the stack."""
    drawn: dict[str, Any] = {}
    for axes in panels:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            drawn.setdefault(text, handle)
    order = sorted(drawn, key=lambda text: text != first)
    panels[-1].legend(
        [drawn[text] for text in order], order, loc="upper right", bbox_to_anchor=(1.0, 0.94), ncols=2,
        alignment="left", fontsize=10.0, columnspacing=1.0, handlelength=1.6,
    ).set_in_layout(False)  # fmt: skip


def _write_label(panels: Sequence[Axes], label: FigureLabel) -> None:
    if len(panels) == 1:
        write_label(panels[0], label)
        return
    panels[0].set_title(rf"$\mathbf{{darkreach}}$ {label.data_kind}", loc="left", fontsize=13.0)
    panels[-1].set_title(label.text, loc="right", fontsize=12.0)
