"""One run of a search: its stages in order, what is skipped on resume, and what Ctrl-C leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkreach.configuration.site import SiteConfig
from darkreach.errors import InputFileError
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.stage_record import record_stage, stage_is_done, stage_key
from darkreach.running import BadFiles, Workplace
from darkreach.running.disk_faults import disk_faults
from darkreach.running.task_outcome import TaskExecutor
from darkreach.running.task_progress import Watch

Progress = Callable[[str, int, int], None]
"""Called with the stage, the units done and the units planned; done == planned ends the stage."""


@dataclass(frozen=True)
class Run:
    """A run: what to compute, where, and how it is carried out.

    Attributes:
        settings: what to compute.
        folder: where results go.
        progress: told about every step.
        workers: processes; results do not depend on it.
        scheduler: address of a dask scheduler, or None.
        site: a batch system or other place, or None.
        resume: skip stages, and items of stages, whose settings, code, inputs and outputs are unchanged.
        bad_files: whether a file of events that cannot be read ends the run or is left out with what it carries.
        notice: told in words about what is computed again and what is left out.
        watch: told how tasks and workers are doing.
        executor: the workers of all stages, once they are there.
    """

    settings: RunSettings
    folder: RunFolder
    progress: Progress
    workers: int = 1
    scheduler: str | None = None
    site: SiteConfig | None = None
    resume: bool = False
    bad_files: BadFiles = "fail"
    notice: Callable[[str], None] | None = None
    watch: Watch | None = None
    executor: TaskExecutor | None = None

    @property
    def workplace(self) -> Workplace:
        """Where tasks are carried out."""
        return Workplace(self.workers, self.scheduler, self.site, self.watch, self.executor)

    @property
    def elsewhere(self) -> bool:
        """Whether workers are not simply processes of this machine."""
        return self.scheduler is not None or self.site is not None


class StageInterrupted(KeyboardInterrupt):  # noqa: N818 - it is an interruption, as the class it extends
    """Ctrl-C, with the name of the stage it came in."""


@contextmanager
def interruptible(stage: str) -> Iterator[None]:
    """Give Ctrl-C the name of the stage."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise StageInterrupted(stage) from error


@contextmanager
def stage_outputs(
    run: Run, stage: str, settings: Mapping[str, Any], inputs: Sequence[Path]
) -> Iterator[list[Path] | None]:
    """Yield the list to put output files in, or None if the stage is done already; record the stage if it succeeds.

    Args:
        run: of which this is a stage.
        stage: name.
        settings: the part of the settings this stage depends on, JSON-like by name.
        inputs: the files it reads.

    Raises:
        InputFileError: an input does not exist, because the stage before was not run.
        OutputError: the disk is full or read-only.
    """
    for path in inputs:
        if not path.is_file():
            raise InputFileError(
                f"the {stage} stage lacks its input", where=str(path), next_step="run the stage before"
            )
    key = stage_key(settings, inputs)
    # files that could not be read last time may be mended by now
    lasting = stage != "process" or run.bad_files == "fail"
    if run.resume and lasting and stage_is_done(run.folder, stage, key):
        run.progress(stage, 1, 1)
        yield None
        return
    run.progress(stage, 0, 1)
    outputs: list[Path] = []
    with disk_faults(run.folder.root):
        yield outputs
        record_stage(run.folder, stage, key, outputs)
    run.progress(stage, 1, 1)
