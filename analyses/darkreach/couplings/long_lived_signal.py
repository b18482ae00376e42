"""A particle of one mass whose coupling sets how often it is made and how long it lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.efficiency_grid import EfficiencyGrid

Array = NDArray[np.float64]
OfCoupling = Callable[[Array], Array]


@dataclass(frozen=True)
class LongLivedSignal:
    """Decays and lifetime of a particle of one mass as functions of its coupling.

    Attributes:
        mass_gev: GeV.
        decays: by channel, the number of decays wherever they happen, (n,) of couplings (n,).
        ctau_cm: mean proper decay length, cm, (n,) of couplings (n,).
    """

    mass_gev: float
    decays: Mapping[str, OfCoupling]
    ctau_cm: OfCoupling

    def expected_events(self, grids: Mapping[str, EfficiencyGrid]) -> OfCoupling:
        """Return the number of selected decays of all channels, (n,) of couplings (n,).

        Channels without efficiency at this mass give nothing.

        Example:
            >>> one = np.ones((1, 2))
            >>> grid = EfficiencyGrid("mumu", np.array([1.0]), np.array([1.0, 100.0]), 0.5 * one, 0 * one, one)
            >>> signal = power_law_signal(1.0, {"mumu": 1e8}, 1e-6)
            >>> signal.expected_events({"mumu": grid})(np.array([1e-4, 1e-3, 1e-2])).round(9).tolist()
            [0.5, 50.0, 0.0]
        """
        used = {name: grid for name, grid in grids.items() if name in self.decays and grid.covers(self.mass_gev)}

        def events(coupling: Array) -> Array:
            total, ctau = np.zeros(len(coupling)), self.ctau_cm(coupling)
            for name, grid in used.items():
                total += self.decays[name](coupling) * grid.at(self.mass_gev, ctau)
            return total

        return events


def power_law_signal(
    mass_gev: float, decays: Mapping[str, float], ctau_cm: float, *, power: float = 2.0
) -> LongLivedSignal:
    """Return a signal whose rate goes as g^power and whose lifetime as 1/g^2.

    Args:
        mass_gev: GeV.
        decays: by channel, their number at g = 1.
        ctau_cm: at g = 1, cm.
        power: 2 if one vertex makes the particle.

    Example:
        >>> power_law_signal(1.0, {"mumu": 10.0}, 1e-6).decays["mumu"](np.array([2.0])).tolist()
        [40.0]
    """

    def scaled(number: float) -> OfCoupling:
        return lambda coupling: np.asarray(number * coupling**power)

    return LongLivedSignal(
        mass_gev, {name: scaled(number) for name, number in decays.items()}, lambda coupling: ctau_cm / coupling**2
    )
