"""Signal patches: a patchset (or a bare JSON patch) and its background-only workspace become hypotheses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonpatch
import pyhf

from darkreach.errors import WorkspaceError, unknown_name
from darkreach.sharing.hypothesis import Hypothesis
from darkreach.sharing.schema_errors import check_schema, schema_violation
from darkreach.sharing.strict_json import MAXIMUM_BYTES, read_json
from darkreach.sharing.workspace_checks import check_parameter_of_interest, check_workspace


def read_patchset(path: Path, *, maximum_bytes: int = MAXIMUM_BYTES) -> dict[str, Any]:
    """Read and check a pyhf 1.0.0 patchset.

    Raises:
        WorkspaceError: not readable, not a patchset, or two patches share a name or values.
    """
    content = read_json(path, maximum_bytes=maximum_bytes)
    if isinstance(content, list):
        raise WorkspaceError(
            "this file is one bare JSON patch, not a patchset", where=str(path), next_step="read it with read_patch"
        )
    try:
        pyhf.PatchSet(content)
    except pyhf.exceptions.InvalidSpecification as error:
        raise schema_violation(error, "patchset.json", str(path)) from error
    except (pyhf.exceptions.InvalidPatchSet, jsonpatch.InvalidJsonPatch) as error:
        raise WorkspaceError(
            "the patchset contradicts itself", where=str(path), given=str(error), next_step="correct the patchset"
        ) from error
    return dict(content)


def read_patch(path: Path, *, maximum_bytes: int = MAXIMUM_BYTES) -> list[dict[str, Any]]:
    """Read one bare JSON patch: the list of operations that older likelihood releases publish a file each.

    Raises:
        WorkspaceError: not readable, or not a list of JSON patch operations.
    """
    content = read_json(path, maximum_bytes=maximum_bytes)
    check_schema(content, "jsonpatch.json", str(path))
    return list(content)


def apply_patches(
    workspace: Mapping[str, Any], patchset: Mapping[str, Any], names: Sequence[str] | None = None
) -> list[Hypothesis]:
    """Apply patches to the background-only workspace they were made for.

    Args:
        workspace: the background-only workspace, exactly as its file has it.
        patchset: content of the patchset, as read_patchset returns it.
        names: patches to apply, in this order; None for all, in file order.

    Raises:
        WorkspaceError: the workspace is not the one of the patchset's digests, a patch does not apply, or the
            result is not a workspace with a parameter of interest.
        UnknownNameError: the patchset has no patch of a name.
    """
    _verify(workspace, patchset["metadata"]["digests"])
    by_name = {patch["metadata"]["name"]: patch for patch in patchset["patches"]}
    for name in names or ():
        if name not in by_name:
            raise unknown_name("patch", name, by_name, where="patchset")
    labels = patchset["metadata"]["labels"]
    return [
        apply_patch(
            workspace,
            by_name[name]["patch"],
            name=name,
            values=dict(zip(labels, by_name[name]["metadata"]["values"], strict=True)),
            meaning={k: v for k, v in by_name[name]["metadata"].items() if k not in ("name", "values")},
        )
        for name in (by_name if names is None else names)
    ]


def apply_patch(
    workspace: Mapping[str, Any],
    operations: Sequence[Mapping[str, Any]],
    *,
    name: str,
    values: Mapping[str, float | str] | None = None,
    meaning: Mapping[str, Any] | None = None,
) -> Hypothesis:
    """Apply one JSON patch (RFC 6902); the workspace given stays as it is.

    Raises:
        WorkspaceError: an operation does not apply (names it), or the result is not a workspace with a signal.
    """
    try:
        patched = jsonpatch.apply_patch(workspace, list(operations))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError) as error:
        raise _operation_error(workspace, operations, name, error) from error
    check_workspace(patched, f"patch {name}")
    check_parameter_of_interest(patched, f"patch {name}")
    return Hypothesis(name=name, values=dict(values or {}), workspace=patched, meaning=dict(meaning or {}))


def _verify(workspace: Mapping[str, Any], digests: Mapping[str, str]) -> None:
    for algorithm, expected in digests.items():
        digest = pyhf.utils.digest(workspace, algorithm=algorithm)
        if digest.lower() != expected.lower():
            raise WorkspaceError(
                "the patchset was made for another background-only workspace",
                where=f"patchset: $.metadata.digests.{algorithm}",
                allowed=expected,
                given=digest,
                next_step="use the two files of one release; a workspace that was edited needs a new patchset",
            )


def _operation_error(
    workspace: Mapping[str, Any], operations: Sequence[Mapping[str, Any]], name: str, error: Exception
) -> WorkspaceError:
    """Repeat the patch one operation at a time to find the one that fails."""
    place, given = f"patch {name}", str(error)
    current: Any = workspace
    for index, operation in enumerate(operations):
        try:
            current = jsonpatch.apply_patch(current, [operation])
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError):
            place = f"patch {name}: operation {index} ({operation.get('op')} {operation.get('path')})"
            break
    return WorkspaceError(
        "a patch does not apply to the workspace",
        where=place,
        given=given,
        next_step="check that the patch belongs to this background-only workspace",
    )
