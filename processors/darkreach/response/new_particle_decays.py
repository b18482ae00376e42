"""The true decay of the new particle of each event: how far it went, and how fast it was."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.generated_particles import GeneratedParticles

Array = NDArray[np.float64]

NEW_PARTICLES: Final = 9_000_000
"""Codes above belong to particles that the PDG scheme has none for."""


def new_particle_decays(particles: GeneratedParticles) -> dict[str, Array]:
    """Return columns (n,) about the first new particle of each event that has decayed; all 0 if there is none.

    ``decayBetaGamma`` p/m; ``decayProperLength`` c times the proper time from where it is made to where its products
    are, cm; ``decayRadius`` distance of that point from the z axis, cm; ``decayTransverseMomentum`` GeV.

    Example:
        >>> momentum = np.array([[5.0, 3.0, 0.0, 0.0], [2.5, 1.5, 0.0, 2.0], [2.5, 1.5, 0.0, -2.0]])
        >>> vertex = np.array([[0.0, 0.0, 0.0], [6.0, 0.0, 0.0], [6.0, 0.0, 0.0]])
        >>> event = GeneratedParticles(
        ...     np.array([0, 3]), np.ones(1), np.array([9000022, 22, 22]), momentum, vertex,
        ...     np.array([-1, 0, 0]), np.array([False, True, True]),
        ... )
        >>> {name: values.round(12).tolist() for name, values in new_particle_decays(event).items()}
        {'decayBetaGamma': [0.75], 'decayProperLength': [8.0], 'decayRadius': [6.0], 'decayTransverseMomentum': [3.0]}
    """
    rows = np.flatnonzero((np.abs(particles.pdg) > NEW_PARTICLES) & ~particles.final)
    # backwards: the first one of an event is written last
    rows = rows[::-1]
    momentum, made = particles.momentum[rows], particles.vertex[rows]
    squared = np.sum(momentum[:, 1:] ** 2, axis=1)
    mass_squared = np.maximum(momentum[:, 0] ** 2 - squared, 1e-12)
    beta_gamma = np.sqrt(squared / mass_squared)
    decay = _decay_points(particles)[rows]
    path = np.linalg.norm(decay - made, axis=1)
    known = np.isfinite(path)
    columns = {
        "decayBetaGamma": beta_gamma,
        "decayProperLength": np.divide(path, beta_gamma, out=np.zeros(len(rows)), where=known & (beta_gamma > 0.0)),
        "decayRadius": np.where(known, np.hypot(decay[:, 0], decay[:, 1]), 0.0),
        "decayTransverseMomentum": np.hypot(momentum[:, 1], momentum[:, 2]),
    }
    event = particles.event[rows]
    result = {name: np.zeros(len(particles)) for name in columns}
    for name, values in columns.items():
        result[name][event] = values
    return result


def _decay_points(particles: GeneratedParticles) -> Array:
    """Return where each particle's first product is made (m, 3), cm; not a number for those without any."""
    points = np.full((len(particles.pdg), 3), np.nan)
    product = np.flatnonzero(particles.mother >= 0)[::-1]
    points[particles.offsets[particles.event[product]] + particles.mother[product]] = particles.vertex[product]
    return points
