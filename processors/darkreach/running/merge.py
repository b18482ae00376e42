"""Merging results in a fixed tree over the plan: the same bits in any order of arrival, few sums alive at a time."""

from __future__ import annotations

from typing import Any

from coffea.processor.accumulator import iadd

from darkreach.errors import LedgerError


class TreeMerge:
    """Adds the outputs at positions 2i and 2i + 1, then these sums in pairs, and so on.

    Who is added to whom depends on positions alone, so sums of floats do not depend on who finished first. With results
    in order at most log2(n) + 1 sums are alive; each one out of order adds at most one more.

    Attributes:
        output: the sum of all, once every position has come; None before.

    Example:
        >>> merge = TreeMerge(3)
        >>> for position in (2, 0, 1):
        ...     merge.add(position, {"events": 10**position})
        >>> merge.output
        {'events': 111}
    """

    def __init__(self, positions: int) -> None:
        self.output: dict[str, Any] | None = None
        self._positions = positions
        self._sums: dict[tuple[int, int], dict[str, Any]] = {}
        self._seen: set[int] = set()

    @property
    def alive(self) -> int:
        """Number of sums held."""
        return len(self._sums) + (self.output is not None)

    def add(self, position: int, output: dict[str, Any]) -> None:
        """Take one output, which belongs to this object from now on.

        Raises:
            LedgerError: the position came before.
        """
        if position in self._seen:
            raise LedgerError(
                "a work item came back twice",
                given=str(position),
                next_step="this is a fault of the scheduler: run again",
            )
        self._seen.add(position)
        level, width = 0, self._positions
        while width > 1:
            sibling = position ^ 1
            # the last of an odd number has no sibling and moves up alone
            if sibling < width:
                if (level, sibling) not in self._sums:
                    self._sums[level, position] = output
                    return
                other = self._sums.pop((level, sibling))
                output = iadd(output, other) if position < sibling else iadd(other, output)
            level, position, width = level + 1, position // 2, (width + 1) // 2
        self.output = output
