"""What changed since the results were made: corrections, an input file, the source under a run that goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from darkreach.configuration import config_path
from darkreach.configuration.site import LocalSite
from darkreach.running import tasks, worker_versions
from darkreach.running.worker_versions import WorkerSoftwareError


def test_changed_corrections_make_every_result_stale(
    process: Any, results: Any, root_samples: Path, small_config: Path, tmp_path: Path
) -> None:
    lines = small_config.read_text().splitlines()
    start, stop = lines.index("  photon_efficiency:"), lines.index("workspace:")
    kept = [line for line in lines[:start] + ["", *lines[stop:]] if not line.startswith("  energy_scale:")]
    payload = tmp_path / "example_photon_corrections.json"
    example = config_path("corrections", "example_photon_corrections")
    shutil.copy(example, tmp_path / "corrections.yaml")
    shutil.copy(example.with_suffix(".json"), payload)
    process.config = tmp_path / "search.yaml"
    process.config.write_text("\n".join([*kept, f"corrections: [{tmp_path / 'corrections.yaml'}]", ""]))
    out, signal = tmp_path / "out.zip", root_samples / "signal_1000MeV"
    assert process(out, signal) == 0
    before, old = results(out), out.read_bytes()
    assert process(out, signal, "--resume") == 0
    assert results(out) == before
    content = payload.read_text()
    table = json.loads(content)
    scale(table["corrections"])
    payload.write_text(json.dumps(table))
    assert process(out, signal, "--resume") == 0
    assert not before.keys() & results(out).keys()
    assert process(tmp_path / "fresh.zip", signal) == 0
    assert out.read_bytes() == (tmp_path / "fresh.zip").read_bytes()
    assert out.read_bytes() != old


def scale(node: Any) -> None:
    """Make every number of every table larger by a per mille."""
    for inside in node.values() if isinstance(node, dict) else node:
        content = inside.get("content") if isinstance(inside, dict) else None
        if isinstance(content, list) and content and isinstance(content[0], float):
            inside["content"] = [1.001 * number for number in content]
        elif isinstance(inside, dict | list):
            scale(inside)


def test_a_changed_file_is_processed_again_and_no_other(
    process: Any, results: Any, root_samples: Path, tmp_path: Path
) -> None:
    found = sorted((root_samples / "pseudo_data").glob("*.root"))
    first, second = (Path(shutil.copy(found[at], tmp_path / f"{at}.root")) for at in (0, 1))
    words = ["--data", first, "--data", second, "--luminosity", "300/pb"]
    out = tmp_path / "out.zip"
    assert process(out, *words) == 0
    before = results(out)
    shutil.copy(found[2], second)
    assert process(out, *words, "--resume") == 0
    after = results(out)
    assert len(before.items() & after.items()) == 1 and len(after) == 2
    assert process(tmp_path / "fresh.zip", *words) == 0
    assert out.read_bytes() == (tmp_path / "fresh.zip").read_bytes()


def test_workers_of_edited_source_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process began with other source than its own workers find."""
    mine = tuple((name, "0" * 12 if name == "darkreach source" else one) for name, one in worker_versions.software())
    monkeypatch.setattr("darkreach.running.dask_executor.software", lambda: mine)
    with (
        pytest.raises(WorkerSoftwareError, match="darkreach source 000000000000"),
        tasks.open_executor(site=LocalSite(kind="local", title="one", workers=1)) as executor,
    ):
        list(executor.run(pow, 2, [1, 2]))


SUMS = """
import numpy as np
from darkreach.selection.cutflow import Cutflow
cutflow = Cutflow(["all"])
for size in (10_001, 50_003, 200_007):
    cutflow.count("all", np.random.default_rng(1).exponential(size=size))
print(cutflow.sum_of_weights[0].hex(), cutflow.sum_of_squares[0].hex())
"""


def test_sums_do_not_depend_on_threads() -> None:
    """The libraries of linear algebra of workers have one thread, those of a single process as many as there are."""
    printed = [
        subprocess.run(
            [sys.executable, "-c", SUMS],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            check=True,
            capture_output=True,
            timeout=200,
        ).stdout
        for threads in ("1", "2")
    ]
    assert printed[0] == printed[1] != b""
