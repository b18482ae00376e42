"""Photon clusters of many events as jagged columns, with their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PhotonClusters:
    """Events with at least one cluster; photons of event i are rows offsets[i] to offsets[i + 1], by falling energy.

    Attributes:
        offsets: (n + 1,).
        energy: (m,) measured, GeV, laboratory.
        theta: (m,) measured, rad.
        phi: (m,) measured, rad.
        true_energy: (m,) GeV, summed over merged photons.
        true_theta: (m,) rad, of the summed momentum.
        true_phi: (m,) rad.
        mother_pdg: (m,) particle code of the mother of the most energetic photon in the cluster.
        weight: (n,) weight of each event, as given to the response times the event efficiency.
        decay_beta_gamma: (n,) p/m of the decaying particle.
        trial: (n,) row of the event among those given to the response.
    """

    offsets: NDArray[np.int64]
    energy: Array
    theta: Array
    phi: Array
    true_energy: Array
    true_theta: Array
    true_phi: Array
    mother_pdg: NDArray[np.int32]
    weight: Array
    decay_beta_gamma: Array
    trial: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of clusters of each event, (n,)."""
        return np.diff(self.offsets)
