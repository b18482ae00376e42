"""A quick look at stored results finds what is missing or cut short; a thorough one finds all damage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.running import open_samples, plan_run
from darkreach.running import result_file as result_file_module
from darkreach.running.identity import Identity
from darkreach.running.item_status import item_status
from darkreach.running.result_store import ResultStore
from darkreach.running.work import process_item
from darkreach.searches import AxionToPhotons


def test_damage_is_found(
    search_config: AxionConfig,
    detector_config: DetectorConfig,
    photon_columns: Callable[..., dict[str, Any]],
    write_sample: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processor = AxionToPhotons(search_config, detector_config)
    parts = [photon_columns(300 + number, number) for number in range(4)]
    plan = plan_run(
        open_samples([write_sample(tmp_path / "s", parts, "background")]), processor.required_columns, chunk_entries=400
    )
    store = ResultStore(tmp_path / "processing", Identity("code", {}, {}))
    whole, cut, flipped, _missing = plan.items
    for item in (whole, cut, flipped):
        store.write(item, process_item(processor, item))
    cut_path, flipped_path = store.path(cut), store.path(flipped)
    cut_path.write_bytes(cut_path.read_bytes()[:-50])
    content = bytearray(flipped_path.read_bytes())
    # inside the first histogram
    content[200] ^= 0xFF
    flipped_path.write_bytes(content)

    def states(**options: bool) -> list[str]:
        return [one.state for one in item_status(plan, store, **options)]

    assert states(verify=True) == ["done", "missing", "missing", "missing"]
    assert "damaged" in item_status(plan, store, verify=True)[2].why
    # the quick look never reads a histogram
    monkeypatch.setattr(result_file_module, "_loaded", None)
    assert states() == ["done", "missing", "done", "missing"]
    assert "damaged" in item_status(plan, store)[1].why
