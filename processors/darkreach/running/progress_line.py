"""Counting finished tasks and telling about them, at most about once a second."""

from __future__ import annotations

import logging
import time
from typing import Final

from darkreach.running.task_progress import TaskProgress, Watch

_SHOW_EVERY: Final = 1.0
_LOG_EVERY: Final = 60.0
_logger = logging.getLogger("darkreach.running")


class ProgressLine:
    """Counts outcomes; tells a watch function, and the log ``darkreach.running`` once a minute.

    Args:
        planned: number of tasks.
        dashboard: address of the dask dashboard, if there is one.
        watch: called with the progress.
    """

    def __init__(self, planned: int, dashboard: str | None, watch: Watch | None) -> None:
        self._planned, self._dashboard, self._watch = planned, dashboard, watch
        self._start = self._logged = time.monotonic()
        self._shown = 0.0
        self._done = self._failed = 0

    def count(self, *, failed: bool) -> None:
        """Count one outcome."""
        self._done += 1
        self._failed += failed

    def show(self, workers: int) -> None:
        """Tell how far it is, if it is time to, or if all is done."""
        now = time.monotonic()
        if now - self._shown < _SHOW_EVERY and self._done < self._planned:
            return
        self._shown = now
        state = TaskProgress(self._done, self._planned, self._failed, workers, now - self._start, self._dashboard)
        if self._watch is not None:
            self._watch(state)
        if now - self._logged > _LOG_EVERY:
            self._logged = now
            _logger.info("%s", state)
