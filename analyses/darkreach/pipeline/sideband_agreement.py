"""Windows whose sidebands tell another background than was simulated: it is not flat, and limits are not right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

LARGEST_PULL: Final = 3.0
"""Standard deviations that sidebands may be off."""

_SIDEBAND_WIDTH: Final = 4.0
"""Sidebands are at least so many times as wide as their window: it sets the statistics of what they tell."""


def disagreeing_windows(patchset: Mapping[str, Any], ratio_uncertainty: float) -> list[str]:
    """Return region and mass of windows in which sidebands and simulated background disagree, each once, in order.

    By more than three standard deviations of both counts and of the uncertainty of their ratio. Only drawn
    pseudo-data have a simulated background to compare with.

    Args:
        patchset: of a search for displaced vertices.
        ratio_uncertainty: relative.

    Example:
        >>> values = {"values": ["ee", 0.1, 1.0], "background_events": {"ee": 600.0}}
        >>> patches = [{"metadata": values | {"simulated_background": {"ee": 80.0}}}]
        >>> disagreeing_windows({"patches": patches}, 0.1)
        ['ee at 0.1 GeV']
        >>> disagreeing_windows({"patches": [{"metadata": values | {"simulated_background": {"ee": 580.0}}}]}, 0.1)
        []
    """
    found: dict[str, None] = {}
    for patch in patchset["patches"]:
        metadata = patch["metadata"]
        for region, simulated in metadata.get("simulated_background", {}).items():
            told = metadata["background_events"][region]
            variance = max(simulated, 1.0) + max(told, 1.0) / _SIDEBAND_WIDTH + (ratio_uncertainty * told) ** 2
            if abs(told - simulated) > LARGEST_PULL * math.sqrt(variance):
                found[f"{region} at {metadata['values'][1]:.4g} GeV"] = None
    return list(found)
