"""Plan, jobs, merge without dask; status, dry run and retry: the commands, and that they agree with the plain run."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.histograms import SearchHistograms, read_histograms

SEARCH = "axion_to_photons"


@pytest.fixture
def planned(finished_run: Path, small_config: Path, tmp_path: Path) -> Path:
    """A folder with the events of the small run planned as four jobs."""
    words = ["plan", SEARCH, str(finished_run / "samples"), "--out", str(tmp_path / "jobs out"), "--jobs", "4"]
    assert run_command_line([*words, "--config", str(small_config)]) == 0
    return tmp_path / "jobs out"


def part(folder: Path, number: int) -> int:
    return run_command_line(["run", SEARCH, "--out", str(folder), "--items", f"{number}/4"])


def states(folder: Path, tmp_path: Path) -> dict[str, int]:
    assert run_command_line(["status", str(folder), "--json", str(tmp_path / "status.json")]) == 0
    items = json.loads((tmp_path / "status.json").read_text())["items"]
    return {state: sum(item["state"] == state for item in items) for state in ("done", "failed", "stale", "missing")}


def totals(content: SearchHistograms) -> dict[str, object]:
    """Cutflows by sample; a plan lists the samples in the order of their names, a run in that of their masses."""
    cutflow = content.histograms["cutflow"]
    return {sample: cutflow[sample, ...].view().tolist() for sample in cutflow.axes[0]}


def test_three_commands_give_the_same_bytes_as_one(
    planned: Path, finished_run: Path, small_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts = sorted((planned / "jobs").glob("job_*.sh"))
    assert [path.name for path in scripts] == [f"job_000{number}.sh" for number in (1, 2, 3, 4)]
    assert not (planned / "histograms.zip").exists()
    # as a batch system would run them: one for real, in another folder; the rest here, in another order
    done = subprocess.run([str(scripts[1])], cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    for number in (4, 1):
        assert part(planned, number) == 0
    capsys.readouterr()
    assert run_command_line(["merge", str(planned)]) == 1
    error = capsys.readouterr().err
    assert "work items have no result" in error and "generated events" in error
    assert not (planned / "histograms.zip").exists()
    assert part(planned, 3) == 0
    assert states(planned, tmp_path).keys() == {"done", "failed", "stale", "missing"}
    assert states(planned, tmp_path)["missing"] == 0
    assert run_command_line(["merge", str(planned)]) == 0
    words = ["process", SEARCH, str(finished_run / "samples"), "--out", str(tmp_path / "one.zip")]
    assert run_command_line([*words, "--config", str(small_config)]) == 0
    assert (planned / "histograms.zip").read_bytes() == (tmp_path / "one.zip").read_bytes()
    jobs, run = (read_histograms(folder / "histograms.zip") for folder in (planned, finished_run))
    assert totals(jobs) == totals(run)


def test_a_failed_item_is_kept_apart_and_tried_again(
    planned: Path, finished_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = json.loads((planned / "processing" / "plan.json").read_text())
    file = Path(plan["samples"][0]["folder"]) / plan["samples"][0]["files"][0]["path"]
    content = file.read_bytes()
    try:
        file.write_bytes(content[:-1000])
        assert part(planned, 1) == 1
        assert "file changed since it was planned" in capsys.readouterr().err
        assert states(planned, tmp_path)["failed"] == 1
        assert states(planned, tmp_path)["done"] > 0
        assert run_command_line(["retry-failed", str(planned)]) == 1
        capsys.readouterr()
        assert run_command_line(["status", str(planned)]) == 0
        assert "failed 2 times: file changed since it was planned" in capsys.readouterr().out
    finally:
        file.write_bytes(content)
    assert run_command_line(["retry-failed", str(planned)]) == 0
    assert states(planned, tmp_path)["failed"] == 0


def test_a_job_of_another_configuration_is_refused(planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = json.loads((planned / "run.json").read_text())
    settings["settings"]["config"]["binning"]["bins_per_resolution"] = 2.0
    (planned / "run.json").write_text(json.dumps(settings))
    assert part(planned, 1) == 1
    assert "configuration changed: binning" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--items", "5/4"], "part/parts"),
        (["--items", "half"], "part/parts"),
        (["--items", "1/4", "--seed", "3"], "settings of a part"),
        (["--bad-files", "dorp"], "did you mean 'drop'?"),
    ],
)
def test_wrong_options_are_one_error(
    planned: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["run", SEARCH, "--out", str(planned), *words]) == 1
    assert message in capsys.readouterr().err


def test_status_and_dry_run_say_why_and_write_nothing(
    finished_run: Path, run_small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "copy"
    shutil.copytree(finished_run, out)
    (next((out / "processing" / "results").glob("*.zip"))).unlink()
    (out / "limits.json").unlink()
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    target = tmp_path / "dry.json"
    assert run_small(out, "--resume", "--dry-run", "--json", str(target)) == 0
    content = json.loads(target.read_text())
    stages = {one["stage"]: (one["state"], one["why"]) for one in content["stages"]}
    assert [stages[name][0] for name in ("simulate", "process", "build")] == ["done"] * 3
    assert stages["limit"] == ("stale", "output is gone: limits.json")
    assert stages["couple"] == ("missing", "after limit")
    assert sum(item["state"] != "done" for item in content["items"]) == 1
    capsys.readouterr()
    assert run_command_line(["status", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "output is gone: limits.json" in printed and "not processed yet" in printed and "lacking: " in printed
    assert run_small(out, "--dry-run", "--cl", "0.90") == 0
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_dry_run_of_nothing_yet(run_small, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_small(tmp_path / "new", "--dry-run") == 0
    assert "not simulated yet" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


def test_status_of_no_run_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["status", str(tmp_path)]) == 1
    assert "neither the folder of a run nor of a plan" in capsys.readouterr().err
