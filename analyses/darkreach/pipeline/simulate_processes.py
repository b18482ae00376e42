"""Samples of single processes: their files made in parallel, finished ones reused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from darkreach.errors import ConfigError
from darkreach.events.manifest import SampleManifest
from darkreach.running.disk_faults import disk_faults
from darkreach.running.tasks import InProcessExecutor, TaskExecutor
from darkreach.simulation.event_file_sample import write_event_file
from darkreach.simulation.measured_files import Response
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.sample_making import MadePiece, begin_sample, finish_sample, make_piece
from darkreach.simulation.sample_pieces import SamplePiece
from darkreach.simulation.sample_plan import SamplePlan, plan_sample

STAGE = "generate"


@dataclass(frozen=True)
class PieceTask:
    """One file to make.

    Attributes:
        plan: place of the plan of its sample.
        sample: name of the sample.
        piece: which file.
    """

    plan: int
    sample: str
    piece: SamplePiece

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"sample {self.sample}, events {self.piece.start} to {self.piece.stop}"


def simulate_processes(
    requests: Sequence[ProcessRequest],
    folder: Path,
    response: Response,
    *,
    executor: TaskExecutor | None = None,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _planned: None,
    replace_other: bool = False,
) -> list[SampleManifest]:
    """Simulate samples of processes into ``folder/<sample>``; bytes do not depend on who does it.

    Measured events go into ``events_0000.parquet``, ... with ``manifest.json``; generated ones into the same below
    ``generated``, from where a sample with another detector takes them.

    Args:
        requests: which samples.
        folder: on other machines the same path must be the same folder.
        response: the simulation of the detector.
        executor: makes the files that are not there yet; this process by default.
        progress: called with the stage, events done and events planned.
        replace_other: whether samples of the same names with other settings are replaced.

    Raises:
        ConfigError: a request makes no sense, two have one name, or a sample with other settings is to be kept.
        DarkreachError: a file cannot be made or written; generated files finished before are used the next time.
    """
    _refuse_repeated_names(requests)
    plans = [plan_sample(request, folder, replace_other=replace_other) for request in requests]
    with disk_faults(folder):
        return _made(plans, response, executor or InProcessExecutor(), progress)


def _made(
    plans: Sequence[SamplePlan], response: Response, executor: TaskExecutor, progress: Callable[[str, int, int], None]
) -> list[SampleManifest]:
    """Make all files that the plans ask for and return the manifests of all samples."""
    for plan in plans:
        if plan.pieces:
            begin_sample(plan)
            # files are read in order, by this process
            write_event_file(plan)
    tasks = [
        PieceTask(number, plan.request.sample, piece) for number, plan in enumerate(plans) for piece in plan.pieces
    ]
    planned = sum(plan.request.events for plan in plans)
    done = planned - sum(task.piece.trials for task in tasks)
    made: dict[int, list[MadePiece]] = {number: [] for number in range(len(plans))}
    manifests = {number: plan.manifest for number, plan in enumerate(plans)}
    progress(STAGE, done, planned)
    outcomes = executor.run(_make, (plans, response), tasks)
    # a generator: closing it cancels what still runs
    with closing(outcomes):  # type: ignore[type-var]
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
            assert outcome.value is not None
            number = tasks[outcome.index].plan
            made[number].append(outcome.value)
            if len(made[number]) == len(plans[number].pieces):
                manifests[number] = finish_sample(plans[number], made[number])
            done += outcome.value.piece.trials
            progress(STAGE, done, planned)
    return [manifest for manifest in manifests.values() if manifest is not None]


def _make(shared: tuple[Sequence[SamplePlan], Response], task: PieceTask) -> MadePiece:
    plans, response = shared
    plan = plans[task.plan]
    with disk_faults(plan.folder):
        return make_piece(plan, task.piece, response)


def _refuse_repeated_names(requests: Sequence[ProcessRequest]) -> None:
    twice = [name for name, times in Counter(request.sample for request in requests).items() if times > 1]
    if twice:
        raise ConfigError(
            "two samples have the same name",
            given=", ".join(twice),
            next_step="ask for each sample once, or rename one",
        )
