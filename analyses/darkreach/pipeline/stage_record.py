"""Records of finished stages: a stage is done only if its inputs, its code and its outputs are unchanged."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from darkreach.pipeline.run_folder import RunFolder
from darkreach.provenance import digest_file, digest_json, source_digest, write_json


@dataclass(frozen=True)
class StageKey:
    """What a stage is made from, as digests.

    Attributes:
        settings: of each part of the settings it depends on, by name.
        source: of the code.
        inputs: of each file it reads, by name.
    """

    settings: Mapping[str, str]
    source: str
    inputs: Mapping[str, str]

    def changes_since(self, earlier: Mapping[str, Any]) -> str:
        """Return in words what differs from an earlier key, as read from a record; empty if nothing does."""
        changes = []
        if self.source != earlier["source"]:
            changes.append("code changed")
        for what, now in (("settings", self.settings), ("input", self.inputs)):
            before = earlier[what if what == "settings" else "inputs"]
            names = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
            if names:
                changes.append(f"{what} changed: {', '.join(names[:5])}" + (", ..." if len(names) > 5 else ""))
        return "; ".join(changes)


def stage_key(settings: Mapping[str, Any], inputs: Sequence[Path]) -> StageKey:
    """Return the identity of a stage: the settings it depends on, the code, and the content of the files it reads."""
    # names below the folder they share: the run may be moved
    root = os.path.commonpath([path.absolute().parent for path in inputs])
    return StageKey(
        settings={name: digest_json(value) for name, value in settings.items()},
        source=source_digest(),
        inputs={path.absolute().relative_to(root).as_posix(): digest_file(path) for path in inputs},
    )


def stage_is_done(folder: RunFolder, stage: str, key: StageKey) -> bool:
    """Return whether the stage finished with this key and every output still has the recorded content."""
    return why_not_done(folder, stage, key) is None


def why_not_done(folder: RunFolder, stage: str, key: StageKey) -> str | None:
    """Return why a stage must be carried out, or None if it finished with this key and its outputs are untouched."""
    path = folder.stage_record(stage)
    if not path.is_file():
        return "not finished yet"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        changes = key.changes_since(content["key"])
        if changes:
            return changes
        outputs: dict[str, str] = content["outputs"]
        for name, digest in outputs.items():
            output = folder.root / name
            if not output.is_file():
                return f"output is gone: {name}"
            if digest_file(output) != digest:
                return f"output changed: {name}"
    except (OSError, json.JSONDecodeError, KeyError, TypeError, AttributeError):
        return "its record is damaged"
    return None


def record_stage(folder: RunFolder, stage: str, key: StageKey, outputs: Sequence[Path]) -> None:
    """Write down that a stage finished with these outputs; paths relative to the folder, which may be moved."""
    digests = {path.relative_to(folder.root).as_posix(): digest_file(path) for path in outputs}
    write_json(folder.stage_record(stage), {"key": asdict(key), "outputs": digests})
