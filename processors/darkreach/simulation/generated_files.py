"""Files of generated events: written chunk by chunk, reused if they are of the same request, read chunk by chunk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from darkreach.errors import EventContentError, InputFileError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import ParticleSource
from darkreach.generators.random_streams import random_stream
from darkreach.provenance import atomic_path
from darkreach.simulation.list_files import ParquetLists
from darkreach.simulation.particle_lists import PARTICLES, particle_lists, particles_from_columns
from darkreach.simulation.sample_pieces import SamplePiece
from darkreach.simulation.weight_sums import WeightSums, added_sums, weight_sums

GENERATED_FOLDER: Final = "generated"
_NOTE: Final = "darkreach"
_PREFIX: Final = f"{PARTICLES}_"


def generated_path(folder: Path, index: int) -> Path:
    """Return the path of a file of generated events of the sample in a folder."""
    return folder / GENERATED_FOLDER / f"particles_{index:04d}.parquet"


def write_generated(
    path: Path, source: ParticleSource, stream: tuple[int, str], piece: SamplePiece, events: int, digest: str
) -> WeightSums:
    """Generate the chunks of a file; trials without weight are counted, not written.

    Args:
        path: of the new file.
        source: draws trials.
        stream: seed and name of the random numbers.
        piece: which trials.
        events: trials of the whole sample: the weights written are shares of its cross-section.
        digest: identity of the sample, noted in the file.

    Raises:
        EventContentError: a weight is not finite, or the source has not made as many trials as it was asked for.
    """
    sums = []
    with atomic_path(path) as temporary, ParquetLists(temporary) as file:
        for chunk, start, trials in piece.chunks():
            particles = source(trials, random_stream(*stream, chunk))
            _check(particles, trials, f"{stream[1]}, trials {start} to {start + trials}")
            rows, part = written_share(particles, np.arange(start, start + trials), events)
            file.append(rows)
            sums.append(part)
        total = added_sums(sums)
        file.note({_NOTE: json.dumps({"digest": digest, "index": piece.index, "sums": total.as_dict()})})
    return total


def written_share(particles: GeneratedParticles, trial: Any, events: int) -> tuple[Any, WeightSums]:
    """Return the rows of a chunk with weight, as shares of the cross-section of so many trials, and their sums."""
    share = particles.weight_fb / events
    kept = np.flatnonzero(share)
    chosen = replace(particles, weight_fb=share)
    if len(kept) < len(particles):
        chosen = chosen.select(kept)
    return particle_lists(chosen, trial[kept]), weight_sums(chosen.weight_fb, len(particles))


def reusable_sums(path: Path, index: int, digest: str) -> WeightSums | None:
    """Return the sums noted in a complete file of the same sample; None if it is to be made."""
    try:
        metadata = pq.read_metadata(path).metadata or {}
        note = json.loads(metadata[_NOTE.encode()])
        if (note["digest"], note["index"]) != (digest, index):
            return None
        return WeightSums(**note["sums"])
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        # not there, not complete, or of another kind
        return None


def read_generated(path: Path) -> Iterator[tuple[Any, GeneratedParticles]]:
    """Yield (trial numbers, events) of every chunk of a file with events in it; weights are shares, fb.

    Raises:
        InputFileError: the file is missing or damaged.
    """
    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.metadata.num_row_groups):
                table = file.read_row_group(group, use_threads=False)
                if table.num_rows:
                    yield _events(table)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise InputFileError(
            "generated events cannot be read",
            where=str(path),
            given=str(error).split("\n", 1)[0],
            next_step="generate them again: remove the file, or simulate with --force",
        ) from error


def _events(table: pa.Table) -> tuple[Any, GeneratedParticles]:
    columns: dict[str, Any] = {}
    offsets: Any = np.zeros(1, dtype=np.int64)
    for name in table.column_names:
        if name.startswith(_PREFIX):
            lists = table.column(name).combine_chunks()
            lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
            offsets = lists.offsets.to_numpy().astype(np.int64)
            columns[name.removeprefix(_PREFIX)] = lists.values.to_numpy(zero_copy_only=False)
    weight = table.column("generatorWeight").to_numpy()
    return table.column("__event__").to_numpy().astype(np.int64), particles_from_columns(offsets, weight, columns)


def _check(particles: GeneratedParticles, trials: int, where: str) -> None:
    if len(particles) != trials:
        raise EventContentError(
            "the generator has made another number of events than asked for",
            where=where,
            allowed=str(trials),
            given=str(len(particles)),
            next_step="trials that lead to no event must be there with weight zero",
        )
    wrong = int(np.count_nonzero(~np.isfinite(particles.weight_fb)))
    wrong += int(np.count_nonzero(~np.isfinite(particles.momentum).all(axis=1)))
    if wrong:
        raise EventContentError("generated weights or momenta are not finite", where=where, given=f"{wrong} of them")
