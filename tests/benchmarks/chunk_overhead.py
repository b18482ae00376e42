"""Cost of opening a file and of every chunk beside its data, for files of 20, 100 and 400 branches; peak memory; and
Parquet in five chunks.

    python tests/benchmarks/chunk_overhead.py [--repeats 7] [--events 1000000]

Overhead: trees of 2 000 entries in 10 baskets, of which 11 branches are read chunk by chunk, so that nearly all time is
overhead; CPU medians of repetitions in turns (equal_starts.py). uproot opens the file once as well, coffea for every
chunk.
Memory: a fresh process reads 11 of 47 columns of doubles (8 are lists) in chunks of 500 000 events, selects and fills.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot
from coffea.nanoevents import NanoEventsFactory
from equal_starts import cpu_seconds, medians, ratio

from darkreach.events.readers import open_events
from darkreach.events.schema import Basf2EventSchema

CHUNKS, CHUNK = 10, 200
NAMES = tuple(f"v{i:03d}" for i in range(11))
MEMORY_CHUNK = 500_000
NUMBERS = ("__weight__", "nTracks", "L1FTDL")
LISTS = ("charge", "muonID", "E", "px", "py", "pz", "theta", "p")
TRACK_COLUMNS, EVENT_COLUMNS = 36, 11


def write_wide_tree(path: Path, branches: int) -> Path:
    with uproot.recreate(path) as file:
        tree = file.mktree("tree", {f"v{i:03d}": np.float64 for i in range(branches)})
        for chunk in range(CHUNKS):
            tree.extend({f"v{i:03d}": np.arange(CHUNK) + 1e6 * chunk for i in range(branches)})
    return path


def by_darkreach(path: Path) -> None:
    with open_events(path) as file:
        for span in file.ranges(NAMES, CHUNK):
            file.read(NAMES, *span)


def open_only(path: Path) -> None:
    with open_events(path) as file:
        file.ranges(NAMES, CHUNK)


def by_uproot(path: Path) -> None:
    with uproot.open(path) as file:
        tree = file["tree"]
        for start in range(0, CHUNKS * CHUNK, CHUNK):
            tree.arrays(NAMES, entry_start=start, entry_stop=start + CHUNK)


def by_coffea(path: Path) -> None:
    for start in range(0, CHUNKS * CHUNK, CHUNK):
        events = NanoEventsFactory.from_root(
            {str(path): "tree"},
            schemaclass=Basf2EventSchema,
            mode="virtual",
            entry_start=start,
            entry_stop=start + CHUNK,
        ).events()
        for name in NAMES:
            ak.to_numpy(events[name])


def overhead(folder: Path, repeats: int) -> None:
    print(f"ms of CPU time a chunk, {CHUNKS} chunks of a file, {len(NAMES)} branches read (goal at 400: <= 15)")
    print(f"{'branches':>10} {'opening':>10} {'a chunk more':>13} {'all : chunks':>13} {'uproot':>8} {'coffea':>8}")
    for branches in (20, 100, 400):
        path = write_wide_tree(folder / f"wide{branches}.root", branches)
        functions: dict[str, Callable[[Path], None]] = {
            "open": open_only, "all": by_darkreach, "uproot": by_uproot, "coffea": by_coffea
        }  # fmt: skip
        actions = {name: partial(function, path) for name, function in functions.items()}
        seconds = {name: 1e3 * value for name, value in medians(cpu_seconds(actions, repeats)).items()}
        each = (seconds["all"] - seconds["open"]) / CHUNKS
        print(
            f"{branches:10d} {seconds['open']:10.1f} {each:13.2f} {seconds['all'] / CHUNKS:13.2f} "
            f"{seconds['uproot'] / CHUNKS:8.1f} {seconds['coffea'] / CHUNKS:8.1f}"
        )


def write_events(folder: Path, events: int) -> list[Path]:
    """Write 47 columns, 36 of them lists of tracks, as TTree and Parquet in blocks of 100 000 events."""
    random = np.random.default_rng(1)
    lists = [*LISTS, *(f"track{i}" for i in range(TRACK_COLUMNS - len(LISTS)))]
    numbers = [*NUMBERS, *(f"event{i}" for i in range(EVENT_COLUMNS - len(NUMBERS)))]
    paths = [folder / "events.root", folder / "events.parquet"]
    tree, writer = None, None
    with uproot.recreate(paths[0], compression=uproot.ZSTD(1)) as file:
        for _ in range(0, events, 100_000):
            counts = random.poisson(2.5, 100_000)
            block = {name: ak.unflatten(random.normal(size=counts.sum()), counts) for name in lists}
            flat = {name: random.normal(size=len(counts)) for name in numbers}
            records = {**flat, "track": ak.zip(block)}
            tree = tree or file.mktree(
                "tree", {name: getattr(values, "dtype", "") or values.type.content for name, values in records.items()},
                counter_name=lambda _: "__ncandidates__",
                field_name=lambda outer, inner: inner if outer == "track" else outer + inner,
            )  # fmt: skip
            tree.extend(records)
            table = pa.table(flat | {name: ak.to_arrow(values, extensionarray=False) for name, values in block.items()})
            writer = writer or pq.ParquetWriter(paths[1], table.schema, compression="zstd", use_dictionary=False)
            writer.write_table(table, row_group_size=100_000)
    if writer is not None:
        writer.close()
    return paths


def read_in_chunks(path: Path, chunks: int) -> None:
    columns = (*NUMBERS, *LISTS)
    with open_events(path) as file:
        ranges = file.ranges(columns, file.entries // chunks)
        assert len(ranges) == chunks
        for span in ranges:
            file.read(columns, *span)


def parquet_chunks(path: Path, repeats: int) -> None:
    actions = {str(chunks): partial(read_in_chunks, path, chunks) for chunks in (1, 5)}
    times = cpu_seconds(actions, repeats)
    one, several = 1e3 * medians(times)["1"], ratio(times, "5", "1")
    print(f"Parquet, 1 chunk {one:.0f} ms, 5 chunks : 1 = {several:.2f} (goal <= 1.1)")


def peak_megabytes() -> float:
    """Peak of this process; getrusage also counts the process that started it, as large as it was then."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def read_and_fill(path: Path) -> None:
    """One work item in this process: prints the peak of its resident memory."""
    columns, filled = (*NUMBERS, *LISTS), np.zeros(100)
    begin = peak_megabytes()
    with open_events(path) as file:
        ranges = file.ranges(columns, MEMORY_CHUNK)
        for span in ranges:
            events = file.read(columns, *span)
            energy = ak.sum(events["E"][events["muonID"] > 0.5], axis=1)
            filled += np.histogram(ak.to_numpy(energy), 100, (-10.0, 10.0), weights=ak.to_numpy(events["__weight__"]))[
                0
            ]
        entries = file.entries
    peak = peak_megabytes()
    print(
        f"{path.suffix:>10}: {entries} events in {len(ranges)} chunks, peak {peak:.0f} MB, {begin:.0f} MB after import"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--events", type=int, default=1_000_000, help="multiple of 500 000: five whole chunks")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.events % 500_000:
        parser.error("--events must be a multiple of 500 000")
    if arguments.read is not None:
        read_and_fill(arguments.read)
        return
    with tempfile.TemporaryDirectory() as folder:
        overhead(Path(folder), arguments.repeats)
        print(
            f"\nresident memory of a work item, {len(NUMBERS) + len(LISTS)} of 47 columns (goal: <= 2000 MB)",
            flush=True,
        )
        paths = write_events(Path(folder), arguments.events)
        for path in paths:
            subprocess.run([sys.executable, __file__, "--read", str(path)], check=True)
        parquet_chunks(paths[1], arguments.repeats)


if __name__ == "__main__":
    main()
