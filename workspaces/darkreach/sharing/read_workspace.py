"""Reading pyhf workspaces: ours and anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from darkreach.errors import WorkspaceError
from darkreach.sharing.hypothesis import Hypothesis
from darkreach.sharing.hypothesis_checks import check_parameter_of_interest
from darkreach.sharing.measurements import with_measurement
from darkreach.sharing.strict_json import MAXIMUM_BYTES, read_json
from darkreach.sharing.workspace_checks import check_workspace


def read_workspace(path: Path, *, maximum_bytes: int = MAXIMUM_BYTES) -> dict[str, Any]:
    """Read and check a pyhf 1.0.0 workspace, with or without a signal.

    Returns:
        The JSON content, unchanged.

    Raises:
        WorkspaceError: not readable, not JSON, not a workspace, or inconsistent; every message names the place.
    """
    content = read_json(path, maximum_bytes=maximum_bytes)
    if not isinstance(content, dict):
        raise WorkspaceError(
            "a workspace must be a JSON object",
            where=str(path),
            given=f"a JSON {type(content).__name__}",
            next_step="a list is a JSON patch: give the background-only workspace, and this file as the patch",
        )
    if "patches" in content:
        raise WorkspaceError(
            "this file is a patchset, not a workspace",
            where=str(path),
            next_step="give the background-only workspace, and this file as the patchset",
        )
    check_workspace(content, str(path))
    return content


def plain_hypothesis(path: Path, workspace: Mapping[str, Any], measurement: str | None = None) -> Hypothesis:
    """Return the hypothesis of a workspace that already contains its signal, named after its file.

    Args:
        path: of the file.
        workspace: its content.
        measurement: name of the measurement to use; None for the first.

    Raises:
        WorkspaceError: the parameter of interest is not among the modifiers, or cannot float.
        UnknownNameError: the workspace has no such measurement.

    Example:
        >>> counting = {"channels": [{"name": "a", "samples": [{"name": "signal", "data": [1.0], "modifiers":
        ...     [{"name": "mu", "type": "normfactor", "data": None}]}]}],
        ...     "measurements": [{"name": "limit", "config": {"poi": "mu", "parameters": []}}]}
        >>> plain_hypothesis(Path("folder/counting.json"), counting).name
        'counting'
    """
    chosen = with_measurement(workspace, measurement, str(path))
    check_parameter_of_interest(chosen, str(path))
    return Hypothesis(name=path.stem, values={}, workspace=chosen)
