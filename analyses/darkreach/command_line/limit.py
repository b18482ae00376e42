"""``darkreach limit``: CLs upper limits of any pyhf workspace, from anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import stage_progress, write_result
from darkreach.command_line.limit_table import print_strengths
from darkreach.command_line.options import EngineOption, JsonOption, LevelsOption, WorkersOption, checked_levels
from darkreach.errors import ConfigError, LimitError
from darkreach.limits import compute_limits, limits_as_json_list, make_engine
from darkreach.sharing import (
    Hypothesis,
    apply_patch,
    apply_patches,
    plain_hypothesis,
    read_patch,
    read_patchset,
    read_workspace,
)

NAME = "limit"
DEFAULT_LEVELS = (0.95,)


def command(
    workspaces: Annotated[list[Path], typer.Argument(help="pyhf workspaces (JSON).")],
    patchset: Annotated[Path | None, typer.Option("--patchset", help="Patchset of the single workspace given.")] = None,
    hypothesis: Annotated[
        list[str] | None, typer.Option("--hypothesis", help="Only this patch of the patchset; repeat for more.")
    ] = None,
    patch: Annotated[
        list[Path] | None, typer.Option("--patch", help="JSON patch of the single workspace given; repeat for more.")
    ] = None,
    cl: LevelsOption = None,
    engine: EngineOption = "auto",
    workers: WorkersOption = 1,
    checkpoint: Annotated[
        Path | None, typer.Option("--resume", help="Folder of finished hypotheses to reuse and extend.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Compute observed and expected CLs upper limits on the parameter of interest (qtilde asymptotics)."""
    levels = checked_levels(cl) or DEFAULT_LEVELS
    hypotheses = read_hypotheses(workspaces, patchset, hypothesis, patch)
    with stage_progress() as progress:
        limits = compute_limits(
            hypotheses,
            levels,
            engine=make_engine(engine),
            workers=workers,
            progress=lambda done, planned: progress("limit", done, planned),
            checkpoint=checkpoint,
        )
    if str(json) != "-":
        print_strengths(limits)
    write_result(json, limits_as_json_list(limits))
    failed = [limit for limit in limits if limit.status == "failed"]
    if failed:
        raise LimitError(
            f"{len(failed)} of {len(limits)} limits failed",
            where=failed[0].name,
            given=failed[0].reason,
            next_step="the other limits are valid and were written",
        )


def read_hypotheses(
    workspaces: list[Path], patchset: Path | None, names: list[str] | None, patches: list[Path] | None
) -> list[Hypothesis]:
    """Read plain workspaces, or one workspace with its patchset or with single JSON patches.

    Raises:
        ConfigError: patches for several workspaces, or names without a patchset.
        WorkspaceError: a file is not usable.
    """
    if names and patchset is None:
        raise ConfigError("--hypothesis needs a patchset", where="--hypothesis", next_step="give --patchset FILE")
    if patchset is None and not patches:
        return [plain_hypothesis(path, read_workspace(path)) for path in workspaces]
    if len(workspaces) != 1:
        raise ConfigError(
            "patches belong to one workspace",
            where="--patchset, --patch",
            given=f"{len(workspaces)} workspaces",
            next_step="give the background-only workspace of these patches alone",
        )
    workspace = read_workspace(workspaces[0])
    hypotheses = [
        apply_patch(workspace, read_patch(path), name=path.stem, values={}, meaning={}) for path in patches or ()
    ]
    if patchset is not None:
        hypotheses += apply_patches(workspace, read_patchset(patchset), names)
    return hypotheses
