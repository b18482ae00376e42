"""Limits straight from arrays equal those of the workspaces, whatever the number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darkreach.errors import LimitError
from darkreach.likelihood import SignalScan, add_signal, scan_workspace
from darkreach.limits import compute_limits, make_engine, scan_limits
from darkreach.sharing import Hypothesis


def background() -> dict[str, Any]:
    systematic = {"name": "tilt", "type": "histosys", "data": {"hi_data": [9.0, 7.0, 4.0], "lo_data": [7.0, 7.0, 6.0]}}
    sample = {"name": "b", "data": [8.0, 7.0, 5.0], "modifiers": [systematic]}
    return {
        "channels": [{"name": "c", "samples": [sample]}],
        "observations": [{"name": "c", "data": [9.0, 5.0, 6.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_limits_of_arrays_equal_those_of_workspaces() -> None:
    generator = np.random.default_rng(4)
    nominal = generator.uniform(0.1, 3.0, (130, 3))
    scan = SignalScan(
        nominal,
        statistical=0.1 * nominal,
        normalisations={"efficiency": (generator.uniform(1.01, 1.2, 130), generator.uniform(0.8, 0.99, 130))},
        shapes={"resolution": (1.1 * nominal, 0.95 * nominal)},
    )
    modifiers = [
        ("normfactor", "mu"),
        ("normsys", "efficiency"),
        ("histosys", "resolution"),
        ("staterror", "statistical"),
    ]
    workspace = add_signal(background(), {"c": modifiers})
    values = [{"mass_gev": 0.1 * index} for index in range(130)]
    found = scan_limits(workspace, scan, [0.90, 0.95], values=values)
    assert scan_limits(workspace, scan, [0.90, 0.95], values=values, workers=2) == found
    hypotheses = [
        Hypothesis(limit.name, limit.values, scan_workspace(workspace, scan, index))
        for index, limit in enumerate(found[::2])
    ]
    assert compute_limits(hypotheses, [0.90, 0.95], engine=make_engine("compiled")) == found
    assert all(limit.status == "ok" for limit in found)


def test_missing_coordinates_are_refused() -> None:
    workspace = add_signal(background(), {"c": [("normfactor", "mu")]})
    with pytest.raises(LimitError, match="differ in number"):
        scan_limits(workspace, SignalScan(np.ones((2, 3))), [0.95], values=[{"mass_gev": 1.0}])
