"""Which data a report is about: their kind and luminosity, as limits and histograms tell them."""

from __future__ import annotations

from typing import Final

from darkreach.errors import LimitError
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.limits_file import LimitsDocument

_DATA_KINDS: Final = {"data": "data", "pseudo_data": "pseudo-data"}


def luminosity_of(limits: LimitsDocument, histograms: SearchHistograms) -> float:
    """Return the integrated luminosity of limits, fb^-1.

    Raises:
        LimitError: the limits do not tell their luminosity, or the (pseudo-)data have another one.
    """
    luminosity = limits.luminosity_inverse_fb
    recorded = [m.luminosity_inverse_fb for m in histograms.samples.values() if m.kind in _DATA_KINDS]
    if luminosity is None or any(value not in (None, luminosity) for value in recorded):
        raise LimitError(
            "a report needs limits and (pseudo-)data of one luminosity",
            where="limits.json: luminosity_inverse_fb",
            allowed=", ".join(f"{value} fb^-1" for value in recorded) or None,
            given=str(luminosity),
            next_step="build the workspace and compute the limits again from these histograms",
        )
    return luminosity


def data_kind_of(limits: LimitsDocument, histograms: SearchHistograms) -> str:
    """Return ``pseudo-data`` if the data are simulated, else ``data``; ``no data`` without any."""
    kinds = {_DATA_KINDS[m.kind] for m in histograms.samples.values() if m.kind in _DATA_KINDS}
    # drawn from templates they are in the workspace only
    told = {str(meaning.get("data_kind", "")) for meaning in limits.meanings.values()}
    kinds = kinds or {"pseudo-data" for kind in told if kind.startswith("pseudo-data")}
    return " and ".join(sorted(kinds)) if kinds else "no data"
