"""Writing a likelihood as the two files that pyhf users know."""

from __future__ import annotations

from pathlib import Path

from darkreach.building.workspace_builder import SearchWorkspace
from darkreach.provenance import write_json

BACKGROUND_ONLY_NAME = "BkgOnly.json"
PATCHSET_NAME = "patchset.json"


def write_workspace(folder: Path, workspace: SearchWorkspace) -> tuple[Path, Path]:
    """Write ``BkgOnly.json`` and ``patchset.json``, each atomically, and return their paths.

    The digest in the patchset ties the two together: a pair from two runs is refused when it is read.

    Raises:
        OutputError: the folder cannot be written.
    """
    paths = folder / BACKGROUND_ONLY_NAME, folder / PATCHSET_NAME
    write_json(paths[0], workspace.background_only)
    write_json(paths[1], workspace.patchset)
    return paths
