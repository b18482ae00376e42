"""RNTuple: what differs from a TTree when uproot reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import awkward as ak
import numpy as np

from darkreach.events.stored_layout import StoredColumn, StoredLayout, cluster_layout

CLASS_NAME: Final = "ROOT::RNTuple"


def is_rntuple(tree: Any) -> bool:
    """Return whether an object that uproot read from a file is an RNTuple."""
    return str(getattr(tree, "classname", "")) == CLASS_NAME


def cluster_edges(ntuple: Any) -> list[int]:
    """Return the entry numbers (n + 1,) at which the clusters begin, and the end."""
    # a set: writers may leave clusters without entries
    return sorted({0, int(ntuple.num_entries), *(int(cluster.num_first_entry) for cluster in ntuple.cluster_summaries)})


def field_names(ntuple: Any) -> list[str]:
    """Return the fields that hold values: of a list of records its members, ``track.px``."""
    names = list(ntuple.keys())
    parents = {name.rpartition(".")[0] for name in names}
    return [name for name in names if name not in parents]


def rntuple_layout(ntuple: Any) -> StoredLayout:
    """Return types and levels of the fields and the size of the clusters; sizes in bytes are those on disk."""
    columns = [_column(name, ntuple) for name in field_names(ntuple)]
    return cluster_layout("RNTuple", columns, cluster_edges(ntuple), float(_stored_bytes(ntuple)))


def read_fields(ntuple: Any, stored: Sequence[str], start: int, stop: int) -> dict[str, ak.Array]:
    """Read fields of the entries [start, stop); ``track.px`` is the field px of the records in the list track."""
    arrays = ntuple.arrays(filter_name=list(stored), entry_start=start, entry_stop=stop, library="ak")
    found = {}
    for name in stored:
        array = arrays
        for part in name.split("."):
            array = array[part]
        found[name] = array
    return found


def _column(name: str, ntuple: Any) -> StoredColumn:
    layout: Any = ak.to_layout(read_fields(ntuple, [name], 0, 0)[name])
    jagged = layout.is_list and layout.parameter("__array__") is None
    inner = layout.content if jagged else layout
    dtype = np.dtype(inner.dtype).name if inner.is_numpy and inner.purelist_depth == 1 else ""
    return StoredColumn(name, dtype, "candidate" if jagged else "event")


def field_is_list(ntuple: Any, name: str) -> bool:
    """Return whether a field holds a list an entry."""
    return _column(name, ntuple).level == "candidate"


def _stored_bytes(ntuple: Any) -> int:
    return sum(
        int(page.locator.num_bytes)
        for cluster in ntuple.page_link_list
        for column in cluster
        for page in getattr(column, "pages", column)
    )
