"""Collecting the files of a run of a plane search into what its report shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import read_plane_couplings
from darkreach.errors import ConfigError
from darkreach.fits.plane_significance import PlaneSignificance, plane_significance
from darkreach.histograms import SearchHistograms, read_histograms
from darkreach.limits import read_limits
from darkreach.pipeline.plane_windows import plane_counting
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.stage_inputs import coupling_files
from darkreach.published import published_or_none
from darkreach.report.content import NamedEffect
from darkreach.report.plane_content import PlaneReading, PlaneReportContent
from darkreach.sharing import apply_patches, read_patchset, read_workspace

SIGNIFICANCE_TOYS: Final = 1000
"""Background-only planes that the global p-value of a report is counted in."""


def plane_report_content(settings: RunSettings, config: PlaneSearchConfig, folder: RunFolder) -> PlaneReportContent:
    """Read the results of a finished run of a plane search."""
    files = coupling_files(settings, folder)
    readings = tuple(
        PlaneReading(
            one, {level: read_plane_couplings(path) for (name, level), path in files.items() if name == one.name}
        )
        for one in config.couplings
    )
    published = published_or_none(config.search)
    patchset = read_patchset(folder.workspace / "patchset.json")
    histograms = read_histograms(folder.histograms)
    cautions, significance = _cautions(patchset), None
    try:
        significance = _significance(settings, config, folder, histograms, patchset)
    except ConfigError as error:
        # an excess that cannot be judged must not cost the report of the limits
        cautions.append(f"The largest excess was not looked for: {error.one_line()}")
    return PlaneReportContent(
        search=config,
        detector=settings.detector,
        histograms=histograms,
        limits=read_limits(folder.limits),
        readings=readings,
        published=published.ranges if published else (),
        effects=tuple(NamedEffect(cause, "no number") for cause in (published.causes if published else ())),
        significance=significance,
        cautions=cautions,
    )


def _significance(
    settings: RunSettings,
    config: PlaneSearchConfig,
    folder: RunFolder,
    histograms: SearchHistograms,
    patchset: Mapping[str, Any],
) -> PlaneSignificance | None:
    """Return what the largest excess is worth, by toys of the simulated background; None without one."""
    if not config.simulation.backgrounds:
        return None
    counting = plane_counting(
        config,
        histograms,
        apply_patches(read_workspace(folder.workspace / "BkgOnly.json"), patchset),
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        sqrt_s=settings.sqrt_s,
    )
    return plane_significance(counting, toys=SIGNIFICANCE_TOYS, seed=settings.pseudo_data_seed)


def _cautions(patchset: Mapping[str, Any]) -> list[str]:
    drawn = (
        "The pseudo-data are drawn from the simulated background, cell by cell: they agree with it better than data"
        " can, and no event is where no simulated one is."
    )
    return [drawn] * ("pseudo_data" in patchset["metadata"])
