"""The outcome of one check: what the simulation gives beside what it should give."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

ERRORS_ALLOWED: Final = 3.0
"""Statistical errors by which a number may miss its tolerance."""


@dataclass(frozen=True)
class CheckResult:
    """One number of the simulation beside its reference.

    Attributes:
        name: what was checked.
        group: ``cross-section``, ``resolution`` or ``angle``.
        process: that was generated.
        unit: of computed, error and reference.
        computed: from the simulation.
        error: its statistical error, one standard deviation.
        reference: what it should be.
        source: where the reference comes from.
        tolerance: relative.
        effective_events: (sum w)^2 / sum w^2 of what was used.
    """

    name: str
    group: str
    process: str
    unit: str
    computed: float
    error: float
    reference: float
    source: str
    tolerance: float
    effective_events: float

    @property
    def deviation(self) -> float:
        """Relative difference to the reference."""
        return self.computed / self.reference - 1.0

    @property
    def passed(self) -> bool:
        """Whether the deviation is within the tolerance and three statistical errors on top of it.

        An error as large as the tolerance proves nothing: such a check has not passed.

        Example:
            >>> from dataclasses import replace
            >>> ok = CheckResult("a", "cross-section", "p", "fb", 1.01, 0.001, 1.0, "", 0.02, 1e4)
            >>> ok.passed, replace(ok, computed=1.03).passed, replace(ok, error=0.05).passed
            (True, False, False)
        """
        if not (math.isfinite(self.computed) and math.isfinite(self.error)):
            return False
        allowed = self.tolerance * abs(self.reference)
        return self.error < allowed and abs(self.computed - self.reference) <= allowed + ERRORS_ALLOWED * self.error

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return asdict(self) | {"deviation": self.deviation, "passed": self.passed}
