"""The volume in which a photon counts as hard: energy in the CM and polar angle in the laboratory."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.collisions import Collisions
from darkreach.kinematics import Beams, boosted_energy

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HardPhotonCuts:
    """The generated volume of a process with one hard photon.

    Attributes:
        minimum_energy_cm: GeV, in the CM of the nominal beams; above 0, as soft photons diverge.
        polar_low: rad, laboratory; 0 for no cut.
        polar_high: rad, laboratory; pi for no cut.
        maximum_energy_cm: GeV; photons have less, so that strata add up.
    """

    minimum_energy_cm: float
    polar_low: float
    polar_high: float
    maximum_energy_cm: float = math.inf

    def check(self, beams: Beams, pair_mass: float) -> None:
        """Refuse cuts that leave no phase space or an infinite cross-section.

        Args:
            beams: nominal beams.
            pair_mass: smallest mass that recoils against the photon, GeV.

        Raises:
            ConfigError: naming the cut and what it may be.
        """
        largest = 0.5 * (beams.s - pair_mass**2) / beams.sqrt_s
        if not 0.0 < self.minimum_energy_cm < largest:
            raise ConfigError(
                "no hard photon can have this minimum energy",
                where="minimum_energy_cm",
                allowed=f"above 0 and below {largest:.4f} GeV (recoil against {pair_mass:.3f} GeV)",
                given=f"{self.minimum_energy_cm} GeV",
                next_step="choose a value some resolutions below the photon threshold of the selection",
            )
        if not self.minimum_energy_cm < self.maximum_energy_cm:
            raise ConfigError(
                "the largest energy of a photon must be above the smallest",
                where="minimum_energy_cm, maximum_energy_cm",
                given=f"{self.minimum_energy_cm} to {self.maximum_energy_cm} GeV",
                next_step="raise the largest energy",
            )
        if not 0.0 <= self.polar_low < self.polar_high <= math.pi:
            raise ConfigError(
                "no photon is in this range of polar angles",
                where="polar_low, polar_high",
                allowed="rising, inside 0 to 180 deg",
                given=f"{math.degrees(self.polar_low):.2f} to {math.degrees(self.polar_high):.2f} deg",
                next_step="choose a range some resolutions wider than that of the selection",
            )

    def check_off_beams(self, beams: Beams) -> None:
        """Refuse a range of angles that holds a beam line, for formulas without the electron mass.

        Raises:
            ConfigError: the range must be narrower.
        """
        half = 0.5 * beams.crossing_angle
        if not half < self.polar_low < self.polar_high < math.pi - half:
            raise ConfigError(
                "this process cannot be generated along the beams",
                where="polar_low, polar_high",
                allowed=f"inside {math.degrees(half):.2f} to {180.0 - math.degrees(half):.2f} deg (the beam lines)",
                given=f"{math.degrees(self.polar_low):.2f} to {math.degrees(self.polar_high):.2f} deg",
                next_step="choose a range some resolutions wider than that of the selection",
            )

    def smallest_energy(self, collisions: Collisions, beams: Beams) -> Array:
        """Return the smallest energy (n,) in each collision's own CM of any photon that can pass, GeV."""
        ratio = np.sqrt(
            collisions.electron_energy * beams.positron_energy / (collisions.positron_energy * beams.electron_energy)
        )
        return np.asarray(self.minimum_energy_cm * np.minimum(ratio, 1.0 / ratio))

    def rapidity_range(self, collisions: Collisions) -> tuple[Array, Array]:
        """Return the smallest and largest CM rapidity about the beam of a photon that can pass, each (n,).

        tan^2(theta*/2) = (E1/E2) (1 - n.n1)/(1 - n.n2) is monotonic in the azimuth between 0 and pi, so the extremes
        are in the plane of the beams; a range that holds a beam line has no limit on that side.
        """
        half = collisions.half_crossing_angle
        shift = -0.5 * np.log(collisions.electron_energy / collisions.positron_energy)

        def rapidity(theta: float, side: float) -> float:
            to_electron = 1.0 - math.cos(theta - side * half)
            to_positron = 1.0 + math.cos(theta + side * half)
            return -0.5 * math.log(to_electron / to_positron)

        low, high = -math.inf, math.inf
        if self.polar_high < math.pi - half:
            low = min(rapidity(self.polar_high, side) for side in (1.0, -1.0))
        if self.polar_low > half:
            high = max(rapidity(self.polar_low, side) for side in (1.0, -1.0))
        return low + shift, high + shift

    def inside(self, photon: Array, beams: Beams) -> NDArray[np.bool_]:
        """Return which photons (n, 4), laboratory, pass."""
        energy, pz = photon[..., 0], photon[..., 3]
        # cos(theta) = pz/E falls from polar_low to polar_high; rounding must not lose what is exactly along z
        passed = np.ones(photon.shape[:-1], dtype=np.bool_)
        if self.polar_low > 0.0:
            passed &= pz <= math.cos(self.polar_low) * energy
        if self.polar_high < math.pi:
            passed &= pz >= math.cos(self.polar_high) * energy
        energy_cm = boosted_energy(photon, beams.boost)
        return np.asarray(passed & (energy_cm >= self.minimum_energy_cm) & (energy_cm < self.maximum_energy_cm))
