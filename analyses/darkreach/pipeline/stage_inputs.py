"""What each stage depends on: the part of the settings and the files it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from darkreach.events.manifest import MANIFEST_NAME
from darkreach.pipeline.run import Run
from darkreach.pipeline.simulate import requests_of
from darkreach.searches import search_processor

RECORDED_STAGES: Final = ("process", "build", "limit", "couple", "report")
"""Stages after the simulation, which keeps account of its samples itself."""


def stage_inputs(run: Run, stage: str) -> tuple[dict[str, Any], list[Path]]:
    """Return the relevant settings, JSON-like by name, and the input files of a recorded stage."""
    settings, folder = run.settings, run.folder
    levels = settings.confidence_levels
    if stage == "process":
        processor = search_processor(settings.config.search)(settings.config, settings.detector)
        paths = [path / MANIFEST_NAME for path in sample_paths(run)]
        return processor.identity() | {"bad_files": run.bad_files}, paths
    if stage == "build":
        config = settings.config.model_dump(mode="json")
        relevant = {key: config[key] for key in ("regions", "binning", "workspace", "simulation")}
        relevant |= {"masses": settings.preset.scan_masses, "luminosity": settings.luminosity_inverse_fb}
        return relevant, [folder.histograms]
    if stage == "limit":
        paths = [folder.workspace / "BkgOnly.json", folder.workspace / "patchset.json"]
        return {"confidence_levels": levels, "engine": settings.engine, "method": settings.method}, paths
    if stage == "couple":
        return settings.config.coupling.model_dump(mode="json"), [folder.limits]
    couplings = [folder.couplings(level, levels) for level in levels]
    return settings.as_dict(), [folder.histograms, folder.limits, *couplings]


def sample_paths(run: Run) -> list[Path]:
    """Return the folders of the samples of this run only: the folder may hold others of an earlier preset."""
    return [run.folder.samples / request.sample for request in requests_of(run.settings)]
