"""Limits by tasks on workers: the same as in this process, each hypothesis on its own when something dies."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cloudpickle
import numpy as np
import pytest

from darkreach.errors import LimitError
from darkreach.limits import compute_limits, limit_engine, limits_as_json_list
from darkreach.limits.compiled_engine import CompiledEngine
from darkreach.limits.results import Limit
from darkreach.running.dask_run import WorkerLossError
from darkreach.running.tasks import InProcessExecutor, TaskExecutor, TaskOutcome, open_executor
from darkreach.sharing.hypothesis import Hypothesis

LEVELS = (0.90, 0.95)

# the workers cannot import this file
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class DeadlyBatches:
    """Takes batches; one hypothesis kills the process."""

    name = "deadly"
    method = "toys"
    hypotheses_per_process = 1

    def limits(self, hypothesis, confidence_levels):
        if hypothesis.workspace["number"] == 2:
            os._exit(9)
        if hypothesis.workspace["number"] == 3:
            raise LimitError("three is wrong")
        return [
            Limit(hypothesis.name, hypothesis.values, cl, "toys", self.name, 1.0, (1.0,) * 5)
            for cl in confidence_levels
        ]

    def batch_limits(self, hypotheses, confidence_levels):
        return [
            LimitError("three is wrong")
            if hypothesis.workspace["number"] == 3
            else self.limits(hypothesis, confidence_levels)
            for hypothesis in hypotheses
        ]


@pytest.fixture(scope="module")
def two_workers() -> Iterator[TaskExecutor]:
    with open_executor(workers=2) as executor:
        yield executor


@dataclass(frozen=True)
class SeededBatches:
    """Takes batches; limits depend on the workspace and on random numbers, as those of toys do, and on nothing else."""

    name = "seeded"
    hypotheses_per_process = 1

    def limits(self, hypothesis, confidence_levels):
        content = hashlib.sha256(repr(hypothesis.workspace).encode()).digest()
        numbers = np.random.default_rng(list(content)).random((len(confidence_levels), 6))
        return [
            Limit(hypothesis.name, hypothesis.values, cl, "asymptotic", self.name, row[5], tuple(row[:5].tolist()))
            for cl, row in zip(confidence_levels, numbers, strict=True)
        ]

    def batch_limits(self, hypotheses, confidence_levels):
        return [self.limits(hypothesis, confidence_levels) for hypothesis in hypotheses]


@pytest.mark.parametrize(
    ("engine", "number"),
    [
        # three batches of many, then one hypothesis a task, then what compiles kernels on the workers
        pytest.param(SeededBatches(), 150, id="batches"),
        pytest.param(CompiledEngine(use_numba=False), 3, id="asymptotic"),
        pytest.param(limit_engine("compiled", method="toys", toys=600, seed=3), 3, id="toys", marks=pytest.mark.slow),
        pytest.param(limit_engine("compiled"), 150, id="compiled", marks=pytest.mark.slow),
    ],
)
def test_workers_give_the_same_limits(two_bins, two_workers: TaskExecutor, tmp_path: Path, engine, number) -> None:
    models = [two_bins(f"m{index}", data=(40.0 + 0.1 * index, 50.0)) for index in range(number)]
    seen: list[tuple[int, int]] = []
    alone = compute_limits(models, LEVELS, engine=engine)
    spread = compute_limits(
        models,
        LEVELS,
        engine=engine,
        executor=two_workers,
        checkpoint=tmp_path,
        progress=lambda done, planned: seen.append((done, planned)),
    )
    assert limits_as_json_list(spread) == limits_as_json_list(alone)
    assert {limit.status for limit in alone} == {"ok"}
    assert seen[-1] == (number, number)
    assert len(list(tmp_path.glob("*.json"))) == number
    # what one way of running has finished, another one reuses

    class Nobody:
        def run(self, function, shared, tasks):
            assert tasks == []
            yield from ()

    again = compute_limits(models, LEVELS, engine=engine, executor=Nobody(), checkpoint=tmp_path)
    assert limits_as_json_list(again) == limits_as_json_list(alone)


class LosesWorkers(InProcessExecutor):
    """Reports a task as lost where computing it would end this process."""

    def run(self, function, shared, tasks):
        for index, task in enumerate(tasks):
            if any(hypothesis.workspace["number"] == 2 for hypothesis in task.hypotheses):
                error = WorkerLossError("the worker computing this task died 2 times", where=str(task))
                yield TaskOutcome(index, None, error)
            else:
                yield from (replace(outcome, index=index) for outcome in super().run(function, shared, [task]))


@pytest.mark.parametrize("real", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_only_the_hypothesis_that_kills_its_worker_fails(request: pytest.FixtureRequest, real: bool) -> None:
    executor = request.getfixturevalue("two_workers") if real else LosesWorkers()
    hypotheses = [Hypothesis(f"m{number}", {}, {"number": number}) for number in range(5)]
    limits = compute_limits(hypotheses, (0.95,), engine=DeadlyBatches(), executor=executor)
    assert [limit.name for limit in limits] == [hypothesis.name for hypothesis in hypotheses]
    assert [limit.status for limit in limits] == ["ok", "ok", "failed", "failed", "ok"]
    assert "worker computing this task died" in limits[2].reason
    assert "m2" in limits[2].reason
    assert "three is wrong" in limits[3].reason
    # the method that was asked for, whatever went wrong
    assert {limit.method for limit in limits} == {"toys"}


def test_an_unexpected_fault_of_a_batch_is_tried_one_by_one() -> None:
    class Faulty(DeadlyBatches):
        def limits(self, hypothesis, confidence_levels):
            if hypothesis.workspace["number"] == 1:
                raise ZeroDivisionError("one")
            return super().limits(hypothesis, confidence_levels)

    hypotheses = [Hypothesis(f"m{number}", {}, {"number": number}) for number in (0, 1, 4)]
    limits = compute_limits(hypotheses, (0.95,), engine=Faulty(), executor=InProcessExecutor())
    assert [limit.status for limit in limits] == ["ok", "failed", "ok"]
    assert "ZeroDivisionError: one" in limits[1].reason
