"""One work item: read its range of events, hand it to the processor as coffea would, count what was processed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import awkward as ak
from coffea.nanoevents.methods import base

from darkreach.errors import DarkreachError
from darkreach.events.readers import open_events
from darkreach.running.plan import WorkItem


class ColumnarProcessor(Protocol):
    """A coffea processor that declares the columns it reads."""

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the columns for a kind of sample."""

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Return an accumulator; its ``ledger`` entry says how many events of which file were processed."""

    def postprocess(self, accumulator: dict[str, Any]) -> Any:
        """Finish the merged accumulator."""


@dataclass(frozen=True)
class WorkResult:
    """Output of a work item and the number of events the processor says it saw."""

    output: dict[str, Any]
    processed: int


def process_item(processor: ColumnarProcessor, item: WorkItem) -> WorkResult:
    """Read and process one range of events.

    Raises:
        DarkreachError: whatever went wrong, naming file and range.
    """
    try:
        with open_events(item.path) as file:
            arrays = file.read(item.columns, item.start, item.stop)
        output = processor.process(_as_events(arrays, item))
    except DarkreachError:
        raise
    except Exception as error:
        raise DarkreachError(
            "a range of events could not be processed",
            where=str(item),
            given=f"{type(error).__name__}: {error}",
            next_step="run this file alone with one worker to see where it happens",
        ) from error
    reported = output.get("ledger", {}).get(item.sample, {})
    return WorkResult(output, int(reported.get(str(item.path), 0)))


def _as_events(arrays: ak.Array, item: WorkItem) -> ak.Array:
    """Give the arrays the record name and metadata of coffea's own events."""
    metadata = {
        "dataset": item.sample,
        "filename": str(item.path),
        "entrystart": item.start,
        "entrystop": item.stop,
        **dict(item.metadata),
    }
    layout = ak.to_layout(arrays).copy(parameters={"__record__": "NanoEvents", "metadata": metadata})
    return ak.Array(layout, behavior=base.behavior)
