"""The compiled part of the search for a single photon; its plain twin is in ``single_photon_selection``."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
def leading_photons(
    energy_cm: Floats, offsets: Indices, events: Indices, scale: float, veto: float, leading: Indices, counts: Indices
) -> None:
    """Find the photon of highest CM energy of each event listed, and count those above the veto energy.

    Args:
        energy_cm: (p,) GeV; multiplied by ``scale``.
        offsets: (n + 1,) first photon of each event.
        events: (m,) events to look at.
        scale: of all energies.
        veto: GeV.
        leading: (m,) written: which photon, the first of equal ones; -1 if none is above the veto energy.
        counts: (m,) written: photons above the veto energy.
    """
    for row in range(events.size):
        event = events[row]
        best, count = -1, 0
        highest = veto
        for photon in range(offsets[event], offsets[event + 1]):
            energy = scale * energy_cm[photon]
            count += int(energy > veto)
            if energy > highest:
                highest = energy
                best = photon
        leading[row], counts[row] = best, count
