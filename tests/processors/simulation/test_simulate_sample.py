from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import ConfigError
from darkreach.events.columns import PHOTON_EVENT_COLUMNS
from darkreach.events.manifest import check_files, read_manifest
from darkreach.generators.signals.axion_matrix_element import axion_cross_section_fb
from darkreach.simulation import weighted_sample
from darkreach.simulation.pseudo_data import Component, Envelope, find_envelope
from darkreach.simulation.sample_request import SampleRequest
from darkreach.simulation.simulate_sample import simulate_sample

SIGNAL = SampleRequest("signal_3000MeV", "axion_signal", 3000, 3.0, None, 17)
BACKGROUND = SampleRequest("three_photons", "three_photons", 3000, None, None, 17)
DATA = SampleRequest("pseudo_data", "pseudo_data", 0, None, 0.05, 18)


def changed(config: AxionConfig, **settings: object) -> AxionConfig:
    return config.model_copy(update={"simulation": config.simulation.model_copy(update=settings)})


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("request_", [SIGNAL, BACKGROUND, DATA], ids=lambda request: request.sample)
def test_same_request_same_bytes_and_rerun_does_nothing(
    request_: SampleRequest, search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    first = simulate_sample(request_, search_config, detector_config, tmp_path / "a")
    second = simulate_sample(request_, search_config, detector_config, tmp_path / "b")
    assert first == second
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert sorted(tree(tmp_path / "a" / request_.sample)) == ["events_0000.parquet", "manifest.json"]
    path = tmp_path / "a" / request_.sample / "events_0000.parquet"
    before = path.stat().st_mtime_ns
    assert simulate_sample(request_, search_config, detector_config, tmp_path / "a") == first
    assert path.stat().st_mtime_ns == before
    check_files(tmp_path / "a" / request_.sample, read_manifest(tmp_path / "a" / request_.sample))


def test_other_seed_other_events(search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path) -> None:
    one = simulate_sample(SIGNAL, search_config, detector_config, tmp_path / "a")
    two = simulate_sample(replace(SIGNAL, seed=99), search_config, detector_config, tmp_path / "b")
    assert one.files[0].sha256 != two.files[0].sha256


def test_signal_manifest_and_weights(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    config = changed(search_config, initial_state_radiation=False)
    manifest = simulate_sample(SIGNAL, config, detector_config, tmp_path)
    coupling = config.simulation.reference_coupling.value
    assert manifest.kind == "signal"
    assert manifest.parameters == {"mass_gev": 3.0, "coupling": coupling}
    assert manifest.generated_events == 3000
    s = detector_config.beams.beams().s
    # 1e-3: the beam-energy spread
    assert manifest.cross_section_fb == pytest.approx(float(axion_cross_section_fb(3.0, coupling, s)), rel=1e-3)
    assert manifest.weight_column == "generatorWeight"
    table = pq.read_table(tmp_path / SIGNAL.sample / "events_0000.parquet")
    assert table.num_rows == manifest.entries < 3000
    weights = table["generatorWeight"].to_numpy()
    # equal weights but for the spread: the sum is the share of events with a cluster
    total = manifest.event_efficiency * manifest.cross_section_fb
    assert weights.sum() == pytest.approx(total * manifest.entries / 3000, rel=1e-4)
    events = table["__event__"].to_numpy()
    assert len(np.unique(events)) == len(events)
    assert events.max() < 3000


def test_background_weights_sum_to_the_cross_section(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    manifest = simulate_sample(BACKGROUND, search_config, detector_config, tmp_path)
    assert manifest.kind == "background"
    weights = pq.read_table(tmp_path / BACKGROUND.sample / "events_0000.parquet")["generatorWeight"].to_numpy()
    # all photons of the generated volume are well inside the calorimeter: no event is lost
    assert weights.sum() == pytest.approx(manifest.cross_section_fb * manifest.event_efficiency, rel=1e-9)
    assert manifest.cross_section_fb == pytest.approx(22_150, rel=0.1)


def test_chunks_have_their_own_random_numbers(
    search_config: AxionConfig,
    detector_config: DetectorConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weighted_sample, "CHUNK_EVENTS", 1000)
    seen: list[tuple[int, int]] = []
    simulate_sample(
        SIGNAL, search_config, detector_config, tmp_path, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1000, 3000), (2000, 3000), (3000, 3000)]
    table = pq.read_table(tmp_path / SIGNAL.sample / "events_0000.parquet")
    energies = np.concatenate(table["E"].to_pylist())
    assert len(np.unique(energies)) == len(energies)
    longer = replace(SIGNAL, events=4000)
    simulate_sample(longer, search_config, detector_config, tmp_path / "longer")
    more = pq.read_table(tmp_path / "longer" / SIGNAL.sample / "events_0000.parquet")
    # more events leave the earlier chunks as they are
    assert more["E"].slice(0, table.num_rows).to_pylist() == table["E"].to_pylist()


@pytest.mark.parametrize("damage", ["truncate", "remove", "manifest", "partial"])
def test_damaged_samples_are_made_again(
    damage: str, search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    simulate_sample(SIGNAL, search_config, detector_config, tmp_path)
    intact = tree(tmp_path)
    folder = tmp_path / SIGNAL.sample
    events = folder / "events_0000.parquet"
    if damage == "truncate":
        events.write_bytes(events.read_bytes()[:-100])
    elif damage == "remove":
        events.unlink()
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{")
    else:
        (folder / "manifest.json").unlink()
        (folder / ".0123abcd.partial.events_0001.parquet").write_bytes(b"half")
        (folder / "events_0007.parquet").write_bytes(b"from an earlier run")
    simulate_sample(SIGNAL, search_config, detector_config, tmp_path)
    assert tree(tmp_path) == intact


def test_changed_settings_are_simulated_again(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    first = simulate_sample(SIGNAL, search_config, detector_config, tmp_path)
    other = simulate_sample(SIGNAL, changed(search_config, initial_state_radiation=False), detector_config, tmp_path)
    assert other.files[0].sha256 != first.files[0].sha256
    assert read_manifest(tmp_path / SIGNAL.sample) == other


def test_interrupted_simulation_leaves_no_manifest(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    simulate_sample(SIGNAL, search_config, detector_config, tmp_path)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_sample(replace(SIGNAL, seed=5), search_config, detector_config, tmp_path, progress=stop)
    assert not (tmp_path / SIGNAL.sample / "manifest.json").exists()


def test_second_format_is_listed_as_a_copy(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    config = changed(search_config, formats=("parquet", "root"), file_entries=2000)
    manifest = simulate_sample(BACKGROUND, config, detector_config, tmp_path)
    assert [file.path for file in manifest.files] == ["events_0000.parquet"]
    assert [file.path for file in manifest.copies] == ["events_0000.root"]
    assert manifest.entries == manifest.copies[0].entries
    assert read_manifest(tmp_path / BACKGROUND.sample) == manifest


def test_pseudo_data_carries_no_truth_and_the_right_number(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    request = replace(DATA, luminosity_inverse_fb=0.445)
    manifest = simulate_sample(request, search_config, detector_config, tmp_path)
    table = pq.read_table(tmp_path / "pseudo_data" / "events_0000.parquet")
    assert table.column_names == [column.name for column in PHOTON_EVENT_COLUMNS]
    assert manifest.kind == "pseudo_data"
    assert manifest.cross_section_fb is None
    assert manifest.weight_column is None
    assert manifest.luminosity_inverse_fb == 0.445
    assert table["__event__"].to_pylist() == sorted(table["__event__"].to_pylist())
    # 22.15 pb x 0.7 x 445 pb^-1
    assert table.num_rows == pytest.approx(6900, abs=4 * np.sqrt(6900))


def test_injected_signal_adds_events(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    without = simulate_sample(DATA, search_config, detector_config, tmp_path / "a")
    request = replace(DATA, injected_mass_gev=3.0, injected_signal_strength=100.0)
    manifest = simulate_sample(request, search_config, detector_config, tmp_path / "b")
    added = manifest.generated_events - without.generated_events
    # the background events stay the same; 0.05 fb^-1 x 0.7 x 100 x 87 fb
    assert added == pytest.approx(305, abs=4 * np.sqrt(305))
    assert manifest.parameters["injected_signal_strength"] == 100.0


def test_a_bound_found_too_low_is_raised_and_reported(
    search_config: AxionConfig,
    detector_config: DetectorConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def low_bound(component: Component, seed: int) -> Envelope:
        envelope = find_envelope(component, seed)
        return replace(envelope, bounds_fb=(0.3 * envelope.maximum_fb,))

    monkeypatch.setattr("darkreach.simulation.pseudo_data_sample.find_envelope", low_bound)
    manifest = simulate_sample(DATA, search_config, detector_config, tmp_path)
    assert manifest.parameters["raised_bounds"] >= 1.0
    assert "drawn again" in caplog.text
    # 22.15 pb x 0.7 x 50 pb^-1, once and not once a try
    assert manifest.entries == pytest.approx(775, abs=4 * np.sqrt(775))
    assert pq.read_metadata(tmp_path / "pseudo_data" / "events_0000.parquet").num_rows == manifest.entries


def test_impossible_requests_are_refused(
    search_config: AxionConfig, detector_config: DetectorConfig, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="axion-like particle"):
        simulate_sample(replace(SIGNAL, mass_gev=10.6), search_config, detector_config, tmp_path)
    with pytest.raises(ConfigError, match="too many"):
        simulate_sample(replace(DATA, luminosity_inverse_fb=50_000.0), search_config, detector_config, tmp_path)
