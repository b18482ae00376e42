"""Event-wise ntuples as a ROOT TTree, as VariablesToEventBasedTree of basf2 writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import awkward as ak
import numpy as np
import uproot

from darkreach.events.columns import Column
from darkreach.events.names import escape_name
from darkreach.simulation.ntuple_block import COUNTER, NtupleBlock

TREE_NAME = "tree"


class RootNtuple:
    """An open ROOT file with one tree; every appended block becomes one basket a branch.

    ``__ncandidates__`` is the shared counter of the jagged branches. ROOT files hold a unique identifier and the time
    of writing: equal runs give equal values, not equal bytes.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = uproot.recreate(path, compression=uproot.ZSTD(5))
        self._tree: Any = self._file.mktree(
            TREE_NAME,
            {escape_name(column.name): _branch_type(column) for column in columns if column.name != COUNTER},
            counter_name=lambda _: COUNTER,
        )

    def append(self, block: NtupleBlock) -> None:
        """Write one block; an empty one leaves the tree as it is."""
        if len(block) == 0:
            return
        offsets = ak.index.Index64(block.offsets)
        data: dict[str, Any] = {name: values for name, values in block.event.items() if name != COUNTER}
        for name, values in block.candidate.items():
            content = ak.contents.NumpyArray(values)
            data[name] = ak.Array(ak.contents.ListOffsetArray(offsets, content))
        self._tree.extend({escape_name(name): values for name, values in data.items()})

    def __enter__(self) -> RootNtuple:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _branch_type(column: Column) -> str:
    name = np.dtype(column.dtype).name
    return name if column.level == "event" else f"var * {name}"
