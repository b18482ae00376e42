"""The plan of a run: every file and every range of events, fixed before the first event is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkreach.errors import InputFileError
from darkreach.events.manifest import SampleFile, SampleManifest
from darkreach.events.readers import open_events
from darkreach.running.samples import OpenedSample


@dataclass(frozen=True)
class WorkItem:
    """One range of events of one file.

    Attributes:
        sample: its name.
        path: of the file, as opened by the workers.
        file: of the file, as the manifest names it.
        start: first entry.
        stop: entry after the last.
        columns: the only columns read.
        metadata: what the processor is told about the sample: ``kind``, and ``mass_gev`` of a signal.
    """

    sample: str
    path: Path
    file: str
    start: int
    stop: int
    columns: tuple[str, ...]
    metadata: tuple[tuple[str, Any], ...]

    @property
    def entries(self) -> int:
        """Number of events in the range."""
        return self.stop - self.start

    def __str__(self) -> str:
        return f"{self.path} entries {self.start} to {self.stop}"


@dataclass(frozen=True)
class Plan:
    """All work of a run, in the order in which results are merged."""

    items: tuple[WorkItem, ...]

    @property
    def entries(self) -> int:
        """Number of events planned."""
        return sum(item.entries for item in self.items)


def plan_run(
    samples: Sequence[OpenedSample], required_columns: Callable[[str], Sequence[str]], *, chunk_entries: int
) -> Plan:
    """Open every file once and cut it into ranges of whole row groups or baskets.

    Args:
        samples: in order of merging.
        required_columns: columns for a kind of sample.
        chunk_entries: largest number of events wanted in a range.

    Raises:
        InputFileError: a file cannot be read, lacks a column, or holds another number of events than its manifest says.
    """
    if chunk_entries < 1:
        raise InputFileError("chunk_entries must be positive", given=str(chunk_entries), next_step="leave it out")
    items: list[WorkItem] = []
    for sample in samples:
        columns = tuple(required_columns(sample.manifest.kind))
        for file in sample.manifest.files:
            items += _file_items(sample, file, columns, chunk_entries)
    return Plan(tuple(items))


def _file_items(sample: OpenedSample, file: SampleFile, columns: tuple[str, ...], chunk_entries: int) -> list[WorkItem]:
    path = sample.folder / file.path
    with open_events(path) as opened:
        if opened.entries != file.entries:
            raise InputFileError(
                "file holds another number of events than its manifest says",
                where=str(path),
                allowed=str(file.entries),
                given=str(opened.entries),
                next_step="write the sample again",
            )
        ranges = opened.ranges(columns, chunk_entries)
    metadata = tuple(_metadata(sample.manifest).items())
    return [WorkItem(sample.manifest.sample, path, file.path, start, stop, columns, metadata) for start, stop in ranges]


def _metadata(manifest: SampleManifest) -> dict[str, Any]:
    metadata: dict[str, Any] = {"kind": manifest.kind}
    if "mass_gev" in manifest.parameters:
        metadata["mass_gev"] = float(manifest.parameters["mass_gev"])
    return metadata
