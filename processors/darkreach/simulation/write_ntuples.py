"""Writing simulated events as ntuple files of bounded size, in one or more formats at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final

from darkreach.errors import ConfigError
from darkreach.events.columns import Column
from darkreach.events.manifest import SampleFile
from darkreach.provenance import atomic_path, digest_file
from darkreach.simulation.ntuple_block import NtupleBlock, concatenate_blocks
from darkreach.simulation.parquet_ntuple import ParquetNtuple
from darkreach.simulation.root_ntuple import RootNtuple

ROW_GROUP_EVENTS: Final = 100_000
"""Events of a Parquet row group and of a ROOT basket."""

EVENT_NUMBER: Final = "__event__"

_KNOWN_FORMATS: Final = frozenset({"parquet", "root"})


class _NotFinishedError(Exception):
    """Makes the atomic files of an unfinished ntuple go away."""


class NtupleFiles:
    """The ntuple files ``events_0000.<format>``, ... of one sample.

    Each file appears under its name only when it is complete. Events without any cluster never come here: the
    ``generated_events`` of the manifest counts them.

    Args:
        folder: where the files go.
        columns: the columns, in order.
        formats: ``parquet`` and ``root``, each at most once.
        file_entries: largest number of events in a file.

    Raises:
        ConfigError: no format, or one twice.
    """

    def __init__(self, folder: Path, columns: Sequence[Column], formats: Sequence[str], file_entries: int) -> None:
        if not formats or len(set(formats)) != len(formats) or not set(formats) <= _KNOWN_FORMATS:
            raise ConfigError(
                "the ntuple formats are wrong",
                where="simulation.formats",
                allowed="parquet, root, or both, each once",
                given=", ".join(formats) or "none",
                next_step="correct this list",
            )
        self._folder, self._columns, self._formats = folder, columns, tuple(formats)
        self._file_entries = file_entries
        self._waiting: list[NtupleBlock] = []
        self._open: ExitStack | None = None
        self._writers: list[ParquetNtuple | RootNtuple] = []
        self._entries: list[int] = []
        self._first_events: list[int] = []

    def append(self, block: NtupleBlock) -> None:
        """Add events; they are written as soon as they fill a row group."""
        self._waiting.append(block)
        if sum(len(waiting) for waiting in self._waiting) >= ROW_GROUP_EVENTS:
            self._write(keep_rest=True)

    def finish(self) -> None:
        """Write what waits and close the last file; a sample without events gets one empty file."""
        if self._waiting:
            self._write(keep_rest=False)
        if not self._entries:
            self._next_file()
        self._close()

    def restart(self) -> None:
        """Forget everything appended so far; files already complete are written over or left without a manifest."""
        self._discard()
        self._waiting, self._entries, self._first_events = [], [], []

    def files(self, name: str, generated_events: int | None = None) -> tuple[SampleFile, ...]:
        """Return the finished files of one format with their digests.

        Args:
            name: of the format.
            generated_events: of the sample, whose event numbers then count generated events from 0 on. Each file
                stands for those from its first event to that of the next file, so that it may be left out.
        """
        paths = [self._path(index, name) for index in range(len(self._entries))]
        carried: list[int | None] = [None] * len(paths)
        if generated_events is not None:
            edges = [0, *self._first_events[1:], generated_events]
            carried = [after - before for before, after in pairwise(edges)]
        return tuple(
            SampleFile(path.name, entries, digest_file(path), generated_events=share)
            for path, entries, share in zip(paths, self._entries, carried, strict=True)
        )

    def __enter__(self) -> NtupleFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()

    def _discard(self) -> None:
        """Remove the partial file, if one is open."""
        if self._open is not None:
            stack, self._open = self._open, None
            with suppress(_NotFinishedError), stack:
                raise _NotFinishedError

    def _path(self, index: int, name: str) -> Path:
        return self._folder / f"events_{index:04d}.{name}"

    def _write(self, *, keep_rest: bool) -> None:
        block = concatenate_blocks(self._waiting)
        start = 0
        while start < len(block):
            if self._open is None or self._entries[-1] == self._file_entries:
                self._next_file()
                self._first_events.append(int(block.event[EVENT_NUMBER][start]))
            size = min(ROW_GROUP_EVENTS, self._file_entries - self._entries[-1])
            if keep_rest and len(block) - start < size:
                break
            group = block.rows(start, min(start + size, len(block)))
            for writer in self._writers:
                writer.append(group)
            self._entries[-1] += len(group)
            start += len(group)
        self._waiting = [block.rows(start, len(block))] if start < len(block) else []

    def _next_file(self) -> None:
        self._close()
        index = len(self._entries)
        with ExitStack() as stack:
            paths = [stack.enter_context(atomic_path(self._path(index, name))) for name in self._formats]
            self._writers = []
            for name, path in zip(self._formats, paths, strict=True):
                writer: ParquetNtuple | RootNtuple
                writer = ParquetNtuple(path, self._columns) if name == "parquet" else RootNtuple(path, self._columns)
                stack.push(writer.__exit__)
                self._writers.append(writer)
            self._open = stack.pop_all()
        self._entries.append(0)

    def _close(self) -> None:
        if self._open is not None:
            stack, self._open = self._open, None
            stack.close()
