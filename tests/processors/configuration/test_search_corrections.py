"""The list of corrections of a search: names, paths, and the digests of searches that have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkreach.configuration import AxionConfig, config_path, read_config
from darkreach.errors import ConfigError

SHIPPED = config_path("searches", "axion_to_photons").read_text()


def written(folder: Path, entry: str) -> Path:
    path = folder / "search.yaml"
    path.write_text(f"{SHIPPED}\ncorrections:\n  - example_photon_corrections\n  - {entry}\n")
    return path


def test_paths_start_from_the_folder_of_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "trigger.yaml").write_text("corrections: []")
    config = read_config(written(tmp_path, "mine/trigger.yaml"), AxionConfig)
    monkeypatch.chdir("/")
    shipped = config_path("corrections", "example_photon_corrections")
    assert config.correction_files == (shipped, tmp_path / "mine" / "trigger.yaml")
    assert AxionConfig.model_validate(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("entry", "closest"), [("example_photon_correction", "example_photon_corrections"), ("triger.yaml", "trigger.yaml")]
)
def test_unknown_entries_are_refused_with_their_line_and_the_closest(tmp_path: Path, entry: str, closest: str) -> None:
    (tmp_path / "trigger.yaml").write_text("corrections: []")
    path = written(tmp_path, entry)
    with pytest.raises(ConfigError, match=f"did you mean '{closest}'") as caught:
        read_config(path, AxionConfig)
    line = 1 + next(number for number, text in enumerate(path.read_text().splitlines()) if text.endswith(f"- {entry}"))
    assert caught.value.where == f"{path}:{line}"
    assert caught.value.given == entry


def test_a_search_without_corrections_is_what_it_was(tmp_path: Path) -> None:
    config = read_config(config_path("searches", "axion_to_photons"), AxionConfig)
    assert config.correction_files == ()
    assert "corrections" not in config.model_dump(mode="json")
    with_one = read_config(written(tmp_path, "example_photon_corrections"), AxionConfig)
    assert with_one.model_dump(mode="json")["corrections"] == ["example_photon_corrections"] * 2


def test_variations_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "search.yaml"
    line = next(text for text in SHIPPED.splitlines() if text.startswith("  energy_scale:"))
    path.write_text(SHIPPED.replace(line + "\n", ""))
    assert read_config(path, AxionConfig).variations.stems == ("resolution", "photon_efficiency")
