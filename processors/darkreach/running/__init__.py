"""Running: plans, executors and the processing stage."""

from darkreach.running.execute import execute_plan, run_processor
from darkreach.running.plan import Plan, WorkItem, plan_run
from darkreach.running.process import process_samples
from darkreach.running.samples import DataSample, open_samples

__all__ = [
    "DataSample",
    "Plan",
    "WorkItem",
    "execute_plan",
    "open_samples",
    "plan_run",
    "process_samples",
    "run_processor",
]
