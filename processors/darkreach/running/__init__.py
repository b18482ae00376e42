"""Running: plans, executors and the processing stage."""

from darkreach.running.bad_files import BAD_FILES, BadFiles
from darkreach.running.execute import Workplace, execute_plan, run_processor
from darkreach.running.plan import Plan, WorkItem, plan_run
from darkreach.running.plan_file import read_plan, write_plan
from darkreach.running.process import process_samples
from darkreach.running.samples import DataSample, open_samples

__all__ = [
    "BAD_FILES",
    "BadFiles",
    "DataSample",
    "Plan",
    "WorkItem",
    "Workplace",
    "execute_plan",
    "open_samples",
    "plan_run",
    "process_samples",
    "read_plan",
    "run_processor",
    "write_plan",
]
