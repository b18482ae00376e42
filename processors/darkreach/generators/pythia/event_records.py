"""Pythia's event records, brought down to what a detector can see and the decays that it came from.

Kept are stable particles and, as their mothers, tau leptons and hadrons that a physicist reconstructs or whose flight
matters; partons, strings and short resonances are left out, their products belong to the next kept ancestor.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.generated_particles import GeneratedParticles

DECAYED_KEPT: Final = frozenset(
    {
        *(15, 111, 221, 310, 443, 100443),
        *(411, 421, 431, 413, 423, 433, 4122, 4132, 4232, 4332),
        *(511, 521, 531, 300553),
        *(3122, 3112, 3222, 3312, 3322, 3334),
    }
)
"""Absolute codes: tau; pi0, eta, K_S, J/psi, psi(2S); charm; B and Upsilon(4S); strange baryons."""

MINIMUM_PHOTON_ENERGY: Final = 1e-6
"""GeV; half of all photons of the radiating beams are softer and are left out."""

_CM_PER_MM: Final = 0.1


def kept_particles(batch: Any) -> GeneratedParticles:
    """Return the particles of a batch of event records; every event has weight one.

    Args:
        batch: awkward array of ``Pythia.nextBatch``; lengths in mm, energies in GeV.
    """
    records = batch["prt"].layout
    offsets = np.asarray(records.offsets.data, dtype=np.int64)
    columns = records.content
    code, status, mother = (np.asarray(columns[name].data) for name in ("id", "status", "mother1"))
    counts = np.diff(offsets)
    start = np.repeat(offsets[:-1], counts)
    parent = np.where(mother > 0, start + mother, -1)
    keep, final = _choose(code, status, parent, np.asarray(columns["p"]["e"].data))
    rows = np.flatnonzero(keep)
    new_offsets = np.concatenate([[0], np.cumsum(keep)])[offsets]
    momentum = np.stack([np.asarray(columns["p"][name].data)[rows] for name in ("e", "px", "py", "pz")], axis=1)
    return GeneratedParticles(
        new_offsets,
        np.ones(len(counts)),
        code[rows].astype(np.int32),
        momentum,
        _vertices(columns["vProd"], rows),
        mother_places(keep, parent, np.repeat(new_offsets[:-1], np.diff(new_offsets))),
        final[rows],
    )


def _choose(
    code: NDArray[np.int32], status: NDArray[np.int32], parent: NDArray[np.int64], energy: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    final = status > 0
    soft = np.flatnonzero(final & (code == 22) & (energy < MINIMUM_PHOTON_ENERGY))
    final[soft] = False
    decayed = np.flatnonzero(status < 0)
    decayed = decayed[_is_kept(code[decayed])]
    keep = final.copy()
    keep[decayed] = True
    # radiation makes copies of a particle in the record; only the last one decays
    copies = decayed[(code[parent[decayed]] == code[decayed]) & (parent[decayed] >= 0)]
    keep[parent[copies]] = False
    return keep, final


def _is_kept(code: NDArray[np.int32]) -> NDArray[np.bool_]:
    known = np.array(sorted(DECAYED_KEPT))
    size = np.abs(code)
    place = np.minimum(np.searchsorted(known, size), len(known) - 1)
    return np.asarray(known[place] == size)


def mother_places(keep: NDArray[np.bool_], parent: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the nearest kept ancestor of each kept particle.

    Args:
        keep: (m,) of all particles of the records.
        parent: (m,) row of the parent; -1 for none.
        first: (k,) number of the first kept particle in the event of each kept one.

    Returns:
        Places among the kept particles of the same event, (k,), or -1.

    Example:
        >>> keep = np.array([True, False, True])
        >>> mother_places(keep, np.array([-1, 0, 1]), np.array([0, 0])).tolist()
        [-1, 0]
    """
    ancestor = parent[keep]
    climbing = np.flatnonzero((ancestor >= 0) & ~keep[ancestor])
    while len(climbing):
        here = parent[ancestor[climbing]]
        ancestor[climbing] = here
        climbing = climbing[(here >= 0) & ~keep[here]]
    place = np.cumsum(keep) - 1
    return np.where(ancestor >= 0, place[ancestor] - first, -1).astype(np.int32)


def _vertices(column: Any, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return production vertices in cm; Pythia gives none to particles made at the collision itself."""
    index = np.asarray(column.index.data)[rows]
    there = index >= 0
    vertex = np.zeros((len(rows), 3))
    for axis, name in enumerate(("px", "py", "pz")):
        vertex[there, axis] = _CM_PER_MM * np.asarray(column.content[name].data)[index[there]]
    return vertex
