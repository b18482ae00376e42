"""The plan on disk: ``processing/plan.json``, written before any event is read, read back as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from darkreach.errors import InputFileError
from darkreach.events.manifest import SampleFile, SampleManifest
from darkreach.provenance import write_json
from darkreach.running.bad_files import DroppedFile
from darkreach.running.disk_faults import disk_faults
from darkreach.running.identity import Identity
from darkreach.running.plan import Plan, PlannedFile, WorkItem
from darkreach.running.samples import OpenedSample

FORMAT_VERSION: Final = "darkreach-plan-1"
PLAN_NAME: Final = "plan.json"


def write_plan(folder: Path, plan: Plan) -> Path:
    """Write ``plan.json`` into the folder of the processing stage and return its path.

    Sample folders inside the folder above are written relative to it, so that a whole run may be moved.
    """
    path = folder / PLAN_NAME
    content = {
        "format": FORMAT_VERSION,
        "events": plan.entries,
        "identity": None if plan.identity is None else asdict(plan.identity),
        "samples": [_sample_content(plan, sample, folder.parent) for sample in plan.samples],
    }
    with disk_faults(folder):
        write_json(path, content)
    return path


def _sample_content(plan: Plan, sample: OpenedSample, root: Path) -> dict[str, Any]:
    items = [item for item in plan.items if item.sample == sample.manifest.sample]
    facts = {one.file.sha256: one for one in plan.files}
    manifest = asdict(sample.manifest)
    # everything a reader wants to know about a file stands in one place
    for key in ("files", "copies"):
        del manifest[key]
    return {
        "sample": sample.manifest.sample,
        "kind": sample.manifest.kind,
        "generated_events": sample.manifest.generated_events,
        "luminosity_inverse_fb": sample.manifest.luminosity_inverse_fb,
        "events": sum(item.entries for item in items),
        "folder": _relative(sample.folder, root),
        "columns": list(items[0].columns) if items else [],
        "metadata": [list(pair) for pair in items[0].metadata] if items else [],
        "files": [
            asdict(file)
            | {
                "size": facts[file.sha256].size,
                "tree": facts[file.sha256].tree,
                "items": [{"key": item.key, "edges": item.edges} for item in items if item.file == file.path],
            }
            for file in sample.manifest.files
        ],
        "bad_files": sample.bad_files,
        "dropped": [asdict(one) for one in sample.dropped],
        "made_here": sample.made_here,
        "events_not_compared": sample.not_compared,
        "manifest": manifest,
    }


def _relative(folder: Path, root: Path) -> str:
    here, base = folder.absolute(), root.absolute()
    return here.relative_to(base).as_posix() if here.is_relative_to(base) else str(here)


def read_plan(folder: Path) -> Plan:
    """Read the plan of a processing folder.

    Raises:
        InputFileError: there is none, or it is not a plan of this format.
    """
    path = folder / PLAN_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.get("format") != FORMAT_VERSION:
            raise _no_plan(path, f"format {content.get('format')}")
        identity = content["identity"]
        samples, items, files = [], [], []
        for one in content["samples"]:
            sample, its_items, its_files = _read_sample(one, folder.parent.absolute())
            samples.append(sample)
            items += its_items
            files += its_files
        known = None if identity is None else Identity(**identity)
        plan = Plan(tuple(items), known, tuple(samples), tuple(files))
    except FileNotFoundError as error:
        raise InputFileError(
            "no plan of the processing stage",
            where=str(path),
            next_step="run 'darkreach plan' or 'darkreach run' first, or give the folder of a run",
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise _no_plan(path, f"{type(error).__name__}: {error}") from error
    if plan.entries != content["events"]:
        raise _no_plan(path, f"{plan.entries} events in its items, {content['events']} in its head")
    return plan


def _read_sample(content: Mapping[str, Any], root: Path) -> tuple[OpenedSample, list[WorkItem], list[PlannedFile]]:
    folder = root / content["folder"]
    files, items = [], []
    columns, metadata = tuple(content["columns"]), tuple((name, value) for name, value in content["metadata"])
    for one in content["files"]:
        facts = dict(one)
        size, tree, cut = facts.pop("size"), facts.pop("tree"), facts.pop("items")
        file = SampleFile(**facts)
        files.append(PlannedFile(file, int(size), tree))
        for item in cut:
            edges = tuple(int(edge) for edge in item["edges"])
            path = folder / file.path
            items.append(WorkItem(content["sample"], path, file.path, file.sha256, edges, columns, metadata))
    manifest = SampleManifest(**content["manifest"], files=tuple(one.file for one in files))
    dropped = tuple(replace(DroppedFile(**one), file=SampleFile(**one["file"])) for one in content["dropped"])
    return (
        OpenedSample(
            folder,
            manifest,
            content["bad_files"],
            dropped,
            made_here=bool(content["made_here"]),
            # plans of before do not say
            not_compared=str(content.get("events_not_compared", "")),
        ),
        items,
        files,
    )


def _no_plan(path: Path, given: str) -> InputFileError:
    return InputFileError(
        "not a plan of the processing stage",
        where=str(path),
        allowed=FORMAT_VERSION,
        given=given,
        next_step="plan again: 'darkreach plan', or 'darkreach run' with --resume",
    )
