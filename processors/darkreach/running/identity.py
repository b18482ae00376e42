"""What decides the result of a work item besides its events: code, configuration, corrections, library versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from darkreach.provenance import digest_json, run_record

SOURCE_STAGES: Final = (
    "configuration", "corrections", "events", "histograms", "kinematics", "running/work.py", "searches", "selection",
)  # fmt: skip
"""Stages whose code takes part in filling histograms; a change elsewhere leaves finished results valid."""

_LIBRARIES: Final = ("python", "awkward", "boost-histogram", "coffea", "hist", "numba", "numpy", "pyarrow", "uproot")


@dataclass(frozen=True)
class Identity:
    """Digests of everything that decides results, kept apart so that a change can be named.

    Attributes:
        source: digest of the code from events to histograms.
        configuration: digest of each part of the configuration that the processor uses, by name.
        libraries: versions of the libraries that compute.
    """

    source: str
    configuration: Mapping[str, str]
    libraries: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of everything above."""
        return digest_json(asdict(self))

    def changes_since(self, earlier: Identity) -> str:
        """Return in words what differs from an earlier identity; empty if nothing does.

        Example:
            >>> Identity("b", {"binning": "2"}, {}).changes_since(Identity("a", {"binning": "1"}, {}))
            'source of the processor changed; configuration changed: binning'
        """
        changes = ["source of the processor changed"] if self.source != earlier.source else []
        parts = _different(earlier.configuration, self.configuration)
        if any(name.startswith("corrections") for name in parts):
            changes.append("corrections changed")
        settings = [name for name in parts if not name.startswith("corrections")]
        if settings:
            changes.append(f"configuration changed: {', '.join(settings)}")
        changes += [
            f"{name} changed: {earlier.libraries.get(name, 'absent')} to {self.libraries.get(name, 'absent')}"
            for name in _different(earlier.libraries, self.libraries)
        ]
        return "; ".join(changes)


def _different(earlier: Mapping[str, str], later: Mapping[str, str]) -> list[str]:
    return [name for name in sorted({*earlier, *later}) if earlier.get(name) != later.get(name)]


def identity_of(configuration: Mapping[str, Any]) -> Identity:
    """Describe what results depend on now.

    Args:
        configuration: what a processor returns from ``identity()``, JSON-like.
    """
    libraries = run_record("").libraries
    return Identity(
        source=processing_source_digest(),
        configuration={name: digest_json(content) for name, content in configuration.items()},
        libraries={name: libraries[name] for name in _LIBRARIES if name in libraries},
    )


@cache
def processing_source_digest() -> str:
    """Return the SHA-256 over the Python files of ``SOURCE_STAGES``, by relative path."""
    sha = hashlib.sha256()
    root = Path(__file__).parents[1]
    for stage in SOURCE_STAGES:
        place = root / stage
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            sha.update(path.relative_to(root).as_posix().encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()
