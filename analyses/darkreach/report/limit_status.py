"""Which limits were found, how, and how well they pass their self-check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from darkreach.figures import percent
from darkreach.limits.results import Limit


def problem_lines(limits: Iterable[Limit], most: int) -> list[str]:
    """Return hypotheses without a limit with their reason, and how many more there are than that."""
    bad = [
        f"{limit.name}, {percent(limit.cl)}: {limit.status}" + (f" ({limit.reason})" if limit.reason else "")
        for limit in limits
        if limit.status != "ok"
    ]
    return bad if len(bad) <= most else [*bad[:most], f"and {len(bad) - most} more"]


def status_counts(limits: Iterable[Limit]) -> str:
    """Return how many limits there are, and how many hypotheses have none for which reason."""
    counts = Counter(limit.status for limit in limits)
    return ", ".join(f"{counts[status]} {status}" for status in ("ok", "no_sensitivity", "failed") if counts[status])


def method_counts(limits: Iterable[Limit]) -> str:
    """Return how many limits were found by which method and engine."""
    counts = Counter(f"{limit.method} ({limit.engine})" for limit in limits if limit.status == "ok")
    return "; ".join(f"{method}: {count} limits" for method, count in sorted(counts.items())) or "none"


def largest_deviation(limits: Iterable[Limit]) -> float | None:
    """Return the largest distance of a CLs value, evaluated again at its observed limit, from 1 - CL; None without."""
    found = [
        abs(limit.quality.cls_at_observed - (1.0 - limit.cl))
        for limit in limits
        if limit.quality.cls_at_observed is not None
    ]
    return max(found, default=None)
