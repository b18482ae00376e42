"""How a sample is cut: chunks with random numbers of their own, and files of whole chunks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

CHUNK_TRIALS: Final = 25_000
"""Generated events a chunk: few enough for their particles in memory, and for several workers."""

_MOST_FILES: Final = 64


@dataclass(frozen=True)
class SamplePiece:
    """One file of a sample.

    Attributes:
        index: its number.
        start: first trial.
        stop: first trial of the next file.
    """

    index: int
    start: int
    stop: int

    @property
    def trials(self) -> int:
        """Number of events generated."""
        return self.stop - self.start

    def chunks(self) -> list[tuple[int, int, int]]:
        """Return number, first trial and number of trials of every chunk."""
        starts = range(self.start, self.stop, CHUNK_TRIALS)
        return [(start // CHUNK_TRIALS, start, min(CHUNK_TRIALS, self.stop - start)) for start in starts]


def sample_pieces(events: int) -> list[SamplePiece]:
    """Return the files of a sample; they depend on nothing but the number of events.

    Example:
        >>> [(piece.start, piece.stop) for piece in sample_pieces(60_000)]
        [(0, 25000), (25000, 50000), (50000, 60000)]
        >>> len(sample_pieces(50_000_000)), sample_pieces(50_000_000)[0].trials
        (63, 800000)
    """
    chunks = math.ceil(events / CHUNK_TRIALS)
    size = CHUNK_TRIALS * max(1, math.ceil(chunks / _MOST_FILES))
    starts = range(0, events, size)
    return [SamplePiece(index, start, min(start + size, events)) for index, start in enumerate(starts)]
