"""Sums of weights of one region for all variations at once; put into a hist histogram when a chunk is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hist
import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.errors import unknown_name
from darkreach.histograms.bin_finder import bin_finder
from darkreach.histograms.variation_fill import fill_columns

Floats = NDArray[np.float64]


class VariationSums:
    """An axis and a list of variations; filled by compiled code, in the bins hist would fill.

    Attributes:
        variations: their names, in the order of the sums.
        sums: (bins with flow, variations, 2), sums of weights and of their squares.

    Example:
        >>> sums = VariationSums(hist.axis.Regular(2, 0.0, 2.0), ("nominal", "up"))
        >>> sums.fill(np.array([[0.5], [1.5]]), {"nominal": np.ones(2), "up": np.full(2, 3.0)})
        >>> sums.sums[1:3, :, 0].tolist()
        [[1.0, 3.0], [1.0, 3.0]]
    """

    def __init__(self, axis: hist.axis.Regular | hist.axis.Variable, variations: Sequence[str]) -> None:
        """Start from zero; raises DarkreachError for an axis without a compiled fill."""
        self.variations = tuple(variations)
        self._finder = bin_finder(axis)
        self.sums = np.zeros((self._finder.size, len(self.variations), 2))

    def fill(self, values: Floats, weights: dict[str, Floats], accepted: NDArray[np.bool_] | None = None) -> None:
        """Add entries (n, c), one weight (n,) an event and variation; ``accepted`` (n,) leaves events out.

        Raises:
            UnknownNameError: a variation that these sums do not have.
        """
        for name in weights:
            if name not in self.variations:
                raise unknown_name("variation", name, self.variations)
        columns = np.array([self.variations.index(name) for name in weights], dtype=np.int64)
        chosen = np.ones(len(values), dtype=np.bool_) if accepted is None else accepted
        matrix = np.column_stack(list(weights.values()))
        fill_columns(self.sums, self._finder, np.ascontiguousarray(values), chosen, matrix, columns)

    def add_to(self, histogram: Hist[Any], *position: int) -> None:
        """Add the sums to a Weight histogram whose last axes are (variation, this axis), at a place of those before."""
        view: Any = histogram.view(flow=True)
        view.value[position] += self.sums[:, :, 0].T
        view.variance[position] += self.sums[:, :, 1].T
