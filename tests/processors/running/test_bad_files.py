"""Bad files: the run fails, or a whole file is left out with exactly what it carries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import InputFileError
from darkreach.events.manifest import MANIFEST_NAME
from darkreach.histograms import SearchHistograms
from darkreach.provenance import digest_file
from darkreach.running import DataSample, process_samples

GENERATED = (1000, 3000)
LUMINOSITIES = (0.3, 0.145)


@pytest.fixture
def process(search_config: AxionConfig, detector_config: DetectorConfig) -> Callable[..., SearchHistograms]:
    def run(*samples: Path | DataSample, **options: Any) -> SearchHistograms:
        return process_samples(search_config, detector_config, samples, config_digest="x", **options)

    return run


def describe(folder: Path, **shares: tuple[Any, ...]) -> Path:
    """Say in the manifest what each file carries."""
    path = folder / MANIFEST_NAME
    content = json.loads(path.read_text())
    for key, values in shares.items():
        for file, value in zip(content["files"], values, strict=True):
            file[key] = value
        content[key] = sum(values)
    path.write_text(json.dumps(content))
    return folder


@pytest.fixture
def samples(
    tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_sample: Callable[..., Path]
) -> dict[str, Path]:
    """Background and data of two files each; blocks of 400 events."""
    parts = [photon_columns(500, 1), photon_columns(1500, 2)]
    background = write_sample(tmp_path / "background", parts, "background")
    data = write_sample(tmp_path / "data", [photon_columns(700, 3), photon_columns(600, 4)], "data")
    return {
        "background": describe(background, generated_events=GENERATED),
        "data": describe(data, luminosity_inverse_fb=LUMINOSITIES),
    }


def damage(folder: Path, how: str) -> Path:
    """Spoil the second file."""
    path = folder / "events_0001.parquet"
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:
        # the footer is whole, the first pages with their headers are not
        half = len(content) // 2
        path.write_bytes(content[:4] + b"\xff" * half + content[4 + half :])
        # as if it had been damaged before the manifest was written: only reading shows it
        manifest = folder / MANIFEST_NAME
        content_of = json.loads(manifest.read_text())
        content_of["files"][1]["sha256"] = digest_file(path)
        manifest.write_text(json.dumps(content_of))
    return path


def total(histograms: SearchHistograms, name: str, sample: str) -> Any:
    return histograms.histograms[name][sample, ...].view(flow=True)


@pytest.mark.parametrize("how", ["missing", "truncated", "damaged inside"])
def test_a_bad_file_ends_the_run_by_default(process, samples: dict[str, Path], tmp_path: Path, how: str) -> None:
    path = damage(samples["data"], how)
    with pytest.raises(InputFileError, match=path.name):
        process(*samples.values(), folder=tmp_path / "processing")


@pytest.mark.parametrize("how", ["missing", "truncated", "damaged inside"])
def test_data_lose_the_luminosity_of_the_whole_file(
    process, samples: dict[str, Path], tmp_path: Path, how: str
) -> None:
    complete = process(*samples.values())
    damage(samples["data"], how)
    reduced = process(*samples.values(), bad_files="drop", folder=tmp_path / "processing")
    assert reduced.samples["data"].luminosity_inverse_fb == pytest.approx(0.3)
    assert [file.path for file in reduced.samples["data"].files] == ["events_0000.parquet"]
    assert total(reduced, "cutflow_entries", "data")[0] == 700
    assert complete.samples["data"].luminosity_inverse_fb == pytest.approx(0.445)
    assert [(entry.sample, entry.path) for entry in reduced.ledger if entry.sample == "data"] == [
        ("data", "events_0000.parquet")
    ]
    np.testing.assert_array_equal(total(reduced, "cutflow", "background"), total(complete, "cutflow", "background"))
    assert "events_0001.parquet (600 events, 0.145 fb^-1)" in str(reduced.record["dropped_files"])


@pytest.mark.parametrize("how", ["missing", "damaged inside"])
def test_simulated_samples_keep_their_cross_section(process, samples: dict[str, Path], how: str) -> None:
    """Files of 1000 and 3000 generated events: what is left is scaled by 4, each event and its square."""
    complete = process(samples["background"])
    damage(samples["background"], how)
    reduced = process(samples["background"], bad_files="drop")
    assert reduced.samples["background"].generated_events == GENERATED[0]
    alone = describe_alone(samples["background"], process)
    for name in ("cutflow", "region/recoil_mass"):
        ours, plain = total(reduced, name, "background"), total(alone, name, "background")
        np.testing.assert_allclose(ours["value"], 4.0 * plain["value"], rtol=1e-12)
        np.testing.assert_allclose(ours["variance"], 16.0 * plain["variance"], rtol=1e-12)
    # unweighted counts stay counts
    np.testing.assert_array_equal(
        total(reduced, "cutflow_entries", "background"), total(alone, "cutflow_entries", "background")
    )
    # 500 of 1000 and 1500 of 3000 are written with the same mean weight: the rate in fb is unbiased
    before, after = (total(one, "cutflow", "background")[0] for one in (complete, reduced))
    sigma = 4.0 * np.sqrt(total(alone, "cutflow", "background")[0]["variance"])
    assert abs(after["value"] - before["value"]) < 3.0 * sigma
    assert abs(0.25 * after["value"] - before["value"]) > 10.0 * sigma


def describe_alone(folder: Path, process: Callable[..., SearchHistograms]) -> SearchHistograms:
    """Process the first file as a sample of its own."""
    manifest = folder / MANIFEST_NAME
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"files": content["files"][:1]}))
    return process(folder)


def test_what_nobody_knows_cannot_be_dropped(process, samples: dict[str, Path], tmp_path: Path) -> None:
    manifest = samples["data"] / MANIFEST_NAME
    content = json.loads(manifest.read_text())
    for file in content["files"]:
        del file["luminosity_inverse_fb"]
    manifest.write_text(json.dumps(content))
    damage(samples["data"], "missing")
    with pytest.raises(InputFileError, match=r"cannot be dropped(.|\n)*luminosity_inverse_fb of each file"):
        process(*samples.values(), bad_files="drop")
    broken = samples["background"] / "events_0000.parquet"
    broken.write_bytes(broken.read_bytes()[:1000])
    plain = DataSample("data", samples["background"], 1.0)
    with pytest.raises(InputFileError, match=r"cannot be dropped(.|\n)*luminosity of the rest"):
        process(plain, bad_files="drop")


def test_a_sample_never_vanishes(process, samples: dict[str, Path]) -> None:
    for path in samples["data"].glob("*.parquet"):
        path.unlink()
    with pytest.raises(InputFileError, match="nothing is left of sample 'data'"):
        process(*samples.values(), bad_files="drop")
