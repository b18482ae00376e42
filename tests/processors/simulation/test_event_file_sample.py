"""Events of other generators as samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.errors import ConfigError, DarkreachError, InputFileError
from darkreach.events.manifest import SampleManifest, check_files, read_manifest
from darkreach.generators.exchange import summarise_event_file, write_hepmc
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.random_streams import random_stream
from darkreach.simulation import event_file_sample, sample_pieces
from darkreach.simulation.event_file_sample import event_file_request, write_event_file
from darkreach.simulation.generated_files import read_generated
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.sample_making import begin_sample, finish_sample, make_piece
from darkreach.simulation.sample_plan import plan_sample

EVENTS = 2300


def write(path: Path, particles: GeneratedParticles) -> None:
    path.unlink(missing_ok=True)
    write_hepmc(path, [particles], np.array([[7.0, 0.0, 0.0, 7.0], [4.0, 0.0, 0.0, -4.0]]))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sample_pieces, event_file_sample):
        monkeypatch.setattr(module, "CHUNK_TRIALS", 1000)


@pytest.fixture
def written(request_of: Callable[..., ProcessRequest], tmp_path: Path) -> tuple[Path, GeneratedParticles]:
    """Return a file and its events; those without weight are there too."""
    particles = request_of().open().source(EVENTS, random_stream(1, "file", 0))
    path = tmp_path / "muons.hepmc"
    write(path, particles)
    return path, particles


@pytest.fixture
def simulate(measure: Callable[..., object]) -> Callable[..., SampleManifest]:
    def run(request: ProcessRequest, out: Path) -> SampleManifest:
        plan = plan_sample(request, out)
        if plan.manifest is not None:
            return plan.manifest
        begin_sample(plan)
        write_event_file(plan)
        return finish_sample(plan, [make_piece(plan, piece, measure) for piece in plan.pieces])

    return run


def test_all_events_of_a_file_are_measured(
    written: tuple[Path, GeneratedParticles],
    simulate: Callable[..., SampleManifest],
    detector_config: DetectorConfig,
    tmp_path: Path,
) -> None:
    path, particles = written
    request = event_file_request(path, "theirs", "signal", detector_config, seed=3, values={"mass_gev": 0.1})
    manifest = simulate(request, tmp_path / "out")
    folder = tmp_path / "out" / "theirs"
    check_files(folder, manifest)
    assert (manifest.kind, manifest.generated_events, manifest.parameters) == ("signal", EVENTS, {"mass_gev": 0.1})
    assert manifest.cross_section_fb == pytest.approx(particles.weight_fb.mean(), rel=1e-6)
    summary = summarise_event_file(path)
    assert manifest.cross_section_error_fb == summary.cross_section_error_fb > 0.0
    assert "HepMC3" in manifest.process and "muons.hepmc" in manifest.generator
    chunks = [
        chunk
        for file in read_manifest(folder / "generated").files
        for chunk in read_generated(folder / "generated" / file.path)
    ]
    numbers = np.concatenate([numbers for numbers, _ in chunks])
    assert numbers.tolist() == np.flatnonzero(particles.weight_fb).tolist()
    kept = particles.select(particles.weight_fb > 0.0)
    momenta = np.concatenate([read.momentum[read.final] for _, read in chunks])
    assert np.allclose(momenta, kept.momentum, rtol=1e-6, atol=1e-9)
    weights = np.concatenate([read.weight_fb for _, read in chunks])
    assert np.allclose(weights, kept.weight_fb / EVENTS, rtol=1e-6)


def test_files_are_not_read_twice_and_changed_ones_are_noticed(
    written: tuple[Path, GeneratedParticles],
    simulate: Callable[..., SampleManifest],
    detector_config: DetectorConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, particles = written
    manifest = simulate(event_file_request(path, "theirs", "signal", detector_config, seed=3), tmp_path / "out")
    folder = tmp_path / "out" / "theirs"
    before = {file: file.read_bytes() for file in folder.rglob("*.parquet")}
    monkeypatch.setattr(event_file_sample, "write_generated", None)
    assert simulate(event_file_request(path, "theirs", "signal", detector_config, seed=3), tmp_path / "out") == manifest
    (folder / "manifest.json").unlink()
    simulate(event_file_request(path, "theirs", "signal", detector_config, seed=3), tmp_path / "out")
    monkeypatch.undo()
    for module in (sample_pieces, event_file_sample):
        monkeypatch.setattr(module, "CHUNK_TRIALS", 1000)
    # one file lost: the events before it are read over
    (folder / "manifest.json").unlink()
    (folder / "generated" / "particles_0001.parquet").unlink()
    simulate(event_file_request(path, "theirs", "signal", detector_config, seed=3), tmp_path / "out")
    assert before == {file: file.read_bytes() for file in folder.rglob("*.parquet")}
    write(path, particles.select(np.arange(EVENTS - 1, -1, -1)))
    with pytest.raises(ConfigError, match="other settings") as caught:
        simulate(event_file_request(path, "theirs", "signal", detector_config, seed=3), tmp_path / "out")
    assert "file.sha256" in str(caught.value.given)


def test_files_that_change_while_they_are_read_are_refused(
    written: tuple[Path, GeneratedParticles],
    simulate: Callable[..., SampleManifest],
    detector_config: DetectorConfig,
    tmp_path: Path,
) -> None:
    path, particles = written
    request = event_file_request(path, "theirs", "signal", detector_config, seed=3)
    write(path, particles.select(np.arange(EVENTS - 100)))
    with pytest.raises(DarkreachError, match="another number of events"):
        simulate(request, tmp_path / "out")


def test_bad_files_are_refused_before_anything_is_written(
    written: tuple[Path, GeneratedParticles], detector_config: DetectorConfig, tmp_path: Path
) -> None:
    path, _ = written
    with pytest.raises(ConfigError, match="positive"):
        event_file_request(path, "a", "signal", detector_config, seed=1, cross_section_fb=-2.0)
    assert (
        event_file_request(
            path, "a", "signal", detector_config, seed=1, cross_section_fb=5.0
        ).event_file.summary.cross_section_fb
        == 5.0
    )
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputFileError, match="cut short"):
        event_file_request(path, "a", "signal", detector_config, seed=1)
