"""The code and numbers that decide simulated events, so that those of other code are never taken for present ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from darkreach.configuration import shipped_folder

GENERATED_ROOMS: Final = ("configuration", "generators", "kinematics", "simulation")
"""Rooms whose code decides generated events; a change elsewhere leaves them valid."""

MEASURED_ROOMS: Final = (*GENERATED_ROOMS, "response")


def generated_code() -> str:
    """Return the digest of the code and the shipped numbers of the generators.

    Example:
        >>> len(generated_code()), generated_code() == measured_code()
        (64, False)
    """
    return _digest(GENERATED_ROOMS)


def measured_code() -> str:
    """Return the digest of all of that and of the response."""
    return _digest(MEASURED_ROOMS)


@cache
def _digest(rooms: Sequence[str]) -> str:
    sha = hashlib.sha256()
    for root in sorted(Path(place) for place in import_module("darkreach").__path__):
        for room in rooms:
            _add(sha, root / room, "*.py", root)
    configs = shipped_folder("configs", "configs")
    _add(sha, configs / "generators", "*", configs)
    return sha.hexdigest()


def _add(sha: hashlib._Hash, folder: Path, pattern: str, root: Path) -> None:
    for path in sorted(folder.rglob(pattern)):
        if path.is_file():
            sha.update(path.relative_to(root).as_posix().encode())
            sha.update(path.read_bytes())
