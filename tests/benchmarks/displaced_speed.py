"""CPU time of the searches for displaced vertices against the read of the same columns, in one process, in turns.

    python tests/benchmarks/displaced_speed.py [--events 60000] [--process b_meson_pair] [--repeats 7]

Simulated events of a background are written as an ntuple to a temporary folder. ``floor`` decodes the columns with
pyarrow, ``read`` makes events of them as every run does, ``search`` fills the histograms too. Last comes how many
candidates an event with any has when all of them are weighted: how much they can overcount events.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from coffea.nanoevents.methods import base
from equal_starts import cpu_seconds, print_ratios

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.events.readers import open_events
from darkreach.generators.process_registry import find_process
from darkreach.response import measure_events
from darkreach.searches.displaced_pairs import DisplacedPairs
from darkreach.searches.displaced_sums import DisplacedSums
from darkreach.searches.registry import read_search
from darkreach.simulation.event_lists import measured_lists, stored_values

SEARCHES = ("long_lived_scalar", "displaced_vertex")
GOAL, GROUP = 1.5, 20_000


def write_sample(path: Path, process: str, events: int, detector: DetectorConfig) -> None:
    found = find_process(process)
    source = found.open(detector.beams.beams(), found.values({}), found.usual_isr_fraction).source
    writer = None
    for start in range(0, events, GROUP):
        random = np.random.default_rng([start, 1])
        measured = measure_events(source(min(GROUP, events - start), random), detector, random)
        rows = measured_lists(measured, np.arange(len(measured)))
        columns, arrays = rows.columns(), {}
        for column in columns:
            values = pa.array(stored_values(rows, [column])[column.name])
            if column.level == "candidate":
                offsets = rows.lists[column.collection].offsets.astype(np.int32)
                values = pa.ListArray.from_arrays(pa.array(offsets), values)
            arrays[column.name] = values
        table = pa.table(arrays)
        if writer is None:
            # as ParquetNtuple: a dictionary of measured values saves nothing
            numbers = [column.name for column in columns if column.level == "event"]
            writer = pq.ParquetWriter(path, table.schema, compression="zstd", use_dictionary=numbers)
        writer.write_table(table, row_group_size=len(table))
    if writer is not None:
        writer.close()


def read(path: Path, columns: tuple[str, ...], process: str) -> ak.Array:
    with open_events(path) as file:
        arrays = file.read(columns, 0, file.entries)
    metadata = {"dataset": process, "filename": str(path), "kind": "background"}
    layout = ak.to_layout(arrays).copy(parameters={"__record__": "NanoEvents", "metadata": metadata})
    return ak.Array(layout, behavior=base.behavior)


def overcounting(processor: DisplacedPairs, events: ak.Array) -> dict[str, tuple[float, float, float]]:
    """Return, by region, the expected numbers of candidates and of events, and candidates an event without weights."""
    found: dict[str, tuple[float, float, float]] = {}

    def record(_: DisplacedSums, region: Any, candidates: Any, *_others: Any, best: bool) -> None:
        factor, event = candidates.factor[candidates.passing], candidates.event[candidates.passing]
        if len(event) == 0:
            return
        _, place = np.unique(event, return_inverse=True)
        # as if candidates passed independently: more events than there are
        missed = np.exp(np.bincount(place, weights=np.log1p(-factor)))
        found[region.name] = float(factor.sum()), float(np.sum(1.0 - missed)), len(event) / (place.max() + 1)

    original, DisplacedSums.fill = DisplacedSums.fill, record  # type: ignore[method-assign]
    try:
        processor.process(events)
    finally:
        DisplacedSums.fill = original  # type: ignore[method-assign]
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--process", default="b_meson_pair")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    detector = read_config(config_path("detectors", "belle2"), DetectorConfig)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write_sample(path, arguments.process, arguments.events, detector)
        for name in SEARCHES:
            processor = DisplacedPairs(read_search(config_path("searches", name)), detector)
            columns = processor.required_columns("background")

            def decode(columns: tuple[str, ...] = columns) -> Any:
                return pq.read_table(path, columns=list(columns), use_threads=False)

            def plain(columns: tuple[str, ...] = columns) -> ak.Array:
                return read(path, columns, arguments.process)

            def search(processor: DisplacedPairs = processor, plain: Callable[[], ak.Array] = plain) -> Any:
                return processor.process(plain())

            times = cpu_seconds({"floor": decode, "read": plain, "search": search}, arguments.repeats)
            title = f"{name}, {arguments.events} events of {arguments.process}, {len(columns)} columns"
            print_ratios(title, times, "read", goal=f"search {GOAL} x read")
            for region, (candidates, events, unweighted) in overcounting(processor, plain()).items():
                print(f"  {region:14s} candidates/events {candidates / events:6.3f}, without weights {unweighted:6.3f}")


if __name__ == "__main__":
    main()
