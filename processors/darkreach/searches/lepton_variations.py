"""Trigger and systematic variations that searches for leptons share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.two_leptons import LeptonEfficiencyVariation, TwoLeptonVariations
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.lepton_events import LeptonCandidates
from darkreach.searches.lepton_kinematics import LeptonMomenta
from darkreach.searches.photon_events import number_column

Floats = NDArray[np.float64]
Selected = TypeVar("Selected")

Select = Callable[[LeptonCandidates, LeptonMomenta, float, float], Selected]
"""Selects with measured or varied leptons, a scale of their momenta, and one of the energies of photons."""


def triggered_events(events: ak.Array, columns: Sequence[str], source: ChunkSource) -> NDArray[np.bool_]:
    """Return in which events (n,) any of the trigger lines, named by their columns, has fired.

    Raises:
        EventContentError: a value is not finite.
    """
    fired = []
    for name in columns:
        values = number_column(events, name)
        source.require_finite(name, values)
        fired.append(values > 0.5)
    return np.asarray(np.any(fired, axis=0))


def kinematic_variations(
    candidates: LeptonCandidates, sizes: TwoLeptonVariations, select: Select[Selected]
) -> Iterator[tuple[str, Selected]]:
    """Select anew with varied tracks or photons, so that events migrate over the cuts; the nominal comes first.

    (Pseudo-)data, which have no truth, are selected once.
    """
    measured = candidates.measured
    yield NOMINAL, select(candidates, measured, 1.0, 1.0)
    if candidates.truth is None:
        return
    for direction, sign in (("up", 1.0), ("down", -1.0)):
        if sizes.track_momentum_scale is not None:
            factor = 1.0 + sign * sizes.track_momentum_scale.value
            yield f"track_momentum_scale_{direction}", select(candidates, measured, factor, 1.0)
        if sizes.recoil_resolution is not None:
            varied = candidates.residuals_scaled(1.0 + sign * sizes.recoil_resolution.value)
            yield f"recoil_resolution_{direction}", select(candidates, varied, 1.0, 1.0)
        if sizes.photon_veto is not None:
            factor = 1.0 + sign * sizes.photon_veto.value
            yield f"photon_veto_{direction}", select(candidates, measured, 1.0, factor)


def identification_variations(
    weight: Floats, candidates: LeptonCandidates, steps: LeptonEfficiencyVariation | None
) -> dict[str, Floats]:
    """Return weights (k,) with both leptons' efficiencies up and down; a momentum on an edge belongs above it."""
    if steps is None:
        return {}
    bins = np.searchsorted(steps.momentum_edges, candidates.measured.momentum, side="right")
    size = np.asarray(steps.values)[bins].reshape(-1, 2)
    return {
        f"lepton_identification_{direction}": weight * np.prod(1.0 + sign * size, axis=1)
        for direction, sign in (("up", 1.0), ("down", -1.0))
    }
