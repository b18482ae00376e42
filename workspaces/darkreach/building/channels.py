"""Channels: a region cut into consecutive pieces, and the two neighbours that serve one hypothesis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darkreach.building.rounding import FloatArray
from darkreach.errors import WorkspaceError


@dataclass(frozen=True)
class Channel:
    """Bins ``start`` to ``stop - 1`` of the usable range of a region."""

    region: str
    name: str
    start: int
    stop: int

    @property
    def bins(self) -> slice:
        """The bins, as an index into the arrays of the region."""
        return slice(self.start, self.stop)


def cut_channels(region: str, bins: int, bins_per_channel: int) -> tuple[Channel, ...]:
    """Cut the bins of a region into channels; a remainder shorter than a channel joins the last one.

    Example:
        >>> [(c.name, c.start, c.stop) for c in cut_channels("low", 29, 12)]
        [('low_00', 0, 12), ('low_01', 12, 29)]
    """
    count = max(1, bins // bins_per_channel)
    stops = [bins_per_channel * (index + 1) for index in range(count - 1)] + [bins]
    starts = [0, *stops[:-1]]
    return tuple(
        Channel(region, f"{region}_{index:02d}", start, stop)
        for index, (start, stop) in enumerate(zip(starts, stops, strict=True))
    )


def choose_window(channels: tuple[Channel, ...], edges: FloatArray, squared_mass: float) -> tuple[Channel, ...]:
    """Choose the two neighbouring channels in whose middle a squared mass lies best.

    The middle is counted in bins, which follow the resolution: the choice maximises the number of bins between the
    squared mass and the nearer end of the two channels. That is at least half a channel, except where the region
    itself ends nearer.

    Args:
        channels: all channels of the region.
        edges: bin edges of the region, GeV^2.
        squared_mass: GeV^2.

    Raises:
        WorkspaceError: the squared mass is outside the region.

    Example:
        >>> cut = cut_channels("low", 48, 12)
        >>> [c.name for c in choose_window(cut, np.arange(49.0), 20.0)]
        ['low_01', 'low_02']
    """
    if not edges[0] < squared_mass < edges[-1]:
        raise WorkspaceError(
            f"a squared mass of {squared_mass:.6g} GeV^2 is outside the usable range of its region",
            where=f"region {channels[0].region}",
            allowed=f"{edges[0]:.6g} to {edges[-1]:.6g} GeV^2",
            given=f"{squared_mass:.6g}",
            next_step="choose another mass, or simulate more background at this end of the region",
        )
    position = float(np.interp(squared_mass, edges, np.arange(len(edges))))
    if len(channels) == 1:
        return channels
    pairs = list(zip(channels[:-1], channels[1:], strict=True))
    return max(pairs, key=lambda pair: min(position - pair[0].start, pair[1].stop - position))
