"""The axion processor on the first file of a sample folder of a finished run, against the pure read of its columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from darkreach.configuration import AxionConfig, DetectorConfig, config_path, read_config
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES, open_events
from darkreach.running.plan import plan_run
from darkreach.running.samples import open_samples
from darkreach.running.work import process_item
from darkreach.searches import AxionToPhotons


def axion_actions(folder: Path) -> tuple[int, dict[str, Callable[[], Any]]]:
    """Return the number of events and what is to be timed: floor, read, compiled."""
    config = read_config(config_path("searches", "axion_to_photons"), AxionConfig)
    processor = AxionToPhotons(config, read_config(config_path("detectors", "belle2"), DetectorConfig))
    plan = plan_run(open_samples([folder]), processor.required_columns, chunk_entries=DEFAULT_CHUNK_ENTRIES)
    item = plan.items[0]

    def read() -> None:
        with open_events(item.path) as opened:
            for start, stop in item.chunks:
                opened.read(item.columns, start, stop)

    return item.entries, {
        "floor": lambda: pq.read_table(item.path, columns=list(item.columns), use_threads=False),
        "read": read,
        "compiled": lambda: process_item(processor, item),
    }
