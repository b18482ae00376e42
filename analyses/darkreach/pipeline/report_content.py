"""Collecting the files of a run into what the report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from darkreach.building.background_groups import grouped_samples
from darkreach.configuration import RecoilSearchConfig
from darkreach.couplings import read_couplings
from darkreach.errors import ConfigError
from darkreach.figures import StackedSpectrum
from darkreach.fits import GlobalSignificance, global_significance, joint_background
from darkreach.histograms import read_histograms
from darkreach.limits import read_limits
from darkreach.pipeline.effects import named_effects
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.stacked_spectra import stacked_spectra
from darkreach.pipeline.stage_inputs import coupling_files
from darkreach.published import PublishedSearch, published_or_none
from darkreach.report import CouplingReading, NamedEffect, ReportContent
from darkreach.sharing import Hypothesis, apply_patches, read_patchset, read_workspace

MOST_SIGNIFICANCE_TOYS: Final = 200
"""Background-only scans that the global p-value of a report is counted in; fewer for scans of many masses."""

SIGNIFICANCE_FITS: Final = 40_000
"""Fits of all these scans together, a minute of one core."""


def report_content(settings: RunSettings, folder: RunFolder) -> ReportContent:
    """Read the results of a finished run and measure the effects that separate it from the published limit."""
    search = settings.config.search
    files = coupling_files(settings, folder)
    readings = tuple(
        CouplingReading(one, {level: read_couplings(path) for (name, level), path in files.items() if name == one.name})
        for one in settings.config.couplings
    )
    published = published_or_none(search)
    workspace = read_workspace(folder.workspace / "BkgOnly.json")
    patchset = read_patchset(folder.workspace / "patchset.json")
    hypotheses = apply_patches(workspace, patchset)
    histograms = read_histograms(folder.histograms)
    recoil = isinstance(settings.config, RecoilSearchConfig)
    cautions = _cautions(patchset)
    stacked: list[list[StackedSpectrum]] = []
    significance = None
    if recoil:
        try:
            stacked = stacked_spectra(settings, histograms, workspace, hypotheses)
            significance = _significance(settings, workspace, hypotheses)
        except ConfigError as error:
            # a background that cannot be fitted as a whole must not cost the report of the limits
            cautions.append(f"The background could not be fitted without signal: {error.one_line()}")
    groups = grouped_samples(histograms.samples.values(), settings.config.workspace.groups) if recoil else {}
    return ReportContent(
        search=settings.mass_scan,
        detector=settings.detector,
        histograms=histograms,
        limits=read_limits(folder.limits),
        readings=readings,
        published=published.limits if published else (),
        effects=_effects(settings, hypotheses, readings, published),
        stacked=stacked,
        groups=groups,
        significance=significance,
        cautions=cautions,
    )


def _effects(
    settings: RunSettings,
    hypotheses: Sequence[Hypothesis],
    readings: Sequence[CouplingReading],
    published: PublishedSearch | None,
) -> list[NamedEffect]:
    """Return what separates the main coupling from the first values published on it."""
    if published is None or not readings or not (curves := published.of(readings[0].settings.name)):
        return []
    return named_effects(settings, hypotheses, readings[0].intervals, curves[0], published.causes)


def _significance(
    settings: RunSettings, workspace: Mapping[str, Any], hypotheses: Sequence[Hypothesis]
) -> GlobalSignificance | None:
    """Return what the largest excess is worth, by background-only scans; None for a single hypothesis."""
    if len(hypotheses) < 2:
        return None
    toys = min(MOST_SIGNIFICANCE_TOYS, SIGNIFICANCE_FITS // len(hypotheses))
    return global_significance(hypotheses, toys=toys, seed=settings.pseudo_data_seed, joint=joint_background(workspace))


def _cautions(patchset: Mapping[str, Any]) -> list[str]:
    merged: Mapping[str, int] = patchset["metadata"].get("bins_merged", {})
    drawn = (
        "The pseudo-data are drawn from the templates that they are compared with: they agree with the simulation"
        " better than data can, and global p-values lean towards one where its statistics count."
    )
    return [drawn] * ("pseudo_data" in patchset["metadata"]) + [
        f"{name.replace('_', ' ').capitalize()}: {number} bins hold too little simulated background and are one with"
        " their neighbours; more simulation would make limits there stronger."
        for name, number in merged.items()
    ]
