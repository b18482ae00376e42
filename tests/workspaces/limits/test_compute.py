"""Many hypotheses: order, isolation of failures, checkpoints, processes, interrupts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import cloudpickle
import pytest

from darkreach.errors import LimitError, WorkspaceError
from darkreach.limits import Limit, compute_limits, limits_as_json_list, make_engine
from darkreach.limits.compiled_engine import CompiledEngine
from darkreach.limits.engine import LimitEngine
from darkreach.running.tasks import InProcessExecutor, TaskExecutor, open_executor
from darkreach.sharing.hypothesis import Hypothesis

LEVELS = (0.90, 0.95)

# the workers cannot import this file
cloudpickle.register_pickle_by_value(sys.modules[__name__])


@dataclass(frozen=True)
class OneAProcess:
    """Another engine, of which every hypothesis is worth a process."""

    engine: LimitEngine
    name = "pyhf"
    hypotheses_per_process = 1

    def limits(self, hypothesis, confidence_levels):
        return self.engine.limits(hypothesis, confidence_levels)


@dataclass(frozen=True)
class ScriptedEngine:
    """Limits equal to a number in the workspace; misbehaves where the workspace says so."""

    factor: float = 1.0
    calls: list[str] = field(default_factory=list, compare=False, repr=False)
    name = "scripted"
    hypotheses_per_process = 1

    def limits(self, hypothesis, confidence_levels):
        self.calls.append(hypothesis.name)
        match hypothesis.workspace:
            case {"raise": "workspace"}:
                raise WorkspaceError("no parameter of interest", where=hypothesis.name)
            case {"raise": "arithmetic"}:
                raise ZeroDivisionError("division by zero")
            case {"raise": "interrupt"}:
                raise KeyboardInterrupt
        number = self.factor * hypothesis.workspace["number"]
        return [
            Limit(hypothesis.name, hypothesis.values, cl, "asymptotic", self.name, number, (number,) * 5)
            for cl in confidence_levels
        ]


def hypothesis(number: int, **content) -> Hypothesis:
    return Hypothesis(f"m{number}", {"mass_gev": float(number)}, {"number": number} | content)


def test_order_is_that_of_the_input() -> None:
    limits = compute_limits([hypothesis(3), hypothesis(1), hypothesis(2)], LEVELS, engine=ScriptedEngine())
    assert [(limit.name, limit.cl) for limit in limits] == [(name, cl) for name in ("m3", "m1", "m2") for cl in LEVELS]


@pytest.mark.parametrize(("fault", "reason"), [("workspace", "no parameter of interest"), ("arithmetic", "division")])
def test_one_failure_leaves_the_others_alone(fault, reason) -> None:
    limits = compute_limits(
        [hypothesis(1), hypothesis(2, **{"raise": fault}), hypothesis(3)], LEVELS, engine=ScriptedEngine()
    )
    assert [limit.status for limit in limits] == ["ok", "ok", "failed", "failed", "ok", "ok"]
    assert reason in limits[2].reason
    assert limits[2].observed is None


def test_progress_counts_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    compute_limits(
        [hypothesis(1), hypothesis(2)],
        LEVELS,
        engine=ScriptedEngine(),
        progress=lambda done, planned: seen.append((done, planned)),
    )
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize("levels", [(), (0.9, 0.9), (0.05,), (95.0,)])
def test_levels_without_meaning_are_refused(levels) -> None:
    with pytest.raises(LimitError):
        compute_limits([hypothesis(1)], levels, engine=ScriptedEngine())


def test_no_workers_are_refused() -> None:
    with pytest.raises(LimitError, match="workers"):
        compute_limits([hypothesis(1)], LEVELS, engine=ScriptedEngine(), workers=0)


def test_finished_hypotheses_are_not_computed_again(tmp_path) -> None:
    first, second = ScriptedEngine(), ScriptedEngine()
    both = [hypothesis(1), hypothesis(2)]
    before = compute_limits(both[:1], LEVELS, engine=first, checkpoint=tmp_path)
    after = compute_limits(both, LEVELS, engine=second, checkpoint=tmp_path)
    assert second.calls == ["m2"]
    assert after[:2] == before


def test_checkpoints_know_engine_options_and_levels(tmp_path) -> None:
    compute_limits([hypothesis(1)], LEVELS, engine=ScriptedEngine(), checkpoint=tmp_path)
    other_option, other_levels = ScriptedEngine(factor=2.0), ScriptedEngine()
    limits = compute_limits([hypothesis(1)], LEVELS, engine=other_option, checkpoint=tmp_path)
    compute_limits([hypothesis(1)], (0.95,), engine=other_levels, checkpoint=tmp_path)
    assert limits[0].observed == 2.0
    assert other_option.calls == other_levels.calls == ["m1"]


def test_a_renamed_hypothesis_keeps_its_own_name(tmp_path) -> None:
    compute_limits([hypothesis(1)], LEVELS, engine=ScriptedEngine(), checkpoint=tmp_path)
    renamed = Hypothesis("other", {"mass_gev": 7.0}, hypothesis(1).workspace)
    engine = ScriptedEngine()
    (limit, _) = compute_limits([renamed], LEVELS, engine=engine, checkpoint=tmp_path)
    assert (limit.name, limit.values, engine.calls) == ("other", {"mass_gev": 7.0}, [])


@pytest.mark.parametrize("damage", ["", "{", "[]", "[1, 2]", '[{"name": "m1"}]', "null", "cut"])
def test_a_damaged_checkpoint_is_computed_again_and_replaced(tmp_path, damage) -> None:
    good = compute_limits([hypothesis(1)], LEVELS, engine=ScriptedEngine(), checkpoint=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2] if damage == "cut" else damage)
    engine = ScriptedEngine()
    assert compute_limits([hypothesis(1)], LEVELS, engine=engine, checkpoint=tmp_path) == good
    assert engine.calls == ["m1"]
    assert file.read_text() == whole


def test_failures_are_tried_again(tmp_path) -> None:
    engine = ScriptedEngine()
    for _ in range(2):
        compute_limits([hypothesis(1, **{"raise": "arithmetic"})], LEVELS, engine=engine, checkpoint=tmp_path)
    assert engine.calls == ["m1", "m1"]


def test_an_interrupt_leaves_what_was_finished(tmp_path) -> None:
    three = [hypothesis(1), hypothesis(2, **{"raise": "interrupt"}), hypothesis(3)]
    with pytest.raises(KeyboardInterrupt):
        compute_limits(three, LEVELS, engine=ScriptedEngine(), checkpoint=tmp_path)
    resumed = ScriptedEngine()
    compute_limits([hypothesis(1), hypothesis(2), hypothesis(3)], LEVELS, engine=resumed, checkpoint=tmp_path)
    assert resumed.calls == ["m2", "m3"]


@pytest.fixture(scope="module")
def two_processes() -> Iterator[TaskExecutor]:
    """Workers that several calls share, as the stages of a run do; the last test below starts its own."""
    with open_executor(workers=2) as executor:
        yield executor


@pytest.mark.parametrize(
    "engine", [CompiledEngine(use_numba=False), pytest.param(make_engine("pyhf"), marks=pytest.mark.slow)]
)
def test_two_processes_give_the_same_bytes_as_one(two_bins, two_processes: TaskExecutor, engine: LimitEngine) -> None:
    models = [two_bins(f"m{index}", data=(45.0 + 5.0 * index, 50.0)) for index in range(2)]
    texts = [
        json.dumps(
            limits_as_json_list(
                compute_limits(models, (0.95,), engine=OneAProcess(engine), workers=workers, processes=two_processes)
            )
        )
        for workers in (1, 2)
    ]
    assert texts[0] == texts[1]
    assert texts[0].count('"ok"') == 2


def test_processes_are_used_only_where_they_are_worth_it(two_bins) -> None:
    class Counting(InProcessExecutor):
        tasks = 0

        def run(self, function, shared, tasks):
            self.tasks += len(tasks)
            yield from super().run(function, shared, tasks)

    processes, engine, hypotheses = Counting(), ScriptedEngine(), [hypothesis(number) for number in (1, 2)]
    compute_limits(hypotheses, LEVELS, engine=engine, workers=1, processes=processes)
    # threads do batches better
    compute_limits([two_bins()], LEVELS, engine=CompiledEngine(use_numba=False), workers=2, processes=processes)
    assert processes.tasks == 0
    limits = compute_limits(hypotheses, LEVELS, engine=engine, workers=2, processes=processes)
    assert processes.tasks == 2
    assert [limit.observed for limit in limits] == [1.0, 1.0, 2.0, 2.0]


class DyingEngine(ScriptedEngine):
    """Ends its process at the second hypothesis."""

    def limits(self, hypothesis, confidence_levels):
        if hypothesis.workspace["number"] == 2:
            os._exit(9)
        return super().limits(hypothesis, confidence_levels)


def test_the_death_of_a_process_fails_only_the_hypothesis_that_caused_it(two_processes: TaskExecutor) -> None:
    limits = compute_limits(
        [hypothesis(1), hypothesis(2), hypothesis(3)],
        (0.95,),
        engine=DyingEngine(),
        workers=2,
        processes=two_processes,
    )
    assert [limit.status for limit in limits] == ["ok", "failed", "ok"]
    assert "died" in limits[1].reason


INTERRUPTED_PROGRAM = """
import sys, time
from pathlib import Path
from darkreach.limits import Limit, compute_limits
from darkreach.sharing.hypothesis import Hypothesis

class SlowEngine:
    name = "slow"
    hypotheses_per_process = 1
    def limits(self, hypothesis, confidence_levels):
        time.sleep(0.3)
        return [Limit(hypothesis.name, {}, cl, "asymptotic", "slow", 1.0, (1.0,) * 5) for cl in confidence_levels]

def interrupt(done, planned):
    if done == 2:
        import os, signal
        os.kill(os.getpid(), signal.SIGINT)

if __name__ == "__main__":
    hypotheses = [Hypothesis(f"m{n}", {}, {"number": n}) for n in range(40)]
    try:
        compute_limits(hypotheses, (0.95,), engine=SlowEngine(), workers=2, progress=interrupt,
                       checkpoint=Path(sys.argv[1]))
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_an_interrupt_stops_the_processes_and_keeps_their_results(tmp_path) -> None:
    program = tmp_path / "program.py"
    program.write_text(INTERRUPTED_PROGRAM)
    done = subprocess.run(
        [sys.executable, program, tmp_path / "checkpoints"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "interrupted\n"
    assert done.stderr == ""
    assert 2 <= len(list((tmp_path / "checkpoints").glob("*.json"))) <= 8
