"""The interface of limit engines: a hypothesis and confidence levels in, limits out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from darkreach.limits.results import Limit

if TYPE_CHECKING:
    from darkreach.errors import WorkspaceError
    from darkreach.sharing.hypothesis import Hypothesis


class LimitEngine(Protocol):
    """Anything that turns a hypothesis into limits; engines keep no state between calls and never lose a hypothesis."""

    @property
    def name(self) -> str:
        """Name recorded in every limit."""
        ...

    @property
    def hypotheses_per_process(self) -> int:
        """Number of hypotheses that are worth the start of another process."""
        ...

    def limits(self, hypothesis: Hypothesis, confidence_levels: Sequence[float]) -> list[Limit]:
        """Return one limit per confidence level, in order; a failure is a limit of status ``failed``, not an exception.

        Raises:
            WorkspaceError: the workspace itself is not usable (invalid, no parameter of interest).
        """
        ...


@runtime_checkable
class BatchLimitEngine(Protocol):
    """An engine that takes many hypotheses in one call, during which other threads can run."""

    def batch_limits(
        self, hypotheses: Sequence[Hypothesis], confidence_levels: Sequence[float]
    ) -> list[list[Limit] | WorkspaceError]:
        """Return the limits of each hypothesis in order, or the error that makes its workspace unusable."""
        ...


@runtime_checkable
class QuickLimitEngine(Protocol):
    """An engine that finds some limits in milliseconds, during which other threads can run, and others in seconds."""

    def quick_limits(
        self, hypotheses: Sequence[Hypothesis], confidence_levels: Sequence[float]
    ) -> list[list[Limit] | None]:
        """Return the limits of each hypothesis in order, exactly those of ``limits``; None where that takes longer.

        A workspace that is not usable is left to ``limits`` as well.
        """
        ...
