"""Progress on a terminal and in a log."""

from __future__ import annotations

import io

from rich.console import Console
from rich.progress import Progress

from darkreach.command_line.stage_display import StageDisplay, stage_progress, workers_text
from darkreach.command_line.summary_tables import summary_line
from darkreach.running.task_progress import TaskProgress


def in_a_log() -> tuple[StageDisplay, io.StringIO]:
    text = io.StringIO()
    console = Console(file=text, force_terminal=False, width=60)
    return StageDisplay(console, Progress(console=console, disable=True)), text


def tell(display: StageDisplay) -> None:
    display("simulate", 0, 3)
    for done in (1, 2, 3):
        display("simulate", done, 3)
    display("process", 0, 1)
    display("process", 400, 1000)
    display.watch(TaskProgress(2, 2, 1, 2, 1.0, "http://127.0.0.1:8787/status"))
    display("process", 1000, 1000)
    display("process", 1, 1)
    display("limit", 1, 1)


def test_a_log_gets_one_line_a_stage() -> None:
    display, text = in_a_log()
    tell(display)
    lines = text.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["simulate", "process", "limit"]
    assert "3 samples" in lines[0]
    assert "1000 events" in lines[1] and "1 failed" in lines[1]
    assert lines[2].endswith("already done")
    assert display.failures == {"process": 1}


def test_a_stage_that_ends_early_is_no_line_of_a_log() -> None:
    display, text = in_a_log()
    display("process", 0, 1)
    display("process", 400, 1000)
    assert text.getvalue() == ""


def test_a_terminal_shows_rate_workers_failures_and_the_dashboard(monkeypatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(
        "darkreach.command_line.stage_display.Console",
        lambda **_: Console(file=text, force_terminal=True, width=140, color_system=None),
    )
    with stage_progress() as display:
        tell(display)
    shown = text.getvalue()
    assert "dashboard: http://127.0.0.1:8787/status" in shown
    last = [line for line in shown.splitlines() if "━" in line][-3:]
    assert "3/3 samples" in last[0]
    assert "1.00k/1.00k events" in last[1] and "/s" in last[1] and "2 workers, 1 failed" in last[1]
    assert "limit" in last[2]


def test_words() -> None:
    assert workers_text(TaskProgress(0, 4, 0, 1, 0.0)) == "1 worker, 0 failed"
    assert summary_line({"build": 0.34}, {"process": 0}) == "time: build 0.3 s; failed tasks: none"
