"""Whether the workers run the same software as this process: other versions may give other numbers."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from distributed import Client

from darkreach.errors import DarkreachError
from darkreach.provenance import source_digest

_PACKAGES: Final = (
    "awkward",
    "boost-histogram",
    "cloudpickle",
    "coffea",
    "correctionlib",
    "dask",
    "distributed",
    "hist",
    "numba",
    "numpy",
    "pyarrow",
    "pyhf",
    "scipy",
    "uproot",
)
_MISSING: Final = "not installed"


Software = tuple[tuple[str, str], ...]


class WorkerSoftwareError(DarkreachError):
    """A worker runs other software than this process."""


@cache
def software() -> Software:
    """Return (name, version) of everything that decides numbers or carries them between processes.

    Example:
        >>> dict(software())["darkreach source"] == source_digest()[:12]
        True
    """
    versions = [("python", platform.python_version()), ("darkreach", _version("darkreach"))]
    versions += [("darkreach source", source_digest()[:12])]
    return (*versions, *((name, _version(name)) for name in _PACKAGES))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _MISSING


def require_same(here: Software, there: Software, worker: str) -> None:
    """Compare the software of this process and of a worker.

    Raises:
        WorkerSoftwareError: they differ; names each difference with both versions.

    Example:
        >>> require_same((("numpy", "2.3"),), (("numpy", "2.1"),), "tcp://node:1")
        Traceback (most recent call last):
        ...
        darkreach.running.worker_versions.WorkerSoftwareError: a worker runs other software than this process
          where:   worker tcp://node:1
          allowed: numpy 2.3
          given:   numpy 2.1
          next:    start the workers from this environment; if the source was edited meanwhile, run again
    """
    mine, theirs = dict(here), dict(there)
    names = [name for name in {**mine, **theirs} if mine.get(name, _MISSING) != theirs.get(name, _MISSING)]
    if names:
        raise WorkerSoftwareError(
            "a worker runs other software than this process",
            where=f"worker {worker}",
            allowed=", ".join(f"{name} {mine.get(name, _MISSING)}" for name in names),
            given=", ".join(f"{name} {theirs.get(name, _MISSING)}" for name in names),
            next_step="start the workers from this environment; if the source was edited meanwhile, run again",
        )


def check_workers(client: Client) -> dict[str, dict[str, str]]:
    """Compare this process with every worker there is now; return their software by address.

    Raises:
        WorkerSoftwareError: a worker runs other software, or cannot import this package.
    """
    answers: Mapping[str, object] = client.run(software, on_error="return")
    found = {}
    for worker, answer in sorted(answers.items()):
        if not isinstance(answer, tuple):
            raise WorkerSoftwareError(
                "a worker cannot import this package",
                where=f"worker {worker}",
                given=f"{type(answer).__name__}: {answer}",
                next_step="install darkreach where the workers run, or set 'python' and 'setup' of the site",
            )
        require_same(software(), answer, worker)
        found[worker] = dict(answer)
    return found
