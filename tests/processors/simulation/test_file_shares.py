"""What each file of a simulated sample stands for, so that a bad one can be left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.events.manifest import SampleManifest, read_manifest
from darkreach.running import process_samples
from darkreach.simulation.sample_request import SampleRequest
from darkreach.simulation.simulate_sample import finished_sample, simulate_sample

SIGNAL = SampleRequest("signal_3000MeV", "axion_signal", 20_000, 3.0, None, 17)
DATA = SampleRequest("pseudo_data", "pseudo_data", 0, None, 0.05, 18)


@pytest.fixture
def small_files(search_config: AxionConfig) -> AxionConfig:
    simulation = search_config.simulation.model_copy(update={"file_entries": 5000, "formats": ("parquet", "root")})
    return search_config.model_copy(update={"simulation": simulation})


@pytest.fixture
def signal(small_files: AxionConfig, detector_config: DetectorConfig, tmp_path: Path) -> SampleManifest:
    return simulate_sample(SIGNAL, small_files, detector_config, tmp_path)


def test_files_share_the_generated_events(signal: SampleManifest, tmp_path: Path) -> None:
    assert len(signal.files) == 4
    shares = [file.generated_events or 0 for file in signal.files]
    assert [file.generated_events for file in signal.copies] == shares
    assert sum(shares) == signal.generated_events == 20_000
    edges = np.cumsum([0, *shares])
    for file, first, last in zip(signal.files, edges, edges[1:], strict=False):
        numbers = pq.read_table(tmp_path / signal.sample / file.path)["__event__"].to_numpy()
        # events without a cluster are not written, those before the first one included
        assert first <= numbers.min()
        assert numbers.max() < last
        assert first in (0, numbers.min())


def test_a_sample_in_one_file_and_without_written_events(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    (file,) = simulate_sample(DATA, search_config, detector_config, tmp_path).files
    assert file.generated_events == read_manifest(tmp_path / "pseudo_data").generated_events


def test_without_one_file_the_rest_stands_for_the_whole_cross_section(
    signal: SampleManifest, small_files: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    folder = tmp_path / signal.sample

    def written() -> tuple[float, int]:
        histograms = process_samples(
            small_files, detector_config, [folder], config_digest="x", folder=tmp_path / "kept", bad_files="drop"
        )
        cutflow = histograms.histograms["cutflow"][signal.sample, :]
        return float(cutflow.values()[0]), histograms.samples[signal.sample].generated_events

    whole, generated = written()
    (folder / "events_0002.parquet").write_bytes(b"PAR1 not any more")
    rest, left = written()
    assert generated - left == signal.files[2].generated_events
    # the share of events with a cluster differs a little from file to file
    assert rest == pytest.approx(whole, rel=2e-3)
    # without the factor a quarter would be missing
    assert left / generated == pytest.approx(0.75, abs=0.01)


def test_only_an_intact_sample_of_the_same_request_is_finished(
    signal: SampleManifest, small_files: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    assert finished_sample(SIGNAL, small_files, detector_config, tmp_path) == signal
    assert finished_sample(SIGNAL, small_files, detector_config, tmp_path / "elsewhere") is None
    other = SampleRequest(SIGNAL.sample, "axion_signal", 20_001, 3.0, None, 17)
    assert finished_sample(other, small_files, detector_config, tmp_path) is None
    (tmp_path / signal.sample / "events_0001.root").unlink()
    assert finished_sample(SIGNAL, small_files, detector_config, tmp_path) is None
