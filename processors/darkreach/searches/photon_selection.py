"""The three-photon selection: named cuts on flat arrays, from photons in the laboratory to pair and recoil masses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig, ThreePhotonCuts
from darkreach.kinematics import PAIRINGS, boosted_energy, pair_mass_squared, photon_momenta, recoil_mass_squared
from darkreach.searches.photon_events import PhotonArrays

ALL: Final = "all"
NO_TRACKS: Final = "no_tracks"
THREE_PHOTONS: Final = "three_photons"
POLAR_ANGLES: Final = "polar_angles"
THREE_PHOTON_MASS: Final = "three_photon_mass"
COMMON_CUTS: Final = (ALL, NO_TRACKS, THREE_PHOTONS, POLAR_ANGLES, THREE_PHOTON_MASS)
"""Cuts before the regions, in order."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class PhotonKinematics:
    """Photons with what the cuts need.

    Attributes:
        momenta: (p, 4) laboratory four-momenta, GeV.
        energy_cm: (p,) in the centre-of-mass frame, GeV.
        theta: (p,) laboratory, rad.
    """

    momenta: Floats
    energy_cm: Floats
    theta: Floats

    def scaled(self, factor: float) -> PhotonKinematics:
        """Return the photons with all energies multiplied; massless momenta and their boosts scale alike."""
        return PhotonKinematics(factor * self.momenta, factor * self.energy_cm, self.theta)


@dataclass(frozen=True)
class SelectedEvents:
    """Events with three good photons of the right mass.

    Attributes:
        event: (n,) index among the candidate events.
        photons: (n, 3) index of each photon among those of all candidate events; (0, 3) if they were not to be kept.
        energy: (n, 3) laboratory, GeV.
        minimum_energy_cm: (n,) of the softest photon, GeV.
        squared_masses: observable -> (n, 3), one column a pairing, GeV^2.
        three_photons: indices of candidate events that pass the first cut.
        polar_angles: indices of those that pass the second as well.
    """

    event: Indices
    photons: Indices
    energy: Floats
    minimum_energy_cm: Floats
    squared_masses: dict[str, Floats]
    three_photons: Indices
    polar_angles: Indices


class ThreePhotonSelection:
    """The cuts common to all regions on plain arrays; the oracle of ``CompiledPhotonSelection``, which runs.

    Attributes:
        sqrt_s: GeV.
        velocity: (3,) of the centre of mass in the laboratory.
        threshold: of the photons counted, CM energy, GeV.
        polar_range: closed, laboratory, rad.
        mass_squared_range: closed, of the three photons together, GeV^2.
    """

    def __init__(self, selection: ThreePhotonCuts, detector: DetectorConfig) -> None:
        """Take thresholds (GeV, CM), polar range (deg, laboratory, closed) and mass range (sqrt(s), closed)."""
        beams = detector.beams.beams()
        self.sqrt_s = beams.sqrt_s
        self.velocity = beams.boost
        self.threshold = selection.photon_count_threshold.value
        self.polar_range = (math.radians(selection.polar_range.low), math.radians(selection.polar_range.high))
        mass = selection.three_photon_mass_range
        self.mass_squared_range = ((mass.low * beams.sqrt_s) ** 2, (mass.high * beams.sqrt_s) ** 2)

    def kinematics(self, photons: PhotonArrays) -> PhotonKinematics:
        """Return momenta and centre-of-mass energies, by the full three-vector boost of the nominal beams."""
        momenta = photon_momenta(photons.energy, photons.theta, photons.phi)
        return PhotonKinematics(momenta, boosted_energy(momenta, self.velocity), photons.theta)

    def select(self, photons: PhotonKinematics, offsets: Indices, scale: float = 1.0) -> SelectedEvents:
        """Apply the cuts to events whose photons start at ``offsets`` (k + 1,), all energies times ``scale``."""
        photons = photons if scale == 1.0 else photons.scaled(scale)
        three_photons, chosen = self._exactly_three(photons.energy_cm, offsets)
        in_range = self._in_polar_range(photons.theta[chosen])
        polar_angles, chosen = three_photons[in_range], chosen[in_range]
        trio = [photons.momenta[chosen[:, column]] for column in range(3)]
        pair_masses = np.stack([pair_mass_squared(trio[one], trio[two]) for one, two, _ in PAIRINGS], axis=-1)
        # three massless momenta: the squared mass of all is the sum over the pairs
        total = pair_masses.sum(axis=-1)
        kept = (total >= self.mass_squared_range[0]) & (total <= self.mass_squared_range[1])
        chosen = chosen[kept]
        energy_cm = photons.energy_cm[chosen]
        recoil = [recoil for _, _, recoil in PAIRINGS]
        return SelectedEvents(
            event=polar_angles[kept],
            photons=chosen,
            energy=photons.momenta[chosen, 0],
            minimum_energy_cm=energy_cm.min(axis=-1),
            squared_masses={
                "pair_mass_squared": pair_masses[kept],
                "recoil_mass_squared": recoil_mass_squared(energy_cm[:, recoil], self.sqrt_s),
            },
            three_photons=three_photons,
            polar_angles=polar_angles,
        )

    def _exactly_three(self, energy_cm: Floats, offsets: Indices) -> tuple[Indices, Indices]:
        """Return the events with exactly three photons above threshold (n,), and these photons (n, 3)."""
        above = energy_cm > self.threshold
        running = np.concatenate([[0], np.cumsum(above)])
        counts = running[offsets[1:]] - running[offsets[:-1]]
        three = counts == 3
        photons = np.flatnonzero(above & np.repeat(three, np.diff(offsets)))
        return np.flatnonzero(three), photons.reshape(-1, 3)

    def _in_polar_range(self, theta: Floats) -> NDArray[np.bool_]:
        return np.asarray(((theta >= self.polar_range[0]) & (theta <= self.polar_range[1])).all(axis=-1))
