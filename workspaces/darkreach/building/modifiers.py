"""HistFactory modifiers and the names of the parameters that samples share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from darkreach.building.rounding import FloatArray, significant_variation

PARAMETER_OF_INTEREST: Final = "mu"
LUMINOSITY: Final = "luminosity"
SIGNAL_EFFICIENCY: Final = "signal_efficiency"
SPURIOUS_SIGNAL: Final = "spurious_signal"

Modifier = dict[str, Any]


def normfactor(name: str) -> Modifier:
    """Return a free factor."""
    return {"name": name, "type": "normfactor", "data": None}


def normsys(name: str, relative: float) -> Modifier:
    """Return a constrained factor of a relative uncertainty.

    ``normsys`` rather than ``lumi`` serves the luminosity too: it needs no constraint in the measurement (which would
    dangle where the background floats), it cannot become negative, and the difference is of second order.
    """
    return {"name": name, "type": "normsys", "data": {"hi": 1.0 + relative, "lo": 1.0 - relative}}


def lognormal(name: str, relative: float) -> Modifier:
    """Return a constrained factor that is as likely 1 + ``relative`` as its inverse: positive, however uncertain.

    Example:
        >>> lognormal("rate_cosmics", 1.0)["data"]
        {'hi': 2.0, 'lo': 0.5}
    """
    return {"name": name, "type": "normsys", "data": {"hi": 1.0 + relative, "lo": 1.0 / (1.0 + relative)}}


def histosys(name: str, nominal: FloatArray, high: FloatArray, low: FloatArray, digits: int) -> Modifier:
    """Return a constrained variation of the bins of a sample, rate and shape together."""
    return {
        "name": name,
        "type": "histosys",
        "data": {
            "hi_data": significant_variation(high, nominal, digits),
            "lo_data": significant_variation(low, nominal, digits),
        },
    }


def staterror(channel: str, uncertainties: Sequence[float]) -> Modifier:
    """Return the uncertainty of the size of the simulated samples, one parameter a bin of the channel."""
    return {"name": f"staterror_{channel}", "type": "staterror", "data": list(uncertainties)}


def shared_histosys(
    nuisances: Mapping[str, str], values: Callable[[str], FloatArray], nominal: FloatArray, digits: int
) -> list[Modifier]:
    """Return the variations that signal and background share.

    An efficiency is a ``histosys`` alone, without a ``normsys`` of the same name: its change of rate differs
    from bin to bin, so that splitting it into a rate and a shape would only make the answer depend on the channels.

    Args:
        nuisances: name of a variation, without ``_up`` and ``_down``, by parameter.
        values: bins of a variation of the histograms, e.g. ``energy_scale_up``.
        nominal: bins of the nominal.
        digits: significant digits written.
    """
    return [
        histosys(parameter, nominal, values(f"{stem}_up"), values(f"{stem}_down"), digits)
        for parameter, stem in nuisances.items()
    ]
