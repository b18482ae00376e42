"""Generated particles as lists of an ntuple, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.response.measured_events import MeasuredObjects
from darkreach.simulation.event_lists import EventLists, index_columns

PARTICLES = "particle"

_NOISE = 1e-12
"""Squares of masses below this share of the squared energy are rounding errors: 5e-6 GeV at 5 GeV."""

_SMALLEST = 1e-30
"""Smallest component of a momentum written, GeV; the largest one of the vector at least."""


def particle_lists(particles: GeneratedParticles, event_number: NDArray[np.int64]) -> EventLists:
    """Return generated events as an ntuple: momenta and masses in single precision, as the energies follow from them.

    Masses keep seven digits this way, which energies of single precision would not leave to an electron.

    Args:
        particles: n events.
        event_number: (n,) number of the trial, written as ``__event__``.
    """
    px, py, pz = _representable(particles.momentum[:, 1:]).T
    columns: dict[str, NDArray[np.generic]] = {
        "pdg": particles.pdg,
        "px": px,
        "py": py,
        "pz": pz,
        "M": _masses(particles.momentum),
        "x": particles.vertex[:, 0],
        "y": particles.vertex[:, 1],
        "z": particles.vertex[:, 2],
        "mother": particles.mother,
        "final": particles.final,
    }
    event = {**index_columns(event_number), "generatorWeight": particles.weight_fb}
    return EventLists(event, {PARTICLES: MeasuredObjects(particles.offsets, columns)})


def particles_from_columns(
    offsets: NDArray[np.int64], weight: NDArray[np.float64], columns: dict[str, NDArray[np.generic]]
) -> GeneratedParticles:
    """Return the events of stored columns (names without prefix); weights as stored.

    Example:
        >>> one = np.array([0.0])
        >>> flat = {name: one for name in ("px", "py", "x", "y", "z", "mother")}
        >>> electron = flat | {"pz": np.array([3.0]), "M": np.array([4.0]), "pdg": np.array([11]), "final": one == 0}
        >>> particles_from_columns(np.array([0, 1]), np.ones(1), electron).momentum.tolist()
        [[5.0, 0.0, 0.0, 3.0]]
    """
    px, py, pz, mass = (columns[name].astype(np.float64) for name in ("px", "py", "pz", "M"))
    energy = np.sqrt(np.maximum(px**2 + py**2 + pz**2 + mass * np.abs(mass), 0.0))
    return GeneratedParticles(
        offsets,
        weight,
        columns["pdg"].astype(np.int32),
        np.stack([energy, px, py, pz], axis=1),
        np.stack([columns[name].astype(np.float64) for name in ("x", "y", "z")], axis=1),
        columns["mother"].astype(np.int32),
        columns["final"].astype(np.bool_),
    )


def no_particles() -> GeneratedParticles:
    """Return no events at all.

    Example:
        >>> len(no_particles())
        0
    """
    none = np.zeros(0)
    return GeneratedParticles(
        np.zeros(1, dtype=np.int64),
        none,
        none.astype(np.int32),
        np.zeros((0, 4)),
        np.zeros((0, 3)),
        none.astype(np.int32),
        none.astype(np.bool_),
    )


def _representable(momentum: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return momenta that keep their direction in single precision, below whose smallest number radiation may be."""
    largest = np.max(np.abs(momentum), axis=1, initial=0.0, keepdims=True)
    scale = np.where((largest > 0.0) & (largest < _SMALLEST), _SMALLEST / np.where(largest > 0.0, largest, 1.0), 1.0)
    raised: NDArray[np.float64] = momentum * scale
    return raised


def _masses(momentum: NDArray[np.float64]) -> NDArray[np.float64]:
    energy = momentum[:, 0]
    length = np.sqrt(np.sum(momentum[:, 1:] ** 2, axis=1))
    # a difference of squares loses fewer digits as a product
    squared = (energy - length) * (energy + length)
    squared = np.where(np.abs(squared) < _NOISE * energy**2, 0.0, squared)
    masses: NDArray[np.float64] = np.copysign(np.sqrt(np.abs(squared)), squared)
    return masses
