"""What stands in the environment of every worker before it starts."""

from __future__ import annotations

from typing import Final

WORKER_ENVIRONMENT: Final[dict[str, int]] = {
    # dask's own setting returns every page after each task and faults it in again: twice the CPU time
    "MALLOC_TRIM_THRESHOLD_": 268435456,
    "MALLOC_MMAP_THRESHOLD_": 33554432,
    "OMP_NUM_THREADS": 1,
    "MKL_NUM_THREADS": 1,
    "OPENBLAS_NUM_THREADS": 1,
}
"""Must stand before a worker starts, hence not ``LocalCluster(env=...)``."""

WORKER_MEMORY: Final[dict[str, float | bool]] = {
    # a worker that waits for its memory to shrink may wait for ever, and one that spills is slower than a new one:
    # at 95 % of its limit it is ended and its task tried again elsewhere
    "target": False,
    "spill": False,
    "pause": False,
    "terminate": 0.95,
}
"""Settings of ``distributed.worker.memory``."""


def exported_environment() -> list[str]:
    """Return the same settings as shell commands, for the script of a job.

    Example:
        >>> exported_environment()[0]
        'export MALLOC_TRIM_THRESHOLD_=268435456'
    """
    memory = {f"DASK_DISTRIBUTED__WORKER__MEMORY__{name.upper()}": value for name, value in WORKER_MEMORY.items()}
    return [f"export {name}={value}" for name, value in {**WORKER_ENVIRONMENT, **memory}.items()]
