"""Where a muon pair lies in the plane: its mass, the squared mass it recoils against, and how it shares its energy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import MUON_MASS, mass_squared
from darkreach.searches.lepton_kinematics import LeptonMomenta, PairKinematics

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlanePoints:
    """Of k pairs.

    Attributes:
        values: (k, 2) mass of the pair (GeV), and squared mass of the recoil (GeV^2), which may be negative.
        helicity: (k,) ``|cos|`` of the angle between a muon in the rest frame of the pair and the flight of the pair in
            the CM; 0 for a pair at rest.
    """

    values: Floats
    helicity: Floats


def plane_points(
    leptons: LeptonMomenta, kinematics: PairKinematics, total: Floats, *, scale: float = 1.0
) -> PlanePoints:
    """Return where pairs of muons lie.

    In the CM, ``cos = (E_1 - E_2)/(P beta)`` with the momentum P of the pair and the velocity
    ``beta = sqrt(1 - 4 m^2/M^2)`` of a muon in its rest frame.

    Args:
        leptons: of the pairs.
        kinematics: of the same pairs, at the same scale.
        total: (4,) four-momentum (E, px, py, pz) of the beams, GeV.
        scale: of all momenta.
    """
    pair = total[:, np.newaxis] - kinematics.recoil
    squared = np.maximum(mass_squared(pair.T), 4.0 * MUON_MASS**2)
    s = float(mass_squared(total))
    energy_cm = (total[0] * pair[0] - total[1:] @ pair[1:]) / math.sqrt(s)
    momentum = np.sqrt(np.maximum(energy_cm**2 - squared, 0.0))
    difference = np.abs(np.diff(_cm_energies(leptons, total, scale), axis=1)[:, 0]) / math.sqrt(s)
    largest = momentum * np.sqrt(1.0 - 4.0 * MUON_MASS**2 / squared)
    helicity = np.divide(difference, largest, out=np.zeros_like(difference), where=largest > 0.0)
    values = np.stack([np.sqrt(squared), kinematics.recoil_mass_squared], axis=1)
    return PlanePoints(values, np.minimum(helicity, 1.0))


def _cm_energies(leptons: LeptonMomenta, total: Floats, scale: float) -> Floats:
    """Return sqrt(s) times the energies (k, 2) of both leptons in the CM."""
    size = scale * leptons.momentum
    energy, across = np.hypot(size, leptons.mass), size * np.sin(leptons.theta)
    along = total[1] * across * np.cos(leptons.phi) + total[2] * across * np.sin(leptons.phi)
    along += total[3] * size * np.cos(leptons.theta)
    return np.asarray((total[0] * energy - along).reshape(-1, 2))
