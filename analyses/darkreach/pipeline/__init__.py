"""The pipeline: from a configuration to the report, stage by stage, with resume."""

from darkreach.pipeline.luminosity import format_luminosity, parse_luminosity
from darkreach.pipeline.run import Run, StageInterrupted
from darkreach.pipeline.run_folder import RunFolder, couplings_name, locked
from darkreach.pipeline.search_workspace import build_search_workspace
from darkreach.pipeline.settings import RunSettings, read_settings, run_settings
from darkreach.pipeline.simulate import simulate_samples
from darkreach.pipeline.stages import (
    run_search,
    sample_folders,
    write_couplings_of,
    write_report_of,
)

__all__ = [
    "Run",
    "RunFolder",
    "RunSettings",
    "StageInterrupted",
    "build_search_workspace",
    "couplings_name",
    "format_luminosity",
    "locked",
    "parse_luminosity",
    "read_settings",
    "run_search",
    "run_settings",
    "sample_folders",
    "simulate_samples",
    "write_couplings_of",
    "write_report_of",
]
