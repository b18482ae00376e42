"""Figures of searches whose background comes in groups: spectra of regions and controls, and their cutflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from darkreach.figures import draw_group_cutflow, draw_stacked, group_cutflow, merged_for_display, save_svg
from darkreach.report.content import ReportContent
from darkreach.report.report_figure import ReportFigure

# fewer expected events a bin make a spectrum nobody can read
_SHOWN_BACKGROUND: Final = 5.0


def stacked_figures(content: ReportContent, where: str) -> Iterator[ReportFigure]:
    """Draw the spectra of regions that act together side by side, each control, and the cutflow of the groups.

    Args:
        content: of the report.
        where: kind of data, luminosity and energy, for captions.
    """
    coupling = content.search.main_coupling
    name, unit = ("", "") if coupling is None else (coupling.name, coupling.unit)
    for spectra in content.stacked:
        shown = [merged_for_display(one, _SHOWN_BACKGROUND) for one in spectra]
        figure = draw_stacked(shown, content.label, mass=content.search.labels.mass, coupling=name, unit=unit)
        names = " and ".join(one.name.replace("_", " ") for one in spectra)
        signal = " The signal is as strong as it needs to be to be seen." if spectra[0].signal is not None else ""
        caption = (
            f"{names.capitalize()}: error bars √N; background after a fit without signal, the dashed line before it; "
            f"bins are merged for display to at least {_SHOWN_BACKGROUND:g} expected events; {where}.{signal}"
        )
        yield ReportFigure(
            "spectrum_" + "_and_".join(one.name for one in spectra), "spectra", caption, save_svg(figure)
        )
    flow = group_cutflow(content.histograms, content.groups, content.luminosity_inverse_fb)
    caption = f"Simulated background events of each group after each cut, before any fit; {where}."
    yield ReportFigure("group_cutflow", "cutflow", caption, save_svg(draw_group_cutflow(flow, content.label)))
