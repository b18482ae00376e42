"""CPU time of processors against the pure read of the same columns, medians of repetitions in turns, in one process.

    python tests/benchmarks/event_speed.py [--events 2000000] [--chunk 500000] [--repeats 5] [--demo SAMPLE_FOLDER]

Two muons with 21 variations: random 12-column files (ROOT and Parquet) are made in a temporary folder and processed as
a search would: columns read by ``open_events``, named cuts, compiled pairs, one fill. The floor is uproot reading the
same columns of the ROOT file into awkward arrays, chunk by chunk, the file opened once (``library="np"`` makes an
object an event and takes many times longer; it is printed once). The peer is the same analysis in coffea, whose
histograms must be equal. Mass windows: 500 overlapping windows of 20 bins, filled for the selected events of the run.
With ``--demo``, the axion processor (7 variations, 5 of them kinematic) on a sample folder of a finished run is
compared with its own read.
"""

from __future__ import annotations

import argparse
import logging
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hist
import numpy as np
import uproot
from axion_speed import axion_actions
from equal_starts import cpu_seconds, medians, ratio
from event_files import COLUMNS, make_columns, pure_read, write_parquet, write_root
from hist import Hist
from two_muons import FACTORS, VARIATIONS, Selected, chunks, compiled, plain, select
from two_muons_coffea import in_our_order, run_coffea

from darkreach.histograms.window_fill import GridSums, PullSums
from darkreach.histograms.window_grid import WindowGrid

WINDOWS, BINS, PULL = 500, 20, 3.0
CENTRES = np.linspace(-5.0, 105.0, WINDOWS)
WIDTHS = np.linspace(0.45, 0.65, WINDOWS)
"""GeV^2; an event lies in 15 windows on average."""

CELL = WIDTHS[0] / 10.0
PULL_AXIS = hist.axis.Regular(BINS, -PULL, PULL, name="pull")


def window_grid() -> WindowGrid:
    steps = np.linspace(-PULL, PULL, BINS + 1)
    return WindowGrid.snapped(CENTRES[:, np.newaxis] + steps * WIDTHS[:, np.newaxis], CELL)


def new_sums(design: str, variations: tuple[str, ...] = VARIATIONS) -> GridSums | PullSums:
    return GridSums(window_grid(), variations) if design == "grid" else PullSums(CENTRES, WIDTHS, PULL_AXIS, variations)


def largest_difference(ours: Hist, theirs: Hist) -> float:
    """Relative to the larger of both, over all bins with flow, of values and variances."""
    one, two = (np.stack([h.values(flow=True), h.variances(flow=True)]) for h in (ours, theirs))
    scale = np.maximum(np.abs(one), np.abs(two))
    return float(np.max(np.abs(one - two) / np.where(scale > 0.0, scale, 1.0)))


def two_muons(folder: Path, events: int, chunk: int, repeats: int) -> None:
    columns = make_columns(events)
    root, parquet = write_root(folder / "two.root", columns), write_parquet(folder / "two.parquet", columns)
    fast, coffea = compiled(root, chunk), run_coffea(root, chunk)
    single = run_coffea(root, chunk, double=False)
    print(f"selected {coffea['entries']} of {events} events; largest relative differences of bins, {chunk} a chunk:")
    print(f"  to the plain twins {largest_difference(fast, plain(root, chunk)):.1e}")
    print(f"  to coffea {largest_difference(fast, in_our_order(coffea['recoil'])):.1e}")
    moved = np.abs(in_our_order(single["recoil"]).values(flow=True)[0] - fast.values(flow=True)[0]).sum() / 2.0
    print(f"  coffea with recoil masses in 32 bits: weight {moved:.2f} in other bins")
    actions: dict[str, Callable[[], Any]] = {
        "floor": lambda: pure_read(root, chunk),
        "compiled": lambda: compiled(root, chunk),
        "compiled + 500 windows": lambda: compiled(root, chunk, new_sums("grid")),
        "plain twins": lambda: plain(root, chunk),
        "coffea": lambda: run_coffea(root, chunk),
        "coffea, cuts first": lambda: run_coffea(root, chunk, cuts_first=True),
        "coffea, vectors": lambda: run_coffea(root, chunk, vectors=True),
        "coffea, 100k chunks": lambda: run_coffea(root, 100_000),
    }
    times = cpu_seconds(actions, repeats)
    report(f"two muons, {len(VARIATIONS)} variations, TTree", events, times)
    print("  compiled / coffea", f"{ratio(times, 'compiled', 'coffea'):.3f}", end=", with 100k chunks ")
    print(f"{ratio(times, 'compiled', 'coffea, 100k chunks'):.3f}")
    actions = {"floor": lambda: pure_read(parquet, chunk), "compiled": lambda: compiled(parquet, chunk)}
    report(f"two muons, {len(VARIATIONS)} variations, Parquet", events, cpu_seconds(actions, repeats))
    windows(root, chunk, repeats)


def selected_events(path: Path, chunk: int) -> Selected:
    parts = [select(events) for events in chunks(path, chunk)]
    return Selected(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("values", "weight", "cells")))


def windows(path: Path, chunk: int, repeats: int) -> None:
    chosen = selected_events(path, chunk)
    rows = len(chosen.values)

    def fill(design: str, varied: bool) -> GridSums | PullSums:
        sums = new_sums(design, VARIATIONS if varied else ("nominal",))
        factors = FACTORS if varied else np.ascontiguousarray(FACTORS[:, :1])
        sums.fill(chosen.values, chosen.weight, chosen.cells, factors)
        return sums

    actions: dict[str, Callable[[], Any]] = {"floor": lambda: pure_read(path, chunk)}
    for design in ("grid", "pull"):
        for varied in (False, True):
            name = f"{design}, {len(VARIATIONS) if varied else 1} variations"
            actions[name] = lambda design=design, varied=varied: fill(design, varied).histogram()
    seconds = medians(cpu_seconds(actions, repeats))
    floor = seconds.pop("floor")
    print(f"{WINDOWS} windows of {BINS} bins, {rows} selected rows, for 100k rows and of the floor of this run:")
    for name, value in seconds.items():
        kept = fill(name[:4], name != f"{name[:4]}, 1 variations").histogram()
        scaled, size = value * 1e5 / rows, len(pickle.dumps(kept, protocol=5)) / 1e6
        print(f"  {name:20s} {scaled * 1e3:7.2f} ms, {scaled / floor:6.3f} x floor, partial result {size:5.2f} MB")


def numpy_floor(path: Path) -> float:
    start = time.process_time()
    with uproot.open(path) as file:
        file["tree"].arrays(list(COLUMNS), library="np", entry_stop=100_000)
    return (time.process_time() - start) * 10.0


def axion(folder: Path, repeats: int) -> None:
    entries, actions = axion_actions(folder)
    report(f"axion_to_photons, 7 variations, {folder.name}", entries, cpu_seconds(actions, repeats))


def report(title: str, events: int, times: dict[str, list[float]]) -> None:
    print(title)
    for name, value in medians(times).items():
        rate, factor = events / value / 1e6, ratio(times, name, "floor")
        print(f"  {name:22s} {value * 1e3:8.1f} ms, {rate:6.2f} Mev/s, {factor:5.2f} x floor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--chunk", type=int, default=500_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--demo", type=Path, help="sample folder of a finished run, Parquet")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        two_muons(Path(folder), arguments.events, arguments.chunk, arguments.repeats)
        print(f'floor with library="np": {numpy_floor(Path(folder) / "two.root"):.1f} s for a million events, once')
    if arguments.demo is not None:
        axion(arguments.demo, arguments.repeats)


if __name__ == "__main__":
    logging.disable(logging.INFO)
    main()
