"""Events against the read of their columns and against coffea: equal histograms, and a small part of the goals' speed.

Gates are several times what is aimed at (1.3 times the read; half of coffea; 0.15 of the read for windows of 100k
selected events), because machines are shared; a second try is allowed. Ratios of CPU time within one run only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import event_speed
from equal_starts import cpu_seconds, ratio
from event_files import make_columns, pure_read, write_root
from two_muons import FACTORS, VARIATIONS, compiled, plain
from two_muons_coffea import in_our_order, run_coffea

EVENTS, CHUNK = 300_000, 150_000
READ_GATE, COFFEA_GATE, WINDOW_GATE = 5.0, 1.0, 1.0


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_root(tmp_path_factory.mktemp("events") / "two.root", make_columns(EVENTS), cluster=50_000)


def below_gates(measure: Callable[[], dict[str, float]], gates: dict[str, float]) -> None:
    """Measure, and once more if another process got in the way; the better of both counts."""
    found = measure()
    if any(found[name] > gate for name, gate in gates.items()):
        found = {name: min(value, found[name]) for name, value in measure().items()}
    assert {name: round(found[name], 2) for name, gate in gates.items() if found[name] > gate} == {}


@pytest.mark.agreement
def test_histograms_equal_those_of_plain_code_and_of_coffea(path: Path) -> None:
    ours = compiled(path, CHUNK)
    assert ours.sum(flow=True).value > 0.05 * EVENTS * len(VARIATIONS)
    assert event_speed.largest_difference(ours, plain(path, CHUNK)) < 1e-12
    for options in ({}, {"vectors": True}, {"cuts_first": True}):
        theirs = run_coffea(path, CHUNK, **options)
        assert len(theirs["recoil"].axes["variation"]) == len(VARIATIONS)
        assert event_speed.largest_difference(ours, in_our_order(theirs["recoil"])) < 1e-6


def test_two_muons_take_little_more_than_the_read_and_less_than_coffea(path: Path) -> None:
    actions: dict[str, Callable[[], Any]] = {
        "read": lambda: pure_read(path, CHUNK),
        "compiled": lambda: compiled(path, CHUNK),
        "coffea": lambda: run_coffea(path, CHUNK),
    }

    def measure() -> dict[str, float]:
        times = cpu_seconds(actions, 3)
        return {"read": ratio(times, "compiled", "read"), "coffea": ratio(times, "compiled", "coffea")}

    below_gates(measure, {"read": READ_GATE, "coffea": COFFEA_GATE})


def test_500_windows_take_less_than_the_read(path: Path) -> None:
    chosen = event_speed.selected_events(path, CHUNK)

    def fill(design: str) -> None:
        event_speed.new_sums(design).fill(chosen.values, chosen.weight, chosen.cells, FACTORS)

    actions: dict[str, Callable[[], Any]] = {"read": lambda: pure_read(path, CHUNK)}
    actions |= {design: lambda design=design: fill(design) for design in ("grid", "pull")}

    def measure() -> dict[str, float]:
        times = cpu_seconds(actions, 3)
        return {design: ratio(times, design, "read") for design in ("grid", "pull")}

    below_gates(measure, {"grid": WINDOW_GATE, "pull": WINDOW_GATE})
