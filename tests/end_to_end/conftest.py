"""One small run of the whole chain, made once and looked at by many tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.configuration import config_path

ANCHORS = "[0.2, 0.5, 1.0, 2.0, 4.0, 6.0, 7.0, 8.5, 9.7]"
MASSES = "[0.5, 3.0, 8.0]"


@pytest.fixture(scope="session")
def small_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped configuration with a demo preset of a few thousand events."""
    text = config_path("searches", "axion_to_photons").read_text()
    demo, full = text.split("  full:\n")
    demo = re.sub(r"    signal_events: \d+", "    signal_events: 6000", demo)
    demo = re.sub(r"    background_events: \d+", "    background_events: 150000", demo)
    demo = re.sub(r"    anchor_masses: .*", f"    anchor_masses: {ANCHORS}", demo)
    demo = re.sub(r"    scan_masses: .*", f"    scan_masses: {MASSES}", demo)
    path = tmp_path_factory.mktemp("config") / "axion_to_photons.yaml"
    path.write_text(demo + "  full:\n" + full)
    return path


RunSmall = Callable[..., int]


@pytest.fixture(scope="session")
def run_small(small_config: Path) -> RunSmall:
    """A function that runs the small preset into a folder and returns the exit code."""

    def run(out: Path, *options: str) -> int:
        words = ["run", "axion_to_photons", "--out", str(out), "--config", str(small_config), *options]
        return run_command_line(words)

    return run


@pytest.fixture(scope="session")
def finished_run(run_small: RunSmall, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one finished small run, one process."""
    out = tmp_path_factory.mktemp("run") / "out"
    assert run_small(out) == 0
    return out
