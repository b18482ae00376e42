"""What each stage depends on: the part of the settings and the files it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.events.manifest import MANIFEST_NAME
from darkreach.pipeline.run import Run
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.simulate import sample_names
from darkreach.searches import search_processor

RECORDED_STAGES: Final = ("process", "build", "limit", "couple", "report")
"""Stages after the simulation, which keeps account of its samples itself."""


def stage_inputs(run: Run, stage: str) -> tuple[dict[str, Any], list[Path]]:
    """Return the relevant settings, JSON-like by name, and the input files of a recorded stage."""
    settings, folder = run.settings, run.folder
    levels = settings.confidence_levels
    if stage == "process":
        processor = search_processor(settings.config, settings.detector)
        paths = [path / MANIFEST_NAME for path in sample_paths(run)]
        return processor.identity() | {"bad_files": run.bad_files}, paths
    if stage == "build":
        config = settings.config.model_dump(mode="json")
        deciding = ("regions", "binning", "plane", "mass", "lifetimes_cm", "radius_edges", "workspace", "simulation")
        relevant = {key: config[key] for key in deciding if key in config}
        preset = config["presets"][settings.preset_name]
        relevant["masses"] = preset.get("scan_masses", preset.get("scan"))
        relevant |= {key: preset[key] for key in ("lifetimes_cm", "single_channels") if key in preset}
        relevant["luminosity"] = settings.luminosity_inverse_fb
        return relevant, [folder.histograms]
    if stage == "limit":
        paths = [folder.workspace / "BkgOnly.json", folder.workspace / "patchset.json"]
        return {"confidence_levels": levels, "engine": settings.engine, "method": settings.method}, paths
    if stage == "couple":
        read = {"couplings": [one.model_dump(mode="json") for one in settings.config.couplings]}
        # limits against the lifetime are published with the efficiencies they were computed with
        displaced = isinstance(settings.config, DisplacedSearchConfig)
        return read, [folder.limits, *([folder.histograms] if displaced else [])]
    shown = [folder.histograms, folder.limits, *coupling_files(settings, folder).values()]
    if isinstance(settings.config, DisplacedSearchConfig):
        shown += [folder.workspace / "patchset.json", folder.efficiency_grid]
    return settings.as_dict(), shown


def coupling_files(settings: RunSettings, folder: RunFolder) -> dict[tuple[str, float], Path]:
    """Return the files of excluded intervals by coupling and confidence level; the main coupling comes first."""
    levels, main = settings.confidence_levels, settings.config.main_coupling
    return {
        (one.name, level): folder.couplings(level, levels, "" if one is main else one.name)
        for one in settings.config.couplings
        for level in levels
    }


def sample_paths(run: Run) -> list[Path]:
    """Return the folders of the samples of this run only: the folder may hold others of an earlier preset."""
    return [run.folder.samples / name for name in sample_names(run.settings)]
