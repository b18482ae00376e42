"""All stages of a run use the same workers, asked for once; a finished run asks for none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from darkreach.running import workers_on_demand as module
from darkreach.running.tasks import InProcessExecutor


class Counting(InProcessExecutor):
    def __init__(self) -> None:
        super().__init__()
        self.functions: list[str] = []

    def run(self, function: Any, shared: Any, tasks: Any) -> Any:
        self.functions.append(function.__name__)
        return super().run(function, shared, tasks)


def test_workers_are_asked_for_once(
    finished_run: Path, run_small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[Counting] = []
    events: list[str] = []

    @contextmanager
    def open_counting(**options: Any) -> Iterator[Counting]:
        assert options["scheduler"] == "tcp://somewhere:8786"
        opened.append(Counting())
        yield opened[-1]
        events.append("closed")

    def couple_late(*arguments: Any, **options: Any) -> Any:
        events.append("couple")
        return write_excluded(*arguments, **options)

    from darkreach.pipeline import stages

    write_excluded = stages.write_excluded
    monkeypatch.setattr(stages, "write_excluded", couple_late)
    monkeypatch.setattr(module, "open_executor", open_counting)
    options = ["--scheduler", "tcp://somewhere:8786", "--json", str(tmp_path / "result.json")]
    assert run_small(tmp_path / "out", *options) == 0
    assert len(opened) == 1
    assert opened[0].functions == ["_simulate", "process_item", "_limits_of_task"]
    # what needs no workers does not keep them
    assert events[:2] == ["closed", "couple"]
    assert (tmp_path / "out" / "limits.json").read_bytes() == (finished_run / "limits.json").read_bytes()
    content = json.loads((tmp_path / "result.json").read_text())
    assert set(content["seconds"]) == {"simulate", "process", "build", "limit", "couple", "report"}
    assert all(one["planned"] == one["processed"] > 0 and not one["dropped"] for one in content["accounts"])
    shown = capsys.readouterr()
    assert "failed tasks: none" in shown.out
    assert [line.split()[0] for line in shown.err.splitlines()] == list(content["seconds"])
    assert run_small(tmp_path / "out", "--resume", *options) == 0
    assert len(opened) == 1
