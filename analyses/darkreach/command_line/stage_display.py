"""Live progress of the stages on standard error: rate, remaining time, workers, failures; one line a stage in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from darkreach.running.task_progress import TaskProgress

_UNITS: Final = {
    "simulate": "samples",
    "generate": "events",
    "process": "events",
    "merge": "events",
    "limit": "hypotheses",
}
"""What the numbers of a stage count; the other stages are one step."""


class StageDisplay:
    """Told about stages and tasks; draws one bar a stage on a terminal, writes one line a finished stage elsewhere.

    Args:
        console: of standard error.
        bars: drawn if the console is a terminal.
    """

    def __init__(self, console: Console, bars: Progress) -> None:
        self._console, self._bars = console, bars
        self._started: dict[str, float] = {}
        self._planned: dict[str, int] = {}
        self._tasks: dict[str, TaskID] = {}
        self._finished: set[str] = set()
        self._stage = ""
        self._dashboard: str | None = None
        self.failures: dict[str, int] = {}

    def __call__(self, stage: str, done: int, planned: int) -> None:
        """Take note of the progress of a stage."""
        reused = stage not in self._started and done == planned
        self._stage = stage
        self._started.setdefault(stage, time.monotonic())
        # the end of a stage is told once more as 1 of 1
        if (done, planned) == (1, 1) and stage in self._planned:
            done = planned = self._planned[stage]
        self._planned[stage] = planned
        if self._console.is_terminal:
            self._draw(stage, done, planned)
        elif done == planned and stage not in self._finished:
            self._finished.add(stage)
            self._console.print(f"{stage:<10} {self._ending(stage, planned, reused)}", soft_wrap=True)

    def watch(self, progress: TaskProgress) -> None:
        """Take note of how tasks and workers of the present stage are doing."""
        self.failures[self._stage] = progress.failed
        if not self._console.is_terminal:
            return
        if progress.dashboard != self._dashboard:
            self._dashboard = progress.dashboard
            self._console.print(f"dashboard: {progress.dashboard}", soft_wrap=True)
        if self._stage in self._tasks:
            self._bars.update(self._tasks[self._stage], workers=workers_text(progress))

    def _draw(self, stage: str, done: int, planned: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=planned, unit=_UNITS.get(stage, ""), workers="")
        self._bars.update(self._tasks[stage], completed=done, total=planned)

    def _ending(self, stage: str, planned: int, reused: bool) -> str:
        if reused:
            return "already done"
        parts = [f"{planned} {_UNITS[stage]}"] if stage in _UNITS else []
        parts.append(f"{time.monotonic() - self._started[stage]:.1f} s")
        if self.failures.get(stage):
            parts.append(f"{self.failures[stage]} failed")
        return ", ".join(parts)


def workers_text(progress: TaskProgress) -> str:
    """Return workers and failures in words.

    Example:
        >>> workers_text(TaskProgress(done=3, planned=9, failed=1, workers=2, seconds=5.0))
        '2 workers, 1 failed'
        >>> workers_text(TaskProgress(done=0, planned=9, failed=0, workers=0, seconds=5.0))
        'waiting for a worker'
    """
    if not progress.workers:
        return "waiting for a worker"
    workers = f"{progress.workers} worker{'' if progress.workers == 1 else 's'}"
    return f"{workers}, {progress.failed} failed"


class _Count(ProgressColumn):
    """How much of how much, e.g. ``1.20M/5.00M events``."""

    def render(self, task: Task) -> Text:
        unit = str(task.fields["unit"])
        if not unit:
            return Text("done" if task.finished else "")
        return Text(f"{short(task.completed)}/{short(task.total or 0.0)} {unit}")


class _Rate(ProgressColumn):
    """How fast, e.g. ``1.3M/s``; the mean at the end."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{short(speed)}/s" if speed and task.fields["unit"] else "")


def short(number: float) -> str:
    """Return a number with three digits and a suffix.

    Example:
        >>> short(240), short(31_400), short(5e6), short(1e9)
        ('240', '31.4k', '5.00M', '1.00G')
    """
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            scaled = number / size
            return f"{scaled:.{max(0, 2 - (scaled >= 10) - (scaled >= 100))}f}{suffix}"
    return f"{number:.3g}" if number != int(number) else f"{int(number)}"


@contextmanager
def stage_progress() -> Iterator[StageDisplay]:
    """Yield what draws the progress of stages on standard error."""
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(bar_width=20),
        _Count(),
        _Rate(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[workers]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield StageDisplay(console, bars)
