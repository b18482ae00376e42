"""What a task leaves behind, and what every way of running tasks must offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from darkreach.errors import DarkreachError

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class TaskOutcome(Generic[R]):
    """Result or error of one task; the failure of one never loses the others.

    Attributes:
        index: position of the task in the sequence that was run.
        value: what the function returned; None if it failed.
        error: why it failed; None if it did not.
    """

    index: int
    value: R | None
    error: DarkreachError | None = None


class TaskExecutor(Protocol):
    """Runs a function on many tasks, in this process or on a cluster."""

    def run(self, function: Callable[[Any, T], R], shared: Any, tasks: Sequence[T]) -> Iterator[TaskOutcome[R]]:
        """Yield the outcome of ``function(shared, task)`` for every task exactly once, in any order.

        Closing the iterator cancels what is not finished.

        Raises:
            DarkreachError: nothing can run any more, e.g. no worker is left; outcomes yielded before stay valid.
        """


def call_task(function: Callable[[Any, T], R], shared: Any, task: T) -> R:
    """Call the function; whatever it raises becomes an error that names the task and can be sent between processes.

    Raises:
        DarkreachError: as raised by the function, or wrapping what it raised.
    """
    try:
        return function(shared, task)
    except DarkreachError:
        raise
    except Exception as error:
        raise DarkreachError(
            "a task failed",
            where=name_of(task),
            given=f"{type(error).__name__}: {error}",
            next_step="run it alone with one worker to see where it happens",
        ) from error


def name_of(task: object) -> str:
    """Return a short text for a task: its ``name`` or ``sample`` where it has one, else its own text.

    Example:
        >>> name_of(("events.root", 0, 500_000))
        "('events.root', 0, 500000)"
    """
    text = str(task) if type(task).__str__ is not object.__str__ else repr(task)
    named = getattr(task, "name", None)
    if isinstance(named, str):
        text = named
    return text if len(text) <= 300 else text[:297] + "..."
