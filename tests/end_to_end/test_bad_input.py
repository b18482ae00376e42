"""Everything a user can get wrong: one clear error, a non-zero exit code, nothing half-written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.configuration import config_path


def error_of(capsys: pytest.CaptureFixture[str], words: list[str], *, code: int = 1) -> str:
    capsys.readouterr()
    assert run_command_line(words) == code
    return capsys.readouterr().err


@pytest.fixture
def edited_config(tmp_path: Path):
    def edit(old: str, new: str) -> Path:
        text = config_path("searches", "axion_to_photons").read_text()
        assert old in text
        path = tmp_path / "edited.yaml"
        path.write_text(text.replace(old, new, 1))
        return path

    return edit


def test_unknown_search_names_the_closest(capsys, tmp_path) -> None:
    message = error_of(capsys, ["run", "axion_to_fotons", "--out", str(tmp_path / "out")])
    assert "unknown search 'axion_to_fotons'" in message
    assert "did you mean 'axion_to_photons'?" in message
    assert not (tmp_path / "out").exists()


def test_unknown_preset_and_engine_before_any_work(capsys, tmp_path) -> None:
    words = ["run", "axion_to_photons", "--out", str(tmp_path / "out")]
    assert "did you mean 'demo'?" in error_of(capsys, [*words, "--preset", "dmeo"])
    assert "did you mean 'compiled'?" in error_of(capsys, [*words, "--engine", "compild"])
    assert not (tmp_path / "out").exists()


def test_luminosity_beyond_pseudo_data_by_events(capsys, tmp_path) -> None:
    message = error_of(capsys, ["run", "axion_to_photons", "--out", str(tmp_path / "out"), "--luminosity", "50/ab"])
    assert "maximum_pseudo_data_events" in message
    assert not list((tmp_path / "out").glob("samples/*/manifest.json"))


def test_unknown_command_and_option(capsys, tmp_path) -> None:
    assert "rum" in error_of(capsys, ["rum"], code=2)
    assert "--outt" in error_of(capsys, ["run", "axion_to_photons", "--outt", str(tmp_path)], code=2)


def test_unknown_key_with_file_line_and_closest_name(capsys, tmp_path, edited_config) -> None:
    path = edited_config("bernstein_order:", "bernstein_oder:")
    line = next(i for i, text in enumerate(path.read_text().splitlines(), 1) if "bernstein_oder" in text)
    message = error_of(capsys, ["run", "axion_to_photons", "--out", str(tmp_path / "out"), "--config", str(path)])
    assert f"{path}:{line}" in message
    assert "did you mean 'bernstein_order'?" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("bernstein_order: 3", "bernstein_order: 99", "less than or equal to 8"),
        ("event_efficiency: {value: 0.7", "event_efficiency: {value: 1.7", "event_efficiency must be in (0, 1]"),
        ("background: templates", "background: template", "'templates' or 'bernstein'"),
        ("bins_per_resolution: 1.0", "bins_per_resolution: .nan", "finite"),
        ("luminosity: {value: 0.445", "luminosity: {value: -1", "luminosity must be positive"),
    ],
)
def test_value_out_of_range(capsys, tmp_path, edited_config, old, new, expected) -> None:
    path = edited_config(old, new)
    message = error_of(capsys, ["run", "axion_to_photons", "--out", str(tmp_path / "out"), "--config", str(path)])
    assert expected in message
    assert str(path) + ":" in message


def test_not_yaml(capsys, tmp_path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("search: [axion\n  title: {")
    message = error_of(capsys, ["run", "axion_to_photons", "--out", str(tmp_path / "o"), "--config", str(path)])
    assert "not a YAML file" in message
    assert f"{path}:" in message


@pytest.mark.parametrize("text", ["445", "445/kg", "-1/fb", "nan/fb", "lots"])
def test_luminosity_without_meaning(capsys, tmp_path, text) -> None:
    message = error_of(capsys, ["run", "axion_to_photons", "--out", str(tmp_path / "o"), "--luminosity", text])
    assert "not a luminosity" in message
    assert "445/pb" in message


def test_confidence_level_in_percent(capsys, tmp_path) -> None:
    message = error_of(capsys, ["run", "axion_to_photons", "--out", str(tmp_path / "o"), "--cl", "95"])
    assert "write --cl 0.95" in message


def test_output_folder_not_writable(capsys, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    message = error_of(capsys, ["run", "axion_to_photons", "--out", str(blocked / "out")])
    assert "cannot write" in message
    assert "--out" in message


def test_second_run_on_one_folder_is_refused(capsys, tmp_path) -> None:
    from darkreach.pipeline import locked

    with locked(tmp_path / "out"):
        message = error_of(capsys, ["run", "axion_to_photons", "--out", str(tmp_path / "out")])
    assert "another run holds this output folder" in message


def process_words(tmp_path: Path, ntuple: Path) -> list[str]:
    return ["process", "axion_to_photons", "--data", str(ntuple), "--out", str(tmp_path / "histograms.zip")]


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
@pytest.mark.parametrize("content", [b"", b"no such format " * 100])
def test_empty_or_foreign_ntuple(capsys, tmp_path, suffix, content) -> None:
    ntuple = tmp_path / f"ntuple{suffix}"
    ntuple.write_bytes(content)
    message = error_of(capsys, process_words(tmp_path, ntuple))
    assert str(ntuple) in message
    assert not (tmp_path / "histograms.zip").exists()


def test_truncated_ntuple(capsys, tmp_path, finished_run) -> None:
    source = next((finished_run / "samples" / "pseudo_data").glob("*.parquet"))
    ntuple = tmp_path / "half.parquet"
    ntuple.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    message = error_of(capsys, process_words(tmp_path, ntuple))
    assert str(ntuple) in message


def test_missing_column_is_named(capsys, tmp_path, finished_run) -> None:
    import pyarrow.parquet as parquet

    source = next((finished_run / "samples" / "pseudo_data").glob("*.parquet"))
    ntuple = tmp_path / "less.parquet"
    parquet.write_table(parquet.read_table(source).drop_columns(["theta"]), ntuple)
    message = error_of(capsys, process_words(tmp_path, ntuple))
    assert "theta" in message
    assert "VariablesToEventBasedTree" in message


def test_data_ntuple_is_processed(capsys, tmp_path, finished_run) -> None:
    source = next((finished_run / "samples" / "pseudo_data").glob("*.parquet"))
    assert run_command_line(process_words(tmp_path, source)) == 0


def test_changed_sample_is_noticed(capsys, tmp_path, finished_run, small_config) -> None:
    folder = tmp_path / "samples" / "three_photons"
    shutil.copytree(finished_run / "samples" / "three_photons", folder)
    ntuple = next(folder.glob("*.parquet"))
    ntuple.write_bytes(ntuple.read_bytes()[:-1] + b"x")
    words = [
        "process",
        "axion_to_photons",
        str(folder),
        "--out",
        str(tmp_path / "h.zip"),
        "--config",
        str(small_config),
    ]
    assert str(ntuple) in error_of(capsys, words)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "JSON"),
        ("[]", "workspace"),
        (json.dumps({"channels": [], "measurements": [], "observations": [], "version": "1.0.0"}), "channels"),
    ],
)
def test_not_a_workspace(capsys, tmp_path, content, expected) -> None:
    path = tmp_path / "workspace.json"
    path.write_text(content)
    message = error_of(capsys, ["limit", str(path), "--json", str(tmp_path / "out.json")])
    assert expected in message
    assert str(path) in message
    assert not (tmp_path / "out.json").exists()


def test_workspace_without_parameter_of_interest(capsys, tmp_path) -> None:
    workspace = {
        "channels": [{"name": "c", "samples": [{"name": "b", "data": [1.0], "modifiers": []}]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "observations": [{"name": "c", "data": [1.0]}],
        "version": "1.0.0",
    }
    path = tmp_path / "workspace.json"
    path.write_text(json.dumps(workspace))
    assert "'mu'" in error_of(capsys, ["limit", str(path)])


def test_patchset_of_another_workspace(capsys, tmp_path, finished_run) -> None:
    workspace = json.loads((finished_run / "workspace" / "BkgOnly.json").read_text())
    workspace["observations"][0]["data"][0] += 1
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(workspace))
    words = ["limit", str(path), "--patchset", str(finished_run / "workspace" / "patchset.json")]
    assert "digest" in error_of(capsys, words)
