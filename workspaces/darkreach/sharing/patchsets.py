"""Signal patches: a patchset (or a bare JSON patch) and its background-only workspace become hypotheses."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from darkreach.errors import WorkspaceError, unknown_name
from darkreach.sharing.digests import verify_digests
from darkreach.sharing.hypothesis import Hypothesis
from darkreach.sharing.hypothesis_checks import check_parameter_of_interest
from darkreach.sharing.measurements import with_measurement
from darkreach.sharing.patch_operations import patched
from darkreach.sharing.schema_errors import check_schema
from darkreach.sharing.strict_json import MAXIMUM_BYTES, read_json
from darkreach.sharing.workspace_checks import CheckedSamples, check_workspace


def read_patchset(path: Path, *, maximum_bytes: int = MAXIMUM_BYTES) -> dict[str, Any]:
    """Read and check a pyhf 1.0.0 patchset.

    Raises:
        WorkspaceError: not readable, not a patchset, or two patches share a name or values.
    """
    content = read_json(path, maximum_bytes=maximum_bytes)
    if isinstance(content, list):
        raise WorkspaceError(
            "this file is one bare JSON patch, not a patchset",
            where=str(path),
            next_step="give it as --patch FILE (in Python: read_patch)",
        )
    if isinstance(content, dict) and "channels" in content:
        raise WorkspaceError(
            "this file is a workspace, not a patchset",
            where=str(path),
            next_step="give it as the workspace, and the patchset of the same release as --patchset FILE",
        )
    check_schema(content, "patchset", str(path))
    _check_patches(content, str(path))
    return dict(content)


def read_patch(path: Path, *, maximum_bytes: int = MAXIMUM_BYTES) -> list[dict[str, Any]]:
    """Read one bare JSON patch: the list of operations that older likelihood releases publish a file each.

    Raises:
        WorkspaceError: not readable, or not a list of JSON patch operations.
    """
    content = read_json(path, maximum_bytes=maximum_bytes)
    check_schema(content, "jsonpatch", str(path))
    return list(content)


def apply_patches(
    workspace: Mapping[str, Any],
    patchset: Mapping[str, Any],
    names: Sequence[str] | None = None,
    *,
    measurement: str | None = None,
    broken: MutableMapping[str, WorkspaceError] | None = None,
) -> list[Hypothesis]:
    """Apply patches to the background-only workspace they were made for.

    The workspaces of the hypotheses share what the patches leave alone: do not change them in place.

    Args:
        workspace: the background-only workspace, exactly as its file has it.
        patchset: content of the patchset, as read_patchset returns it.
        names: patches to apply, in this order; None for all, in file order.
        measurement: name of the measurement to use; None for the first.
        broken: receives the errors of patches that do not make a hypothesis, by name; None raises the first.

    Raises:
        WorkspaceError: the workspace is not the one of the patchset's digests, a patch does not apply, or the
            result is not a workspace with a parameter of interest.
        UnknownNameError: the patchset has no patch of a name, or the workspace no such measurement.
    """
    verify_digests(workspace, patchset["metadata"]["digests"])
    by_name = {patch["metadata"]["name"]: patch for patch in patchset["patches"]}
    for name in names or ():
        if name not in by_name:
            raise unknown_name("patch", name, by_name, where="patchset")
    labels = patchset["metadata"]["labels"]
    checked, hypotheses = CheckedSamples(), []
    for name in by_name if names is None else names:
        metadata = by_name[name]["metadata"]
        try:
            content = _patched_workspace(workspace, by_name[name]["patch"], name, measurement, checked)
        except WorkspaceError as error:
            if broken is None:
                raise
            broken[name] = error
            continue
        values = dict(zip(labels, metadata["values"], strict=True))
        meaning = {key: value for key, value in metadata.items() if key not in ("name", "values")}
        hypotheses.append(Hypothesis(name=name, values=values, workspace=content, meaning=meaning))
    return hypotheses


def apply_patch(
    workspace: Mapping[str, Any],
    operations: Sequence[Mapping[str, Any]],
    *,
    name: str,
    values: Mapping[str, float | str] | None = None,
    meaning: Mapping[str, Any] | None = None,
    measurement: str | None = None,
) -> Hypothesis:
    """Apply one JSON patch (RFC 6902); the workspace given stays as it is, and shares what the patch leaves alone.

    Raises:
        WorkspaceError: an operation does not apply (names it), or the result is not a workspace with a signal.
        UnknownNameError: the workspace has no such measurement.
    """
    content = _patched_workspace(workspace, operations, name, measurement, CheckedSamples())
    return Hypothesis(name=name, values=dict(values or {}), workspace=content, meaning=dict(meaning or {}))


def _patched_workspace(
    workspace: Mapping[str, Any],
    operations: Sequence[Mapping[str, Any]],
    name: str,
    measurement: str | None,
    checked: CheckedSamples,
) -> Mapping[str, Any]:
    content = patched(workspace, operations, name)
    check_workspace(content, f"patch {name}", checked)
    chosen = with_measurement(content, measurement, f"patch {name}")
    check_parameter_of_interest(chosen, f"patch {name}")
    return chosen


def _check_patches(content: Mapping[str, Any], where: str) -> None:
    labels = content["metadata"]["labels"]
    seen: dict[Any, int] = {}
    for index, patch in enumerate(content["patches"]):
        name, values = patch["metadata"]["name"], tuple(patch["metadata"]["values"])
        place = f"{where}: $.patches[{index}].metadata"
        if len(values) != len(labels):
            raise WorkspaceError(
                f"the patchset contradicts itself: patch '{name}' has another number of values than there are labels",
                where=f"{place}.values",
                allowed=f"{len(labels)} values: {', '.join(labels)}",
                given=str(list(values)),
            )
        for key, what in ((("name", name), f"name '{name}'"), (("values", values), f"values {list(values)}")):
            if key in seen:
                raise WorkspaceError(
                    f"the patchset contradicts itself: two patches have the {what}",
                    where=place,
                    given=f"patches {seen[key]} and {index}",
                    next_step="give each hypothesis its own name and values",
                )
            seen[key] = index
