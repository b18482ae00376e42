from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[4] / "shared" / "workspaces"


@pytest.fixture
def workspace():
    """Two bins, a signal, a background with every constrained modifier."""
    modifiers = [
        {"name": "shape", "type": "histosys", "data": {"hi_data": [11.0, 21.0], "lo_data": [9.0, 19.0]}},
        {"name": "rate", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
        {"name": "stat", "type": "staterror", "data": [1.0, 1.5]},
    ]
    signal = {"name": "signal", "data": [1.0, 2.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
    background = {"name": "background", "data": [10.0, 20.0], "modifiers": modifiers}
    return {
        "channels": [{"name": "only", "samples": [background, signal]}],
        "measurements": [{"name": "limit", "config": {"poi": "mu", "parameters": []}}],
        "observations": [{"name": "only", "data": [10.0, 22.0]}],
        "version": "1.0.0",
    }


@pytest.fixture
def background_only(workspace):
    content = copy.deepcopy(workspace)
    del content["channels"][0]["samples"][1]
    return content


@pytest.fixture
def write(tmp_path):
    """Write text or JSON-like content to a file and return its path."""

    def written(content, name="workspace.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="session")
def shared():
    """Public workspaces of other experiments, if this machine has them."""
    if not SHARED.is_dir():
        pytest.skip("no public workspaces on this machine")
    return SHARED
