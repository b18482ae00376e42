"""CPU time of a flat candidate ntuple: reading, grouping into events, best candidate, one histogram; and Parquet in
several chunks. Medians of repetitions in turns (equal_starts.py) in one process.

    python tests/benchmarks/candidate_speed.py [--events 500000] [--repeats 15]

About 780 000 mu+ mu- candidates of 500 000 events in 24 columns, of which 9 are read, as VariablesToNtuple (TTree) and
VariablesToTable (Parquet) write them, but in blocks of 80 000 rows. The floors are pyarrow and uproot reading the same
columns; their candidates are not grouped.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import awkward as ak
import hist
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot
from equal_starts import cpu_seconds, print_ratios, ratio

from darkreach.events.names import escape_name
from darkreach.events.readers import open_events
from darkreach.selection.best_candidate import best_candidates, plain_best_candidates

INDEX = ("__experiment__", "__run__", "__event__", "__production__", "__candidate__", "__weight__")
MEASURED = ("chiProb", "mRecoil", "daughter(0, muonID)")
COLUMNS = (*INDEX, *MEASURED)
BLOCK = 80_000
CHUNKS = 5


def make_columns(events: int) -> dict[str, np.ndarray]:
    """All mu+ mu- pairs of events with a Poisson number of tracks; a tenth of the ranks tie, a hundredth are NaN."""
    random = np.random.default_rng(1)
    positive, negative = (random.poisson(1.25, events) for _ in range(2))
    counts = positive * negative
    rows = int(counts.sum())
    event = np.repeat(np.arange(events), counts)
    columns = {
        "__experiment__": np.full(rows, 26, np.int32),
        "__run__": (100 + event * 50 // events).astype(np.int32),
        "__event__": event.astype(np.uint32),
        "__production__": np.full(rows, 4711, np.int32),
        "__candidate__": (np.arange(rows) - np.repeat(np.cumsum(counts) - counts, counts)).astype(np.int32),
        "__ncandidates__": np.repeat(counts, counts).astype(np.int32),
        "__weight__": np.ones(rows),
    }
    chi_prob = random.uniform(size=rows).astype(np.float32)
    chi_prob[::10] = 0.5
    chi_prob[::100] = np.nan
    columns |= {"chiProb": chi_prob, "mRecoil": random.gamma(9.0, 0.5, rows).astype(np.float32)}
    columns["daughter(0, muonID)"] = random.beta(0.5, 0.5, rows).astype(np.float32)
    return columns | {f"daughter(1, v{i})": random.normal(size=rows).astype(np.float32) for i in range(14)}


def write_files(folder: Path, columns: dict[str, np.ndarray]) -> tuple[Path, Path]:
    pq.write_table(
        pa.table(columns), folder / "flat.parquet", compression="zstd", row_group_size=BLOCK, use_dictionary=False
    )
    stored = {escape_name(name): values for name, values in columns.items()}
    with uproot.recreate(folder / "flat.root", compression=uproot.ZSTD(5)) as file:
        tree = file.mktree("ntuple", {name: values.dtype for name, values in stored.items()})
        for start in range(0, len(columns["chiProb"]), BLOCK):
            tree.extend({name: values[start : start + BLOCK] for name, values in stored.items()})
    return folder / "flat.parquet", folder / "flat.root"


def read_chunks(path: Path, chunk_entries: int | None = None) -> list[ak.Array]:
    with open_events(path) as file:
        return [file.read(COLUMNS, *span) for span in file.ranges(COLUMNS, chunk_entries or 10**9)]


def pyarrow_read(path: Path) -> pa.Table:
    return pq.read_table(path, columns=list(COLUMNS), use_threads=False)


def uproot_read(path: Path) -> Any:
    with uproot.open(path) as file:
        return file["ntuple"].arrays([escape_name(name) for name in COLUMNS], library="np")


def recoil_of_best(chunks: list[ak.Array], find: Any = best_candidates) -> hist.Hist:
    histogram = hist.Hist(hist.axis.Regular(100, 0.0, 11.0), storage=hist.storage.Weight())
    for chunk in chunks:
        ranking, number, recoil = (ak.to_layout(chunk[name]) for name in ("chiProb", "__candidate__", "mRecoil"))
        best = find(ranking.content.data, ranking.offsets.data, number.content.data)
        histogram.fill(recoil.content.data[best.rows], weight=ak.to_numpy(chunk["__weight__"])[best.events])
    return histogram


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parquet, root = write_files(Path(folder), make_columns(arguments.events))
        with open_events(parquet) as file:
            events, rows = file.entries, file.rows
        print(f"{rows} candidates in {events} events, {len(COLUMNS)} columns")
        # whole blocks
        chunk = -(-rows // CHUNKS // BLOCK) * BLOCK
        whole = recoil_of_best(read_chunks(parquet))
        for other in (read_chunks(parquet, chunk), read_chunks(root)):
            assert whole == recoil_of_best(other) == recoil_of_best(other, plain_best_candidates)
        actions = {"pyarrow read_table": lambda: pyarrow_read(parquet), "read as events": lambda: read_chunks(parquet)}
        actions["... + best candidate + histogram"] = lambda: recoil_of_best(read_chunks(parquet))
        number = len(read_chunks(parquet, chunk))
        actions[f"read as events, {number} chunks"] = lambda: read_chunks(parquet, chunk)
        times = cpu_seconds(actions, arguments.repeats)
        print_ratios("Parquet", times, "pyarrow read_table", goal="with best candidate and histogram <= 1.5")
        several = ratio(times, f"read as events, {number} chunks", "read as events")
        print(f"  {number} chunks : one chunk = {several:.2f} (goal <= 1.1)")
        actions = {"uproot read": lambda: uproot_read(root), "read as events": lambda: read_chunks(root)}
        actions["... + best candidate + histogram"] = lambda: recoil_of_best(read_chunks(root))
        print_ratios("TTree", cpu_seconds(actions, arguments.repeats), "uproot read")


if __name__ == "__main__":
    main()
