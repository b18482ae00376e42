"""The cuts of the search for two leptons, of its regions and of its controls, for measured or varied momenta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig, Range
from darkreach.configuration.two_leptons import TwoLeptonControl, TwoLeptonSelection
from darkreach.searches.lepton_events import LeptonCandidates
from darkreach.searches.lepton_kinematics import LeptonMomenta, PairKinematics, pair_kinematics
from darkreach.searches.lepton_pairs import ELECTRONS
from darkreach.searches.photon_veto import veto_energies
from darkreach.searches.recoil_photon import beam_directions, hides_photon
from darkreach.searches.recoil_suppression import passes_suppression

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class SelectedPairs:
    """Pairs with what cuts need; nothing is cut away.

    Attributes:
        electrons: (k,) number of electrons.
        kinematics: of the pairs.
        recoil_polar_angle: (k,) deg, laboratory.
        accepted: (k,) both tracks have the transverse momentum and the direction asked for.
        in_cone: (k,) energy of the hardest photon near the recoil, GeV; 0 without any.
        photon_sum: (k,) of the energies of all photons, GeV.
        suppressed: (k,) passes the suppression of tau pairs.
        hidden: (k,) may hide a photon in a gap of the calorimeter.
    """

    electrons: NDArray[np.int64]
    kinematics: PairKinematics
    recoil_polar_angle: Floats
    accepted: Mask
    in_cone: Floats
    photon_sum: Floats
    suppressed: Mask
    hidden: Mask

    def observable(self, name: str) -> Floats:
        """Return the observable (k,) of a region or a control."""
        return self.recoil_polar_angle if name == "recoil_polar_angle" else self.kinematics.recoil_mass_squared


class TwoLeptonCuts:
    """Applies the cuts.

    Attributes:
        total: (4,) four-momentum of the beams, GeV.
        sqrt_s: GeV.
    """

    def __init__(self, selection: TwoLeptonSelection, detector: DetectorConfig) -> None:
        """Take thresholds and beams."""
        beams = detector.beams.beams()
        self.total: Floats = beams.four_momentum
        self.sqrt_s: float = beams.sqrt_s
        self._selection = selection
        self._directions = beam_directions(beams)

    def select(
        self, candidates: LeptonCandidates, leptons: LeptonMomenta, scale: float = 1.0, photon_scale: float = 1.0
    ) -> SelectedPairs:
        """Return pairs with what cuts need.

        Args:
            candidates: pairs and photons.
            leptons: of the pairs, as measured or varied.
            scale: of their momenta.
            photon_scale: of the energies of all photons.
        """
        found = pair_kinematics(leptons, self.total, scale=scale)
        tracks, vetoes = self._selection.tracks, self._selection.photon_vetoes
        accepted = found.smallest_transverse >= tracks.transverse_momentum.value
        accepted &= found.smallest_theta >= np.radians(tracks.polar_range.low)
        accepted &= found.largest_theta <= np.radians(tracks.polar_range.high)
        energies = veto_energies(
            candidates.photons,
            candidates.event,
            found.recoil_theta,
            found.recoil_phi,
            minimum_energy=vetoes.minimum_energy.value / photon_scale,
            cone=float(np.radians(vetoes.cone.value)),
        )
        return SelectedPairs(
            candidates.electrons,
            found,
            np.degrees(found.recoil_theta),
            accepted,
            photon_scale * energies.largest_in_cone,
            photon_scale * energies.total,
            passes_suppression(found, self._selection.tau_suppression),
            hides_photon(found.recoil, self._directions, vetoes.uncovered_ranges),
        )

    def steps(self, pairs: SelectedPairs) -> tuple[Mask, ...]:
        """Return which pairs (k,) pass the cuts that all regions share: flavours, tracks, pair, photons, taus."""
        flavours = pairs.electrons == ELECTRONS[self._selection.flavours]
        tracks = flavours & pairs.accepted
        pair = tracks & (pairs.kinematics.pair_transverse >= self._selection.pair_transverse_momentum.value)
        photons = pair & self._without_photons(pairs)
        return flavours, tracks, pair, photons, photons & pairs.suppressed

    def in_control(self, control: TwoLeptonControl, pairs: SelectedPairs) -> Mask:
        """Return which pairs (k,) are in a control."""
        flavours = self._selection.flavours if control.flavours is None else control.flavours
        chosen = pairs.accepted & (pairs.electrons == ELECTRONS[flavours])
        chosen &= inside(pairs.recoil_polar_angle, control.polar_range)
        transverse = pairs.kinematics.pair_transverse
        if control.pair_transverse_momentum is None:
            chosen &= transverse >= self._selection.pair_transverse_momentum.value
        else:
            chosen &= inside(transverse, control.pair_transverse_momentum)
        if control.photon_energy is None:
            chosen &= self._without_photons(pairs)
        else:
            others = pairs.photon_sum - pairs.in_cone
            chosen &= pairs.in_cone >= control.photon_energy.value
            chosen &= others <= self._selection.photon_vetoes.largest_sum.value
        if control.tau_suppression != "either":
            chosen &= pairs.suppressed == (control.tau_suppression == "passed")
        return np.asarray(chosen)

    def _without_photons(self, pairs: SelectedPairs) -> Mask:
        few = pairs.photon_sum <= self._selection.photon_vetoes.largest_sum.value
        return np.asarray((pairs.in_cone == 0.0) & few & ~pairs.hidden)


def inside(values: Floats, wanted: Range) -> Mask:
    """Return which values (k,) are in a range; the low end belongs to it, the high end does not.

    Example:
        >>> inside(np.array([1.0, 2.0, 3.0]), Range(low=1.0, high=3.0)).tolist()
        [True, True, False]
    """
    return np.asarray((values >= wanted.low) & (values < wanted.high))
