"""Spectra of a search for displaced vertices: background by process and (pseudo-)data of every region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from darkreach.building.displaced_windows import left_out
from darkreach.figures.axis_text import plain
from darkreach.figures.process_stacks import Floats, ProcessStack
from darkreach.histograms.displaced_cells import region_cells
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.report.displaced_content import DisplacedReportContent
from darkreach.report.displaced_names import channel_text
from darkreach.report.table import readable_process

_SHOWN_BINS: Final = 40
_SHOWN_B_BINS: Final = 25


def process_titles(histograms: SearchHistograms) -> dict[str, str]:
    """Return the names of the background samples for legends."""
    return {
        name: readable_process(manifest.process.split(",")[0]) for name, manifest in histograms.samples.items()
        if manifest.kind == "background"
    }  # fmt: skip


def mass_stacks(content: DisplacedReportContent, radius_bin: int) -> list[ProcessStack]:
    """Return the spectra of the observable in one bin of the radius, merged for display, a region each.

    (Pseudo-)data are those of the histograms, else those drawn in the workspace, else none.
    """
    cells = region_cells(content.search)
    stacks = []
    for region in content.search.regions:
        name = region.name
        histogram = content.histograms.histograms[f"mass_radius/{name}"]
        processes, error, observed = _sums(content, histogram, radius_bin)
        drawn_from = None
        if observed is None and name in content.drawn:
            observed, drawn_from = (one[:, radius_bin] for one in content.drawn[name])
        ends = [cells[name].expected([one.low, one.high]) for one in left_out(cells[name])]
        stack = ProcessStack(
            channel_text(content.search, name), np.asarray(histogram.axes[1].edges, dtype=np.float64), processes,
            error, observed, tuple((float(low), float(high)) for low, high in ends), drawn_from,
        )  # fmt: skip
        stacks.append(stack.rebinned(_SHOWN_BINS))
    return stacks


def b_meson_stacks(content: DisplacedReportContent) -> Iterator[tuple[str, str, list[ProcessStack]]]:
    """Yield name, axis title and spectra of M_bc and of Delta E, if a B meson is reconstructed."""
    for kind in ("beam_constrained_mass", "energy_difference"):
        stacks, title = [], ""
        for region in content.search.regions:
            histogram = content.histograms.histograms.get(f"{kind}/{region.name}")
            if histogram is None:
                continue
            processes, error, observed = _sums(content, histogram, None)
            edges = np.asarray(histogram.axes[1].edges, dtype=np.float64)
            stack = ProcessStack(channel_text(content.search, region.name), edges, processes, error, observed)
            stacks.append(stack.rebinned(_SHOWN_B_BINS))
            title = str(histogram.axes[1].label)
        if stacks:
            yield kind, title, stacks


def radius_text(content: DisplacedReportContent, radius_bin: int) -> str:
    """Return the range of a bin of the radius in words."""
    low, high = content.search.radius_edges[radius_bin : radius_bin + 2]
    return plain(f"{low:g} – {high:g} cm")


def _sums(
    content: DisplacedReportContent, histogram: Any, radius_bin: int | None
) -> tuple[Mapping[str, Floats], Floats, Floats | None]:
    """Return events by background sample, the error of their sum, and events of (pseudo-)data if there are any."""
    view, luminosity = histogram.view(flow=False), content.luminosity_inverse_fb
    processes: dict[str, Floats] = {}
    variance, observed = np.zeros(histogram.axes[1].size), None
    for number, sample in enumerate(histogram.axes[0]):
        chosen = view[number] if radius_bin is None else view[number][:, radius_bin]
        if content.histograms.samples[sample].kind == "background":
            processes[sample] = luminosity * chosen["value"]
            variance = variance + luminosity**2 * chosen["variance"]
        else:
            observed = chosen["value"] + (0.0 if observed is None else observed)
    return processes, np.sqrt(variance), observed
