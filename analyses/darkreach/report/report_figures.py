"""All figures of a report, by file name, with captions that say kind of data, luminosity and confidence level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from darkreach.figures import (
    draw_cross_section_band,
    draw_efficiency,
    draw_limit_band,
    draw_local_significance,
    draw_pair_mass,
    efficiency_curves,
    merge_bins,
    percent,
    region_spectrum,
    save_svg,
)
from darkreach.figures.axis_text import plain_coupling
from darkreach.figures.spectrum import Spectrum
from darkreach.provenance import write_text
from darkreach.report.content import CouplingReading, ReportContent
from darkreach.report.report_figure import ReportFigure
from darkreach.report.stacked_figures import stacked_figures

# fewer expected events a bin make a spectrum nobody can read
_SHOWN_BACKGROUND = 20.0


def report_figures(content: ReportContent) -> Iterator[ReportFigure]:
    """Draw all figures: two per confidence level, one per region, one of efficiencies."""
    where = f"{content.data_kind}, {content.label.plain_text}"
    yield from _limit_figures(content, where)
    if content.significance is not None:
        figure = draw_local_significance(
            content.significance, content.masses_by_name, content.label, content.search.labels.mass
        )
        caption = f"Local p-value of the background alone against mass, and what the largest excess is worth; {where}."
        yield ReportFigure("local_significance", "limits", caption, save_svg(figure))
    yield from stacked_figures(content, where) if content.groups else _spectrum_figures(content, where)
    figure = draw_efficiency(efficiency_curves(content.histograms), content.label, content.search.labels.mass)
    caption = f"Fraction of the simulated signal that is left after each cut, against mass; {where}."
    yield ReportFigure("efficiency", "cutflow", caption, save_svg(figure))


def _spectrum_figures(content: ReportContent, where: str) -> Iterator[ReportFigure]:
    coupling = content.search.main_coupling
    name, unit = ("", "") if coupling is None else (coupling.name, coupling.unit)
    for region in content.search.regions:
        spectrum = region_spectrum(content.histograms, region, content.luminosity_inverse_fb)
        spectrum = merge_bins(spectrum, _SHOWN_BACKGROUND)
        figure = draw_pair_mass(spectrum, name, unit, content.label)
        caption = _spectrum_caption(spectrum, where)
        yield ReportFigure(f"spectrum_{region.name}", "spectra", caption, save_svg(figure))


def _limit_figures(content: ReportContent, where: str) -> Iterator[ReportFigure]:
    for level in content.confidence_levels:
        for number, reading in enumerate(content.readings):
            # the main coupling has the short name
            further = f"{reading.settings.name}_" if number else ""
            yield _coupling_figure(content, reading, level, f"limit_{further}{_digits(level)}", where)
        figure = draw_cross_section_band(
            content.cross_section_band(level),
            content.label,
            content.search.labels.final_state,
            content.search.labels.mass,
        )
        caption = f"{percent(level)} CLs upper limits on the cross-section against mass; {where}."
        yield ReportFigure(f"cross_section_{_digits(level)}", "limits", caption, save_svg(figure))


def _coupling_figure(
    content: ReportContent, reading: CouplingReading, level: float, name: str, where: str
) -> ReportFigure:
    published, coupling = content.published_at(reading, level), reading.settings
    band = content.coupling_band(reading, level)
    figure = draw_limit_band(band, coupling.name, coupling.unit, content.label, published, content.search.labels.mass)
    beside = "".join(f" Markers: {one.source}, {percent(one.confidence_level)}." for one in published)
    caption = f"{percent(level)} CLs upper limits on {plain_coupling(coupling.name)} against mass; {where}.{beside}"
    return ReportFigure(name, "limits", caption, save_svg(figure))


def _digits(confidence_level: float) -> str:
    return f"{100.0 * confidence_level:.4g}".replace(".", "p")


def _spectrum_caption(spectrum: Spectrum, where: str) -> str:
    outside = f" {spectrum.observed_outside:.0f} candidates lie outside the range." if spectrum.observed_outside else ""
    signal = ""
    if spectrum.signal is not None:
        at = f"{spectrum.signal.mass_gev:g} GeV at a coupling of {spectrum.signal.coupling:g}"
        signal = f" Signal: {at}, chosen to be visible."
    return (
        f"Region {spectrum.region}: three candidates an event, error bars √N; the background is the expectation before "
        f"any fit, with the statistical error of the simulation; bins are merged for display to at least "
        f"{_SHOWN_BACKGROUND:g} expected candidates; {where}.{signal}{outside}"
    )


def write_figures(folder: Path, figures: Iterable[ReportFigure]) -> list[Path]:
    """Write every figure as SVG into the folder and return the paths, in the order of the figures."""
    paths = []
    for figure in figures:
        path = folder / f"{figure.name}.svg"
        write_text(path, figure.svg)
        paths.append(path)
    return paths
