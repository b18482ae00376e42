"""Workers of several stages: opened by the first task, once, and closed whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from darkreach.running import workers_on_demand as module
from darkreach.running.execute import Workplace
from darkreach.running.tasks import InProcessExecutor
from darkreach.running.workers_on_demand import workers_on_demand


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []

    @contextmanager
    def opened(**options: Any) -> Iterator[InProcessExecutor]:
        told.append(f"open {options['workers']}")
        try:
            yield InProcessExecutor()
        finally:
            told.append("close")

    monkeypatch.setattr(module, "open_executor", opened)
    return told


def values(outcomes: Any) -> list[int]:
    return [outcome.value for outcome in outcomes]


def test_two_stages_share_the_workers(log: list[str]) -> None:
    with workers_on_demand(workers=3) as executor:
        assert log == []
        assert values(executor.run(pow, 2, [])) == []
        assert log == []
        assert values(executor.run(pow, 2, [3, 4])) == [8, 16]
        assert values(executor.run(pow, 3, [2])) == [9]
        assert log == ["open 3"]
    assert log == ["open 3", "close"]


def test_an_interrupt_closes_them(log: list[str]) -> None:
    def interrupted(shared: None, task: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), workers_on_demand(workers=2) as executor:
        list(executor.run(interrupted, None, [1]))
    assert log == ["open 2", "close"]


def test_a_workplace_takes_the_workers_that_are_there(log: list[str]) -> None:
    with workers_on_demand(workers=2) as executor:
        assert Workplace(executor=executor).executor is executor
    assert log == []
