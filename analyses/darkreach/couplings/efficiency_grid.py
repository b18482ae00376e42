"""The efficiency of a search for displaced decays against mass and lifetime, as it is published for others to use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.couplings.lifetime_axis import between_lifetimes
from darkreach.errors import LimitError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EfficiencyGrid:
    """Efficiency of one channel: selected decays over all decays of that channel, wherever they are.

    Attributes:
        channel: name of the final state.
        masses_gev: (m,) rising, GeV.
        ctaus_cm: (c,) rising, mean proper decay lengths, cm.
        efficiency: (m, c) between 0 and 1.
        error: (m, c) statistical uncertainty.
        effective_events: (m, c) events that the numbers are worth after re-weighting; infinite for formulas.
        gaps_gev: ranges of mass that the search leaves out, such as around a K_S; the efficiency is zero there.

    Raises:
        LimitError: shapes or values do not fit, or masses or lifetimes do not rise.
    """

    channel: str
    masses_gev: Array
    ctaus_cm: Array
    efficiency: Array
    error: Array
    effective_events: Array
    gaps_gev: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        for name, values in (("masses_gev", self.masses_gev), ("ctaus_cm", self.ctaus_cm)):
            if values.ndim != 1 or not len(values) or not np.all(np.diff(values, prepend=0.0) > 0.0):
                raise self._fault("must rise from above zero", name, str(values.tolist()))
        shape = (len(self.masses_gev), len(self.ctaus_cm))
        for name, values in (("error", self.error), ("effective_events", self.effective_events)):
            if values.shape != shape or not np.all(values >= 0.0):
                raise self._fault(f"must be a table {shape} of numbers that are not negative", name, str(values.shape))
        if self.efficiency.shape != shape or not np.all((self.efficiency >= 0.0) & (self.efficiency <= 1.0)):
            raise self._fault(f"must be a table {shape} of numbers from 0 to 1", "efficiency")
        if any(not low < high for low, high in self.gaps_gev):
            raise self._fault("must be ranges with the lower edge first", "gaps_gev", str(self.gaps_gev))

    def at(self, mass_gev: float, ctau_cm: ArrayLike) -> Array:
        """Return the efficiency at one mass and any lifetimes.

        Linear in the mass, linear in log(c tau); zero in gaps and for lifetimes shorter than all of the grid (nothing
        is known of them, and they are not excluded), falling as 1/(c tau) for longer ones.

        Args:
            mass_gev: GeV.
            ctau_cm: any shape, cm.

        Raises:
            LimitError: the mass is outside of the grid.

        Example:
            >>> unknown = np.zeros((2, 2))
            >>> efficiency = np.array([[0.1, 0.3], [0.2, 0.6]])
            >>> masses, ctaus = np.array([1.0, 2.0]), np.array([1.0, 100.0])
            >>> grid = EfficiencyGrid("mumu", masses, ctaus, efficiency, unknown, unknown)
            >>> grid.at(1.5, [0.1, 10.0, 900.0]).round(12).tolist()
            [0.0, 0.3, 0.05]
        """
        if not self.masses_gev[0] <= mass_gev <= self.masses_gev[-1]:
            raise LimitError(
                f"the efficiency of {self.channel} is not known at this mass",
                allowed=f"{self.masses_gev[0]:g} to {self.masses_gev[-1]:g} GeV",
                given=f"{mass_gev:g} GeV",
                next_step="leave the mass out, or publish the efficiency there",
            )
        if any(low <= mass_gev <= high for low, high in self.gaps_gev):
            return np.zeros(np.shape(ctau_cm))
        row = np.array([np.interp(mass_gev, self.masses_gev, column) for column in self.efficiency.T])
        return between_lifetimes(ctau_cm, self.ctaus_cm, row, below=0.0, beyond_power=-1.0)

    def covers(self, mass_gev: float) -> bool:
        """Return whether the mass is inside of the grid and of no gap."""
        inside = bool(self.masses_gev[0] <= mass_gev <= self.masses_gev[-1])
        return inside and not any(low <= mass_gev <= high for low, high in self.gaps_gev)

    def _fault(self, rule: str, name: str, given: str | None = None) -> LimitError:
        return LimitError(f"{name} of an efficiency grid {rule}", where=f"{self.channel}.{name}", given=given)
