"""What ``darkreach limit`` is to test: files become hypotheses, and a broken one does not lose the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from darkreach.errors import ConfigError, DarkreachError, WorkspaceError
from darkreach.sharing import (
    BrokenHypothesis,
    Hypothesis,
    apply_patch,
    apply_patches,
    plain_hypothesis,
    read_patch,
    read_patchset,
    read_workspace,
)

Tested = Hypothesis | BrokenHypothesis


def read_hypotheses(
    workspaces: Sequence[Path],
    *,
    patchset: Path | None = None,
    names: Sequence[str] | None = None,
    patches: Sequence[Path] | None = None,
    measurement: str | None = None,
) -> list[Tested]:
    """Read plain workspaces, or one workspace with its patchset or with single JSON patches.

    Args:
        workspaces: files.
        patchset: file of the patchset of the single workspace.
        names: its patches to use; None for all.
        patches: files of single JSON patches of the single workspace.
        measurement: name of the measurement to use; None for the first of each workspace.

    Raises:
        ConfigError: patches for several workspaces, or names without a patchset.
        DarkreachError: nothing can be tested; the error of the first hypothesis.
    """
    if names and patchset is None:
        raise ConfigError("--hypothesis needs a patchset", where="--hypothesis", next_step="give --patchset FILE")
    if patchset is None and not patches:
        tested = [_attempt(path.stem, partial(_read_plain, path, measurement)) for path in workspaces]
    else:
        tested = _patched(workspaces, patchset, names, patches or (), measurement)
    broken = [entry for entry in tested if isinstance(entry, BrokenHypothesis)]
    if len(broken) == len(tested):
        raise broken[0].error
    return tested


def _patched(
    workspaces: Sequence[Path],
    patchset: Path | None,
    names: Sequence[str] | None,
    patches: Sequence[Path],
    measurement: str | None,
) -> list[Tested]:
    if len(workspaces) != 1:
        raise ConfigError(
            "patches belong to one workspace",
            where="--patchset, --patch",
            given=f"{len(workspaces)} workspaces",
            next_step="give the background-only workspace of these patches alone",
        )
    workspace = read_workspace(workspaces[0])
    tested = [_attempt(path.stem, partial(_read_patched, workspace, path, measurement)) for path in patches]
    if patchset is not None:
        content = read_patchset(patchset)
        broken: dict[str, WorkspaceError] = {}
        whole = apply_patches(workspace, content, names, measurement=measurement, broken=broken)
        by_name: dict[str, Tested] = {hypothesis.name: hypothesis for hypothesis in whole}
        by_name |= {name: BrokenHypothesis(name, {}, error) for name, error in broken.items()}
        tested += [by_name[name] for name in names or (patch["metadata"]["name"] for patch in content["patches"])]
    return tested


def _read_plain(path: Path, measurement: str | None) -> Hypothesis:
    return plain_hypothesis(path, read_workspace(path), measurement)


def _read_patched(workspace: dict[str, Any], path: Path, measurement: str | None) -> Hypothesis:
    return apply_patch(workspace, read_patch(path), name=path.stem, measurement=measurement)


def _attempt(name: str, make: Callable[[], Hypothesis]) -> Tested:
    try:
        return make()
    except DarkreachError as error:
        return BrokenHypothesis(name, {}, error)
