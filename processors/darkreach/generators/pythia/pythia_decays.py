"""Decays of given particles by the tables of Pythia, for whoever makes B mesons, tau leptons or other hadrons.

Isotropic where Pythia knows no matrix element, spins and the coherence of pairs of B mesons are lost; a neutral B meson
mixes by itself. Good for what a detector sees of the rest of an event, not for asymmetries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import DarkreachError
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.pythia.event_records import DECAYED_KEPT, kept_particles
from darkreach.generators.pythia.pythia_configuration import load_pythia_config
from darkreach.generators.pythia.pythia_library import new_seed, shared_pythia

Array = NDArray[np.float64]

_TOGETHER: Final = 4000
"""Particles that share one event record; reading a record takes as long as hundreds of decays."""

_ATTEMPTS: Final = 10


def decay_settings() -> tuple[str, ...]:
    """Return the lines that leave of Pythia only what happens to hadrons and taus."""
    # the check of each record takes a third of the time; decays cannot fail it
    return (*load_pythia_config().settings, "ProcessLevel:all = off", "Check:event = off", "TauDecays:mode = 0")


@dataclass(frozen=True)
class PythiaDecays:
    """Decays particles that a generator left undecayed.

    Attributes:
        codes: absolute codes of what is decayed; others stay as they are.

    Example:
        >>> meson = np.array([[np.hypot(5.27941, 0.3), 0.0, 0.3, 0.0]])
        >>> events = PythiaDecays().decay(np.array([521]), meson, np.random.default_rng(1))
        >>> int(events.pdg[0]), bool(events.final[0]), len(events)
        (521, False, 1)
    """

    codes: frozenset[int] = frozenset({15, 511, 521})

    def __post_init__(self) -> None:
        unknown = self.codes - DECAYED_KEPT
        if unknown:
            raise DarkreachError("these particles are not kept as mothers", given=str(sorted(unknown)))

    def __call__(self, particles: GeneratedParticles, random: np.random.Generator) -> GeneratedParticles:
        """Return the events with the products at the end of each and the decayed particles no longer final.

        Args:
            particles: events, at least one particle altogether.
            random: source of random numbers.
        """
        chosen = np.flatnonzero(particles.final & np.isin(np.abs(particles.pdg), sorted(self.codes)))
        if len(chosen) == 0:
            return particles
        decays = self.decay(particles.pdg[chosen], particles.momentum[chosen], random)
        return _insert(particles, chosen, decays)

    def decay(self, pdg: NDArray[np.integer[Any]], momentum: Array, random: np.random.Generator) -> GeneratedParticles:
        """Return one event a particle: the particle itself, made at the origin, and what comes of it; weights are one.

        Args:
            pdg: (n,) codes.
            momentum: (n, 4), GeV.
            random: source of random numbers.

        Raises:
            DarkreachError: Pythia cannot decay them.
        """
        pythia = shared_pythia(decay_settings())
        new_seed(pythia, random)
        flights = random.exponential(size=len(pdg))
        mass = np.sqrt(np.maximum(momentum[:, 0] ** 2 - (momentum[:, 1:] ** 2).sum(axis=1), 0.0))
        rows = np.column_stack([np.roll(momentum, -1, axis=1), mass, flights]).tolist()
        codes = [int(code) for code in pdg]
        parts = [
            _decay_together(pythia, codes[low : low + _TOGETHER], rows[low : low + _TOGETHER])
            for low in range(0, len(codes), _TOGETHER)
        ]
        return concatenate_particles(parts)


def _decay_together(pythia: Any, codes: Sequence[int], rows: Sequence[Sequence[float]]) -> GeneratedParticles:
    """Decay particles in one record; each row is px, py, pz, E, mass and proper time over lifetime."""
    for _ in range(_ATTEMPTS):
        event = pythia.event
        event.reset()
        for code, (px, py, pz, energy, mass, flight) in zip(codes, rows, strict=True):
            place = event.append(code, 1, 0, 0, 0, 0, 0, 0, px, py, pz, energy, mass)
            event[place].tau(flight * pythia.particleData.tau0(code))
        batch = pythia.nextBatch(1, "skip")
        if len(batch) == 1:
            return _by_first_particle(kept_particles(batch))
    raise DarkreachError("Pythia cannot decay these particles", given=str(sorted(set(codes))))


def _by_first_particle(particles: GeneratedParticles) -> GeneratedParticles:
    """Return one event for each particle of the collision, in their order, with all that descends from it."""
    mother = particles.mother.astype(np.int64)
    root = np.where(mother < 0, np.arange(len(mother)), mother)
    while not np.array_equal(root, root[root]):
        root = root[root]
    firsts = np.flatnonzero(mother < 0)
    event = np.searchsorted(firsts, root)
    order = np.argsort(event, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(event, minlength=len(firsts)))])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - offsets[event[order]]
    return GeneratedParticles(
        offsets,
        np.ones(len(firsts)),
        particles.pdg[order],
        particles.momentum[order],
        particles.vertex[order],
        np.where(mother < 0, -1, place[mother])[order].astype(np.int32),
        particles.final[order],
    )


def _insert(particles: GeneratedParticles, chosen: NDArray[np.intp], decays: GeneratedParticles) -> GeneratedParticles:
    """Return the events with the products of the chosen particles behind all others of the same event."""
    event, decay = particles.event, decays.event
    products = np.flatnonzero(decays.mother >= 0)
    owner = chosen[decay[products]]
    owner_event = event[owner]
    before = np.concatenate([[0], np.cumsum(np.bincount(owner_event, minlength=len(particles)))])
    # place of a product in its event, from its number among all products
    place = particles.counts[owner_event] + np.arange(len(products)) - before[owner_event]
    number = np.cumsum(decays.mother >= 0) - 1
    inside = decays.mother[products].astype(np.int64)
    mother_row = decays.offsets[decay[products]] + inside
    mother = np.where(inside == 0, owner - particles.offsets[owner_event], place[number[mother_row]])
    final = particles.final.copy()
    final[chosen] = decays.final[decays.offsets[:-1]]
    offsets = particles.offsets + before
    rows = np.arange(len(event)) + before[event], offsets[owner_event] + place
    return GeneratedParticles(
        offsets,
        particles.weight_fb,
        _placed(rows, particles.pdg, decays.pdg[products]),
        _placed(rows, particles.momentum, decays.momentum[products]),
        _placed(rows, particles.vertex, decays.vertex[products] + particles.vertex[owner]),
        _placed(rows, particles.mother, mother.astype(np.int32)),
        _placed(rows, final, decays.final[products]),
    )


def _placed(rows: Sequence[NDArray[Any]], *values: NDArray[Any]) -> NDArray[Any]:
    """Return all values in one array, each part in its rows."""
    whole = np.empty((sum(map(len, values)), *values[0].shape[1:]), dtype=values[0].dtype)
    for places, part in zip(rows, values, strict=True):
        whole[places] = part
    return whole
