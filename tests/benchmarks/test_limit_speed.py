"""The compiled engine against pyhf: same numbers, a small part of the time, both sides in CPU seconds of one run.

Gates are a fifth of what is aimed at, because machines are shared.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from darkreach.catalogue import known_entries, relative_difference
from darkreach.likelihood import pack_workspaces
from darkreach.limits import make_engine
from darkreach.limits.compiled_engine import solve_limits
from darkreach.sharing import apply_patches, read_patchset, read_workspace

CATALOGUE_GATE = 100.0
"""Smallest accepted ratio on the stored likelihood, whose pyhf side is our own fast use of pyhf: 500 to 2500."""

KERNEL_GATE = 6000.0
"""The same for a histogram of 20 bins with 8 parameters, against pyhf's own scan: 30 000 and more."""

WORKLOADS = Path(__file__).parents[3] / "shared" / "bench"


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
    assert seconds["pyhf"] / seconds["compiled"] > CATALOGUE_GATE


@pytest.mark.agreement
@pytest.mark.skipif(not WORKLOADS.is_dir(), reason="the standard workloads are not here")
def test_kernel_is_faster_than_the_scan_of_pyhf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(WORKLOADS)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from limit_workloads import make_scan
        from peer_pyhf import limit as peer_limit

        workspaces: list[dict[str, Any]] = make_scan("small", 40, 9301)
        start = time.process_time()
        theirs = peer_limit(workspaces[0])
        peer = time.process_time() - start
    packed, models = pack_workspaces(workspaces)
    sizes = [(model.arrays.initial.size, model.arrays.counts.size) for model in models]
    numbers = solve_limits(packed, sizes, [0.95], use_numba=True)
    start = time.process_time()
    solve_limits(packed, sizes, [0.95], use_numba=True)
    own = (time.process_time() - start) / len(workspaces)
    # the default tolerance of pyhf's optimizer leaves 1e-4
    assert [*theirs[1:], theirs[0]] == pytest.approx(numbers.strength[0].tolist(), rel=1e-3)
    assert peer / own > KERNEL_GATE
