"""The analysis of ``two_muons`` as users of coffea write it: Runner, PackedSelection, Weights, a variation axis.

The same columns (preloaded), cuts, bins and table of corrections. Two choices make it faster than it is usually
written, so that the comparison is fair: weights are made for the selected events only, and one call registers all
variations. ``double`` turns the momenta of the muons to 64 bits before the recoil mass, a small difference of large
numbers, is made of them; without it single events change bins.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import hist
import numpy as np
from coffea import processor
from coffea.analysis_tools import PackedSelection, Weights
from coffea.nanoevents import BaseSchema
from coffea.nanoevents.methods import vector
from event_files import COLUMNS
from hist import Hist
from two_muons import AXIS, FACTORS, MINIMUM_IDENTIFICATION, NUISANCES, P_EDGES, THETA_EDGES, TOTAL, VARIATIONS

# vectors have a theta and a p of their own, and refuse columns of these names
OTHERS = {"charge": "charge", "muonID": "muonID", "polar_angle": "theta", "momentum": "p"}


class TwoMuonsInCoffea(processor.ProcessorABC):
    def __init__(self, *, vectors: bool = False, cuts_first: bool = False, double: bool = True) -> None:
        self.vectors, self.cuts_first, self.double = vectors, cuts_first, double

    def process(self, events: Any) -> dict[str, Any]:
        trigger = events.L1FTDL > 0.5
        tracks_in_event = (events.nTracks >= 2) & (events.nTracks <= 4)
        missing_mass = events.missingMass2OfEvent > 0.0
        if self.cuts_first:
            events = events[trigger & tracks_in_event & missing_mass]
        tracks = self.tracks(events)
        muons = tracks[tracks.muonID > MINIMUM_IDENTIFICATION]
        selection = PackedSelection()
        if not self.cuts_first:
            selection.add_multiple({"trigger": trigger, "tracks": tracks_in_event, "missing_mass": missing_mass})
        selection.add("two_muons", ak.num(muons) == 2)
        selection.add("opposite_charge", ak.prod(muons.charge, axis=1) < 0.0)
        chosen = selection.all()
        muons = muons[chosen]
        first, second = muons[:, 0], muons[:, 1]
        recoil = self.recoil_mass_squared(first, second)
        weights = self.weights(events["__weight__"][chosen], first)
        output = Hist(hist.axis.StrCategory([], growth=True, name="variation"), AXIS, storage=hist.storage.Weight())
        output.fill("nominal", recoil, weight=weights.weight())
        for variation in sorted(weights.variations):
            output.fill(variation, recoil, weight=weights.weight(variation))
        return {"recoil": output, "entries": len(recoil)}

    def tracks(self, events: Any) -> Any:
        others = {name: events[column] for name, column in OTHERS.items()}
        if self.vectors:
            components = {"x": events.px, "y": events.py, "z": events.pz, "t": events.E}
            return ak.zip(components | others, with_name="LorentzVector", behavior=vector.behavior)
        return ak.zip({name: events[name] for name in ("px", "py", "pz", "E")} | others)

    def recoil_mass_squared(self, first: Any, second: Any) -> Any:
        dtype = np.float64 if self.double else np.float32
        if self.vectors:
            total = ak.zip(
                dict(zip("txyz", TOTAL.astype(dtype), strict=True)), with_name="LorentzVector", behavior=vector.behavior
            )
            recoil = total - (ak.values_astype(first, dtype) + ak.values_astype(second, dtype))
            return recoil.mass2
        energy, px, py, pz = (
            component - (ak.values_astype(first[name], dtype) + ak.values_astype(second[name], dtype))
            for component, name in zip(TOTAL.astype(dtype), ("E", "px", "py", "pz"), strict=True)
        )
        return energy**2 - px**2 - py**2 - pz**2

    def weights(self, sampling: Any, first: Any) -> Weights:
        row = np.searchsorted(P_EDGES, ak.to_numpy(first.momentum), side="right") - 1
        column = np.searchsorted(THETA_EDGES, ak.to_numpy(first.polar_angle), side="right") - 1
        factors = FACTORS[row * (len(THETA_EDGES) - 1) + column].T
        weights = Weights(len(first))
        weights.add("sampling", ak.to_numpy(sampling))
        weights.add_multivariation(
            "identification", factors[0], list(NUISANCES), list(factors[1::2]), list(factors[2::2])
        )
        return weights

    def postprocess(self, accumulator: Any) -> Any:
        return accumulator


def run_coffea(path: Path, entries: int, **options: bool) -> dict[str, Any]:
    runner = processor.Runner(
        executor=processor.IterativeExecutor(status=False, compression=None),
        pre_executor=processor.IterativeExecutor(status=False),
        schema=BaseSchema,
        chunksize=entries,
        # else the number of entries of a file would be remembered from the first repetition
        metadata_cache={},
    )
    fileset = {"two_muons": {"treename": "tree", "files": [str(path)], "preload": list(COLUMNS)}}
    return runner(fileset, processor_instance=TwoMuonsInCoffea(**options))


def in_our_order(histogram: Hist) -> Hist:
    """The variations in the order of ``two_muons.VARIATIONS``."""
    result = Hist(
        hist.axis.StrCategory(VARIATIONS, name="variation", overflow=False), AXIS, storage=histogram.storage_type()
    )
    view: Any = result.view(flow=True)
    for number, variation in enumerate(VARIATIONS):
        view[number] = histogram[{"variation": variation}].view(flow=True)
    return result
