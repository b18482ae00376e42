"""Data without a manifest: refuse events that come twice, in one file or in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import InputFileError
from darkreach.events.event_identity import EVENT_KEY, PRODUCTION, identity_keys
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES, open_events
from darkreach.running.samples import OpenedSample

CANDIDATE: Final = "__candidate__"
MAXIMUM_EVENTS: Final = 100_000_000
"""Events whose identities are compared, at 12 bytes each; of larger samples it is said that they are not compared."""

# odd constants of the splitmix64 generator: neighbouring identities get unrelated digests
_MULTIPLIERS: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93)


@dataclass(frozen=True)
class _IndexedFile:
    path: Path
    digests: NDArray[np.uint64]
    one_row_an_event: bool


def refuse_shared_events(sample: OpenedSample) -> OpenedSample:
    """Compare the events of all files of a data sample by experiment, run, event and production.

    Simulated samples and others with a manifest are not read twice: their files were written together, and each is
    known by its digest.

    Returns:
        The sample, with the reason if its events could not be compared: no index columns, or too many events.

    Raises:
        InputFileError: events are in two files, or twice in a file that holds one row an event.
    """
    if not sample.made_here:
        return sample
    if sample.manifest.entries > MAXIMUM_EVENTS:
        return replace(sample, not_compared=f"{sample.manifest.entries} events, more than {MAXIMUM_EVENTS:.0e}")
    found = {one.path: _indexed(sample.folder / one.path) for one in sample.manifest.files}
    files = [file for file in found.values() if file is not None]
    for file in files:
        repeated = len(file.digests) - len(np.unique(file.digests))
        if file.one_row_an_event and repeated:
            raise InputFileError(
                "events come twice in one file",
                where=str(file.path),
                given=f"{repeated} of {len(file.digests)} events",
                next_step="write the file again; was it merged from files that share events?",
            )
    _refuse_shared(files)
    without = [path for path, file in found.items() if file is None]
    if not without:
        return sample
    more = f" and {len(without) - 1} more" if len(without) > 1 else ""
    return replace(sample, not_compared=f"no columns {', '.join(EVENT_KEY)} in {without[0]}{more}")


def _indexed(path: Path) -> _IndexedFile | None:
    with open_events(path) as file:
        names = file.column_names()
        if not set(EVENT_KEY) <= set(names):
            return None
        columns = [*EVENT_KEY, *([PRODUCTION] if PRODUCTION in names else [])]
        parts = []
        for start, stop in file.ranges(columns, DEFAULT_CHUNK_ENTRIES):
            arrays = file.read(columns, start, stop)
            parts.append(_digests(identity_keys([arrays[name] for name in columns], where=str(path))))
    digests: NDArray[np.uint64] = np.concatenate(parts)
    return _IndexedFile(path, digests, CANDIDATE not in names)


def _digests(keys: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return one number an event; of 1e8 different events two agree by chance once in 4000 samples."""
    digests = np.zeros(len(keys), dtype=np.uint64)
    for column, multiplier in zip(keys.T, _MULTIPLIERS, strict=False):
        digests = (digests ^ column.astype(np.uint64)) * np.uint64(multiplier)
        digests ^= digests >> np.uint64(31)
    return digests


def _refuse_shared(files: Sequence[_IndexedFile]) -> None:
    for first, second, shared in _shared(files):
        raise InputFileError(
            "the same events are in two files: split over both, or written twice",
            where=f"{first} and {second}",
            given=f"{shared} events in both",
            next_step="leave one of the files out, or write them again with each event in one file",
        )


def _shared(files: Sequence[_IndexedFile]) -> Iterator[tuple[Path, Path, int]]:
    """Yield the pairs of files that share events, with their number."""
    if len(files) < 2:
        return
    unique = [np.unique(file.digests) for file in files]
    digests = np.concatenate(unique)
    owner = np.repeat(np.arange(len(files), dtype=np.int32), [len(one) for one in unique])
    order = np.argsort(digests, kind="stable")
    same = np.flatnonzero(digests[order][1:] == digests[order][:-1])
    pairs, counts = np.unique(np.stack([owner[order][same], owner[order][same + 1]]), axis=1, return_counts=True)
    for (first, second), count in zip(pairs.T, counts, strict=True):
        yield files[first].path, files[second].path, int(count)
