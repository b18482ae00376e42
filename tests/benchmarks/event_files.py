"""Random events with basf2 names for measurements: 12 columns, written as a TTree and as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

EVENT_COLUMNS = ("__weight__", "nTracks", "L1FTDL", "missingMass2OfEvent")
TRACK_COLUMNS = ("charge", "muonID", "E", "px", "py", "pz", "theta", "p")
COLUMNS = (*EVENT_COLUMNS, *TRACK_COLUMNS)
CLUSTER = 100_000


def make_columns(events: int) -> dict[str, Any]:
    random = np.random.default_rng(1)
    counts = random.poisson(2.5, events)
    tracks = int(counts.sum())
    momentum, theta = random.gamma(3.0, 0.8, tracks), np.arccos(random.uniform(-0.9, 0.95, tracks))
    phi = random.uniform(-np.pi, np.pi, tracks)
    lists = {"charge": random.choice([-1.0, 1.0], tracks), "muonID": random.beta(0.5, 0.5, tracks)}
    lists |= {"E": np.sqrt(momentum**2 + 0.10566**2), "px": momentum * np.sin(theta) * np.cos(phi)}
    lists |= {"py": momentum * np.sin(theta) * np.sin(phi), "pz": momentum * np.cos(theta)}
    lists |= {"theta": theta, "p": momentum}
    numbers = {"__weight__": np.ones(events), "nTracks": counts, "L1FTDL": random.uniform(size=events) > 0.05}
    numbers["missingMass2OfEvent"] = random.normal(20.0, 10.0, events)
    return {name: np.asarray(column, np.float32) for name, column in numbers.items()} | {
        name: ak.unflatten(column.astype(np.float32), counts) for name, column in lists.items()
    }


def write_root(path: Path, columns: dict[str, Any], cluster: int = CLUSTER) -> Path:
    lists = ak.zip({name: columns[name] for name in TRACK_COLUMNS})
    types = {name: columns[name].dtype for name in EVENT_COLUMNS} | {"track": lists.type.content}
    with uproot.recreate(path, compression=uproot.ZSTD(5)) as file:
        # one counter for all lists, as VariablesToEventBasedTree writes it
        tree = file.mktree(
            "tree", types, counter_name=lambda _: "__ncandidates__",
            field_name=lambda outer, inner: inner if outer == "track" else outer + inner,
        )  # fmt: skip
        for start in range(0, len(lists), cluster):
            part = slice(start, start + cluster)
            tree.extend({name: columns[name][part] for name in EVENT_COLUMNS} | {"track": lists[part]})
    return path


def write_parquet(path: Path, columns: dict[str, Any], cluster: int = CLUSTER) -> Path:
    arrays = {
        name: ak.to_arrow(value, extensionarray=False) if isinstance(value, ak.Array) else pa.array(value)
        for name, value in columns.items()
    }
    pq.write_table(pa.table(arrays), path, compression="zstd", row_group_size=cluster)
    return path


def pure_read(path: Path, chunk: int) -> None:
    """The floor: uproot (or pyarrow) reads the columns, file opened once, nothing is done with them."""
    if path.suffix == ".parquet":
        with pq.ParquetFile(path) as file:
            groups = list(range(file.num_row_groups))
            step = max(1, chunk // file.metadata.row_group(0).num_rows)
            for start in range(0, len(groups), step):
                file.read_row_groups(groups[start : start + step], columns=list(COLUMNS), use_threads=False)
        return
    with uproot.open(path) as file:
        tree = file["tree"]
        for start in range(0, tree.num_entries, chunk):
            tree.arrays(list(COLUMNS), entry_start=start, entry_stop=start + chunk)
