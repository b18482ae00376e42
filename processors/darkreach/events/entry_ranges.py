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


def basket_edges(columns: Sequence[Sequence[int]], chunk_entries: int) -> list[int]:
    """Return rising entry numbers at which a tree is best cut, from those at which the baskets of its branches begin.

    Where all branches begin a basket, nothing is read twice. Baskets of a fixed size in bytes may never begin together:
    stretches longer than ``chunk_entries`` are also cut where the branch with the fewest baskets begins one, so that a
    range costs at most one basket a branch more.

    Args:
        columns: for each branch the entries at which its baskets begin, and the end; branches without baskets are
            left aside.
        chunk_entries: largest number of entries wanted in a range.

    Example:
        >>> basket_edges([[0, 40, 60, 100, 200], [0, 30, 100, 200]], 200)
        [0, 100, 200]
        >>> basket_edges([[0, 40, 60, 100, 200], [0, 30, 100, 200]], 50)
        [0, 30, 100, 200]
    """
    branches = [set(column) for column in columns if len(column) > 1]
    if not branches:
        return [0]
    common = sorted(set.intersection(*branches))
    edges = set(common)
    for start, stop in zip(common[:-1], common[1:], strict=True):
        if stop - start > chunk_entries:
            inside = ({edge for edge in branch if start < edge < stop} for branch in branches)
            edges |= min(inside, key=len)
    return sorted(edges)
