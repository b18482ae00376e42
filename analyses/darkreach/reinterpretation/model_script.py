"""A model given as a Python file of the user's."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import InputFileError

Array = NDArray[np.float64]

NAMES: Final = ("COUPLING", "COUPLING_RANGE", "MASS_RANGE_GEV", "CHANNELS", "rate", "ctau_cm")
"""What the file must define; ``UNIT`` is free."""


@dataclass(frozen=True)
class ModelScript:
    """Rates and lifetimes from two functions of single numbers.

    Attributes:
        coupling: name.
        unit: of the coupling.
        channels: names.
        couplings: smallest and largest.
        masses_gev: smallest and largest, GeV.
        rate_of: (channel, mass in GeV, coupling) -> rate.
        ctau_of: (mass in GeV, coupling) -> cm.
    """

    coupling: str
    unit: str
    channels: tuple[str, ...]
    couplings: tuple[float, float]
    masses_gev: tuple[float, float]
    rate_of: Callable[[str, float, float], float]
    ctau_of: Callable[[float, float], float]

    def coupling_range(self, mass_gev: float) -> tuple[float, float] | None:
        """Return the range of the file; None outside of its masses."""
        return self.couplings if self.masses_gev[0] <= mass_gev <= self.masses_gev[1] else None

    def rate(self, channel: str, mass_gev: float, coupling: Array) -> Array:
        """Return the rate (n,) of couplings (n,)."""
        return np.array([self.rate_of(channel, mass_gev, float(value)) for value in coupling], dtype=np.float64)

    def ctau_cm(self, mass_gev: float, coupling: Array) -> Array:
        """Return the mean proper decay length (n,) of couplings (n,), cm."""
        return np.array([self.ctau_of(mass_gev, float(value)) for value in coupling], dtype=np.float64)


def read_model_script(path: Path) -> ModelScript:
    """Run a Python file of the user's and return its model.

    The file is run as it is, with all that it does; it defines COUPLING (a name), COUPLING_RANGE and MASS_RANGE_GEV
    (two numbers each), CHANNELS (names), rate(channel, mass_gev, coupling) and ctau_cm(mass_gev, coupling).

    Raises:
        InputFileError: the file is missing, stops with an error, or does not define all of these.
    """
    try:
        found: dict[str, Any] = runpy.run_path(str(path))
    except Exception as error:  # whatever the user's file raises is theirs to see
        raise InputFileError(
            "the file of the model cannot be run", where=str(path), given=f"{type(error).__name__}: {error}"
        ) from error
    missing = [name for name in NAMES if name not in found]
    if missing:
        raise InputFileError(
            "the file of the model lacks names", where=str(path), allowed=", ".join(NAMES), given=f"no {missing}"
        )
    ranges = {name: _range(path, name, found[name]) for name in ("COUPLING_RANGE", "MASS_RANGE_GEV")}
    return ModelScript(
        coupling=str(found["COUPLING"]),
        unit=str(found.get("UNIT", "")),
        channels=tuple(str(name) for name in found["CHANNELS"]),
        couplings=ranges["COUPLING_RANGE"],
        masses_gev=ranges["MASS_RANGE_GEV"],
        rate_of=found["rate"],
        ctau_of=found["ctau_cm"],
    )


def _range(path: Path, name: str, given: Any) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in given)
    except (TypeError, ValueError) as error:
        raise InputFileError("a range is two numbers", where=f"{path}, {name}", given=str(given)) from error
    if not 0.0 < low < high < np.inf:
        raise InputFileError("a range rises from above zero", where=f"{path}, {name}", given=str(given))
    return low, high
