"""Samples of the likelihood of a plane search: signal and simulated backgrounds, in one bin or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from darkreach.building.background_rates import rate_modifiers
from darkreach.building.modifiers import Modifier, histosys, staterror
from darkreach.building.plane_background import LARGEST_CHANGE
from darkreach.building.rounding import FloatArray, significant
from darkreach.building.signal_samples import signal_factors
from darkreach.configuration import LikelihoodSettings

_FACTOR_DIGITS = 5
"""Decimals of factors near one."""


def plane_signal_sample(events: FloatArray, parameters: Sequence[str], settings: LikelihoodSettings) -> dict[str, Any]:
    """Return the sample ``signal`` of one channel.

    Args:
        events: nominal, then up and down of each parameter, shape (1 + 2 parameters, bins).
        parameters: of the variations.
        settings: of the workspace.
    """
    factors = np.divide(events[1:], events[0], out=np.ones_like(events[1:]), where=events[0] > 0.0)
    varied = plane_variations(events[0], factors, parameters, settings.patch_digits)
    return {
        "name": "signal",
        "data": significant(events[0], settings.patch_digits),
        "modifiers": [*signal_factors(settings), *varied],
    }


def plane_group_sample(
    group: str,
    channel: str,
    values: FloatArray,
    variances: FloatArray,
    factors: FloatArray,
    parameters: Sequence[str],
    settings: LikelihoodSettings,
) -> dict[str, Any]:
    """Return the sample of a group of simulated backgrounds in one channel.

    Args:
        group: its name.
        channel: its name.
        values: events, shape (bins,).
        variances: their squared uncertainties.
        factors: up and down of each parameter over nominal, shape (2 parameters, bins).
        parameters: of the variations.
        settings: of the workspace.
    """
    digits = settings.patch_digits
    modifiers = [
        *rate_modifiers(group, settings, None),
        *plane_variations(values, factors, parameters, digits),
        staterror(channel, significant(np.sqrt(variances), digits)),
    ]
    return {"name": group, "data": significant(values, digits), "modifiers": modifiers}


def plane_variations(
    nominal: FloatArray, factors: FloatArray, parameters: Sequence[str], digits: int
) -> list[Modifier]:
    """Return variations of a sample: a factor in a single bin, a variation of the bins if there are several.

    Args:
        nominal: events, shape (bins,).
        factors: up and down of each parameter over nominal, shape (2 parameters, bins).
        parameters: of the variations.
        digits: significant digits written.

    Example:
        >>> plane_variations(np.array([4.0]), np.array([[1.5], [0.0]]), ["scale"], 5)
        [{'name': 'scale', 'type': 'normsys', 'data': {'hi': 1.5, 'lo': 0.1}}]
    """
    modifiers = []
    for number, parameter in enumerate(parameters):
        high, low = factors[2 * number], factors[2 * number + 1]
        if len(nominal) > 1:
            modifiers.append(histosys(parameter, nominal, nominal * high, nominal * low, digits))
        else:
            data = {"hi": _factor(high[0]), "lo": _factor(low[0])}
            modifiers.append({"name": parameter, "type": "normsys", "data": data})
    return modifiers


def _factor(value: float) -> float:
    # the interpolation takes logarithms
    return round(min(max(float(value), 1.0 / LARGEST_CHANGE), LARGEST_CHANGE), _FACTOR_DIGITS)
