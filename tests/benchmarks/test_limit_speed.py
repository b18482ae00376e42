"""The compiled engine against pyhf on a stored likelihood: same numbers, a hundredth of the time, in one run."""

from __future__ import annotations

import time
import warnings

import pytest

from darkreach.catalogue import known_entries, relative_difference
from darkreach.limits import make_engine
from darkreach.sharing import apply_patches, read_patchset, read_workspace

GATE = 100.0
"""Smallest accepted ratio of CPU times; 500 to 2500 is measured, and machines are shared."""


@pytest.mark.agreement
def test_compiled_limits_equal_pyhf_and_are_faster() -> None:
    (entry,) = known_entries(["axion_to_photons"])
    hypotheses = apply_patches(read_workspace(entry.workspace), read_patchset(entry.patchset))[::90]
    compiled, peer = make_engine("compiled"), make_engine("pyhf")
    compiled.limits(hypotheses[0], (0.90, 0.95))
    seconds = {}
    results = {}
    for engine in (compiled, peer):
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results[engine.name] = [limit for h in hypotheses for limit in engine.limits(h, (0.90, 0.95))]
        seconds[engine.name] = time.process_time() - start
    for ours, theirs in zip(results["compiled"], results["pyhf"], strict=True):
        # pyhf differentiates numerically; the compiled engine's own check is 1e-8 in CLs
        assert relative_difference(theirs, ours) < 1e-4, ours.name
    assert seconds["pyhf"] / seconds["compiled"] > GATE
