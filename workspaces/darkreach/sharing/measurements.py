"""Choosing one of the measurements of a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkreach.errors import WorkspaceError, unknown_name


def with_measurement(workspace: Mapping[str, Any], name: str | None, where: str) -> Mapping[str, Any]:
    """Return the workspace with one measurement only, so that every engine uses it.

    Args:
        workspace: pyhf workspace; it stays as it is.
        name: of the measurement; None leaves all of them, of which engines take the first.
        where: file or patch, for the message.

    Raises:
        UnknownNameError: the workspace has no such measurement.
        WorkspaceError: it has several of this name.

    Example:
        >>> workspace = {"measurements": [{"name": "one"}, {"name": "two"}]}
        >>> with_measurement(workspace, "two", "example")
        {'measurements': [{'name': 'two'}]}
    """
    if name is None:
        return workspace
    chosen = [entry for entry in workspace["measurements"] if entry["name"] == name]
    if not chosen:
        known = [entry["name"] for entry in workspace["measurements"]]
        raise unknown_name("measurement", name, known, where=f"{where}: $.measurements")
    if len(chosen) > 1:
        raise WorkspaceError(
            f"{len(chosen)} measurements are called '{name}'",
            where=f"{where}: $.measurements",
            next_step="give each its own name",
        )
    return {**workspace, "measurements": chosen}
