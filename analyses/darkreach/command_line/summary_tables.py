"""What is said at the end of a run: events of every sample, files left out, failures, time of every stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from darkreach.command_line.display import print_line, print_table
from darkreach.pipeline import EventAccount


def print_accounts(accounts: Sequence[EventAccount]) -> None:
    """Print one row a sample, and each file that was left out."""
    rows = [[one.sample, str(one.files), str(one.planned), str(one.processed)] for one in accounts]
    numbers = zip(*((one.files, one.planned, one.processed) for one in accounts), strict=True)
    total = [str(sum(column)) for column in numbers]
    print_table("events of each sample", ["sample", "files", "planned", "processed"], [*rows, ["all", *total]])
    for one in accounts:
        for text in one.dropped:
            print_line(f"left out: {one.sample}/{text}")


def summary_line(seconds: Mapping[str, float], failures: Mapping[str, int]) -> str:
    """Return the time of every stage and the tasks that failed on the way.

    Example:
        >>> summary_line({"simulate": 61.3, "process": 2.04}, {"process": 1})
        'time: simulate 61.3 s, process 2.0 s; failed tasks: process 1'
    """
    times = ", ".join(f"{stage} {duration:.1f} s" for stage, duration in seconds.items())
    failed = ", ".join(f"{stage} {number}" for stage, number in failures.items() if number)
    return f"time: {times}; failed tasks: {failed or 'none'}"
