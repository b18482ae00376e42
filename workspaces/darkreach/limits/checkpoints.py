"""Finished limits on disk: one JSON file a hypothesis, so that an interrupted scan goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkreach.errors import DarkreachError
from darkreach.limits.limit_json import limit_from_json
from darkreach.limits.results import Limit
from darkreach.provenance import digest_json, run_record, source_digest, write_json

if TYPE_CHECKING:
    from darkreach.limits.engine import LimitEngine
    from darkreach.sharing.hypothesis import Hypothesis


def _code() -> dict[str, Any]:
    record = run_record("")
    return {"version": record.darkreach, "source": source_digest(), "libraries": dict(record.libraries)}


@dataclass(frozen=True)
class Checkpoints:
    """A folder of finished limits, each found by what determines it: workspace, confidence levels, engine, code.

    Attributes:
        folder: made when the first limit is written.
        engine: whose limits these are; its options are part of the key if it is a dataclass.
        confidence_levels: of every entry.
        code: identity of everything that determines the numbers.
    """

    folder: Path
    engine: LimitEngine
    confidence_levels: Sequence[float]
    code: Mapping[str, Any] = field(default_factory=_code)

    def read(self, hypothesis: Hypothesis) -> list[Limit] | None:
        """Return the stored limits, or None if there are none or the file is damaged."""
        try:
            content = json.loads(self._path(hypothesis).read_text(encoding="utf-8"))
            limits = [limit_from_json(entry) for entry in content]
        except (OSError, ValueError, TypeError, DarkreachError):
            return None
        if [limit.cl for limit in limits] != list(self.confidence_levels):
            return None
        # the same workspace may stand under another name in another patchset
        return [replace(limit, name=hypothesis.name, values=dict(hypothesis.values)) for limit in limits]

    def write(self, hypothesis: Hypothesis, limits: Sequence[Limit]) -> None:
        """Store limits; failed ones are left out, so that they are tried again."""
        if all(limit.status != "failed" for limit in limits):
            write_json(self._path(hypothesis), [limit.as_dict() for limit in limits])

    def _path(self, hypothesis: Hypothesis) -> Path:
        key: Mapping[str, Any] = {
            "workspace": hypothesis.workspace,
            "confidence_levels": list(self.confidence_levels),
            "engine": self.engine.name,
            "options": repr(self.engine) if is_dataclass(self.engine) else "",
            "code": self.code,
        }
        return self.folder / f"{digest_json(key)}.json"
