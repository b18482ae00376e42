"""CPU time of several actions that take turns in random order, each beginning with freed memory given back.

Reading is a tenth slower when its memory must be asked for again: an action would otherwise profit or suffer from the
one before it.
"""

from __future__ import annotations

import ctypes
import gc
import random
import statistics
import time
from collections.abc import Callable
from typing import Any


def _give_back_memory() -> None:
    gc.collect()
    # a function of glibc; elsewhere the order alone must do
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def cpu_seconds(actions: dict[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Return CPU seconds of this process, one an action and round; a first round, which compiles, is left aside."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    order, names = random.Random(1), list(actions)
    for _ in range(repeats + 1):
        for name in names:
            _give_back_memory()
            start = time.process_time()
            actions[name]()
            times[name].append(time.process_time() - start)
        order.shuffle(names)
    return {name: values[1:] for name, values in times.items()}


def medians(times: dict[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in times.items()}


def ratio(times: dict[str, list[float]], name: str, floor: str) -> float:
    """Median over the rounds of the ratio in the same round: a load that changes slowly divides out."""
    return statistics.median(one / two for one, two in zip(times[name], times[floor], strict=True))


def print_ratios(title: str, times: dict[str, list[float]], floor: str, *, goal: str = "") -> None:
    print(f"{title}{f' (goal: {goal})' if goal else ''}")
    for name, value in medians(times).items():
        print(f"  {name:44s} {value * 1e3:8.1f} ms  {ratio(times, name, floor):5.2f} x")
