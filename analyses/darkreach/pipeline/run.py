"""One run of a search: its stages in order, what is skipped on resume, and what Ctrl-C leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkreach.errors import InputFileError
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.stage_record import record_stage, stage_is_done, stage_key

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
        scheduler: address of a dask scheduler for the events, or None.
        resume: skip stages whose settings, code, inputs and outputs are unchanged.
    """

    settings: RunSettings
    folder: RunFolder
    progress: Progress
    workers: int = 1
    scheduler: str | None = None
    resume: bool = False


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
def stage_outputs(run: Run, stage: str, settings: Any, inputs: Sequence[Path]) -> Iterator[list[Path] | None]:
    """Yield the list to put output files in, or None if the stage is done already; record the stage if it succeeds.

    Args:
        run: of which this is a stage.
        stage: name.
        settings: the part of the settings this stage depends on, JSON-like.
        inputs: the files it reads.

    Raises:
        InputFileError: an input does not exist, because the stage before was not run.
    """
    for path in inputs:
        if not path.is_file():
            raise InputFileError(
                f"the {stage} stage lacks its input", where=str(path), next_step="run the stage before"
            )
    key = stage_key(settings, inputs)
    if run.resume and stage_is_done(run.folder, stage, key):
        run.progress(stage, 1, 1)
        yield None
        return
    run.progress(stage, 0, 1)
    outputs: list[Path] = []
    yield outputs
    record_stage(run.folder, stage, key, outputs)
    run.progress(stage, 1, 1)
