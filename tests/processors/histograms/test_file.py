"""The histogram file: what is written is read back, the same bytes each time, and nothing else is accepted."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import hist
import numpy as np
import pytest
import uhi.io.zip
from boost_histogram.serialization import from_uhi

from darkreach.errors import InputFileError, OutputError
from darkreach.events.manifest import SampleFile, SampleManifest
from darkreach.histograms import LedgerEntry, SearchHistograms, read_histograms, write_histograms
from darkreach.histograms import file as histogram_file


@pytest.fixture
def content() -> SearchHistograms:
    random = np.random.default_rng(3)
    region = hist.Hist(
        hist.axis.StrCategory([], growth=True, name="dataset"),
        hist.axis.StrCategory(["nominal", "up"], name="variation", overflow=False),
        hist.axis.Variable([0.0, 0.1, 0.5, 3.0], name="observable", label="squared mass"),
        storage=hist.storage.Weight(),
    )
    for dataset in ("background", "signal_1000MeV"):
        region.fill(dataset, "up", random.uniform(-1.0, 4.0, 200), weight=random.normal(1.0, 0.5, 200))
    empty = hist.Hist(
        hist.axis.StrCategory([], growth=True, name="dataset"), hist.axis.Regular(4, 0, 1, name="beta_gamma")
    )
    manifest = SampleManifest(
        sample="signal_1000MeV",
        process="signal",
        kind="signal",
        parameters={"mass_gev": 1.0, "coupling": 1e-3},
        cross_section_fb=115.2,
        cross_section_source="formula",
        generated_events=1000,
        weight_column="generatorWeight",
        luminosity_inverse_fb=None,
        seed=1,
        generator="test",
        files=(SampleFile("events_0000.parquet", 900, "ab" * 32),),
        record={"config_digest": "x"},
    )
    ledger = (LedgerEntry("signal_1000MeV", "events_0000.parquet", 900, 900),)
    histograms = {"region/low": region, "decay_boost/low": empty}
    return SearchHistograms("axion_to_photons", histograms, {manifest.sample: manifest}, ledger, {"git_hash": "y"})


def test_round_trip(tmp_path: Path, content: SearchHistograms) -> None:
    again = read_histograms(write_histograms(tmp_path / "histograms.zip", content))
    assert again == content
    assert list(again.histograms) == list(content.histograms)
    assert all(type(histogram) is hist.Hist for histogram in again.histograms.values())
    region = again.histograms["region/low"]
    assert region.axes.name == ("dataset", "variation", "observable")
    assert region.axes["observable"].label == "squared mass"
    np.testing.assert_array_equal(
        region.view(flow=True).variance, content.histograms["region/low"].view(flow=True).variance
    )
    # still grows and adds
    assert (region + content.histograms["region/low"]).sum(flow=True).value == pytest.approx(
        2.0 * region.sum(flow=True).value
    )


def test_same_content_same_bytes(tmp_path: Path, content: SearchHistograms) -> None:
    first = write_histograms(tmp_path / "first.zip", content).read_bytes()
    again = write_histograms(tmp_path / "second.zip", read_histograms(tmp_path / "first.zip")).read_bytes()
    assert first == again
    with zipfile.ZipFile(tmp_path / "first.zip") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        # members of a histogram come in sorted order, not in the order of a set
        members = [name for name in archive.namelist() if name.startswith("region/low")]
        assert members == sorted(members)


def test_public_tools_read_it(tmp_path: Path, content: SearchHistograms) -> None:
    with zipfile.ZipFile(write_histograms(tmp_path / "histograms.zip", content)) as archive:
        assert hist.Hist(from_uhi(uhi.io.zip.read(archive, "region/low"))) == content.histograms["region/low"]


def damaged(path: Path, kind: str) -> None:
    good = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(good[: len(good) // 2])
    elif kind == "other bytes":
        path.write_bytes(b"\x80\x04" + good[:50])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "other zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "hello")
    elif kind == "one byte":
        middle = good.index(b"NUMPY") + 200 if b"NUMPY" in good else len(good) // 3
        path.write_bytes(good[:middle] + bytes([good[middle] ^ 255]) + good[middle + 1 :])


@pytest.mark.parametrize("kind", ["truncated", "other bytes", "empty", "other zip", "one byte"])
def test_damaged_files_are_refused(tmp_path: Path, content: SearchHistograms, kind: str) -> None:
    path = write_histograms(tmp_path / "histograms.zip", content)
    damaged(path, kind)
    with pytest.raises(InputFileError, match="not a readable histogram file"):
        read_histograms(path)


def rewritten(path: Path, member: str, data: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | {member: data}
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in members.items():
            archive.writestr(name, value)


def test_other_format_version_is_refused(tmp_path: Path, content: SearchHistograms) -> None:
    path = write_histograms(tmp_path / "histograms.zip", content)
    rewritten(path, "metadata.json", json.dumps({"format": "darkreach-histograms-99"}).encode())
    with pytest.raises(InputFileError, match="darkreach-histograms-99"):
        read_histograms(path)


def test_pickled_arrays_are_refused(tmp_path: Path, content: SearchHistograms) -> None:
    path = write_histograms(tmp_path / "histograms.zip", content)
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    rewritten(path, "region/low_storage_values.npy", (tmp_path / "objects.npy").read_bytes())
    with pytest.raises(InputFileError, match="allow_pickle"):
        read_histograms(path)


def test_missing_and_oversized_files(
    tmp_path: Path, content: SearchHistograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputFileError, match="no histogram file"):
        read_histograms(tmp_path / "nothing.zip")
    path = write_histograms(tmp_path / "histograms.zip", content)
    monkeypatch.setattr(histogram_file, "MAXIMUM_SIZE", 100)
    with pytest.raises(InputFileError, match="too large"):
        read_histograms(path)


@pytest.mark.parametrize("name", ["", "../up", "a//b", "metadata"])
def test_names_that_are_no_paths_are_refused(tmp_path: Path, content: SearchHistograms, name: str) -> None:
    bad = SearchHistograms("x", {name: content.histograms["region/low"]}, {}, (), {})
    with pytest.raises(OutputError):
        write_histograms(tmp_path / "histograms.zip", bad)
    assert not list(tmp_path.iterdir())
