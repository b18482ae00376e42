"""One work item: open its file once, hand its chunks to the processor as coffea would, count what was processed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import awkward as ak
import numpy as np
from coffea.nanoevents.methods import base
from coffea.processor.accumulator import iadd

from darkreach.errors import DarkreachError
from darkreach.events.readers import open_events
from darkreach.running.plan import WorkItem


class ColumnarProcessor(Protocol):
    """A coffea processor that declares the columns it reads."""

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the columns for a kind of sample."""

    def identity(self) -> dict[str, Any]:
        """Return JSON-like content by name that decides the results: configuration, corrections."""

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Return an accumulator; its ``ledger`` entry says how many events of which file were processed."""

    def postprocess(self, accumulator: dict[str, Any]) -> Any:
        """Finish the merged accumulator."""


@dataclass(frozen=True)
class WorkResult:
    """Output of a work item and, chunk by chunk, the number of events the processor says it saw."""

    output: dict[str, Any]
    processed: tuple[int, ...]


def process_item(processor: ColumnarProcessor, item: WorkItem) -> WorkResult:
    """Read and process the chunks of an item one after the other, and add up their outputs in this order.

    Raises:
        DarkreachError: whatever went wrong, naming file and range.
    """
    total: dict[str, Any] | None = None
    processed = []
    start, stop = item.start, item.stop
    try:
        with open_events(item.path) as file:
            for start, stop in item.chunks:
                arrays = file.read(item.columns, start, stop)
                output = processor.process(_as_events(arrays, item, start, stop))
                processed.append(int(output.get("ledger", {}).get(item.sample, {}).get(str(item.path), 0)))
                total = output if total is None else iadd(total, output)
    except DarkreachError:
        raise
    except Exception as error:
        raise DarkreachError(
            "a range of events could not be processed",
            where=f"{item.path} entries {start} to {stop}",
            given=f"{type(error).__name__}: {error}",
            next_step="run this file alone with one worker to see where it happens",
        ) from error
    return WorkResult(total or {}, tuple(processed))


def _as_events(arrays: ak.Array, item: WorkItem, start: int, stop: int) -> ak.Array:
    """Give the arrays the record name and metadata of coffea's own events."""
    metadata = {
        "dataset": item.sample,
        "filename": str(item.path),
        "entrystart": start,
        "entrystop": stop,
        **dict(item.metadata),
    }
    if "weight_factor" in metadata:
        # files of this sample were dropped: the rest stands for all generated events
        column = metadata["weight_column"]
        weights = np.asarray(arrays[column], dtype=np.float64) * metadata["weight_factor"]
        arrays = ak.with_field(arrays, weights, column)
    layout = ak.to_layout(arrays).copy(parameters={"__record__": "NanoEvents", "metadata": metadata})
    return ak.Array(layout, behavior=base.behavior)
