"""Generated events of any fixed final state: particles, weights and what was lost in the beam pipe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FinalStateEvents:
    """Events with the same particles, in the laboratory, GeV.

    Attributes:
        weight_fb: (n,) the mean over all trials is the cross-section of the generated volume in fb.
        pdg: the k particle codes, in the order of the momenta.
        momenta: (n, k, 4) as (E, px, py, pz).
        isr: (n, 4) photon collinear with a beam, lost in the beam pipe; zero if there is none.
    """

    weight_fb: NDArray[np.float64]
    pdg: tuple[int, ...]
    momenta: NDArray[np.float64]
    isr: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weight_fb)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> FinalStateEvents:
        """Return the events of a mask or of row numbers, in that order."""
        return FinalStateEvents(self.weight_fb[rows], self.pdg, self.momenta[rows], self.isr[rows])
