"""Writing a likelihood as the two files that pyhf users know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from darkreach.building.workspace_builder import SearchWorkspace
from darkreach.provenance import write_json, write_text

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
    write_text(paths[1], patchset_text(workspace.patchset))
    return paths


def patchset_text(patchset: dict[str, Any]) -> str:
    """Return the JSON of a patchset with one line a patch: a fifth of the size of indented JSON, and it still diffs.

    Example:
        >>> patches = [{"patch": []}, {"patch": []}]
        >>> print(patchset_text({"metadata": {}, "patches": patches, "version": "1.0.0"}), end="")
        {"metadata": {},
        "version": "1.0.0",
        "patches": [
        {"patch":[]},
        {"patch":[]}
        ]}
    """
    head = [f'"{key}": {json.dumps(value, allow_nan=False)},' for key, value in patchset.items() if key != "patches"]
    patches = ",\n".join(json.dumps(patch, allow_nan=False, separators=(",", ":")) for patch in patchset["patches"])
    return "{" + "\n".join([*head, '"patches": [', patches, "]}"]) + "\n"
