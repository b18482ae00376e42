"""Cutting a file into ranges of entries that never split a row group or a cluster of baskets."""

from __future__ import annotations

from collections.abc import Sequence


def merged_ranges(edges: Sequence[int], chunk_entries: int) -> list[tuple[int, int]]:
    """Join neighbouring blocks while the sum stays within ``chunk_entries``; a larger block stays whole.

    Args:
        edges: rising entry numbers (n + 1,) of the n blocks a file can be read in.
        chunk_entries: largest number of entries wanted in a range.

    Returns:
        (start, stop) ranges that cover the file exactly once; none for an empty file.

    Example:
        >>> merged_ranges([0, 100, 200, 300, 1000], 250)
        [(0, 200), (200, 300), (300, 1000)]
    """
    ranges: list[tuple[int, int]] = []
    start = edges[0]
    for previous, edge in zip(edges[:-1], edges[1:], strict=True):
        if edge - start > chunk_entries and previous > start:
            ranges.append((start, previous))
            start = previous
    if edges[-1] > start:
        ranges.append((start, edges[-1]))
    return ranges
