"""Generated events: true photons and weights, before the detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AXION_PDG = 9000005
"""Particle code of the axion-like particle (in the user range of the PDG scheme)."""

BEAM_PDG = 11
"""Mother of photons that come straight from the collision."""


@dataclass(frozen=True)
class GeneratedEvents:
    """Three-photon events in the laboratory, GeV.

    Attributes:
        weight_fb: (n,) the mean over all trials is the cross-section of the generated volume in fb.
        photons: (n, 3, 4) as (E, px, py, pz).
        isr: (n, 4) photon collinear with a beam, lost in the beam pipe; zero if there is none.
        mother_pdg: (n, 3) particle code of each photon's mother.
        decay_beta_gamma: (n,) p/m of the decaying particle; 0 if there is none.
    """

    weight_fb: NDArray[np.float64]
    photons: NDArray[np.float64]
    isr: NDArray[np.float64]
    mother_pdg: NDArray[np.int32]
    decay_beta_gamma: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weight_fb)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> GeneratedEvents:
        """Return the events of a mask or of row numbers, in that order."""
        return GeneratedEvents(
            self.weight_fb[rows], self.photons[rows], self.isr[rows], self.mother_pdg[rows], self.decay_beta_gamma[rows]
        )


def concatenate_events(parts: Sequence[GeneratedEvents]) -> GeneratedEvents:
    """Return the events of all parts (at least one), in order."""
    return GeneratedEvents(
        np.concatenate([part.weight_fb for part in parts]),
        np.concatenate([part.photons for part in parts]),
        np.concatenate([part.isr for part in parts]),
        np.concatenate([part.mother_pdg for part in parts]),
        np.concatenate([part.decay_beta_gamma for part in parts]),
    )
