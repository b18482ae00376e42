"""The cutflow of background groups and of one signal, in events of a luminosity: data and figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.figures.axis_text import plain
from darkreach.figures.cutflow import is_alternative
from darkreach.figures.style import COLOURS, CYCLE, FigureLabel, house_style, new_figure, write_label
from darkreach.histograms.search_histograms import SearchHistograms

Array = NDArray[np.float64]
_LEAST_EVENTS: Final = 1e-2


@dataclass(frozen=True, eq=False)
class GroupCutflow:
    """Events that are left after each cut.

    Attributes:
        cuts: (k,) names in order; those of regions and controls are alternatives after the common ones.
        events: (k,) by group, at the luminosity.
        error: (k,) by group, statistical error of the simulation.
        signal: (k,) of one signal at the reference coupling, or None.
        signal_title: what it is.
    """

    cuts: tuple[str, ...]
    events: Mapping[str, Array]
    error: Mapping[str, Array]
    signal: Array | None = None
    signal_title: str = ""


def group_cutflow(
    histograms: SearchHistograms,
    groups: Mapping[str, Sequence[str]],
    luminosity_inverse_fb: float,
    *,
    signal: str | None = None,
    signal_title: str = "signal",
) -> GroupCutflow:
    """Sum the cutflows of samples by group.

    Args:
        histograms: of the search.
        groups: samples by group, as the likelihood has them.
        luminosity_inverse_fb: fb^-1.
        signal: sample of a signal to show beside them.
        signal_title: text of its legend.
    """
    weights: Any = histograms.histograms["cutflow"]
    present, cuts = set(weights.axes[0]), tuple(weights.axes[1])
    events, error = {}, {}
    for group, samples in groups.items():
        views = [weights[sample, :].view() for sample in samples if sample in present]
        content = np.sum([view["value"] for view in views], axis=0) if views else np.zeros(len(cuts))
        variance = np.sum([view["variance"] for view in views], axis=0) if views else np.zeros(len(cuts))
        events[group] = luminosity_inverse_fb * np.asarray(content, dtype=np.float64)
        error[group] = luminosity_inverse_fb * np.sqrt(variance)
    shown = None
    if signal is not None and signal in present:
        shown = luminosity_inverse_fb * np.asarray(weights[signal, :].view()["value"], dtype=np.float64)
    return GroupCutflow(cuts, events, error, shown, signal_title)


def draw_group_cutflow(flow: GroupCutflow, label: FigureLabel, group_titles: Mapping[str, str] | None = None) -> Figure:
    """Draw the events of each group after each cut on a logarithmic axis; regions and controls stand apart.

    Args:
        flow: the numbers.
        label: data kind, luminosity, energy.
        group_titles: texts of groups in the legend, mathtext allowed; their names if left out.
    """
    titles, common = group_titles or {}, [index for index, cut in enumerate(flow.cuts) if not is_alternative(cut)]
    others = [index for index in range(len(flow.cuts)) if index not in common]
    with house_style():
        figure, axes = new_figure()
        figure.set_size_inches(max(7.6, 2.4 + 0.62 * len(flow.cuts)), 5.9)
        places = np.arange(len(flow.cuts))
        names = sorted(flow.events)
        lines = [(name, flow.events[name], flow.error[name], CYCLE[index % len(CYCLE)], "-")
                 for index, name in enumerate(names)]  # fmt: skip
        if flow.signal is not None:
            lines.append((flow.signal_title, flow.signal, np.zeros(len(flow.cuts)), COLOURS["signal"], "--"))
        for order, (name, events, error, colour, style) in enumerate(lines):
            seen = np.where(events > 0.0, events, np.nan)
            shift = 0.5 * ((order + 0.5) / len(lines) - 0.5)
            title = titles.get(name, plain(name.replace("_", " "))) if name in flow.events else name
            axes.plot(places[common], seen[common], linestyle=style, marker="o", markersize=4.5, color=colour,
                      label=title)  # fmt: skip
            axes.errorbar(places[others] + shift, seen[others], yerr=error[others], fmt="s", markersize=5.5,
                          color=colour, elinewidth=1.1)  # fmt: skip
        for place in others:
            axes.axvspan(place - 0.5, place + 0.5, color="#f2f4f7" if place % 2 else "#e6eaf0", zorder=0, linewidth=0.0)
        _scale(axes, lines)
        axes.set_xlim(-0.5, len(flow.cuts) - 0.5)
        axes.set_xticks(places, [_cut_text(cut) for cut in flow.cuts], rotation=35, ha="right", rotation_mode="anchor",
                        fontsize=10.5)  # fmt: skip
        axes.tick_params(axis="x", which="both", length=0.0)
        axes.set_ylabel("events")
        axes.legend(loc="upper right", ncols=2, alignment="left")
        write_label(axes, label)
    return figure


def _cut_text(cut: str) -> str:
    return plain(cut.replace("_", " ").replace(":", ": "))


def _scale(axes: Axes, lines: Sequence[tuple[str, Array, Array, str, str]]) -> None:
    everything = np.concatenate([events for _, events, *_ in lines]) if lines else np.ones(1)
    drawn = everything[everything > 0.0]
    low, high = (float(drawn.min()), float(drawn.max())) if drawn.size else (1.0, 10.0)
    low = max(low, _LEAST_EVENTS)
    axes.set_yscale("log")
    axes.set_ylim(0.4 * low, high * (high / low) ** 0.35)
