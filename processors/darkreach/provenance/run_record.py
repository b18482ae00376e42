"""The record every output carries: which code, which configuration, which seeds, which inputs."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_LIBRARIES = ("awkward", "boost-histogram", "coffea", "dask", "hist", "numba", "numpy", "pyarrow", "pyhf", "scipy",
              "uproot")  # fmt: skip


@dataclass(frozen=True)
class RunRecord:
    """Provenance of one output; deliberately free of times and machine names, so equal runs give equal bytes.

    Attributes:
        darkreach: version of this package.
        git_hash: commit of the checkout, with ``+changes`` if it was modified; ``unknown`` outside a checkout.
        config_digest: SHA-256 of the resolved configuration.
        seeds: the seed of each random stage.
        inputs: digest of every input file, by its name.
        libraries: versions of the libraries that determine numbers.
    """

    darkreach: str
    git_hash: str
    config_digest: str
    seeds: Mapping[str, int] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON-like data."""
        return asdict(self)


def run_record(
    config_digest: str, *, seeds: Mapping[str, int] | None = None, inputs: Mapping[str, str] | None = None
) -> RunRecord:
    """Describe the code that is running now.

    Example:
        >>> run_record("abc", seeds={"simulation": 1}).seeds
        {'simulation': 1}
    """
    return RunRecord(
        darkreach=_version_of("darkreach"),
        git_hash=git_hash(),
        config_digest=config_digest,
        seeds=dict(seeds or {}),
        inputs=dict(inputs or {}),
        libraries={"python": platform.python_version()} | {name: _version_of(name) for name in _LIBRARIES},
    )


def _version_of(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


@cache
def git_hash() -> str:
    """Return the commit this code runs from, or ``unknown`` for an installed copy."""
    folder = Path(__file__).parent
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return commit + ("+changes" if changed else "")


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
