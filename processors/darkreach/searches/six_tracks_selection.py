"""The cuts on events with three dark photons, of which two or all three are seen, for measured or varied momenta."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.plane_search import PlaneRegion
from darkreach.configuration.six_tracks import ANYTHING, DECAYS, ResolutionCurve, SixTrackSelection
from darkreach.kinematics import mass_squared
from darkreach.searches.six_tracks_events import TrackCandidates, TrackMomenta
from darkreach.searches.six_tracks_masses import (
    PairedTracks,
    boson_values,
    invariant_mass,
    largest_electron_cosine,
    paired_tracks,
    with_recoil,
)
from darkreach.searches.six_tracks_pairing import (
    ELECTRON,
    MUON,
    PION,
    best_pairings,
    opposite_pairings,
    wrong_sign_pairings,
)

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

FLAVOURS: Final = {"electrons": ELECTRON, "muons": MUON, "pions": PION}
"""Numbers of the flavours by the decay to a pair."""


@dataclass(frozen=True)
class SelectedEvents:
    """Events with what cuts need; nothing is cut away.

    Attributes:
        pairs: how many of the dark photons are seen.
        event: (k,) index in the chunk, rising.
        mode: (k,) which flavours the pairs have, as ``mode_number`` counts them.
        values: (k, 3, 2) x and y of the entries, GeV.
        spread: (k,) largest minus smallest mass of the pairs, resolutions; infinite without a pairing.
        steps: (k,) each, which events pass the cuts in their order, each with all before.
        own: (k,) all tracks are of the particles they are taken for; True for (pseudo-)data.
    """

    pairs: int
    event: Indices
    mode: Indices
    values: Floats
    spread: Floats
    steps: tuple[Mask, ...]
    own: Mask


def mode_number(flavour: Indices) -> Indices:
    """Return a number (k,) for the flavours (k, pairs) of pairs that does not depend on their order.

    Example:
        >>> mode_number(np.array([[ELECTRON, MUON, MUON], [MUON, ELECTRON, MUON], [MUON, MUON, MUON]])).tolist()
        [9, 9, 12]
    """
    return np.asarray(np.sum(4**flavour, axis=1))


def seen_pairs(region: PlaneRegion) -> int:
    """Return how many of the dark photons are seen in a region."""
    return DECAYS - region.decays.count(ANYTHING)


def mode_of(region: PlaneRegion) -> int:
    """Return the number of the pairs that are seen in a region."""
    seen = [FLAVOURS[decay] for decay in region.decays if decay != ANYTHING]
    return int(mode_number(np.array([seen]))[0])


class SixTrackCuts:
    """Applies the cuts.

    Attributes:
        total: (4,) four-momentum of the beams, GeV.
        sqrt_s: GeV.
    """

    def __init__(self, selection: SixTrackSelection, detector: DetectorConfig, regions: Sequence[PlaneRegion]) -> None:
        """Take thresholds, beams and the modes that have a region."""
        beams = detector.beams.beams()
        self.total: Floats = beams.four_momentum
        self.sqrt_s: float = beams.sqrt_s
        self._selection = selection
        self._modes = {
            pairs: [mode_of(region) for region in regions if seen_pairs(region) == pairs] for pairs in (2, 3)
        }

    def select_six(self, found: TrackCandidates, tracks: TrackMomenta, *, scale: float = 1.0) -> SelectedEvents:
        """Return events with six tracks; the cuts are balance, pairs in a mode, tracks, conversions.

        Args:
            found: events with three positive and three negative tracks.
            tracks: of the events, as measured or varied.
            scale: of their momenta.
        """
        momenta = tracks.four_momenta(found.flavour, scale=scale)
        paired = self._paired(found, momenta, opposite_pairings(3))
        steps = self._steps(self._balanced(momenta), paired, tracks, scale)
        return self._selected(found, paired, boson_values(paired.pairs, paired.mean_mass), steps)

    def select_four(
        self, found: TrackCandidates, tracks: TrackMomenta, used: Indices, *, scale: float = 1.0
    ) -> SelectedEvents:
        """Return events with four leptons; the cuts are not used, pairs in a mode, tracks, conversions, recoil mass.

        Args:
            found: events with two positive and two negative leptons.
            tracks: of the events, as measured or varied.
            used: events of the chunk that pass the first cut of ``select_six``.
            scale: of their momenta.
        """
        momenta = tracks.four_momenta(found.flavour, scale=scale)
        paired = self._paired(found, momenta, opposite_pairings(2))
        steps = self._steps(~np.isin(found.event, used), paired, tracks, scale)
        agreement = self._selection.recoil
        bosons, mean = with_recoil(paired.pairs, self.total), paired.mean_mass
        difference = np.abs(mass_squared(bosons[:, -1]) - mean**2)
        agrees = difference <= agreement.largest.value * _resolution(agreement.resolution, mean)
        return self._selected(found, paired, boson_values(bosons, mean), (*steps, steps[-1] & agrees))

    def wrong_sign(self, found: TrackCandidates, tracks: TrackMomenta) -> Mask:
        """Return which events (k,) with six tracks pass all cuts of a region with pairs (+ +), (- -) and (+ -)."""
        momenta = tracks.four_momenta(found.flavour)
        paired = self._paired(found, momenta, wrong_sign_pairings())
        passing = self._steps(self._balanced(momenta), paired, tracks, 1.0)[-1]
        return np.asarray(passing & self.in_region(self._spread(paired)))

    def in_region(self, spread: Floats) -> Mask:
        """Return which events (k,) have a spread, in resolutions, of a region."""
        return np.asarray(spread < self._selection.spread.largest)

    def in_sideband(self, spread: Floats) -> Mask:
        """Return which events (k,) have a spread, in resolutions, of a sideband."""
        low, high = self._selection.spread.sideband
        return np.asarray((spread >= low) & (spread < high))

    def _balanced(self, momenta: Floats) -> Mask:
        mass = invariant_mass(momenta.sum(axis=1))
        return np.asarray(mass > self._selection.smallest_balance.value * self.sqrt_s)

    def _paired(self, found: TrackCandidates, momenta: Floats, pairings: Indices) -> PairedTracks:
        return paired_tracks(momenta, found.flavour, pairings, best_pairings(momenta, found.flavour, pairings))

    def _steps(self, first: Mask, paired: PairedTracks, tracks: TrackMomenta, scale: float) -> tuple[Mask, ...]:
        cuts = self._selection.tracks
        modes = self._modes[paired.masses.shape[1]]
        in_mode = first & paired.exists & np.isin(mode_number(paired.flavour), modes)
        good = scale * tracks.momentum * np.sin(tracks.theta) >= cuts.transverse_momentum.value
        good &= tracks.theta >= np.radians(cuts.polar_range.low)
        good &= tracks.theta <= np.radians(cuts.polar_range.high)
        accepted = in_mode & good.all(axis=1)
        cosine = largest_electron_cosine(paired, self.total)
        return first, in_mode, accepted, accepted & (cosine < self._selection.largest_helicity_cosine.value)

    def _spread(self, paired: PairedTracks) -> Floats:
        width = paired.masses.max(axis=1) - paired.masses.min(axis=1)
        relative = width / _resolution(self._selection.spread.resolution, paired.mean_mass)
        return np.where(paired.exists, relative, np.inf)

    def _selected(
        self, found: TrackCandidates, paired: PairedTracks, values: Floats, steps: tuple[Mask, ...]
    ) -> SelectedEvents:
        own = np.ones(len(found.event), dtype=np.bool_)
        if found.true_flavour is not None:
            own = np.all(found.flavour == found.true_flavour, axis=1)
        return SelectedEvents(
            paired.masses.shape[1],
            found.event,
            mode_number(paired.flavour),
            values,
            self._spread(paired),
            steps,
            own,
        )


def _resolution(curve: ResolutionCurve, mass: Floats) -> Floats:
    masses, widths = np.array(curve.knots).T
    resolution: Floats = np.interp(mass, masses, widths)
    return resolution
