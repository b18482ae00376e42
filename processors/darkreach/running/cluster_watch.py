"""Whether a cluster is still able to work: workers alive, scheduler answering, lost workers replaced."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from distributed import Client

from darkreach.errors import DarkreachError

_ASK_EVERY: Final = 1.0
_ANSWER_WITHIN: Final = 10.0
_REVIVE_EVERY: Final = 10.0


class ClusterLostError(DarkreachError):
    """Nothing can be computed any more: no worker, or no scheduler."""


class ClusterWatch:
    """Looks at a cluster from time to time and ends a run that nobody will ever finish.

    A dask client waits for its results without end, also when no worker is left to compute them. This one asks the
    scheduler, and the time it waits counts from the last moment with a worker.

    Args:
        client: connected to the scheduler.
        no_workers_timeout: seconds without a worker, or without an answer, after which ``look`` raises.
        revive: asks for workers in place of lost ones.
    """

    def __init__(self, client: Client, no_workers_timeout: float, revive: Callable[[], None] | None = None) -> None:
        scheduler: Any = client.scheduler
        self._client = client
        self._address = str(scheduler.address)
        self._timeout = no_workers_timeout
        self._revive = revive
        now = time.monotonic()
        self._alive = self._answered = self._asked = self._revived = now
        self._most = 0
        self.workers = 0
        self.threads = 0
        self._ask(now)

    def look(self) -> None:
        """Ask the scheduler, at most once a second.

        Raises:
            ClusterLostError: connection lost, no worker, or no answer for the time allowed.
        """
        if self._client.status not in ("running", "connecting"):
            raise self._lost("the connection to the scheduler was lost", self._client.status)
        now = time.monotonic()
        if now - self._asked < _ASK_EVERY:
            return
        self._ask(now)
        if self.workers < max(self._most, 1) and self._revive is not None and now - self._revived > _REVIVE_EVERY:
            self._revived = now
            self._revive()
        silent, empty = time.monotonic() - self._answered, time.monotonic() - self._alive
        if silent > self._timeout:
            raise self._lost(f"the scheduler did not answer for {silent:.0f} s", self._client.status)
        if empty > self._timeout:
            raise self._lost(f"no worker for {empty:.0f} s", "0 workers")

    def wait_for_worker(self) -> None:
        """Return as soon as there is a worker.

        Raises:
            ClusterLostError: none within the time allowed.
        """
        while not self.workers:
            time.sleep(_ASK_EVERY / 4.0)
            self.look()

    def _ask(self, now: float) -> None:
        within = min(_ANSWER_WITHIN, self._timeout)
        scheduler: Any = self._client.scheduler
        try:
            known = self._client.sync(  # type: ignore[no-untyped-call]
                scheduler.identity, n_workers=0, callback_timeout=within
            )
        except (OSError, TimeoutError):
            self._asked = time.monotonic()
            return
        self._asked = self._answered = time.monotonic()
        self.workers, self.threads = int(known["n_workers"]), int(known["total_threads"])
        self._most = max(self._most, self.workers)
        if self.workers > 0:
            self._alive = self._asked

    def _lost(self, what: str, given: str) -> ClusterLostError:
        return ClusterLostError(
            what,
            where=f"scheduler {self._address}",
            given=given,
            next_step="look into the logs of the workers or the batch system, then run again: finished work is kept",
        )
