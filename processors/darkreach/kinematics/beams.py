"""The colliding beams: total four-momentum, centre-of-mass energy and boost, with the crossing angle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Beams:
    """Two beams crossing in the x-z plane, the z axis being the bisector (solenoid) axis.

    Attributes:
        electron_energy: GeV, the beam along +z.
        positron_energy: GeV, the beam along -z.
        crossing_angle: full angle between the beam lines, rad.
        electron_energy_spread: standard deviation, GeV.
        positron_energy_spread: standard deviation, GeV.

    Example:
        >>> beams = Beams(7.004, 4.002, 0.083)
        >>> round(beams.sqrt_s, 4), round(beams.beta_gamma, 4)
        (10.5796, 0.2868)
    """

    electron_energy: float
    positron_energy: float
    crossing_angle: float
    electron_energy_spread: float = 0.0
    positron_energy_spread: float = 0.0

    @property
    def four_momentum(self) -> NDArray[np.float64]:
        """Total (E, px, py, pz) in the laboratory, GeV; electron mass neglected (1e-8 relative)."""
        half = 0.5 * self.crossing_angle
        total = self.electron_energy + self.positron_energy
        difference = self.electron_energy - self.positron_energy
        return np.array([total, total * math.sin(half), 0.0, difference * math.cos(half)])

    @property
    def s(self) -> float:
        """Squared centre-of-mass energy, GeV^2."""
        energy, px, py, pz = self.four_momentum
        return float(energy**2 - px**2 - py**2 - pz**2)

    @property
    def sqrt_s(self) -> float:
        """Centre-of-mass energy, GeV."""
        return math.sqrt(self.s)

    @property
    def boost(self) -> NDArray[np.float64]:
        """Velocity of the centre of mass in the laboratory, (3,), in units of c."""
        momentum = self.four_momentum
        return np.asarray(momentum[1:] / momentum[0])

    @property
    def beta_gamma(self) -> float:
        """|p|/sqrt(s) of the centre of mass."""
        return float(np.linalg.norm(self.four_momentum[1:])) / self.sqrt_s
