"""The cuts of the search for muon pairs in the plane, for measured or varied momenta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.muon_pair_plane import HelicityCut, MuonPairSelection
from darkreach.searches.lepton_events import LeptonCandidates
from darkreach.searches.lepton_kinematics import LeptonMomenta
from darkreach.searches.muon_pair_plane_kinematics import PlanePoints, plane_points
from darkreach.searches.two_leptons_selection import SelectedPairs, TwoLeptonCuts

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class SelectedMuonPairs:
    """Muon pairs with what cuts need; nothing is cut away.

    Attributes:
        pairs: what cuts on two leptons need.
        points: where they lie in the plane.
        shared: (k,) passes the cut on the helicity angle.
    """

    pairs: SelectedPairs
    points: PlanePoints
    shared: Mask


class MuonPairCuts:
    """Applies the cuts: those of searches for two leptons, then that on the helicity angle.

    Attributes:
        sqrt_s: GeV.
    """

    def __init__(self, selection: MuonPairSelection, detector: DetectorConfig) -> None:
        """Take thresholds and beams."""
        self._cuts = TwoLeptonCuts(selection, detector)
        self._helicity = selection.helicity
        self.sqrt_s: float = self._cuts.sqrt_s

    def select(
        self, candidates: LeptonCandidates, leptons: LeptonMomenta, scale: float = 1.0, photon_scale: float = 1.0
    ) -> SelectedMuonPairs:
        """Return pairs with what cuts need.

        Args:
            candidates: pairs and photons.
            leptons: of the pairs, as measured or varied.
            scale: of their momenta.
            photon_scale: of the energies of all photons.
        """
        pairs = self._cuts.select(candidates, leptons, scale=scale, photon_scale=photon_scale)
        points = plane_points(leptons, pairs.kinematics, self._cuts.total, scale=scale)
        shared = passes_helicity(points.helicity, pairs.kinematics.pair_transverse, points.values[:, 1], self._helicity)
        return SelectedMuonPairs(pairs, points, shared)

    def steps(self, selected: SelectedMuonPairs) -> tuple[Mask, ...]:
        """Return which pairs (k,) pass the cuts that all regions share, one after the other."""
        steps = self._cuts.steps(selected.pairs)
        return (*steps, steps[-1] & selected.shared)


def passes_helicity(helicity: Floats, transverse: Floats, recoil_mass_squared: Floats, cut: HelicityCut | None) -> Mask:
    """Return which pairs (k,) pass; all if there is no cut. A negative squared mass counts as zero.

    Args:
        helicity: (k,) ``|cos|``.
        transverse: (k,) momentum of the pair across the beams in the CM, GeV.
        recoil_mass_squared: (k,) GeV^2.
        cut: constant and slope by recoil mass.

    Example:
        >>> cut = HelicityCut(knots=((0.0, 0.5, 0.0), (2.0, 0.7, 0.1)), source="convention")
        >>> passes_helicity(np.array([0.6, 0.6, 0.8]), np.full(3, 2.0), np.array([-1.0, 1.0, 4.0]), cut).tolist()
        [False, True, True]
    """
    if cut is None:
        return np.ones(len(helicity), dtype=np.bool_)
    mass = np.sqrt(np.maximum(recoil_mass_squared, 0.0))
    masses, constant, slope = np.array(cut.knots).T
    return np.asarray(helicity < np.interp(mass, masses, constant) + np.interp(mass, masses, slope) * transverse)
