"""The pipeline: from a configuration to the report, stage by stage, with resume."""

from darkreach.pipeline.event_accounts import EventAccount, accounts_as_json, event_accounts
from darkreach.pipeline.luminosity import format_luminosity, parse_luminosity
from darkreach.pipeline.planned_jobs import merge_jobs, plan_jobs, planned_work, process_part
from darkreach.pipeline.run import Run, StageInterrupted
from darkreach.pipeline.run_folder import RunFolder, couplings_name, locked
from darkreach.pipeline.search_workspace import build_search_workspace
from darkreach.pipeline.settings import RunSettings, read_settings, run_settings
from darkreach.pipeline.simulate import simulate_samples
from darkreach.pipeline.stage_inputs import coupling_files
from darkreach.pipeline.stage_status import (
    StageStatus,
    fresh_items,
    planned_items,
    stage_status,
    stages_as_json,
)
from darkreach.pipeline.stages import (
    run_search,
    sample_folders,
    write_report_of,
)

__all__ = [
    "EventAccount",
    "Run",
    "RunFolder",
    "RunSettings",
    "StageInterrupted",
    "StageStatus",
    "accounts_as_json",
    "build_search_workspace",
    "coupling_files",
    "couplings_name",
    "event_accounts",
    "format_luminosity",
    "fresh_items",
    "locked",
    "merge_jobs",
    "parse_luminosity",
    "plan_jobs",
    "planned_items",
    "planned_work",
    "process_part",
    "read_settings",
    "run_search",
    "run_settings",
    "sample_folders",
    "simulate_samples",
    "stage_status",
    "stages_as_json",
    "write_report_of",
]
