"""The same histograms from stock coffea, from this process and from dask workers, on ROOT and on Parquet."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
from coffea.processor import FuturesExecutor, IterativeExecutor, Runner
from distributed import Client

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import DarkreachError, EventContentError, InputFileError, LedgerError
from darkreach.events.schema import Basf2EventSchema
from darkreach.histograms import read_histograms, write_histograms
from darkreach.running import DataSample, process_samples, run_processor
from darkreach.running.cluster import local_client
from darkreach.running.worker_environment import WORKER_ENVIRONMENT
from darkreach.searches import AxionToPhotons

Samples = dict[str, list[Path]]


@pytest.fixture(scope="module")
def processor(search_config: AxionConfig, detector_config: DetectorConfig) -> AxionToPhotons:
    return AxionToPhotons(search_config, detector_config)


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory,
    photon_columns: Callable[..., dict[str, Any]],
    write_sample: Callable[..., Path],
) -> Samples:
    """Signal of two files, background, pseudo-data; each as ROOT and as Parquet, blocks of 400 events."""
    written: Samples = {}
    for suffix in (".root", ".parquet"):
        folder = tmp_path_factory.mktemp("samples")
        written[suffix] = [
            write_sample(
                folder / "signal", [photon_columns(700, 1), photon_columns(500, 2)], "signal", mass=5.0, suffix=suffix
            ),
            write_sample(folder / "background", [photon_columns(900, 3)], "background", suffix=suffix),
            write_sample(folder / "pseudo_data", [photon_columns(600, 4)], "pseudo_data", suffix=suffix),
        ]
    return written


@pytest.fixture(scope="module")
def reference(processor: AxionToPhotons, samples: Samples) -> dict[str, Any]:
    output, _ = run_processor(processor, samples[".parquet"], chunk_entries=400)
    return output


def assert_same(output: dict[str, Any], reference: dict[str, Any], *, exactly: bool = False) -> None:
    assert list(output["histograms"]) == list(reference["histograms"])
    for name, expected in reference["histograms"].items():
        histogram = output["histograms"][name]
        if exactly:
            assert histogram == expected
            continue
        assert set(histogram.axes[0]) == set(expected.axes[0])
        for dataset in expected.axes[0]:
            ours, theirs = (each[dataset, ...].view(flow=True) for each in (histogram, expected))
            fields = ours.dtype.names or (None,)
            for field in fields:
                one, other = (view if field is None else view[field] for view in (ours, theirs))
                np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def fileset(folders: list[Path], suffix: str) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "signal": {"kind": "signal", "mass_gev": 5.0},
        "background": {"kind": "background"},
        "pseudo_data": {"kind": "pseudo_data"},
    }
    return {
        folder.name: {
            "treename": "tree",
            "files": [str(path) for path in sorted(folder.glob(f"*{suffix}"))],
            "metadata": kinds[folder.name],
        }
        for folder in folders
    }


@pytest.mark.agreement
@pytest.mark.parametrize(("suffix", "file_format"), [(".root", "root"), (".parquet", "parquet")])
def test_stock_coffea_gives_the_same(
    processor: AxionToPhotons, samples: Samples, reference: dict[str, Any], suffix: str, file_format: str
) -> None:
    runner = Runner(
        executor=IterativeExecutor(status=False),
        pre_executor=IterativeExecutor(status=False),
        schema=Basf2EventSchema,
        chunksize=350,
        format=file_format,
    )
    output = runner(fileset(samples[suffix], suffix), processor_instance=processor)
    assert_same(output, reference)
    counts = {name: sum(files.values()) for name, files in output["ledger"].items()}
    assert counts == {"signal": 1200, "background": 900, "pseudo_data": 600}


@pytest.mark.agreement
@pytest.mark.slow
def test_stock_coffea_with_a_pool_gives_the_same(
    processor: AxionToPhotons, samples: Samples, reference: dict[str, Any]
) -> None:
    executor = FuturesExecutor(workers=2, status=False)
    runner = Runner(executor=executor, pre_executor=executor, schema=Basf2EventSchema, chunksize=1000)
    assert_same(runner(fileset(samples[".root"], ".root"), processor_instance=processor), reference)


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
@pytest.mark.parametrize("chunk_entries", [1, 400, 800, 100_000])
def test_formats_and_chunks_give_the_same(
    processor: AxionToPhotons, samples: Samples, reference: dict[str, Any], suffix: str, chunk_entries: int
) -> None:
    seen: list[tuple[int, int]] = []
    output, ledger = run_processor(
        processor,
        samples[suffix],
        chunk_entries=chunk_entries,
        progress=lambda done, planned: seen.append((done, planned)),
    )
    assert_same(output, reference)
    assert [(entry.sample, entry.planned, entry.processed) for entry in ledger] == [
        ("signal", 700, 700),
        ("signal", 500, 500),
        ("background", 900, 900),
        ("pseudo_data", 600, 600),
    ]
    assert [entry.path for entry in ledger][:2] == [f"events_0000{suffix}", f"events_0001{suffix}"]
    assert seen[-1] == (2700, 2700)
    assert seen == sorted(seen)


@pytest.mark.agreement
def test_workers_give_the_same_bits_and_name_their_errors(
    processor: AxionToPhotons,
    samples: Samples,
    reference: dict[str, Any],
    tmp_path: Path,
    photon_columns: Callable[..., dict[str, Any]],
    write_sample: Callable[..., Path],
) -> None:
    """One cluster of two processes serves all checks: starting it is what costs time."""
    weights = np.ones(500)
    weights[450] = np.nan
    bad = write_sample(tmp_path / "bad", [photon_columns(500, 9) | {"__weight__": weights}], "pseudo_data")
    with local_client(2) as client:
        address = client.scheduler.address
        for name, value in WORKER_ENVIRONMENT.items():
            assert list(client.run(os.getenv, name).values()) == [str(value)] * 2
        output, _ = run_processor(processor, samples[".parquet"], scheduler=address, chunk_entries=400)
        assert_same(output, reference, exactly=True)
        with pytest.raises(EventContentError, match=r"'__weight__'(.|\n)*events_0000.parquet entry 450"):
            run_processor(processor, [*samples[".parquet"], bad], scheduler=address, chunk_entries=400)
        # the workers cannot import this file
        cloudpickle.register_pickle_by_value(sys.modules[__name__])
        with pytest.raises(DarkreachError, match=r"entries \d+ to \d+(.|\n)*ZeroDivisionError"):
            run_processor(_Failing(), samples[".parquet"], scheduler=address, chunk_entries=400)
        # the scheduler stays usable for the next run
        assert isinstance(client, Client)
        assert client.submit(sum, [1, 2]).result(timeout=20) == 3


class _Failing:
    def required_columns(self, kind: str) -> tuple[str, ...]:
        return ("E",)

    def process(self, events: Any) -> dict[str, Any]:
        return {"ratio": len(events) // 0}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        return accumulator


class _Forgetful(_Failing):
    """Counts one event less in the range that starts at 400."""

    def process(self, events: Any) -> dict[str, Any]:
        metadata = events.metadata
        lost = 1 if metadata["entrystart"] == 400 else 0
        return {"ledger": {metadata["dataset"]: {metadata["filename"]: len(events) - lost}}}


def test_lost_events_are_reported_with_their_ranges(samples: Samples) -> None:
    with pytest.raises(LedgerError) as caught:
        run_processor(_Forgetful(), samples[".parquet"][1:], chunk_entries=400)
    assert caught.value.what == "2 of 5 ranges were not processed as planned"
    assert "events_0000.parquet entries 400 to 800: 399 of 400" in str(caught.value)
    assert "events_0000.parquet entries 400 to 600: 199 of 200" in str(caught.value)


def test_an_error_inside_a_processor_names_file_and_range(samples: Samples) -> None:
    with pytest.raises(DarkreachError, match=r"events_0000.root entries 0 to 400(.|\n)*ZeroDivisionError"):
        run_processor(_Failing(), samples[".root"], chunk_entries=400)


def test_impossible_numbers_are_refused(processor: AxionToPhotons, samples: Samples) -> None:
    with pytest.raises(DarkreachError, match="workers"):
        run_processor(processor, samples[".root"], workers=0)
    with pytest.raises(InputFileError, match="chunk_entries"):
        run_processor(processor, samples[".root"], chunk_entries=0)
    with pytest.raises(InputFileError, match="no samples"):
        run_processor(processor, [])


def test_processing_stage(
    search_config: AxionConfig, detector_config: DetectorConfig, samples: Samples, tmp_path: Path
) -> None:
    folders = samples[".parquet"]
    content = process_samples(search_config, detector_config, folders, config_digest="abc")
    assert list(content.samples) == ["signal", "background", "pseudo_data"]
    assert list(content.histograms["region/recoil_mass"].axes["dataset"]) == ["signal", "background", "pseudo_data"]
    assert list(content.histograms["signal_shape/recoil_mass"].axes["dataset"]) == ["signal"]
    assert content.record["config_digest"] == "abc"
    assert set(content.record["inputs"]) >= {"signal/events_0001.parquet"}
    path = write_histograms(tmp_path / "histograms.zip", content)
    assert read_histograms(path) == content
    again = write_histograms(
        tmp_path / "again.zip", process_samples(search_config, detector_config, folders, config_digest="abc")
    )
    assert again.read_bytes() == path.read_bytes()


def test_plain_ntuples_are_data(
    processor: AxionToPhotons,
    tmp_path: Path,
    photon_columns: Callable[..., dict[str, Any]],
    write_events: Callable[..., Path],
) -> None:
    columns = {name: photon_columns(300, 6)[name] for name in processor.required_columns("data")}
    for number in range(2):
        part = {name: values[150 * number : 150 * (number + 1)] for name, values in columns.items()}
        write_events(tmp_path / f"run_{number}.root", part)
    output, ledger = run_processor(processor, [DataSample("data", tmp_path, 0.445)])
    assert [(entry.path, entry.processed) for entry in ledger] == [("run_0.root", 150), ("run_1.root", 150)]
    one, _ = run_processor(processor, [DataSample("data", (tmp_path / "run_1.root", tmp_path / "run_0.root"), 0.445)])
    assert_same(one, output)
