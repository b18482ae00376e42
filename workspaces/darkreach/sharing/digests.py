"""Digests by which a patchset names its background-only workspace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from darkreach.errors import WorkspaceError

ALGORITHMS = ("md5", "sha256")


def workspace_digest(workspace: Mapping[str, Any], algorithm: str = "sha256") -> str:
    """Return the digest of a workspace as pyhf defines it: of its JSON with sorted keys.

    Raises:
        WorkspaceError: an algorithm that patchsets do not use.

    Example:
        >>> workspace_digest({"a": 2.0, "b": 3.0, "c": 1.0}, "md5")
        '2c0633f242928eb55c3672fed5ba8612'
    """
    if algorithm not in ALGORITHMS:
        raise WorkspaceError("unknown digest algorithm", allowed=", ".join(ALGORITHMS), given=algorithm)
    text = json.dumps(workspace, sort_keys=True, ensure_ascii=False).encode("utf8")
    return hashlib.new(algorithm, text, usedforsecurity=False).hexdigest()


def verify_digests(workspace: Mapping[str, Any], digests: Mapping[str, str]) -> None:
    """Check that a workspace is the one a patchset was made for.

    Raises:
        WorkspaceError: it is another one.
    """
    for algorithm, expected in digests.items():
        digest = workspace_digest(workspace, algorithm)
        if digest.lower() != expected.lower():
            raise WorkspaceError(
                "the patchset was made for another background-only workspace",
                where=f"patchset: $.metadata.digests.{algorithm}",
                allowed=f"digest of the patchset: {expected}",
                given=f"digest of the workspace: {digest}",
                next_step="use the two files of one release; a workspace that was edited needs a new patchset",
            )
