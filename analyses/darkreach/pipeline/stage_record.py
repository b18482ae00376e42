"""Records of finished stages: a stage is done only if its inputs, its code and its outputs are unchanged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from darkreach.pipeline.run_folder import RunFolder
from darkreach.provenance import digest_file, digest_json, source_digest, write_json


def stage_key(settings: Any, inputs: Sequence[Path]) -> str:
    """Return the identity of a stage: the settings it depends on, the code, and the content of the files it reads."""
    content = {"settings": settings, "source": source_digest(), "inputs": [digest_file(path) for path in inputs]}
    return digest_json(content)


def stage_is_done(folder: RunFolder, stage: str, key: str) -> bool:
    """Return whether the stage finished with this key and every output still has the recorded content."""
    try:
        content = json.loads(folder.stage_record(stage).read_text(encoding="utf-8"))
        outputs: dict[str, str] = content["outputs"]
        return bool(content["key"] == key) and all(
            digest_file(folder.root / path) == digest for path, digest in outputs.items()
        )
    except (OSError, json.JSONDecodeError, KeyError, TypeError, AttributeError):
        return False


def record_stage(folder: RunFolder, stage: str, key: str, outputs: Sequence[Path]) -> None:
    """Write down that a stage finished with these outputs; paths relative to the folder, which may be moved."""
    digests = {path.relative_to(folder.root).as_posix(): digest_file(path) for path in outputs}
    write_json(folder.stage_record(stage), {"key": key, "outputs": digests})
