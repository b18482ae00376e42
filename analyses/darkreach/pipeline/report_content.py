"""Collecting the files of a run into what the report shows."""

from __future__ import annotations

from darkreach.configuration import known_configs
from darkreach.couplings import read_couplings
from darkreach.histograms import read_histograms
from darkreach.limits import read_limits
from darkreach.pipeline.effects import named_effects
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings
from darkreach.published import read_published
from darkreach.report import ReportContent
from darkreach.sharing import apply_patches, read_patchset, read_workspace


def report_content(settings: RunSettings, folder: RunFolder) -> ReportContent:
    """Read the results of a finished run and measure the effects that separate it from the published limit."""
    search = settings.config.search
    levels = settings.confidence_levels
    couplings = {level: read_couplings(folder.couplings(level, levels)) for level in levels}
    published = read_published(search) if search in known_configs("published") else None
    workspace = read_workspace(folder.workspace / "BkgOnly.json")
    hypotheses = apply_patches(workspace, read_patchset(folder.workspace / "patchset.json"))
    return ReportContent(
        search=settings.config,
        detector=settings.detector,
        histograms=read_histograms(folder.histograms),
        limits=read_limits(folder.limits),
        couplings=couplings,
        published=published,
        effects=named_effects(settings, hypotheses, couplings, published) if published else (),
    )
