"""Finished and failed work items on disk: what makes a run resumable, and resumed numbers trustworthy."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from darkreach.errors import DarkreachError, InputFileError
from darkreach.provenance import write_json
from darkreach.running.disk_faults import disk_faults
from darkreach.running.identity import Identity
from darkreach.running.plan import WorkItem
from darkreach.running.result_file import glance_at_result, read_result, write_result
from darkreach.running.work import WorkResult


@dataclass(frozen=True)
class Failure:
    """Why an item failed last, and how often it was tried.

    Attributes:
        error: one line.
        attempts: number of failures since the last success.
    """

    error: str
    attempts: int


@dataclass(frozen=True)
class ResultStore:
    """Results in ``results/<item>-<identity>.zip``, failures in ``failures/<item>.json``.

    Several processes may write at the same time: every file is renamed into place, and equal items have equal results.

    Attributes:
        folder: of the processing stage.
        identity: of the code and configuration whose results are read and written.
    """

    folder: Path
    identity: Identity

    def path(self, item: WorkItem) -> Path:
        """Return where the result of an item is or will be."""
        return self.folder / "results" / f"{item.key}-{self._tag}.zip"

    @cached_property
    def _tag(self) -> str:
        return self.identity.digest[:16]

    def write(self, item: WorkItem, result: WorkResult) -> None:
        """Keep the result of an item and forget its failures.

        Raises:
            OutputError: the disk is full, read-only, or the folder cannot be written.
        """
        _written(self.folder, lambda: write_result(self.path(item), result, self._about(item)))
        with disk_faults(self.folder):
            self._failure_path(item).unlink(missing_ok=True)

    def read(self, item: WorkItem) -> WorkResult | None:
        """Return the result of an item, or None if there is none.

        Raises:
            InputFileError: the stored result is truncated, damaged or foreign, and must be computed again.
        """
        path = self.path(item)
        if not path.is_file():
            return None
        result = read_result(path, self._about(item))
        if len(result.processed) != len(item.chunks):
            raise InputFileError("a stored result has other chunks", where=str(path), next_step="it is computed again")
        return result

    def holds(self, item: WorkItem) -> bool:
        """Return whether there is a result of an item that looks whole; reading it may still find damage inside.

        Raises:
            InputFileError: it is truncated or foreign.
        """
        path = self.path(item)
        if not path.is_file():
            return False
        glance_at_result(path, self._about(item))
        return True

    def _about(self, item: WorkItem) -> dict[str, str]:
        return {"item": item.key, "identity": self.identity.digest}

    def record_failure(self, item: WorkItem, error: DarkreachError) -> None:
        """Keep why an item failed."""
        before = self.failure(item)
        failure = Failure(error.one_line(), 1 + (before.attempts if before else 0))
        content = asdict(failure) | {"item": str(item)}
        _written(self.folder, lambda: write_json(self._failure_path(item), content))

    def failure(self, item: WorkItem) -> Failure | None:
        """Return why an item failed last, or None."""
        try:
            content = json.loads(self._failure_path(item).read_text(encoding="utf-8"))
            return Failure(str(content["error"]), int(content["attempts"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _failure_path(self, item: WorkItem) -> Path:
        return self.folder / "failures" / f"{item.key}.json"

    def record_identity(self) -> None:
        """Write down what this identity consists of, to tell later why a result is stale."""
        path = self.folder / "identities" / f"{self._tag}.json"
        if not path.is_file():
            _written(self.folder, lambda: write_json(path, asdict(self.identity)))

    def stale(self) -> dict[str, list[Identity | None]]:
        """Return the items that have results of other identities, by key of the item; None is an unknown identity."""
        found: dict[str, list[Identity | None]] = defaultdict(list)
        known: dict[str, Identity | None] = {}
        for path in sorted(self.folder.glob("results/*.zip")):
            key, _, tag = path.stem.partition("-")
            if tag != self._tag:
                if tag not in known:
                    known[tag] = _read_identity(self.folder / "identities" / f"{tag}.json")
                found[key].append(known[tag])
        return dict(found)

    def forget_all_but(self, items: Sequence[WorkItem]) -> None:
        """Remove results and failures of other items and other identities: nothing will ask for them again.

        So are unfinished files of killed runs; a job that is alive and loses one writes it again.
        """
        kept = {self.path(item).name for item in items}
        for path in self.folder.glob("results/*.zip"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
        for path in self.folder.glob("failures/*.json"):
            path.unlink(missing_ok=True)
        for path in self.folder.glob("identities/*.json"):
            if path.stem != self._tag:
                path.unlink(missing_ok=True)


def _written(folder: Path, write: Callable[[], object]) -> None:
    with disk_faults(folder):
        for last in (False, False, True):
            try:
                write()
                return
            except FileNotFoundError:
                # another run that ended meanwhile took the unfinished file for one that a killed run left behind
                if last:
                    raise


def _read_identity(path: Path) -> Identity | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Identity(content["source"], dict(content["configuration"]), dict(content["libraries"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
