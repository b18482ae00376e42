"""The ratio R2 of Fox-Wolfram moments: near one for events of two jets, small for those of two B mesons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import CHARGED_PION_MASS, boost
from darkreach.searches.displaced_events import DisplacedList
from darkreach.searches.displaced_vertices import track_momenta
from darkreach.searches.photon_list import PHOTON_COLUMNS

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def fox_wolfram_ratio(momenta: Floats, event: Indices, events: int) -> Floats:
    """Return R2 = H2/H0 (events,), H_l = sum over all pairs, each with itself too, of |p||q| P_l(cos of their angle).

    H2 = 3/2 tr(S^2) - H0/2 with S = sum of p p^T/|p| and H0 = (sum of |p|)^2: no loop over pairs.

    Args:
        momenta: (m, 3) of the particles in the frame wanted, GeV.
        event: (m,) of each particle, 0 to events - 1.
        events: how many; one without momentum has the ratio 0.

    Example:
        >>> fox_wolfram_ratio(np.array([[0.0, 0.0, 2.0], [0.0, 0.0, -2.0]]), np.array([0, 0]), 1).tolist()
        [1.0]
    """
    size = np.linalg.norm(momenta, axis=1)
    inverse = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0.0)
    total = np.bincount(event, weights=size, minlength=events)
    trace = np.zeros(events)
    for one in range(3):
        for other in range(one, 3):
            product = momenta[:, one] * momenta[:, other] * inverse
            entry = np.bincount(event, weights=product, minlength=events)
            trace += entry**2 if one == other else 2.0 * entry**2
    # twice 1/2: an event without momentum ends at zero
    ratio = np.divide(trace, total**2, out=np.full(events, 1.0 / 3.0), where=total > 0.0)
    return np.asarray(1.5 * ratio - 0.5)


def event_shapes(tracks: DisplacedList, photons: DisplacedList, events: Indices, velocity: Floats) -> Floats:
    """Return R2 (k,) of some events, rising, of all tracks, taken for pions, and photons, in the CM.

    Args:
        tracks: of the chunk.
        photons: of the chunk.
        events: (k,) indices in the chunk.
        velocity: (3,) of the CM in the laboratory.
    """
    rows, of_track = tracks.of_events(events)
    charged = track_momenta(tracks, rows).T
    energy = np.sqrt(np.sum(charged**2, axis=1) + CHARGED_PION_MASS**2)
    rows, of_photon = photons.of_events(events)
    size, theta, phi = (photons.values(name, rows) for name in PHOTON_COLUMNS)
    across = size * np.sin(theta)
    neutral = np.column_stack([size, across * np.cos(phi), across * np.sin(phi), size * np.cos(theta)])
    everything = boost(np.concatenate([np.column_stack([energy, charged]), neutral]), -velocity)
    return fox_wolfram_ratio(everything[:, 1:], np.concatenate([of_track, of_photon]), len(events))
