"""Start and bounds of the signal strength, the parameter of interest."""

from __future__ import annotations

import math
from typing import Any

from darkreach.building.modifiers import PARAMETER_OF_INTEREST


def signal_strength(information: float, events: float, smallest_bound: float) -> dict[str, Any]:
    """Return start and bounds of mu; ten or the power of ten above twenty times its expected uncertainty.

    The uncertainty is at least what one event of signal is worth: without background it would vanish.

    Args:
        information: sum of s^2 / (b + variance of b) over bins, of the signal s at mu = 1 and the background b.
        events: expected signal at mu = 1.
        smallest_bound: the upper bound is not below it.

    Example:
        >>> signal_strength(4.0, 0.1, 0.0)
        {'name': 'mu', 'inits': [1.0], 'bounds': [[0.0, 1000.0]]}
    """
    uncertainty = max(1.0 / math.sqrt(information), 1.0 / events)
    bound = 10.0 ** max(1, math.ceil(math.log10(max(20.0 * uncertainty, smallest_bound))))
    return {"name": PARAMETER_OF_INTEREST, "inits": [1.0], "bounds": [[0.0, bound]]}
