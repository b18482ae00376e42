"""The selection of events with a single photon, on flat arrays: plain, and with the compiled search for the photon."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.single_photon import SinglePhotonRegion, SinglePhotonSelection
from darkreach.kinematics import boosted_energy, photon_momenta, recoil_mass_squared
from darkreach.searches.photon_events import PhotonArrays
from darkreach.searches.photon_kernels import LARGEST_ANGLE, photon_kinematics
from darkreach.searches.single_photon_kernels import leading_photons

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

FindLeading: TypeAlias = Callable[[Floats, Indices, Indices, float, float], tuple[Indices, Indices]]
"""From CM energies (p,), offsets (n + 1,), events (m,), scale and veto energy: photons (m,), or -1, and counts (m,)."""


@dataclass(frozen=True)
class SinglePhotons:
    """Selected events, one photon each.

    Attributes:
        event: (k,) index in the chunk, rising.
        photon: (k,) row of the photon in the lists of the chunk.
        energy: (k,) laboratory, GeV.
        energy_cm: (k,) GeV.
        theta: (k,) laboratory, deg.
        cosine_cm: (k,) of the angle to the electron in the CM.
        recoil_mass_squared: (k,) GeV^2.
        direction: (k, 3) unit vector, laboratory.
        with_photon: (j,) events with a photon above the threshold, others beside it or not; in the chunk.
    """

    event: Indices
    photon: Indices
    energy: Floats
    energy_cm: Floats
    theta: Floats
    cosine_cm: Floats
    recoil_mass_squared: Floats
    direction: Floats
    with_photon: Indices


class SinglePhotonCuts:
    """Exactly one photon, and where it is.

    Attributes:
        sqrt_s: GeV, of the nominal beams.
        total: (4,) four-momentum of the nominal beams, laboratory, GeV.
    """

    def __init__(
        self, selection: SinglePhotonSelection, detector: DetectorConfig, find: FindLeading | None = None
    ) -> None:
        """Take thresholds and nominal beams; ``find`` is the compiled search unless given."""
        beams = detector.beams.beams()
        self.sqrt_s, self.total = beams.sqrt_s, beams.four_momentum
        self._velocity = beams.boost
        self._beams = beam_directions(beams.electron_energy, beams.positron_energy, beams.crossing_angle)
        self._threshold, self._veto = selection.minimum_energy_cm.value, selection.veto_energy_cm.value
        self._angle = math.radians(selection.muon_system_angle.value)
        self._uncovered = tuple((bounds.low, bounds.high) for bounds in selection.uncovered_ranges)
        self._find = compiled_leading if find is None else find

    def energies_cm(self, photons: PhotonArrays) -> Floats:
        """Return the CM energies (p,) of photons, GeV."""
        largest = max((float(np.abs(angle).max(initial=0.0)) for angle in (photons.theta, photons.phi)), default=0.0)
        if largest > LARGEST_ANGLE:
            return boosted_energy(photon_momenta(photons.energy, photons.theta, photons.phi), self._velocity)
        momenta, energy_cm = np.empty((4, len(photons.energy))), np.empty(len(photons.energy))
        photon_kinematics(photons.energy, photons.theta, photons.phi, self._velocity, momenta, energy_cm)
        return energy_cm

    def select(
        self, photons: PhotonArrays, energy_cm: Floats, offsets: Indices, events: Indices, scale: float = 1.0
    ) -> SinglePhotons:
        """Return the events with one photon above the threshold and no other above the veto energy.

        Args:
            photons: of the chunk, (p,).
            energy_cm: (p,) as of ``energies_cm``, GeV.
            offsets: (n + 1,) first photon of each event.
            events: (m,) those to look at.
            scale: of all energies.
        """
        leading, counts = self._find(energy_cm, offsets, events, scale, self._veto)
        found = leading >= 0
        above = np.zeros(len(events), dtype=np.bool_)
        above[found] = scale * energy_cm[leading[found]] > self._threshold
        single = above & (counts == 1)
        photon = leading[single]
        energy_cm = scale * energy_cm[photon]
        theta, phi = photons.theta[photon], photons.phi[photon]
        direction = unit_vectors(theta, phi)
        return SinglePhotons(
            event=events[single],
            photon=photon,
            energy=scale * photons.energy[photon],
            energy_cm=energy_cm,
            theta=np.degrees(theta),
            cosine_cm=self.cosines_cm(direction),
            recoil_mass_squared=recoil_mass_squared(energy_cm, self.sqrt_s),
            direction=direction,
            with_photon=events[above],
        )

    def cosines_cm(self, direction: Floats) -> Floats:
        """Return the cosines (k,) of the CM angle to the electron of photons with these directions (k, 3).

        In the CM both beams have the same energy E: k.p = E E* (1 - cos), k.p' = E E* (1 + cos).
        """
        to_electron, to_positron = (beam[0] - direction @ beam[1:] for beam in self._beams)
        return np.asarray((to_positron - to_electron) / (to_positron + to_electron))

    def opposite_directions(self, selected: SinglePhotons) -> Floats:
        """Return unit vectors (k, 3), laboratory, along which a massless particle balances the photon in the CM."""
        both = (2.0 * selected.energy_cm / self.sqrt_s)[:, np.newaxis] * self.total[1:]
        opposite = both - selected.energy[:, np.newaxis] * selected.direction
        return np.asarray(opposite / np.linalg.norm(opposite, axis=1, keepdims=True))

    def unseen_photon_angles(self, selected: SinglePhotons) -> Floats:
        """Return polar angles (2, k), laboratory, deg, of a photon that the event may hide, one for each beam.

        The reaction is e+e- -> gamma gamma gamma with one photon along a beam p, of the share x of its momentum, and
        one unseen: q = P - k - x p is massless for x = M^2/(2 p.(P - k)).
        """
        recoil = self.total - np.concatenate(
            [selected.energy[:, np.newaxis], selected.energy[:, np.newaxis] * selected.direction], axis=1
        )
        angles = np.empty((2, len(selected.event)))
        for row, beam in enumerate(self._beams):
            product = recoil[:, 0] * beam[0] - recoil[:, 1:] @ beam[1:]
            share = selected.recoil_mass_squared / (2.0 * product)
            unseen = recoil[:, 1:] - share[:, np.newaxis] * beam[1:]
            angles[row] = np.degrees(np.arctan2(np.hypot(unseen[:, 0], unseen[:, 1]), unseen[:, 2]))
        return angles

    def covered(self, selected: SinglePhotons) -> Mask:
        """Return which events (k,) have no such photon in the ranges that are not covered."""
        good = np.ones(len(selected.event), dtype=np.bool_)
        if self._uncovered:
            angles = self.unseen_photon_angles(selected)
            for low, high in self._uncovered:
                good &= ~((angles >= low) & (angles <= high)).any(axis=0)
        return good

    def without_opposite_cluster(self, selected: SinglePhotons, cluster_event: Indices, clusters: Floats) -> Mask:
        """Return which selected events (k,) have no cluster of the muon system opposite to the photon.

        Args:
            selected: k events.
            cluster_event: (c,) event of each cluster in the chunk.
            clusters: (c, 3) their directions, unit vectors in the laboratory.
        """
        free = np.ones(len(selected.event), dtype=np.bool_)
        if len(cluster_event) == 0 or len(free) == 0:
            return free
        place = np.minimum(np.searchsorted(selected.event, cluster_event), len(free) - 1)
        ours = np.flatnonzero(selected.event[place] == cluster_event)
        place = place[ours]
        cosine = np.einsum("ci,ci->c", self.opposite_directions(selected)[place], clusters[ours])
        free[place[cosine > math.cos(self._angle)]] = False
        return free


def in_region(region: SinglePhotonRegion, selected: SinglePhotons) -> Mask:
    """Return which events (k,) have their photon inside the bounds of a region; the trigger is not looked at."""
    inside = np.ones(len(selected.event), dtype=np.bool_)
    if region.lowest_angle is not None:
        inside &= selected.theta >= region.lowest_angle.degrees(selected.energy_cm)
    if region.highest_angle is not None:
        inside &= selected.theta <= region.highest_angle.degrees(selected.energy_cm)
    for bounds, values in ((region.polar_range, selected.theta), (region.cosine_range_cm, selected.cosine_cm)):
        if bounds is not None:
            inside &= (values >= bounds.low) & (values < bounds.high)
    return inside


def unit_vectors(theta: Floats, phi: Floats) -> Floats:
    """Return directions (k, 3) from angles (k,) in rad."""
    sine = np.sin(theta)
    return np.stack([sine * np.cos(phi), sine * np.sin(phi), np.cos(theta)], axis=-1)


def beam_directions(electron_energy: float, positron_energy: float, crossing_angle: float) -> tuple[Floats, Floats]:
    """Return the four-momenta (4,) of the massless electron and positron, laboratory, GeV."""
    sine, cosine = math.sin(0.5 * crossing_angle), math.cos(0.5 * crossing_angle)
    return (
        electron_energy * np.array([1.0, sine, 0.0, cosine]),
        positron_energy * np.array([1.0, sine, 0.0, -cosine]),
    )


def compiled_leading(
    energy_cm: Floats, offsets: Indices, events: Indices, scale: float, veto: float
) -> tuple[Indices, Indices]:
    """Return the leading photons (m,), -1 for none above the veto energy, and how many are (m,), by compiled code."""
    leading, counts = np.empty((2, len(events)), dtype=np.int64)
    leading_photons(energy_cm, offsets, events, scale, veto, leading, counts)
    return leading, counts


def plain_leading(
    energy_cm: Floats, offsets: Indices, events: Indices, scale: float, veto: float
) -> tuple[Indices, Indices]:
    """Return what ``compiled_leading`` returns, by a loop over events: the oracle."""
    leading, counts = [], []
    for event in events:
        energies = scale * energy_cm[offsets[event] : offsets[event + 1]]
        counts.append(int((energies > veto).sum()))
        leading.append(int(offsets[event] + np.argmax(energies)) if counts[-1] else -1)
    return np.array(leading, dtype=np.int64), np.array(counts, dtype=np.int64)
