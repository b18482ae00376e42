"""The floating polynomial as the alternative to background templates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line


def medians(folder: Path, level: float) -> dict[str, float]:
    out = folder / "limits.json"
    words = ["limit", str(folder / "BkgOnly.json"), "--patchset", str(folder / "patchset.json"), "--cl", str(level)]
    assert run_command_line([*words, "--json", str(out)]) == 0
    return {limit["name"]: limit["expected"][2] for limit in json.loads(out.read_text())}


def test_bernstein_background_gives_limits_close_to_templates(finished_run, small_config, tmp_path) -> None:
    config = tmp_path / "bernstein.yaml"
    text = small_config.read_text()
    assert "  background: templates" in text
    config.write_text(text.replace("  background: templates", "  background: bernstein"))
    words = ["build", "axion_to_photons", str(finished_run / "histograms.zip"), "--preset", "demo"]
    assert run_command_line([*words, "--config", str(config), "--out", str(tmp_path / "workspace")]) == 0
    workspace = json.loads((tmp_path / "workspace" / "BkgOnly.json").read_text())
    kinds = {m["type"] for c in workspace["channels"] for s in c["samples"] for m in s["modifiers"]}
    assert "staterror" not in kinds
    bernstein, templates = (medians(folder, 0.95) for folder in (tmp_path / "workspace", finished_run / "workspace"))
    assert bernstein.keys() == templates.keys()
    for name, median in bernstein.items():
        # four free coefficients cost sensitivity; the rate fitted to a few hundred events moves the expectation by 10 %
        assert 0.85 < median / templates[name] < 1.6, name


@pytest.mark.parametrize("folder", ["workspace"])
def test_workspace_and_patchset_pass_the_checks_of_pyhf(finished_run: Path, folder: str) -> None:
    import pyhf

    background_only = json.loads((finished_run / folder / "BkgOnly.json").read_text())
    patchset = json.loads((finished_run / folder / "patchset.json").read_text())
    pyhf.schema.validate(background_only, "workspace.json")
    pyhf.schema.validate(patchset, "patchset.json")
    pyhf.PatchSet(patchset).verify(background_only)
