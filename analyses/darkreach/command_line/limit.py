"""``darkreach limit``: CLs upper limits of any pyhf workspace, from anybody."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import write_result
from darkreach.command_line.limit_inputs import Tested, read_hypotheses
from darkreach.command_line.limit_table import print_strengths
from darkreach.command_line.options import (
    EngineOption,
    JsonOption,
    LevelsOption,
    MethodOption,
    SiteOption,
    ToySeedOption,
    ToysOption,
    WorkersOption,
    checked_levels,
    executor_from_options,
)
from darkreach.command_line.stage_display import stage_progress
from darkreach.errors import LimitError
from darkreach.limits import (
    DEFAULT_SEED,
    DEFAULT_TOYS,
    Limit,
    LimitEngine,
    compute_limits,
    limit_engine,
    limits_as_json_list,
    method_of,
)
from darkreach.sharing import BrokenHypothesis, Hypothesis, suspicious_content

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
    measurement: Annotated[
        str | None,
        typer.Option("--measurement", help="Name of the measurement; the first of a workspace if not given."),
    ] = None,
    cl: LevelsOption = None,
    engine: EngineOption = "auto",
    method: MethodOption = "auto",
    toys: ToysOption = DEFAULT_TOYS,
    seed: ToySeedOption = DEFAULT_SEED,
    workers: WorkersOption = 1,
    site: SiteOption = None,
    checkpoint: Annotated[
        Path | None, typer.Option("--resume", help="Folder of finished hypotheses to reuse and extend.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Compute observed and expected CLs upper limits on the parameter of interest.

    Asymptotic formulas take milliseconds and hold from about ten background events under the signal on; below, auto
    throws toys, which takes seconds a hypothesis, or sums exactly where events are counted in single bins.
    """
    levels = checked_levels(cl) or DEFAULT_LEVELS
    chosen = limit_engine(engine, method=method, toys=toys, seed=seed)
    tested = read_hypotheses(workspaces, patchset=patchset, names=hypothesis, patches=patch, measurement=measurement)
    with ExitStack() as stack:
        # without a site the number of processes depends on what they cost to start
        progress = stack.enter_context(stage_progress())
        elsewhere = executor_from_options(workers, site, watch=progress.watch)
        executor = None if site is None else stack.enter_context(elsewhere)
        progress("limit", 0, max(len(tested), 1))
        limits = compute_limits(
            [entry for entry in tested if isinstance(entry, Hypothesis)],
            levels,
            engine=chosen,
            workers=workers,
            executor=executor,
            progress=lambda done, planned: progress("limit", done, planned),
            checkpoint=checkpoint,
        )
    limits = _with_broken(tested, limits, levels, chosen)
    if str(json) != "-":
        print_strengths(limits)
    write_result(json, limits_as_json_list(limits))
    _refuse_failures(limits, tested)


def _with_broken(
    tested: Sequence[Tested], limits: Sequence[Limit], levels: Sequence[float], engine: LimitEngine
) -> list[Limit]:
    """Put the hypotheses that could not be tested back into their places, as failed limits."""
    computed = iter(limits)
    merged = []
    for entry in tested:
        for cl in levels:
            if isinstance(entry, BrokenHypothesis):
                reason = entry.error.one_line()
                method = method_of(engine)
                limit = Limit(entry.name, entry.values, cl, method, engine.name, None, (), "failed", reason)
            else:
                limit = _with_remarks(next(computed), entry)
            merged.append(limit)
    return merged


def _with_remarks(limit: Limit, hypothesis: Hypothesis) -> Limit:
    remarks = suspicious_content(hypothesis.workspace)
    if not remarks:
        return limit
    note = "; ".join(text for text in (limit.quality.note, *remarks) if text)
    return replace(limit, quality=replace(limit.quality, note=note))


def _refuse_failures(limits: Sequence[Limit], tested: Sequence[Tested]) -> None:
    failed = [limit for limit in limits if limit.status == "failed"]
    if not failed:
        return
    others = "the other limits are valid and were written" if len(failed) < len(limits) else None
    error = next((entry.error for entry in tested if isinstance(entry, BrokenHypothesis)), None)
    if error is None:
        what, where, given = f"{len(failed)} of {len(limits)} limits failed", failed[0].name, failed[0].reason
        raise LimitError(what, where=where, given=given, next_step=others)
    raise LimitError(
        f"{len(failed)} of {len(limits)} limits failed: {error.what}",
        where=error.where,
        allowed=error.allowed,
        given=error.given,
        next_step="; ".join(text for text in (error.next_step, others) if text),
    )
