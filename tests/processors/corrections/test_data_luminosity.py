"""Luminosity of data files from the runs in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkreach.corrections import data_luminosity, read_luminosity_table
from darkreach.corrections.luminosity_table import LuminosityTable
from darkreach.errors import EventContentError, InputFileError, MissingColumnError

TABLE = "experiment,run,luminosity_inverse_pb\n7,1,100\n7,2,200.5\n8,1,50\n9,9,25\n"
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def table(tmp_path: Path) -> LuminosityTable:
    (tmp_path / "luminosity.csv").write_text(TABLE)
    return read_luminosity_table(tmp_path / "luminosity.csv")


@pytest.fixture
def files(tmp_path: Path, photon_columns: Make, write_events: Callable[..., Path]) -> list[Path]:
    """Two files that share the run (7, 2)."""

    def written(name: str, experiment: list[int], run: list[int]) -> Path:
        columns = photon_columns(600, 4)
        indices = {"__experiment__": np.repeat(experiment, 300), "__run__": np.repeat(run, 300)}
        return write_events(tmp_path / name, columns | {n: v.astype(np.int32) for n, v in indices.items()}, 250)

    return [written("one.parquet", [7, 7], [1, 2]), written("two.root", [7, 8], [2, 1])]


def test_runs_count_once_however_many_files_they_span(table: LuminosityTable, files: list[Path]) -> None:
    found = data_luminosity(table, files)
    assert found.total_inverse_fb == pytest.approx(0.3505, rel=1e-14)
    assert dict(found.rows) == {(7, 1): 300, (7, 2): 600, (8, 1): 300}
    assert found.runs_without_rows == ((9, 9),)
    assert found.without_rows_inverse_fb == pytest.approx(0.025, rel=1e-14)


def test_runs_that_the_table_lacks(files: list[Path]) -> None:
    with pytest.raises(EventContentError, match="missing in the luminosity table") as caught:
        data_luminosity(LuminosityTable({(7, 2): 0.2}), files)
    assert caught.value.given == "2 of 3 runs: (7, 1), (8, 1)"


def test_files_without_runs(
    table: LuminosityTable, tmp_path: Path, photon_columns: Make, write_events: Callable[..., Path]
) -> None:
    columns = {name: values for name, values in photon_columns(20, 1).items() if name != "__run__"}
    with pytest.raises(MissingColumnError, match="no __run__"):
        data_luminosity(table, [write_events(tmp_path / "old.parquet", columns)])
    with pytest.raises(InputFileError, match="no file"):
        data_luminosity(table, [])
