"""What every stage of a run has done and would do, and why; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from darkreach.pipeline.run import Run
from darkreach.pipeline.simulate import sample_states
from darkreach.pipeline.stage_inputs import RECORDED_STAGES, sample_paths, stage_inputs
from darkreach.pipeline.stage_record import stage_key, why_not_done
from darkreach.running.identity import identity_of
from darkreach.running.item_status import ItemStatus, item_status
from darkreach.running.plan import Plan
from darkreach.running.plan_file import PLAN_NAME, read_plan
from darkreach.running.process import plan_search
from darkreach.running.result_store import ResultStore
from darkreach.running.samples import open_samples
from darkreach.searches import search_processor

State = Literal["done", "stale", "missing", "waiting"]


@dataclass(frozen=True)
class StageStatus:
    """State of one stage.

    Attributes:
        stage: its name.
        state: ``done``; ``stale``: finished once, but something changed since; ``missing``: never finished;
            ``waiting``: a stage before it must run first, which may change its inputs.
        why: empty if done.
    """

    stage: str
    state: State
    why: str = ""


def stage_status(run: Run) -> list[StageStatus]:
    """Return the state of every stage, as a run with ``resume`` would find it."""
    statuses = [_simulation(run)]
    for stage in RECORDED_STAGES:
        unfinished = next((one.stage for one in statuses if one.state != "done"), None)
        statuses.append(_recorded(run, stage, unfinished))
    return statuses


def _simulation(run: Run) -> StageStatus:
    states = sample_states(run.settings, run.folder.samples)
    missing, changed = ([name for name, state in states.items() if state == what] for what in ("missing", "changed"))
    if not missing and not changed:
        return StageStatus("simulate", "done")
    reasons = [
        f"{len(names)} of {len(states)} samples {why}: {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
        for names, why in ((missing, "not simulated yet"), (changed, "made by other settings or code"))
        if names
    ]
    return StageStatus("simulate", "stale" if changed else "missing", "; ".join(reasons))


def _recorded(run: Run, stage: str, unfinished: str | None) -> StageStatus:
    settings, inputs = stage_inputs(run, stage)
    if any(not path.is_file() for path in inputs):
        return StageStatus(stage, "missing", f"after {unfinished}" if unfinished else "its input is not there")
    why = why_not_done(run.folder, stage, stage_key(settings, inputs))
    if why is None:
        if unfinished is None:
            return StageStatus(stage, "done")
        return StageStatus(stage, "waiting", f"done, unless {unfinished} changes its input")
    return StageStatus(stage, "missing" if why == "not finished yet" else "stale", why)


def planned_items(folder: Path, *, verify: bool = False) -> tuple[Plan, list[ItemStatus]]:
    """Return the plan of a processing folder and the state of its items under the code that is running now.

    The configuration is the one of the plan. Results are looked at, or with ``verify`` read.

    Raises:
        InputFileError: there is no plan.
    """
    plan = read_plan(folder)
    if plan.identity is None:
        return plan, []
    now = identity_of({})
    current = type(now)(now.source, plan.identity.configuration, now.libraries)
    return plan, item_status(plan, ResultStore(folder, current), verify=verify)


def fresh_items(run: Run) -> tuple[Plan, list[ItemStatus]]:
    """Plan the events of a run anew, without writing anything, and return the state of its items.

    Raises:
        InputFileError: a sample cannot be planned, e.g. because it is not simulated yet.
    """
    config = run.settings.config
    processor = search_processor(config, run.settings.detector)
    plan = plan_search(processor, open_samples(sample_paths(run), bad_files=run.bad_files))
    assert plan.identity is not None
    folder = run.folder.processing
    earlier = read_plan(folder) if (folder / PLAN_NAME).is_file() else None
    return plan, item_status(plan, ResultStore(folder, plan.identity), earlier=earlier)


def stages_as_json(statuses: Sequence[StageStatus]) -> list[dict[str, Any]]:
    """Return the states as JSON-like data."""
    return [{"stage": one.stage, "state": one.state, "why": one.why} for one in statuses]
