"""Processing without dask: a plan, N job files that a batch system runs, and the merge of what they leave behind."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from darkreach.histograms import write_histograms
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings, read_settings, write_settings
from darkreach.provenance import write_text
from darkreach.running import BadFiles, DataSample, Plan, Workplace
from darkreach.running.disk_faults import disk_faults
from darkreach.running.planned_work import PlannedWork, open_planned_work
from darkreach.running.process import open_store, plan_search
from darkreach.running.samples import open_samples
from darkreach.running.worker_environment import WORKER_ENVIRONMENT
from darkreach.searches import search_processor


def plan_jobs(
    settings: RunSettings,
    folder: RunFolder,
    samples: Sequence[Path | DataSample],
    *,
    jobs: int,
    bad_files: BadFiles = "fail",
    notice: Callable[[str], None] | None = None,
) -> tuple[Plan, list[Path]]:
    """Plan the events of a search and write one shell script a job; no event is read.

    Jobs of an earlier plan are removed. Each job may run anywhere that sees the folder, any number at a time.

    Returns:
        The plan and the scripts; not more of these than there are items.

    Raises:
        InputFileError: a sample cannot be planned.
        OutputError: the folder cannot be written.
    """
    processor = search_processor(settings.config, settings.detector)
    plan = plan_search(processor, open_samples(samples, bad_files=bad_files), notice=notice)
    with disk_faults(folder.root):
        write_settings(folder.settings, settings)
        open_store(folder.processing, plan)
        for old in folder.jobs.glob("job_*.sh"):
            old.unlink()
        count = min(jobs, len(plan.items))
        scripts = [_write_job(settings, folder, number, count) for number in range(1, count + 1)]
    return plan, scripts


def _write_job(settings: RunSettings, folder: RunFolder, number: int, jobs: int) -> Path:
    path = folder.jobs / f"job_{number:04d}.sh"
    words = [sys.executable, "-m", "darkreach.command_line.main", "run", settings.config.search]
    words += ["--out", str(folder.root.absolute()), "--items", f"{number}/{jobs}"]
    settings_of_memory = [f"export {name}={value}" for name, value in WORKER_ENVIRONMENT.items()]
    lines = ["#!/bin/sh", "set -e", *settings_of_memory, f"exec {shlex.join(words)}"]
    write_text(path, "\n".join(lines) + "\n")
    path.chmod(0o755)
    return path


def planned_work(folder: RunFolder) -> tuple[RunSettings, PlannedWork]:
    """Return the settings of a planned run and the work that is left.

    Raises:
        InputFileError: the folder holds no plan, or code or configuration changed since it was made.
    """
    settings = read_settings(folder.settings)
    return settings, open_planned_work(folder.processing, settings.config, settings.detector)


def process_part(
    work: PlannedWork,
    positions: Sequence[int],
    *,
    workplace: Workplace | None = None,
    progress: Callable[[str, int, int], None],
    notice: Callable[[str], None] | None = None,
) -> int:
    """Process some items of a plan and return the number of events processed now.

    Raises:
        DarkreachError: items failed; the others are finished and kept.
    """
    progress("process", 0, 1)
    return work.process(
        positions,
        workplace=workplace,
        progress=lambda done, planned: progress("process", done, planned),
        notice=notice,
    )


def merge_jobs(
    folder: RunFolder, progress: Callable[[str, int, int], None], notice: Callable[[str], None] | None = None
) -> int:
    """Check that every planned event was processed, write ``histograms.zip`` and return the number of events.

    Raises:
        DarkreachError: results are missing; names the ranges and what they carry.
    """
    settings, work = planned_work(folder)
    progress("merge", 0, 1)
    histograms = work.merge(
        settings.config.search,
        settings.digest,
        progress=lambda done, planned: progress("merge", done, planned),
        notice=notice,
    )
    with disk_faults(folder.root):
        write_histograms(folder.histograms, histograms)
    return work.plan.entries
