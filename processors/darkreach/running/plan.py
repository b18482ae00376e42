"""The plan of a run: every file and every range of events, fixed before the first event is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from darkreach.errors import InputFileError
from darkreach.events.entry_ranges import merged_ranges
from darkreach.events.manifest import SampleFile, SampleManifest
from darkreach.events.readers import open_events
from darkreach.provenance import digest_json
from darkreach.running.identity import Identity
from darkreach.running.samples import OpenedSample

MASS_KEYS: Final = ("mass_gev", "dark_photon_mass_gev", "dark_higgs_mass_gev")
LIFETIME_KEY: Final = "lifetime_ctau_cm"
"""Parameters of signals that the processor is told."""

ITEM_ENTRIES: Final = 2_000_000
"""Events of a work item: about a second of work, so that handing it out costs next to nothing."""


@dataclass(frozen=True)
class WorkItem:
    """One range of events of one file, read chunk by chunk with the file opened once.

    Attributes:
        sample: its name.
        path: of the file, as opened by the workers.
        file: of the file, as the manifest names it.
        sha256: content of the file.
        edges: first entry, the entries where a new chunk begins, entry after the last.
        columns: the only columns read.
        metadata: what the processor is told about the sample: ``kind``, and masses of a signal.
    """

    sample: str
    path: Path
    file: str
    sha256: str
    edges: tuple[int, ...]
    columns: tuple[str, ...]
    metadata: tuple[tuple[str, Any], ...]

    @property
    def start(self) -> int:
        """First entry."""
        return self.edges[0]

    @property
    def stop(self) -> int:
        """Entry after the last."""
        return self.edges[-1]

    @property
    def entries(self) -> int:
        """Number of events in the range."""
        return self.stop - self.start

    @property
    def chunks(self) -> list[tuple[int, int]]:
        """(start, stop) of the chunks, in order."""
        return list(pairwise(self.edges))

    @property
    def key(self) -> str:
        """Digest of what is processed: the content of the file, not its name or place."""
        return digest_json([self.sample, self.sha256, self.edges, self.columns, self.metadata])[:32]

    def __str__(self) -> str:
        return f"{self.path} entries {self.start} to {self.stop}"


@dataclass(frozen=True)
class PlannedFile:
    """Facts of a planned file: its entry in the manifest, size in bytes, and the tree of a ROOT file."""

    file: SampleFile
    size: int
    tree: str | None


@dataclass(frozen=True)
class Plan:
    """All work of a run, in the order in which results are merged.

    Attributes:
        items: the work.
        identity: what decides the results besides the events; None if nothing is kept.
        samples: where the items come from.
        files: facts of the files, by path.
    """

    items: tuple[WorkItem, ...]
    identity: Identity | None = None
    samples: tuple[OpenedSample, ...] = ()
    files: tuple[PlannedFile, ...] = ()

    @property
    def entries(self) -> int:
        """Number of events planned."""
        return sum(item.entries for item in self.items)


def plan_run(
    samples: Sequence[OpenedSample],
    required_columns: Callable[[str], Sequence[str]],
    *,
    chunk_entries: int,
    item_entries: int = ITEM_ENTRIES,
    identity: Identity | None = None,
) -> Plan:
    """Open every file once and cut it into items, and these into chunks of whole row groups or baskets.

    Args:
        samples: in order of merging; those with ``drop_bad_files`` lose files that cannot be planned.
        required_columns: columns for a kind of sample.
        chunk_entries: largest number of events wanted in a chunk.
        item_entries: largest number of events wanted in an item.
        identity: what decides the results besides the events.

    Raises:
        InputFileError: a file cannot be read, lacks a column, or holds another number of events than its manifest says.
    """
    for name, given in (("chunk_entries", chunk_entries), ("item_entries", item_entries)):
        if given < 1:
            raise InputFileError(f"{name} must be positive", given=str(given), next_step="leave it out")
    items: list[WorkItem] = []
    files: list[PlannedFile] = []
    planned: list[OpenedSample] = []
    for opened in samples:
        sample = opened
        columns = tuple(required_columns(sample.manifest.kind))
        cut: list[tuple[PlannedFile, list[tuple[int, ...]]]] = []
        for file in opened.manifest.files:
            try:
                cut.append(_cut_file(sample.folder / file.path, file, columns, chunk_entries, item_entries))
            except InputFileError as error:
                sample = sample.without(file.path, error)
        # only now is the weight of what is left known
        metadata = tuple(_metadata(sample).items())
        for one, edges in cut:
            path = (sample.folder / one.file.path).absolute()
            name, digest = one.file.path, one.file.sha256
            items += [WorkItem(sample.manifest.sample, path, name, digest, each, columns, metadata) for each in edges]
            files.append(one)
        planned.append(sample)
    return Plan(tuple(items), identity, tuple(planned), tuple(files))


def _cut_file(
    path: Path, file: SampleFile, columns: tuple[str, ...], chunk_entries: int, item_entries: int
) -> tuple[PlannedFile, list[tuple[int, ...]]]:
    with open_events(path) as opened:
        if opened.entries != file.entries:
            raise InputFileError(
                "file holds another number of events than its manifest says",
                where=str(path),
                allowed=str(file.entries),
                given=str(opened.entries),
                next_step="write the sample again",
            )
        chunks = opened.ranges(columns, chunk_entries)
        tree = getattr(opened, "tree_name", None)
    edges = [0, *(stop for _, stop in chunks)]
    whole = merged_ranges(edges, max(item_entries, chunk_entries))
    cut = [tuple(edge for edge in edges if start <= edge <= stop) for start, stop in whole]
    return PlannedFile(file, path.stat().st_size, tree), cut


def _metadata(sample: OpenedSample) -> dict[str, Any]:
    manifest: SampleManifest = sample.manifest
    metadata: dict[str, Any] = {"kind": manifest.kind}
    if manifest.kind == "signal":
        metadata |= {key: float(manifest.parameters[key]) for key in MASS_KEYS if key in manifest.parameters}
        if manifest.parameters.get(LIFETIME_KEY, 0.0) > 0.0:
            metadata[LIFETIME_KEY] = float(manifest.parameters[LIFETIME_KEY])
    if sample.weight_factor != 1.0 and manifest.weight_column is not None:
        metadata |= {"weight_column": manifest.weight_column, "weight_factor": sample.weight_factor}
    return metadata
