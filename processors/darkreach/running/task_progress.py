"""How far a run of tasks has come, as numbers and as one line of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class TaskProgress:
    """State of a run of tasks.

    Attributes:
        done: tasks finished, failed ones included.
        planned: all tasks.
        failed: tasks that failed.
        workers: workers alive.
        seconds: time since the start.
        dashboard: address of the dask dashboard, if there is one.

    Example:
        >>> print(TaskProgress(done=50, planned=200, failed=1, workers=4, seconds=100.0))
        50/200 tasks, 0.5/s, 300 s left, 4 workers, 1 failed
    """

    done: int
    planned: int
    failed: int
    workers: int
    seconds: float
    dashboard: str | None = None

    @property
    def rate(self) -> float:
        """Tasks per second since the start; 0 before the first one."""
        return self.done / self.seconds if self.seconds > 0.0 else 0.0

    @property
    def remaining_seconds(self) -> float | None:
        """Time left at this rate; None before the first task is done."""
        return (self.planned - self.done) / self.rate if self.done else None

    def __str__(self) -> str:
        remaining = self.remaining_seconds
        parts = [
            f"{self.done}/{self.planned} tasks",
            f"{self.rate:.3g}/s",
            "time left unknown" if remaining is None else f"{remaining:.0f} s left",
            f"{self.workers} worker{'' if self.workers == 1 else 's'}",
            f"{self.failed} failed",
        ]
        if self.dashboard:
            parts.append(f"dashboard {self.dashboard}")
        return ", ".join(parts)


Watch = Callable[[TaskProgress], None]
