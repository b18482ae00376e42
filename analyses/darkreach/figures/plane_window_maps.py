"""What the windows of all hypotheses hold, read from the metadata of their patches: efficiency, background, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from darkreach.errors import LimitError
from darkreach.figures.plane_frame import Floats

_QUANTITIES: Final = ("efficiency", "branching", "background_events", "observed")


@dataclass(frozen=True, eq=False)
class PlaneWindows:
    """Numbers of the windows, by hypothesis and region; NaN where a region does not take part.

    Attributes:
        regions: (r,) names, in order of the configuration.
        efficiency: (n, r), of signal events that decay as the region wants.
        branching: (n, r), probability of such decays.
        background: (n, r), expected events.
        observed: (n, r), events.
    """

    regions: tuple[str, ...]
    efficiency: Floats
    branching: Floats
    background: Floats
    observed: Floats

    @property
    def signal_fraction(self) -> Floats:
        """Fraction (n,) of all signal events that is in any region; NaN for hypotheses without one."""
        return _summed(self.efficiency * self.branching)

    @property
    def total_background(self) -> Floats:
        """Expected background events (n,), regions together."""
        return _summed(self.background)

    @property
    def total_observed(self) -> Floats:
        """Events (n,), regions together."""
        return _summed(self.observed)

    @property
    def regions_used(self) -> Floats:
        """Number (n,) of regions that take part."""
        return np.asarray(np.isfinite(self.efficiency).sum(axis=1), dtype=np.float64)


def plane_windows(
    meanings: Mapping[str, Mapping[str, Any]], names: Sequence[str], regions: Sequence[str]
) -> PlaneWindows:
    """Read the metadata of the patches.

    Args:
        meanings: by name of the hypothesis.
        names: hypotheses, in the order of the result.
        regions: of the configuration.

    Raises:
        LimitError: a hypothesis has no metadata, or these lack a quantity.
    """
    tables = {quantity: np.full((len(names), len(regions)), np.nan) for quantity in _QUANTITIES}
    for row, name in enumerate(names):
        meaning = meanings.get(name, {})
        for quantity, table in tables.items():
            found = meaning.get(quantity)
            if not isinstance(found, Mapping):
                raise LimitError(
                    f"the metadata of a hypothesis lack '{quantity}' by region", where=name,
                    given=", ".join(meaning) or "none", next_step="build the workspace again and compute the limits",
                )  # fmt: skip
            for column, region in enumerate(regions):
                if region in found:
                    table[row, column] = float(np.sum(found[region]))
    return PlaneWindows(tuple(regions), *(tables[quantity] for quantity in _QUANTITIES))


def _summed(values: Floats) -> Floats:
    return np.where(np.isfinite(values).any(axis=1), np.nansum(values, axis=1), np.nan)
