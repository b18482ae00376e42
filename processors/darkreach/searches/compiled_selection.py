"""The three-photon selection by compiled kernels: what ``ThreePhotonSelection`` computes, in one pass an event."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig, ThreePhotonCuts
from darkreach.searches.photon_events import PhotonArrays
from darkreach.searches.photon_kernels import (
    LARGEST_ANGLE,
    photon_kinematics,
    scale_residuals,
    select_three_photons,
)
from darkreach.searches.photon_selection import PhotonKinematics, SelectedEvents, ThreePhotonSelection
from darkreach.searches.photon_variations import scaled_residuals

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class CompiledPhotonSelection(ThreePhotonSelection):
    """The same cuts, arguments and results as the plain selection; equal up to the last digits of the masses."""

    def __init__(self, selection: ThreePhotonCuts, detector: DetectorConfig, *, with_photons: bool = True) -> None:
        """Take the settings of the plain selection; without photons, which were chosen is not kept, that is faster."""
        super().__init__(selection, detector)
        self._with_photons = with_photons
        self._cuts = np.array([self.threshold, *self.polar_range, *self.mass_squared_range, self.sqrt_s])

    def kinematics(self, photons: PhotonArrays) -> PhotonKinematics:
        """Return momenta, as a (p, 4) view of one array a component, and centre-of-mass energies."""
        if _largest(photons.theta) > LARGEST_ANGLE or _largest(photons.phi) > LARGEST_ANGLE:
            return super().kinematics(photons)
        momenta = np.empty((4, len(photons.energy)))
        energy_cm = np.empty(len(photons.energy))
        photon_kinematics(photons.energy, photons.theta, photons.phi, self.velocity, momenta, energy_cm)
        return PhotonKinematics(momenta.T, energy_cm, photons.theta)

    def residuals_scaled(self, measured: PhotonArrays, truth: PhotonArrays, factor: float) -> PhotonArrays:
        """Return photons with residuals multiplied, as ``scaled_residuals`` does."""
        if max(_largest(measured.phi), _largest(truth.phi)) > LARGEST_ANGLE:
            return scaled_residuals(measured, truth, factor)
        varied = np.empty((3, len(measured.energy)))
        scale_residuals(
            (measured.energy, measured.theta, measured.phi), (truth.energy, truth.theta, truth.phi), factor, varied
        )
        return PhotonArrays(varied[0], varied[1], varied[2])

    def select(self, photons: PhotonKinematics, offsets: Indices, scale: float = 1.0) -> SelectedEvents:
        """Apply the cuts to events whose photons start at ``offsets`` (k + 1,), all energies times ``scale``."""
        events = len(offsets) - 1
        passed = np.empty((3, events), dtype=np.int64)
        chosen = np.empty((events if self._with_photons else 0, 3), dtype=np.int64)
        energy, pairs, recoils = np.empty((3, events, 3))
        minimum = np.empty(events)
        momenta = np.ascontiguousarray(photons.momenta.T)
        three, polar, right = select_three_photons(
            momenta, photons.energy_cm, photons.theta, offsets, scale, self._cuts,
            passed, chosen, energy, minimum, pairs, recoils,
        )  # fmt: skip
        return SelectedEvents(
            event=passed[2, :right],
            photons=chosen[:right],
            energy=energy[:right],
            minimum_energy_cm=minimum[:right],
            squared_masses={"pair_mass_squared": pairs[:right], "recoil_mass_squared": recoils[:right]},
            three_photons=passed[0, :three],
            polar_angles=passed[1, :polar],
        )


def _largest(angles: Floats) -> float:
    return float(max(angles.max(), -angles.min())) if len(angles) else 0.0
