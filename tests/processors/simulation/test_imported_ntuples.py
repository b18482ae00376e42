"""Somebody's ntuples as samples under our names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from darkreach.configuration.column_map import ColumnMapConfig
from darkreach.errors import ConfigError, EventContentError, InputFileError, MissingColumnError
from darkreach.events.column_map import read_column_map
from darkreach.events.manifest import check_files, read_manifest
from darkreach.events.readers import iterate_chunks
from darkreach.simulation.imported_ntuples import ImportedSample, import_ntuples

ABOUT = ImportedSample("mixed", "e+e- -> anything", "background", 4000, 2000.0)
COLUMNS = ("E", "theta", "phi", "mcE", "mcTheta", "mcPhi")
SUFFIXES = (".root", ".parquet")


@pytest.fixture
def ntuple(photon_columns: Callable[..., dict[str, Any]], write_events: Callable[..., Path]) -> Callable[..., Path]:
    """Return a writer of what basf2 writes: true codes are NaN where there is no particle."""

    def write(path: Path, seed: int = 1, **changed: Any) -> Path:
        columns = photon_columns(1000, seed)
        counts = ak.num(columns["E"])
        code = np.where(np.arange(int(ak.sum(counts))) % 5 == 0, np.nan, 22.0)
        columns |= {"mcPDG": ak.unflatten(code, counts), "genMotherPDG": ak.unflatten(code, counts), **changed}
        return write_events(path, {name: values for name, values in columns.items() if values is not None})

    return write


def read(folder: Path, columns: list[str]) -> ak.Array:
    files = read_manifest(folder).files
    return ak.concatenate([chunk for file in files for _, chunk in iterate_chunks(folder / file.path, columns)])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_and_weights(
    tmp_path: Path, ntuple: Callable[..., Path], photon_columns: Callable[..., dict[str, Any]], suffix: str
) -> None:
    files = [ntuple(tmp_path / f"{seed}{suffix}", seed) for seed in (1, 2)]
    manifest = import_ntuples(files, read_column_map("basf2_photons"), ABOUT, tmp_path / "out")
    folder = tmp_path / "out" / "mixed"
    assert read_manifest(folder) == manifest
    check_files(folder, manifest)
    assert (manifest.entries, manifest.generated_events, manifest.weight_column) == (2000, 4000, "generatorWeight")
    # a half of the events is left
    events = read(folder, ["photon_E", "photon_mcPDG", "nphoton", "generatorWeight", "nTracks", "__event__"])
    assert np.sum(events["generatorWeight"]) == pytest.approx(1000.0, rel=1e-12)
    assert manifest.effective_events == pytest.approx(2000.0)
    original = [photon_columns(1000, seed) for seed in (1, 2)]
    energies = ak.concatenate([columns["E"] for columns in original])
    assert ak.all(ak.num(energies) == events["nphoton"])
    assert ak.all(abs(events["photon_E"] - energies) < 1e-6 * abs(energies))
    assert events["nTracks"].tolist() == np.concatenate([columns["nTracks"] for columns in original]).tolist()
    assert set(ak.flatten(events["photon_mcPDG"]).tolist()) == {0, 22}
    assert ak.to_layout(events["photon_mcPDG"]).content.data.dtype == np.int32


def test_weights_of_the_ntuple_and_own_columns(tmp_path: Path, ntuple: Callable[..., Path]) -> None:
    factor = np.linspace(0.0, 2.0, 1000)
    path = ntuple(tmp_path / "a.parquet", shape=factor)
    column_map = ColumnMapConfig(
        title="own",
        columns={"E": "E", "theta": "theta"},
        other_columns={"mine": "phi", "number": "shape"},
        weight="shape",
    )
    import_ntuples([path], column_map, ABOUT, tmp_path / "out")
    events = read(tmp_path / "out" / "mixed", ["E", "mine", "number", "generatorWeight", "__ncandidates__"])
    assert np.allclose(events["generatorWeight"], factor * 0.5, rtol=1e-12)
    assert np.allclose(events["number"], factor)
    assert ak.all(ak.num(events["mine"]) == events["__ncandidates__"])
    ((_, chunk),) = iterate_chunks(path, ["phi"])
    assert ak.array_equal(events["mine"], chunk["phi"])
    broken = ntuple(tmp_path / "b.parquet", shape=np.where(factor > 1.9, np.nan, factor))
    with pytest.raises(EventContentError, match="weights are not finite"):
        import_ntuples([broken], column_map, replace(ABOUT, sample="other"), tmp_path / "out")
    assert not list((tmp_path / "out").glob("other/events*"))


def test_data_have_no_truth_and_no_weight(tmp_path: Path, ntuple: Callable[..., Path]) -> None:
    about = ImportedSample("recorded", "recorded events", "data", luminosity_inverse_fb=0.4)
    path = ntuple(tmp_path / "a.root", mcPDG=None)
    manifest = import_ntuples([path], read_column_map("basf2_photons"), about, tmp_path / "out")
    assert (manifest.weight_column, manifest.luminosity_inverse_fb, manifest.generated_events) == (None, 0.4, 1000)
    with pytest.raises(MissingColumnError):
        read(tmp_path / "out" / "recorded", ["generatorWeight"])
    with pytest.raises(MissingColumnError):
        read(tmp_path / "out" / "recorded", ["photon_mcE"])
    assert len(read(tmp_path / "out" / "recorded", ["photon_E"])) == 1000


def test_missing_columns_and_lists_of_other_lengths_are_refused(tmp_path: Path, ntuple: Callable[..., Path]) -> None:
    column_map = read_column_map("basf2_photons")
    with pytest.raises(MissingColumnError, match="'theta', which the column map gives for 'photon_theta'"):
        import_ntuples([ntuple(tmp_path / "a.parquet", theta=None)], column_map, ABOUT, tmp_path / "out")
    # truth may be missing
    import_ntuples([ntuple(tmp_path / "b.parquet", mcPDG=None)], column_map, ABOUT, tmp_path / "out")
    uneven = ntuple(tmp_path / "c.parquet", phi=ak.unflatten(np.ones(2000), np.full(1000, 2)))
    with pytest.raises(EventContentError, match="differ in length"):
        import_ntuples([uneven], column_map, replace(ABOUT, sample="other"), tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"generated_events": None}, "generated_events"),
        ({"generated_events": 0}, "generated_events"),
        ({"cross_section_fb": None}, "cross_section_fb"),
        ({"cross_section_fb": -1.0}, "cross_section_fb"),
        ({"luminosity_inverse_fb": 1.0}, "luminosity_inverse_fb"),
        ({"kind": "data"}, "generated_events"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(tmp_path: Path, change: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigError, match=where):
        import_ntuples([tmp_path / "a.root"], read_column_map("basf2_photons"), replace(ABOUT, **change), tmp_path)


def test_a_sample_is_never_replaced(tmp_path: Path, ntuple: Callable[..., Path]) -> None:
    path = ntuple(tmp_path / "a.parquet")
    import_ntuples([path], read_column_map("basf2_photons"), ABOUT, tmp_path / "out")
    with pytest.raises(ConfigError, match="already"):
        import_ntuples([path], read_column_map("basf2_photons"), ABOUT, tmp_path / "out")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputFileError):
        import_ntuples([path], read_column_map("basf2_photons"), replace(ABOUT, sample="cut"), tmp_path / "out")
