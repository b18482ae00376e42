"""The table of efficiencies against true radius and momentum."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from darkreach.couplings.radius_efficiency import COLUMNS, write_radius_efficiencies
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.displaced_cells import region_cells
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_histograms import empty_displaced_histograms

sys.path[:0] = [str(Path(__file__).parents[2] / "processors")]
from displaced_example import example_config  # noqa: E402


def test_shares_of_decays_by_hand(tmp_path: Path) -> None:
    config = example_config(True)
    name = "signal_kplus_mumu_600MeV"
    source = ChunkSource(name, "file", "signal", 0.6, 0, None, 400.0)
    filled = empty_displaced_histograms(config, region_cells(config), source, ("all",))
    decays, chosen = (filled[f"{kind}/kplus_mumu"] for kind in ("decays", "selected_decays"))
    # weights 1, 2 and 1 in one bin, of which those of 2 are selected; one beyond all bins; one in a bin of its own
    decays.fill(name, [1.5, 1.5, 1.5, 99.0, 30.0], [0.7, 0.8, 0.9, 0.7, 5.0], weight=[1.0, 2.0, 1.0, 9.0, 3.0])
    chosen.fill(name, [1.5], [0.8], weight=[2.0])
    manifest = SampleManifest(
        name, "B -> K S", "signal", {"mass_gev": 0.6}, 1.0, "made up", 5, "generatorWeight", None, 1, "none", ()
    )
    histograms = SearchHistograms(config.search, filled, {name: manifest}, (), {})
    path = write_radius_efficiencies(tmp_path / "radius_efficiency.csv", histograms, config)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == COLUMNS
    assert [row["channel"] for row in rows] == ["kplus_mumu"] * 2
    one, other = (np.array([float(cell) for cell in list(row.values())[1:]]) for row in rows)
    assert one.tolist() == [0.6, 1.0, 2.0, 0.5, 1.0, 0.5, 0.5]
    assert other.tolist() == pytest.approx([0.6, 24.0, 32.0, 4.0, 6.0, 0.0, 0.0], abs=0.0)
