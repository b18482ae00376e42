"""What the detector has measured: tracks and photons of every event, with their truth and trigger lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredObjects:
    """Tracks, photons or vertices: jagged columns; the objects of event i are rows offsets[i] to offsets[i + 1].

    Attributes:
        offsets: (n + 1,), starting at zero.
        columns: of length offsets[-1] each, by name; GeV, cm, rad. By falling momentum or energy in an event.
    """

    offsets: NDArray[np.int64]
    columns: Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class MeasuredEvents:
    """Events the detector recorded.

    Attributes:
        lists: ``track`` (p, theta, phi, charge, dr, dz, muonID, electronID, kaonID, pionID; truth: mcPDG, mcP, mcTheta,
            mcPhi, genMotherPDG, mcVertexR), ``photon`` (E, theta, phi; truth: mcPDG, mcE, mcTheta, mcPhi,
            genMotherPDG; 0 for beam background), ``vertex`` (two tracks of opposite charge: first, second (places of
            the tracks in the event), x, y, z, dr, materialDistance, M of two pions; truth: mcPDG of the common mother
            or 0, mcDr; by falling dr), ``klm`` (theta, phi; truth as for photons; by falling mcE).
        event: columns (n,) by name: ``decayBetaGamma``, ``decayProperLength``, ``decayRadius`` and
            ``decayTransverseMomentum`` of the true decay of a new particle, ``l1_<line>`` 0 or 1.
        weight: (n,) share of the cross-section, fb.
        trial: (n,) row of the event among those given to the response.
    """

    lists: Mapping[str, MeasuredObjects]
    event: Mapping[str, NDArray[np.generic]]
    weight: Array
    trial: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.weight)
